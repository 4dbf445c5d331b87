import { FACTS } from '#shared/providers/facts.ts';
import type { ProviderFacts } from '#shared/providers/provider-facts.ts';
import { roomFor, SLICE_MS } from '#shared/tokens/room-for.ts';
import type { Flood } from './flood.ts';

/** Today's busiest minute: a scanner's first run over one repository. */
export const TODAY = 5;

/** What alerts may have of a provider's published limit while nobody asks, who is told when more is to be had. */
const ofAlerts = ({ callsPerMinute, callsPerKill }: ProviderFacts): Flood['provider'] => {
  const slice = { callsPerMinute, made: { people: 0, alerts: 0 }, isShared: false, over: 0 };
  return { callsPerMinute: (roomFor('alerts', slice) * 60_000) / SLICE_MS, callsPerKill, tellsWhen: true };
};
const DFNS = ofAlerts(FACTS.dfns);
const LANGSMITH = ofAlerts(FACTS.langsmith);

/** As deployed: infra/functions.yml, a provider 150 ms away, Slack's published rate for one channel. */
const deployed = (reports: number, provider: Flood['provider']): Flood => ({
  reports,
  workers: 5,
  batch: 5,
  maxReceives: 100,
  rttMs: 150,
  provider,
  slack: { postsPerMinute: 60, postsPerCase: 3, cards: 40 },
});

const most = deployed(TODAY * 1000, DFNS);

/** The situations of docs/scale.md, by the name of their row. */
export const SITUATIONS: Readonly<Record<string, Flood>> = {
  ...Object.fromEntries(
    [1, 10, 100, 1000].flatMap((factor) => [
      [`Dfns ${factor}×`, deployed(TODAY * factor, DFNS)],
      [`LangSmith ${factor}×`, deployed(TODAY * factor, LANGSMITH)],
    ]),
  ),
  'Dfns 1000×, 20 receives': { ...most, maxReceives: 20 },
  'Dfns 1000×, 2 workers': { ...most, workers: 2 },
  'Dfns 1000×, tenfold quota': { ...most, provider: { ...DFNS, callsPerMinute: 10 * DFNS.callsPerMinute } },
  // A batch of five shares two listings.
  '1000 made-up secrets': {
    ...deployed(1000, { ...LANGSMITH, callsPerKill: 1 }),
    slack: { postsPerMinute: 60, postsPerCase: 3, cards: 10 },
  },
  'LangSmith 1000×, 20 workers': { ...deployed(TODAY * 1000, LANGSMITH), workers: 20 },
};
