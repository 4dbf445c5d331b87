import { emfHead } from './emf-line.ts';

/** What of a log line decides whether it is a figure, and tells figures apart. */
type FigureLine = { readonly event: string } & { readonly [name in Dimension]?: string };

type Dimension = 'source' | 'verb' | 'result' | 'provider' | 'fault' | 'function';

/** Which lines of the log are a figure too, and by what it is told apart (docs/LOGGING.md). */
export const FIGURES: Readonly<
  Record<string, { readonly name: string; readonly by: readonly (readonly Dimension[])[] }>
> = {
  alert_delivery: { name: 'Deliveries', by: [['source', 'result']] },
  leak_handled: {
    name: 'LeaksHandled',
    by: [
      ['source', 'result'],
      ['provider', 'result'],
    ],
  },
  recorded: {
    name: 'Recorded',
    by: [
      ['source', 'result'],
      ['verb', 'result'],
      ['provider', 'result'],
    ],
  },
  profile_failed: { name: 'ProviderFailures', by: [['provider', 'fault']] },
  github_failed: { name: 'GithubFailures', by: [['fault']] },
  slack_refused: { name: 'RequestsRefused', by: [['fault']] },
  job_retried: { name: 'JobsRetried', by: [['function', 'fault']] },
  job_dropped: { name: 'JobsDropped', by: [['function', 'fault']] },
};

/**
 * What makes a log line a figure for CloudWatch, so that the figure and the line can never disagree; nothing for a line that is
 * none. Only what the line has tells it apart.
 */
export function figureOf(fields: FigureLine, at: { readonly stage: string; readonly now: Date }): object {
  const figure = Object.hasOwn(FIGURES, fields.event) ? FIGURES[fields.event] : undefined;
  if (figure === undefined) return {};
  const { name } = figure;
  const by = figure.by.filter((names) => names.every((field) => fields[field] !== undefined));
  return { ...emfHead({ name, unit: 'Count' }, by, { namespace: `Patrol/${at.stage}`, now: at.now }), [name]: 1 };
}
