import type { AlertRequest, Source, SourceWithSecret } from './source.ts';
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
import type { FetchCertificate } from './verify/verify-sns-message.ts';

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

/** The sources that verify by a shared secret. A new one is a line here, one in `sender-setups.ts` and a file in `sources/`. */
export const SOURCES_WITH_SECRET: readonly SourceWithSecret[] = [
  github,
  gitguardian,
  gitlab,
  trufflehog,
  trufflehogEnterprise,
  gitleaks,
  generic,
];

/** All ways in over HTTP: of the sources above, and of those that verify by public keys. */
export function createRoutes({ partnerKeys, snsTopics, fetchCertificate }: RouteDeps): readonly Route[] {
  const sources: readonly Source[] = [
    ...SOURCES_WITH_SECRET,
    createGithubPartner(partnerKeys),
    createSns({ topics: snsTopics, fetchCertificate }),
  ];
  return sources.flatMap((source) => source.routes.map((route) => ({ ...route, source })));
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
