import * as z from 'zod';
import { leakChannels } from '#shared/policy/leak-channels.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { visible } from '#shared/slack/blocks/text.ts';
import { channelFindings } from '#shared/slack/channel-findings.ts';
import { askSlack } from './ask-slack.ts';
import { type Examination, fine, wrong } from './examination.ts';
import type { SlackCall } from './slack-call.ts';
import type { Vault } from './vault.ts';

const replySchema = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  channel: z
    .object({
      name: z.string().optional(),
      is_archived: z.boolean().optional(),
      is_private: z.boolean().optional(),
      is_member: z.boolean().optional(),
      is_ext_shared: z.boolean().optional(),
      is_pending_ext_shared: z.boolean().optional(),
    })
    .optional(),
});

/** Looks at each channel in which leaks are told: whether it takes messages, and whether another company reads it. */
export function examineChannels(policy: Policy, vault: Vault, apiUrl: string): Promise<readonly Examination[]> {
  return askSlack('channels', { vault, apiUrl }, (call) =>
    Promise.all(leakChannels(policy).map((channel) => examineChannel(call, channel))),
  );
}

async function examineChannel(call: SlackCall, id: string): Promise<Examination> {
  const { ok, error, channel } = replySchema.parse((await call('conversations.info', { channel: id })).json);
  const what = `channel ${visible(channel?.name ?? id)}`;
  if (!ok || channel === undefined)
    return wrong(
      what,
      `takes no message: ${visible(error ?? 'unknown')}`,
      `/invite @Patrol there, or name another one in the policy and deploy`,
    );
  const { problem, isShared, isUnread } = channelFindings(channel);
  if (problem === 'is_archived')
    return wrong(
      what,
      'is archived and takes no message',
      'unarchive it, or name another one in the policy and deploy',
    );
  if (isShared)
    return wrong(
      what,
      'is shared with another company, or is about to be: its people read which tokens leaked, and where',
      'name a channel of your own in the policy and deploy',
    );
  if (problem === 'not_in_channel') return wrong(what, 'is private, and Patrol is not in it', '/invite @Patrol there');
  if (isUnread)
    return wrong(
      what,
      'Patrol is not in it: it speaks there and may not read, so that a card may stand there twice',
      '/invite @Patrol there',
    );
  return fine(what, 'takes what is told of leaks; nobody outside your company reads it');
}
