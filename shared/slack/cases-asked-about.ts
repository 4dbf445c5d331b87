import * as z from 'zod';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import type { Approval } from '#shared/store/store.ts';
import { decodeCase, decodeTokens } from './blocks/press.ts';
import type { Buttons } from './buttons.ts';
import type { Request } from './listeners/request.ts';
import { pressedAt, pressOf } from './to-request.ts';

const pressSchema = z.looseObject({ actions: z.array(z.looseObject({ action_id: z.string() })).min(1) });
const windowSchema = z.looseObject({ view: z.looseObject({ private_metadata: z.string() }) });
const aboutSchema = z.looseObject({ case: z.string().optional(), approval: z.string().optional() });

/** What a press, or a submitted window, is about: a case, a request for others, or tokens that are named `profile:id`. */
export interface AskedAbout {
  readonly caseId?: string;
  readonly approvalId?: string;
  readonly tokens?: readonly string[];
}

/** Reads what a press or a submitted window is about; nothing of what was typed. Throws the store's faults. */
export async function readAskedAbout(
  buttons: Pick<Buttons, 'open'>,
  request: Pick<Request, 'actor' | 'place'>,
  payload: object,
): Promise<AskedAbout> {
  const { case: caseId, approval: approvalId } = aboutWindow(payload);
  if (caseId !== undefined) return { caseId };
  if (approvalId !== undefined) return { approvalId };
  const [action] = pressSchema.safeParse(payload).data?.actions ?? [];
  if (action === undefined) return {};
  const { actionId, value } = await buttons.open(pressOf(action), pressedAt(request, payload));
  if (value === undefined) return {};
  if (/^patrol:(approve|refuse)(:|$)/.test(actionId)) return { approvalId: value };
  const pressed = decodeCase(value)?.case;
  return pressed === undefined ? { tokens: decodeTokens(value)?.tokens ?? [] } : { caseId: pressed };
}

/** Names the cases whose cards follow from a press: the one it was made on, and those of the tokens that it or its request names. */
export function casesAskedAbout(
  { caseId: id, tokens = [] }: AskedAbout,
  approval: Approval | undefined,
): readonly string[] {
  if (id !== undefined) return [id];
  const { order } = approval ?? {};
  const ofTokens = [...(order?.tokens ?? []).map(tokenKey), ...tokens.map(keyOfRef)].map(caseId);
  return order?.caseId === undefined ? ofTokens : [order.caseId, ...ofTokens];
}

function aboutWindow(payload: object): z.infer<typeof aboutSchema> {
  const text = windowSchema.safeParse(payload).data?.view.private_metadata;
  return aboutSchema.safeParse(tryParseJson(text ?? '')).data ?? {};
}

/** The key of a token that is named `profile:id`. */
function keyOfRef(ref: string): string {
  const at = ref.indexOf(':');
  return tokenKey({ profile: ref.slice(0, at), id: ref.slice(at + 1) });
}
