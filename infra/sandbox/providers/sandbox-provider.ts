import type { FaultMode, ProviderStandIn } from '../kit/stand-in.ts';

/** How the scanners of the world report a secret of this provider: under which of their own names. */
export interface ScannerWords {
  /** GitHub's `secret_type`. */
  readonly github: (kind: 'pat' | 'service') => string;
  readonly gitguardian: { readonly name: string; readonly displayName: string };
  /** The rule of GitLab's token revocation, behind `gitleaks_rule_id_`. */
  readonly gitlab: string;
  /** The rule of gitleaks 8. */
  readonly gitleaks: string;
  readonly trufflehog: { readonly type: number; readonly name: string; readonly verified: boolean };
}

/** What the sandbox has of a provider. */
export interface SandboxProvider {
  /** Starts a stand-in that knows these profiles; the first of them begins with tokens to look at. */
  start(options: { readonly rtt: number; readonly profiles: readonly string[] }): Promise<ProviderStandIn>;
  /** Ways to misbehave that not every part of the sandbox has. */
  readonly faultModes: readonly FaultMode[];
  readonly scannerWords: ScannerWords;
}
