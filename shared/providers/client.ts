import type { ProviderName } from '#shared/core/vocabulary.ts';
import type { Provider, ProviderDeps } from './provider.ts';

/** One profile's credential, read and checked. Printing it shows no secret. */
export interface Credential {
  readonly provider: ProviderName;
  readonly baseUrl: URL;
  /** The organisation it belongs to, where it says so. */
  readonly organizationId?: string;
}

/** How a provider is opened; `C` is its own credential. */
export interface Client<C extends Credential = Credential> {
  /** Reads the fields of a profile's secret. Throws `config_invalid` that names each missing or wrong field, and no value. */
  readCredential(profile: string, fields: unknown): C;
  /** Opens the port. Makes no call. */
  open(credential: C, deps: ProviderDeps): Provider;
}
