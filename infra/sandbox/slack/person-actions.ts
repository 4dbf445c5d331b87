import * as z from 'zod';

const values = z.record(z.string(), z.record(z.string(), z.looseObject({}))).default({});
const userId = z.string().min(1);

/** What people do in Slack, as the page and the demo ask for it. */
export const PERSON_ACTIONS = {
  /** Types `/pat <text>`. */
  command: z.object({ userId, channel: z.string(), text: z.string() }),
  /** Presses or chooses something in a message (`channel` and `ts`) or in a modal or Home tab (`viewId`). */
  click: z.object({
    userId,
    channel: z.string().optional(),
    ts: z.string().optional(),
    viewId: z.string().optional(),
    action: z.looseObject({ type: z.string(), action_id: z.string() }),
    values,
  }),
  /** Submits a modal. */
  submit: z.object({ userId, viewId: z.string(), values }),
  /** Closes a modal. */
  close: z.object({ userId, viewId: z.string() }),
  /** Opens the app's Home tab. */
  home: z.object({ userId }),
} as const;

/** Each action’s details. */
export type PersonActions = { readonly [A in keyof typeof PERSON_ACTIONS]: z.infer<(typeof PERSON_ACTIONS)[A]> };
