import type { Case, CasePressed, Write } from '#shared/store/store.ts';
import type { Context } from '#shared/tokens/context.ts';
import { isEndOverruled } from '#shared/tokens/is-end-overruled.ts';
import { type CaseChange, changeCase } from './keep-case.ts';

/** Most presses that a case keeps; the record has all. */
const KEPT_PRESSES = 20;

/** Puts a press on the case, so that card and thread name whoever pressed; a replay is the same press. */
export function notePress(context: Context, id: string, act: CasePressed['act']): Promise<Case> {
  const { services } = context;
  const press = pressedBy(context, act);
  return changeCase(services.store, { id, now: services.now() }, (kase) =>
    isPressed(kase, press) ? undefined : withPress(kase, press),
  );
}

export function pressedBy({ authority, attempt }: Context, act: CasePressed['act']): CasePressed {
  return { act, by: authority.actor, at: attempt.requestedAt };
}

/** True for a press that this case bears. */
export function isPressed({ presses = [] }: Pick<Case, 'presses'>, { act, by, at }: CasePressed): boolean {
  return presses.some((one) => one.act === act && one.at === at && one.by.userId === by.userId);
}

function withPress<K extends Pick<Case, 'presses'>>(kase: K, press: CasePressed): K {
  return { ...kase, presses: [...(kase.presses ?? []), press].slice(-KEPT_PRESSES) };
}

/**
 * True where somebody has decided about a case, by a press that was made later than this one, what this one is about; or, where
 * this one is about the end of its token, has asked later for its return, in whatever way, and that came about.
 */
export function isOvertaken(kase: Case, { act, at }: CasePressed): boolean {
  if (ENDS.has(act) && isEndOverruled(kase, at)) return true;
  const { presses = [] } = kase;
  return presses.some((one) => DECIDES[act]?.includes(one.act) === true && one.at > at);
}

/** Presses that want a token stopped. */
const ENDS: ReadonlySet<CasePressed['act']> = new Set(['deactivate', 'delete', 'mine']);

/** Of two of these presses the one that was made later stands, in whichever order they arrive: by which ones each is overtaken. */
const DECIDES: Readonly<Partial<Record<CasePressed['act'], readonly CasePressed['act'][]>>> = {
  take: ['take'],
  dismiss: ['dismiss', 'reopen'],
  reopen: ['dismiss', 'reopen'],
  mine: ['reopen', 'wait'],
  not_mine: ['wait'],
  wait: ['dismiss', 'reopen', 'mine', 'not_mine'],
};

/**
 * Changes a case by a press and names whoever pressed, in one write, with what is written along: not where this very press has
 * done so before (a copy, or an attempt that died), and not where somebody has decided since it was made. `isMade`: it has
 * changed the case, now or then.
 */
export async function changeByPress(
  context: Context,
  { id, act, along = [] }: { readonly id: string; readonly act: CasePressed['act']; readonly along?: readonly Write[] },
  change: CaseChange,
): Promise<{ readonly kase: Case; readonly isMade: boolean }> {
  const { services } = context;
  const press = pressedBy(context, act);
  const kase = await changeCase(services.store, { id, now: services.now(), along: () => along }, (current) => {
    const next = isNewPress(current, press) ? change(current) : undefined;
    return next && withPress(next, press);
  });
  return { kase, isMade: isPressed(kase, press) };
}

/** True for a press that this case does not bear yet, and about which nobody has decided since it was made. */
export function isNewPress(kase: Case, press: CasePressed): boolean {
  return !isPressed(kase, press) && !isOvertaken(kase, press);
}
