import type { Policy } from '#shared/policy/policy.ts';
import { LEAK_SOURCES } from '../senders/alarm.ts';
import type { ControlParts } from './control-parts.ts';
import { FAULT_TARGETS, modesOf } from './fault-targets.ts';
import type { PageState } from '../page/page-state.ts';
import { BOT_USER_ID } from '../slack/workspace.ts';
import type { StandInToken } from '../kit/stand-in.ts';

/** Returns what gathers everything that the page shows. The tokens come without their secrets. */
export function createPageState(
  parts: Omit<ControlParts, 'pageState'> & { readonly policy: Policy },
): () => Promise<PageState> {
  const { providers, slack, queues, cloud, deployment, faults, policy } = parts;
  const enabled = new Set(policy.alerts.sources);
  const sources = LEAK_SOURCES.filter(
    (source) => source === 'eventbridge' || enabled.has(source === 'gitlab-partner' ? 'gitlab' : source),
  );
  return async () => ({
    users: slack.users().map(({ id, name }) => ({ id, name: id === BOT_USER_ID ? 'Patrol' : name })),
    channels: slack
      .channels()
      .filter((channel) => channel.with === undefined)
      .map(({ id, name }) => ({ id, name })),
    groups: slack.groups(),
    directMessages: slack
      .channels()
      .flatMap((channel) => (channel.with === undefined ? [] : [{ id: channel.id, with: channel.with }])),
    botUserId: BOT_USER_ID,
    messages: slack.messages() as PageState['messages'],
    views: slack.views() as PageState['views'],
    tokens: Object.values(providers).flatMap((provider) => provider.tokens().map(withoutSecret)),
    profiles: Object.entries(policy.profiles).map(([name, { provider }]) => ({ name, provider })),
    thresholds: { staleDays: policy.hygiene.staleDays, unusedDays: policy.hygiene.unusedDays },
    sources,
    functions: deployment.functions.map(({ name }) => name),
    faults: FAULT_TARGETS.map((target) => ({
      target,
      modes: modesOf(target),
      mode: faults.get(target)?.mode ?? 'none',
    })),
    queued: await queues.pending(),
    dead: (await queues.history()).filter(({ deadLettered }) => deadLettered).length,
    clockOffsetSeconds: cloud.clockOffsetMs() / 1000,
  });
}

function withoutSecret({ secret: _secret, ...token }: StandInToken): PageState['tokens'][number] {
  return token;
}
