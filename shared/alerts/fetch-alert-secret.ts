import type { Fingerprint } from '#shared/core/fingerprint.ts';
import { defined } from '#shared/core/defined.ts';
import type { CheckedValidity } from '#shared/core/vocabulary.ts';
import type { Report, ReportJob } from '#shared/jobs/job.ts';
import { without } from '#shared/core/without.ts';
import type { Clue } from '#shared/providers/clue.ts';
import { findOnce } from '#shared/providers/find-once.ts';
import { recognise, recogniseEach } from '#shared/providers/recognise.ts';
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
  /** What else was in the secret: a pattern of an administrator's own may take several tokens for one. */
  readonly others?: readonly OtherSecret[];
}

interface OtherSecret {
  readonly clue: Clue;
  readonly validity?: CheckedValidity;
}

/** Most others of one alert that are looked for. */
const MOST_OTHERS = 100;

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
  const hinted = defined({ clue: hint });
  if (!github.covers(locator)) return { report, ...hinted, trouble: { kind: 'unlisted' } };
  const alert = await github.fetchAlert(locator);
  if (alert === undefined) return { report, ...hinted, trouble: { kind: 'unlocated' } };
  // A detector's name may have told the provider already; the secret itself tells more.
  const find = findOnce();
  const clue = recognise(alert.secret, fingerprint, find) ?? hint;
  const told = {
    verified: alert.verified,
    detector: alert.secretType,
    validities: clue === undefined ? new Map() : await deps.checkValidity([alert.secret], find),
    receivedAt: deps.now().toISOString(),
  };
  const validity = clue && validityOf(clue, told);
  // GitHub's own word is about the whole: of which of them, it does not say.
  const others = besides(clue, recogniseEach(alert.secret, fingerprint, find)).map((other) => ({
    clue: other,
    ...defined({ validity: validityOf(other, { ...told, verified: undefined }) }),
  }));
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
    ...(others.length > 0 && { others }),
  };
}

/** The clues of all secrets but the one, each once. */
function besides(one: Clue | undefined, all: readonly (Clue | undefined)[]): readonly Clue[] {
  const known = all.filter((clue) => clue !== undefined);
  const byKey = new Map(known.map((clue) => [clueKey(clue), clue]));
  if (one !== undefined) byKey.delete(clueKey(one));
  return [...byKey.values()].slice(0, MOST_OTHERS);
}

/**
 * Makes the jobs that look for what else was in a thin report's secret: each as if it had come by itself, the same on every
 * replay. None where the alert is closed: that its message may be an old one could not be told of these.
 */
export function toOthers(cameAs: ReportJob, { report, others = [], closed }: CompletedReport): readonly ReportJob[] {
  if (closed === true) return [];
  return others.map((other, index) => ({
    ...cameAs,
    deliveryKey: `${cameAs.deliveryKey}+${String(index + 1)}`,
    report: {
      ...without(report, 'locator', 'validity', 'unrecognised'),
      ...other,
      key: `${cameAs.report.key}+${String(index + 1)}`,
    },
  }));
}
