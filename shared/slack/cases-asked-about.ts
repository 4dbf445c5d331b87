import * as z from 'zod';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import type { Store } from '#shared/store/store.ts';
import { decodeCase, decodeTokens } from './blocks/press.ts';
import type { Buttons } from './buttons.ts';
import type { Request } from './listeners/request.ts';
import { pressedAt, pressOf } from './to-request.ts';

interface AskedDeps {
  readonly buttons: Pick<Buttons, 'open'>;
  readonly store: Pick<Store, 'approvals'>;
}

const pressSchema = z.looseObject({ actions: z.array(z.looseObject({ action_id: z.string() })).min(1) });
const windowSchema = z.looseObject({ view: z.looseObject({ private_metadata: z.string() }) });
const aboutSchema = z.looseObject({ case: z.string().optional(), approval: z.string().optional() });

/**
 * Names the cases whose cards follow from a press or a submitted window: the one it was made on, and those of the tokens that
 * it names, itself or by a request for others. None for what was typed. Throws the store's faults.
 */
export async function casesAskedAbout(
  { buttons, store }: AskedDeps,
  request: Pick<Request, 'actor' | 'place'>,
  payload: object,
): Promise<readonly string[]> {
  const { case: id, approval } = aboutWindow(payload);
  if (id !== undefined) return [id];
  if (approval !== undefined) return casesOfApproval(store, approval);
  const [action] = pressSchema.safeParse(payload).data?.actions ?? [];
  if (action === undefined) return [];
  const { actionId, value } = await buttons.open(pressOf(action), pressedAt(request, payload));
  if (value === undefined) return [];
  if (/^patrol:(approve|refuse)(:|$)/.test(actionId)) return casesOfApproval(store, value);
  const pressed = decodeCase(value)?.case;
  return pressed === undefined ? (decodeTokens(value)?.tokens ?? []).map(caseOfToken) : [pressed];
}

function aboutWindow(payload: object): z.infer<typeof aboutSchema> {
  const text = windowSchema.safeParse(payload).data?.view.private_metadata;
  return aboutSchema.safeParse(tryParseJson(text ?? '')).data ?? {};
}

async function casesOfApproval({ approvals }: AskedDeps['store'], id: string): Promise<readonly string[]> {
  const order = (await approvals.get(id))?.order;
  const ofTokens = (order?.tokens ?? []).map((token) => caseId(tokenKey(token)));
  return order?.caseId === undefined ? ofTokens : [order.caseId, ...ofTokens];
}

/** The case of a token that is named `profile:id`. */
function caseOfToken(ref: string): string {
  const at = ref.indexOf(':');
  return caseId(tokenKey({ profile: ref.slice(0, at), id: ref.slice(at + 1) }));
}
