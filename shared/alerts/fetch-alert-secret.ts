import type { Fingerprint } from '#shared/core/fingerprint.ts';
import { defined } from '#shared/core/defined.ts';
import type { Report } from '#shared/jobs/job.ts';
import type { Clue } from '#shared/providers/clue.ts';
import { findOnce } from '#shared/providers/find-once.ts';
import { recognise } from '#shared/providers/recognise.ts';
import { scrub } from '#shared/providers/text/scrub.ts';
import { clueKey } from '#shared/cases/case-keys.ts';
import type { CaseTrouble } from '#shared/store/store.ts';
import type { CheckValidity } from './check-validity.ts';
import type { GithubRest } from './github-rest.ts';
import { validityOf } from './validity-of.ts';

interface FetchDeps {
  readonly github: GithubRest;
  readonly fingerprint: Fingerprint;
  readonly checkValidity: CheckValidity;
  readonly now: () => Date;
}

/** A report with whatever could be learnt about its secret, and what could not. */
export interface CompletedReport {
  readonly report: Report;
  readonly clue?: Clue;
  readonly trouble?: CaseTrouble;
  /** The alert is closed at its sender. */
  readonly closed?: true;
}

/**
 * Completes a thin report: fetches its secret, shows it once to its issuer, seals it in memory and keeps the clue alone.
 * What a thin report itself says of a secret counts for nothing. Throws the faults of GitHub's REST API; that GitHub shows us
 * no such alert, or that the policy does not name its repository, is told as a trouble, since trying again would not change
 * it.
 */
export async function fetchAlertSecret(deps: FetchDeps, report: Report): Promise<CompletedReport> {
  const { github, fingerprint } = deps;
  const { clue: known, locator } = report;
  if (locator === undefined) return { report, ...defined({ clue: known }) };
  const hint = known !== undefined && clueKey(known) === undefined ? known : undefined;
  const told = defined({ clue: hint });
  if (!github.covers(locator)) return { report, ...told, trouble: { kind: 'unlisted' } };
  const alert = await github.fetchAlert(locator);
  if (alert === undefined) return { report, ...told, trouble: { kind: 'unlocated' } };
  // A detector's name may have told the provider already; the secret itself tells more.
  const find = findOnce();
  const clue = recognise(alert.secret, fingerprint, find) ?? hint;
  const validity =
    clue === undefined
      ? undefined
      : validityOf(clue, {
          verified: alert.verified,
          detector: alert.secretType,
          validities: await deps.checkValidity([alert.secret], find),
          receivedAt: deps.now().toISOString(),
        });
  // What GitHub tells is the first place; a report of a further one names its own.
  const isPlaced = report.isPlace === true;
  const clean = (text: string) => scrub(text, fingerprint, { secrets: [alert.secret] }).text;
  return {
    report: {
      ...report,
      ...defined({ validity }),
      where: {
        ...report.where,
        ...(isPlaced || alert.path === undefined ? {} : { path: clean(alert.path).slice(0, 1000) }),
        ...(isPlaced || alert.commit === undefined ? {} : { commit: clean(alert.commit).slice(0, 100) }),
      },
      ...(alert.publiclyLeaked === true ? { publiclyLeaked: true } : {}),
      ...(clue === hint ? { unrecognised: true } : {}),
    },
    ...defined({ clue, closed: alert.resolved }),
  };
}
