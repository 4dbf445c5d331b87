import type { ProviderName } from '#shared/core/vocabulary.ts';
import { dfnsInSandbox } from './dfns/in-sandbox.ts';
import { langsmithInSandbox } from './langsmith/in-sandbox.ts';
import type { SandboxProvider } from './sandbox-provider.ts';

/** What the sandbox has of every provider. */
export const STAND_INS: Readonly<Record<ProviderName, SandboxProvider>> = {
  dfns: dfnsInSandbox,
  langsmith: langsmithInSandbox,
};
