import * as z from 'zod';
import { PERSON_ACTIONS } from '../../slack/person-actions.ts';
import type { SlackStandIn } from '../../slack/slack.ts';
import type { SlackMessage } from '../../slack/workspace.ts';
import type { ControlParts, Routes } from '../control-parts.ts';

const groupSchema = z.object({ id: z.string(), users: z.array(z.string()) });
const channelSchema = z.object({
  id: z.string(),
  members: z.array(z.string()),
  shared: z.boolean().optional(),
  bot: z.boolean().optional(),
});
const refusalSchema = z.object({ method: z.string(), channel: z.string().optional(), code: z.string().optional() });

const blockTypesSchema = z.object({ types: z.array(z.string()) });

/** What is said and shown in Slack, who is in it, and what people do there. */
export const slackRoutes = ({ slack, person }: ControlParts): Routes => ({
  'GET messages': ({ query }) => chosenMessages(slack.messages(), query),
  'GET views': () => slack.views(),
  'GET files': () => slack.files(),
  'GET slack-calls': () => slack.calls,
  'POST usergroups': ({ body }) => {
    const { id, users } = body(groupSchema);
    slack.setGroup(id, users);
    return { id, users };
  },
  'POST channels': ({ body }) => {
    const { id, ...channel } = body(channelSchema);
    slack.setChannel(id, channel as Parameters<SlackStandIn['setChannel']>[1]);
    return { id, ...channel };
  },
  'POST slack-refusals': ({ body }) => {
    const refusal = body(refusalSchema);
    slack.setRefusal(refusal);
    return refusal;
  },
  'POST slack-unknown-blocks': ({ body }) => {
    const { types } = body(blockTypesSchema);
    slack.setUnknownBlocks(types);
    return { types };
  },
  'POST slack/command': ({ body }) => person.command(body(PERSON_ACTIONS.command)),
  'POST slack/click': ({ body }) => person.click(body(PERSON_ACTIONS.click)),
  'POST slack/submit': ({ body }) => person.submit(body(PERSON_ACTIONS.submit)),
  'POST slack/close': ({ body }) => person.close(body(PERSON_ACTIONS.close)),
  'POST slack/home': ({ body }) => person.home(body(PERSON_ACTIONS.home)),
});

/** Those of one channel, if one is named, that were posted or edited since. */
function chosenMessages(messages: readonly SlackMessage[], query: URLSearchParams): readonly SlackMessage[] {
  const wanted = query.get('channel') ?? '';
  const since = toSeconds(query.get('since'));
  const isNew = (at: string | undefined) => at !== undefined && toSeconds(at) > since;
  return messages
    .filter(({ channel }) => wanted === '' || channel === wanted)
    .filter(({ ts, editedAt }) => isNew(ts) || isNew(editedAt));
}

/** Reads a Slack time stamp or an ISO date as seconds; 0 for none. */
function toSeconds(text: string | null): number {
  if (text === null || text === '') return 0;
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text) / 1000 || 0;
}
