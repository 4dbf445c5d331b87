import * as s from '#shared/core/schema.ts';

/**
 * What is kept of Slack's payloads: what Bolt routes by and our listeners read, and nothing else. `token`, names of
 * people and channels, and whole messages are dropped by not being named here.
 */
const text = s.string;
const maybeText = s.nullish(s.string);
const id = s.matching(/^[A-Z0-9]{1,40}$/);

const option = s.nullish(s.object({ value: maybeText }));

/** The value of one input, whatever its kind. */
const input = {
  type: maybeText,
  value: maybeText,
  selected_option: option,
  selected_options: s.nullish(s.array(s.object({ value: maybeText }))),
  selected_user: maybeText,
  selected_users: s.nullish(s.array(text)),
};
const state = s.nullish(s.object({ values: s.record(s.record(s.object(input))) }));

const view = s.object({
  id: text,
  type: s.withDefault(s.string, 'modal'),
  callback_id: s.withDefault(s.string, ''),
  private_metadata: maybeText,
  hash: maybeText,
  root_view_id: maybeText,
  app_installed_team_id: maybeText,
  state,
});

/** Who and where; `team` is null where the app is installed for a whole organisation. */
const whoAndWhere = {
  api_app_id: maybeText,
  enterprise: s.nullish(s.object({ id })),
  is_enterprise_install: s.nullish(s.boolean),
  team: s.nullish(s.object({ id, enterprise_id: maybeText })),
  user: s.object({ id, team_id: maybeText }),
  trigger_id: maybeText,
};

export const commandSchema = s.object({
  command: text,
  text: s.withDefault(s.string, ''),
  team_id: id,
  enterprise_id: s.optional(text),
  is_enterprise_install: s.optional(text),
  channel_id: id,
  user_id: id,
  api_app_id: s.optional(text),
  response_url: s.optional(text),
  trigger_id: s.optional(text),
});

export const actionsSchema = s.object({
  type: s.literal('block_actions'),
  ...whoAndWhere,
  response_url: maybeText,
  channel: s.nullish(s.object({ id })),
  container: s.nullish(
    s.object({
      type: maybeText,
      message_ts: maybeText,
      thread_ts: maybeText,
      channel_id: maybeText,
      is_ephemeral: s.nullish(s.boolean),
      view_id: maybeText,
    }),
  ),
  message: s.nullish(s.object({ ts: maybeText, thread_ts: maybeText })),
  view: s.nullish(view),
  state,
  actions: s.array(s.object({ ...input, type: text, action_id: text, block_id: maybeText, action_ts: maybeText }), {
    least: 1,
  }),
});

export const shortcutSchema = s.object({
  type: s.literal('shortcut'),
  ...whoAndWhere,
  callback_id: text,
  action_ts: maybeText,
});

export const viewSchema = s.object({
  type: s.literal('view_submission', 'view_closed'),
  ...whoAndWhere,
  is_cleared: s.nullish(s.boolean),
  view,
});

export const appHomeSchema = s.object({
  type: s.literal('event_callback'),
  api_app_id: maybeText,
  team_id: id,
  enterprise_id: maybeText,
  event_id: text,
  event_time: s.nullish(s.number),
  authorizations: s.nullish(
    s.array(s.object({ enterprise_id: maybeText, team_id: maybeText, is_enterprise_install: s.nullish(s.boolean) })),
  ),
  event: s.object({
    type: s.literal('app_home_opened'),
    user: id,
    channel: maybeText,
    tab: maybeText,
    view: s.nullish(s.object({ id: text, hash: maybeText, private_metadata: maybeText })),
  }),
});

/** What every payload can be asked before its own schema is known. */
export const headSchema = s.object({
  type: s.optional(s.string),
  challenge: s.optional(s.atMost(1000)),
  event: s.nullish(s.object({ type: s.optional(s.string), tab: s.nullish(s.string) })),
});

/** A view as it is kept. */
export type ViewPayload = s.Infer<typeof view>;
