import type { ProviderName } from '#shared/core/vocabulary.ts';
import { describeProvider, type ProviderScript } from './provider-suite.ts';
import { dfnsScript } from './providers/dfns.script.ts';
import { langsmithScript } from './providers/langsmith.script.ts';

/** The scripts of every provider: one for each kind of credential whose calls differ. */
const SCRIPTS: Readonly<Record<ProviderName, readonly (() => ProviderScript)[]>> = {
  dfns: [dfnsScript],
  langsmith: [() => langsmithScript('own'), () => langsmithScript('organization')],
};

for (const script of Object.values(SCRIPTS).flat()) describeProvider(script());
