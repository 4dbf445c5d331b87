import type { Fingerprint } from '#shared/core/fingerprint.ts';
import type { LeakJob } from '#shared/jobs/job.ts';
import { caseKeys, clueKey } from '#shared/cases/case-keys.ts';
import { asError } from '#shared/core/as-error.ts';
import { defined } from '#shared/core/defined.ts';
import { isFault } from '#shared/core/fault.ts';
import { findOnce } from '#shared/providers/find-once.ts';
import { recognise } from '#shared/providers/recognise.ts';
import { knownKey } from '#shared/cases/known-key.ts';
import { caseId } from '#shared/store/case-id.ts';
import type { Store } from '#shared/store/store.ts';
import type { AlertScope, GithubRest, OpenAlert } from './github-rest.ts';
import { hintedProvider } from './hinted-provider.ts';
import { sealDelivery } from './seal-delivery.ts';

interface ReconcileDeps {
  readonly github: Pick<GithubRest, 'covers' | 'listOpenAlerts' | 'listRepositories'>;
  /** `alerts.repositories` of the policy: whose open alerts are read; without it, of every repository that the token sees. */
  readonly repositories?: readonly string[] | undefined;
  readonly store: Pick<Store, 'cases' | 'notes'>;
  readonly now: () => Date;
  readonly fingerprint: Fingerprint;
  /** Queues jobs for the leaks' worker. Throws `store_unavailable`. */
  readonly send: (jobs: readonly LeakJob[]) => Promise<void>;
}

/** What came of comparing GitHub's open alerts with the cases. */
export interface Reconciled {
  /** Open alerts that were read, and those of them about tokens of our providers. */
  readonly open: number;
  readonly ours: number;
  /** Those of which no case knew: each is a report from now on. */
  readonly missed: number;
  /** Repositories and organisations that GitHub did not show us, and globs that name no owner. */
  readonly unread: readonly string[];
}

/**
 * Creates what compares GitHub's open alerts with the cases: GitHub sends no webhook twice, and none from before it was set
 * up. An alert about a token of ours of which no case knows is queued as the webhook would have been, by its place alone;
 * its secret ends here. Repeated it queues nothing twice. What could not be read is told; only trouble that may pass is
 * thrown, after all others were read.
 */
export function createReconcileGithub(deps: ReconcileDeps): () => Promise<Reconciled> {
  const { github, repositories } = deps;
  return async () => {
    const { scopes, unread } = scopesOf(repositories ?? (await github.listRepositories()));
    const total = { open: 0, ours: 0, missed: 0 };
    let trouble: Error | undefined;
    for (const scope of scopes) {
      try {
        const alerts = await github.listOpenAlerts(scope);
        // A repository that nobody named may well have no secret scanning: GitHub shows that as 404, too.
        if (alerts === undefined && repositories !== undefined) unread.push(nameOf(scope));
        const covered = (alerts ?? []).filter((alert) => github.covers(alert));
        const ours = covered.filter((alert) => isOurs(deps, alert));
        const missed = await missing(deps, ours);
        const jobs = missed.flatMap((alert) => reportOf(deps, alert));
        if (jobs.length > 0) await deps.send(jobs);
        total.open += covered.length;
        total.ours += ours.length;
        total.missed += jobs.length;
      } catch (error) {
        if (isFault(error) && !error.isRetryable) unread.push(nameOf(scope));
        else trouble ??= asError(error);
      }
    }
    if (trouble !== undefined) throw trouble;
    return { ...total, unread };
  };
}

function nameOf(scope: AlertScope): string {
  return 'repository' in scope ? scope.repository : scope.organisation;
}

/** A glob with a plain owner is read by its organisation, as one call tells all of it. */
function scopesOf(repositories: readonly string[]): { scopes: readonly AlertScope[]; unread: string[] } {
  const scopes = new Map<string, AlertScope>();
  const unread: string[] = [];
  for (const glob of repositories) {
    const [owner = ''] = glob.split('/');
    if (/[*?]/.test(owner)) unread.push(glob);
    else if (/[*?]/.test(glob)) scopes.set(owner, { organisation: owner });
    else if (!scopes.has(owner)) scopes.set(glob, { repository: glob });
  }
  return { scopes: [...scopes.values()], unread };
}

function isOurs({ fingerprint }: ReconcileDeps, { secret, secretType }: OpenAlert): boolean {
  return recognise(secret, fingerprint) !== undefined || hintedProvider(secretType) !== undefined;
}

const locatorOf = ({ repository, number }: OpenAlert) => ({ kind: 'github', repository, number }) as const;

async function missing(deps: ReconcileDeps, alerts: readonly OpenAlert[]): Promise<readonly OpenAlert[]> {
  const found: OpenAlert[] = [];
  for (const alert of alerts) if (!(await isKnown(deps, alert))) found.push(alert);
  return found;
}

/** True where the case of the token, or one that goes on in it, knows this very alert. */
async function isKnown({ store, fingerprint }: ReconcileDeps, alert: OpenAlert): Promise<boolean> {
  const clue = recognise(alert.secret, fingerprint);
  const ref = `${alert.repository}#${alert.number}`;
  const named = clue !== undefined && clueKey(clue) !== undefined ? clue : undefined;
  for (const key of caseKeys({ key: ref, locator: locatorOf(alert) }, named)) {
    const known = (await knownKey(store.notes, [key])) ?? key;
    const kase = await store.cases.get(caseId(known));
    const whole = kase?.mergedInto === undefined ? kase : await store.cases.get(kase.mergedInto);
    if (whole?.answers?.some((one) => one.source === 'github' && one.ref === ref) === true) return true;
  }
  return false;
}

/** The same for the same alert, whenever it is read. */
function reportOf({ now, fingerprint }: ReconcileDeps, alert: OpenAlert): readonly LeakJob[] {
  const { repository, number, secretType, url } = alert;
  const finding = {
    locator: locatorOf(alert),
    where: { repository, ...defined({ url }) },
    remarks: [{ kind: 'never_told' }] as const,
    ...defined({ detector: secretType }),
  };
  return sealDelivery({
    source: 'github',
    content: Buffer.from(`open alert ${repository}#${number}`),
    findings: [finding],
    skipped: 0,
    receivedAt: now().toISOString(),
    fingerprint,
    find: findOnce(),
    profiles: [],
    validities: new Map(),
  }).jobs;
}
