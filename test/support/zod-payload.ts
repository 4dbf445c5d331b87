import * as z from 'zod/mini';

// Slack's payloads as they were read by zod: what `shared/slack/payload.ts` is measured by. It changes only with it.
const text = z.string();
const maybeText = z.nullish(z.string());
const id = z.string().check(z.regex(/^[A-Z0-9]{1,40}$/));

const option = z.nullish(z.object({ value: maybeText }));

/** The value of one input, whatever its kind. */
const input = z.object({
  type: maybeText,
  value: maybeText,
  selected_option: option,
  selected_options: z.nullish(z.array(z.object({ value: maybeText }))),
  selected_user: maybeText,
  selected_users: z.nullish(z.array(text)),
});
const state = z.nullish(z.object({ values: z.record(text, z.record(text, input)) }));

const view = z.object({
  id: text,
  type: z._default(z.string(), 'modal'),
  callback_id: z._default(z.string(), ''),
  private_metadata: maybeText,
  hash: maybeText,
  root_view_id: maybeText,
  app_installed_team_id: maybeText,
  state,
});

/** Who and where; `team` is null where the app is installed for a whole organisation. */
const whoAndWhere = {
  api_app_id: maybeText,
  enterprise: z.nullish(z.object({ id })),
  is_enterprise_install: z.nullish(z.boolean()),
  team: z.nullish(z.object({ id, enterprise_id: maybeText })),
  user: z.object({ id, team_id: maybeText }),
  trigger_id: maybeText,
};

export const commandSchema = z.object({
  command: text,
  text: z._default(z.string(), ''),
  team_id: id,
  enterprise_id: z.optional(text),
  is_enterprise_install: z.optional(text),
  channel_id: id,
  user_id: id,
  api_app_id: z.optional(text),
  response_url: z.optional(text),
  trigger_id: z.optional(text),
});

export const actionsSchema = z.object({
  type: z.literal('block_actions'),
  ...whoAndWhere,
  response_url: maybeText,
  channel: z.nullish(z.object({ id })),
  container: z.nullish(
    z.object({
      type: maybeText,
      message_ts: maybeText,
      thread_ts: maybeText,
      channel_id: maybeText,
      is_ephemeral: z.nullish(z.boolean()),
      view_id: maybeText,
    }),
  ),
  message: z.nullish(z.object({ ts: maybeText, thread_ts: maybeText })),
  view: z.nullish(view),
  state,
  actions: z
    .array(z.extend(input, { type: text, action_id: text, block_id: maybeText, action_ts: maybeText }))
    .check(z.minLength(1)),
});

export const shortcutSchema = z.object({
  type: z.literal('shortcut'),
  ...whoAndWhere,
  callback_id: text,
  action_ts: maybeText,
});

export const viewSchema = z.object({
  type: z.enum(['view_submission', 'view_closed']),
  ...whoAndWhere,
  is_cleared: z.nullish(z.boolean()),
  view,
});

export const appHomeSchema = z.object({
  type: z.literal('event_callback'),
  api_app_id: maybeText,
  team_id: id,
  enterprise_id: maybeText,
  event_id: text,
  event_time: z.nullish(z.number()),
  authorizations: z.nullish(
    z.array(z.object({ enterprise_id: maybeText, team_id: maybeText, is_enterprise_install: z.nullish(z.boolean()) })),
  ),
  event: z.object({
    type: z.literal('app_home_opened'),
    user: id,
    channel: maybeText,
    tab: maybeText,
    view: z.nullish(z.object({ id: text, hash: maybeText, private_metadata: maybeText })),
  }),
});

/** What every payload can be asked before its own schema is known. */
export const headSchema = z.object({
  type: z.optional(z.string()),
  challenge: z.optional(z.string().check(z.maxLength(1000))),
  event: z.nullish(z.object({ type: z.optional(z.string()), tab: z.nullish(z.string()) })),
});
