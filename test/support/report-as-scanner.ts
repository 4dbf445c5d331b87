import { type CheckValidity, createCheckValidity } from '#shared/alerts/check-validity.ts';
import type { Finding } from '#shared/alerts/source.ts';
import { findOnce } from '#shared/providers/find-once.ts';
import { textsOf } from '#shared/alerts/seal-delivery.ts';
import type { HandledLeak } from '#shared/alerts/handle-leak.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { LeakBench } from './leak-bench.ts';
import { benchFingerprint } from './services.ts';

/** How one delivery is reported: by which source, under which policy, with or without the issuers being asked. */
interface Reporting {
  readonly source?: string;
  readonly change?: (policy: Policy) => unknown;
  readonly asksIssuers?: boolean;
  /** Another issuer of a provider, and what it says to whatever it is shown. */
  readonly another?: { readonly url: string; readonly says: unknown };
}

/** The validity check at the bench's own stand-ins. */
function checkAtIssuers({ dfns, langsmith }: LeakBench, another: Reporting['another']): CheckValidity {
  const more = another === undefined ? [] : [another.url];
  return createCheckValidity({
    issuers: { dfns: [dfns.url, ...more], langsmith: [langsmith.url, ...more] },
    get: async (url, init) =>
      more.some((one) => url.href.startsWith(one)) ? Response.json(another?.says) : fetch(url, init),
    fingerprint: benchFingerprint,
    now: () => new Date(),
    budgetMs: 5000,
  });
}

let deliveries = 0;

/** Reports findings as a scanner does: each secret is shown to the stand-in of its issuer, sealed, and handled under the policy. */
export async function reportAsScanner(
  bench: LeakBench,
  findings: readonly Finding[],
  { source = 'generic', change = () => undefined, asksIssuers = true, another }: Reporting = {},
): Promise<readonly HandledLeak[]> {
  const validities = asksIssuers ? await checkAtIssuers(bench, another)(textsOf(findings), findOnce()) : new Map();
  const services = bench.withPolicy(change);
  const jobs = bench.jobs(findings, { source, delivery: String((deliveries += 1)), validities });
  return Promise.all(jobs.map((job) => bench.handle(job, {}, services)));
}
