import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ZodMiniType } from 'zod/mini';
import type { Schema } from '#shared/core/schema.ts';
import * as payload from '#shared/slack/payload.ts';
import * as zods from '#test/support/zod-payload.ts';

const state = {
  values: {
    block: {
      action: {
        type: 'static_select',
        value: 'v',
        selected_option: { value: 'o', text: { type: 'plain_text', text: 'O' } },
        selected_options: [{ value: 'o' }, { value: null }],
        selected_user: 'U2',
        selected_users: ['U2', 'U3'],
      },
    },
  },
};
const view = {
  id: 'V1',
  type: 'modal',
  callback_id: 'leak',
  private_metadata: '',
  hash: '1.a',
  root_view_id: 'V1',
  state,
};
const who = {
  token: 'not-kept',
  api_app_id: 'A1',
  enterprise: { id: 'E1', name: 'not-kept' },
  is_enterprise_install: false,
  team: { id: 'T1', domain: 'not-kept', enterprise_id: 'E1' },
  user: { id: 'U1', name: 'not-kept', team_id: 'T1' },
  trigger_id: '1.2.3',
};
const message = { ts: '1.0', thread_ts: '0.9', text: 'not-kept' };
const container = { type: 'message', message_ts: '1.0', channel_id: 'C1', is_ephemeral: false };
const button = { type: 'button', action_id: 'patrol:modal:x', block_id: 'block', action_ts: '1.1', value: 'v' };
const home = { type: 'app_home_opened', user: 'U1', channel: 'D1', tab: 'home', view: { id: 'V1', hash: '1.a' } };

const CASES: readonly (readonly [name: keyof typeof zods, whole: unknown])[] = [
  ['commandSchema', { command: '/pat', text: 'list', team_id: 'T1', channel_id: 'C1', user_id: 'U1', trigger_id: '1' }],
  ['actionsSchema', { type: 'block_actions', ...who, container, message, view, state, actions: [button, button] }],
  ['shortcutSchema', { type: 'shortcut', ...who, callback_id: 'leak', action_ts: '1.1' }],
  ['viewSchema', { type: 'view_submission', ...who, view, is_cleared: false }],
  ['appHomeSchema', { type: 'event_callback', team_id: 'T1', event_id: 'Ev1', event_time: 1, event: home }],
  ['headSchema', { type: 'url_verification', challenge: 'c'.repeat(1000), event: { type: 'x', tab: null } }],
];

/** Every place in a value, each as the names that lead to it. */
function placesIn(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [[name], ...placesIn(inner).map((rest) => [name, ...rest])]);
}

/** The value with something else, or nothing, at one place. */
function changed(value: unknown, [name = '', ...rest]: readonly string[], to: unknown): unknown {
  if (Array.isArray(value)) return value.map((item, at) => (String(at) === name ? within(item, rest, to) : item));
  const members = Object.entries(value as object).filter(
    ([each]) => each !== name || to !== undefined || rest.length > 0,
  );
  return Object.fromEntries(members.map(([each, inner]) => [each, each === name ? within(inner, rest, to) : inner]));
}
const within = (inner: unknown, rest: readonly string[], to: unknown): unknown =>
  rest.length === 0 ? to : changed(inner, rest, to);

const other = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 'U1', 'u1', 'U'.repeat(41), '😀'.repeat(1000), 0, -1, true, [], {}, [
    {},
  ]),
  fc.jsonValue({ maxDepth: 2 }),
);

describe.each(CASES)('%s, with zod as what is right', (name, whole) => {
  const [ours, zod]: [Schema<unknown>, ZodMiniType] = [payload[name], zods[name]];
  const outcome = (parsed: ReturnType<typeof zod.safeParse> | ReturnType<typeof ours.safeParse>) => {
    const issues = parsed.success ? [] : parsed.error.issues;
    return { data: parsed.data, misfits: new Set(issues.map(({ path }) => path.join('.'))) };
  };

  it('keeps the same of a whole one', () => {
    const parsed = ours.safeParse(whole);
    expect(parsed.success).toBe(true);
    expect(JSON.stringify(parsed.data)).not.toContain('not-kept');
    expect(parsed.data).toEqual(zod.safeParse(whole).data);
  });

  it('takes and refuses the same, and names the same places, whatever stands anywhere in it', () => {
    const change = fc.tuple(fc.constantFrom(...placesIn(whole)), other);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const given = changes.reduce((value, [place, to]) => {
          const isThere = placesIn(value).some((each) => each.join('/') === place.join('/'));
          return isThere ? changed(value, place, to) : value;
        }, whole);
        expect(outcome(ours.safeParse(given))).toEqual(outcome(zod.safeParse(given)));
      }),
      { numRuns: 1000 },
    );
  });
});
