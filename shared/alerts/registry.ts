import type { AlertRequest, Source } from './source.ts';
import { generic } from './sources/generic.ts';
import { github } from './sources/github.ts';
import { createGithubPartner } from './sources/github-partner.ts';
import { gitguardian } from './sources/gitguardian.ts';
import { gitlab } from './sources/gitlab.ts';
import { gitleaks } from './sources/gitleaks.ts';
import { createSns } from './sources/sns.ts';
import { trufflehog } from './sources/trufflehog.ts';
import { trufflehogEnterprise } from './sources/trufflehog-enterprise.ts';
import type { PartnerKeys } from './verify/partner-keys.ts';
import type { FetchCertificate } from './verify/sns-signature.ts';

/** One way in: the scheme that verifies a delivery is fixed by it and never chosen from a header. */
interface Route {
  readonly method: 'GET' | 'POST';
  /** Behind `/alerts/`. */
  readonly path: string;
  readonly source: Source;
}

interface RouteDeps {
  readonly partnerKeys: PartnerKeys;
  readonly snsTopics: readonly string[];
  readonly fetchCertificate: FetchCertificate;
}

/** All ways in over HTTP. A new source is a line here and a file in `sources/`. */
export function createRoutes({ partnerKeys, snsTopics, fetchCertificate }: RouteDeps): readonly Route[] {
  return [
    { method: 'POST', path: 'github', source: github },
    { method: 'POST', path: 'github-partner', source: createGithubPartner(partnerKeys) },
    { method: 'POST', path: 'gitguardian', source: gitguardian },
    { method: 'POST', path: 'gitlab', source: gitlab },
    { method: 'GET', path: 'gitlab/v1/revocable_token_types', source: gitlab },
    { method: 'POST', path: 'gitlab/v1/revoke_tokens', source: gitlab },
    { method: 'POST', path: 'trufflehog', source: trufflehog },
    { method: 'POST', path: 'trufflehog/enterprise', source: trufflehogEnterprise },
    { method: 'POST', path: 'gitleaks', source: gitleaks },
    { method: 'POST', path: 'generic', source: generic },
    { method: 'POST', path: 'sns', source: createSns({ topics: snsTopics, fetchCertificate }) },
  ];
}

/** Finds the source for a request among those that the policy has switched on; 404 and 405 otherwise. */
export function findRoute(
  routes: readonly Route[],
  enabled: readonly string[],
  { name, request }: { readonly name: string; readonly request: AlertRequest },
): Source | 404 | 405 {
  const here = routes.filter(
    ({ path, source }) => path === `${name}${request.subpath}` && enabled.includes(source.name),
  );
  if (here.length === 0) return 404;
  return here.find(({ method }) => method === request.method)?.source ?? 405;
}
