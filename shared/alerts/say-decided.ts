import { changeCase } from '#shared/cases/keep-case.ts';
import { Fault } from '#shared/core/fault.ts';
import type { LeakDecision } from '#shared/policy/decide-leak.ts';
import { without } from '#shared/core/without.ts';
import type { Case, Write } from '#shared/store/store.ts';
import type { Services } from '#shared/tokens/services.ts';

type CaseFields = Omit<Case, 'version'>;

/** What was decided about the token of a case. */
interface Decided {
  readonly decision: LeakDecision;
  /** True where the token was found dead: then nothing is begun. */
  readonly isDead: boolean;
  /** Key of the report that decided it. */
  readonly report: string;
}

/** How a case comes to say what was decided, and that its kill has begun. */
export interface Saying {
  /** What is written together with the note that the kill begins. */
  readonly beginning: () => readonly Write[];
  /** The case as it was made to say so; nothing before that. */
  readonly said: () => Case | undefined;
  /** The case with what was decided, where it neither says so yet nor was changed since it was read; else as it is. */
  readonly saying: (current: Case) => CaseFields;
  /** What kept the kill from its beginning: somebody has changed the case since it was read, or took the last of the allowance. */
  readonly hindered: () => 'changed' | 'braked' | undefined;
}

/** Changes a case that is still as it was read; `changed` where somebody has changed it since. */
export async function changeAsRead(
  { store, now }: Services,
  seen: Case,
  next: (kase: Case) => CaseFields | undefined,
): Promise<Case | 'changed'> {
  const met = { isOther: false };
  const changed = await changeCase(store, { id: seen.id, now: now(), seen }, (current) => {
    met.isOther = current.version !== seen.version;
    return met.isOther ? undefined : next(current);
  });
  return met.isOther ? 'changed' : changed;
}

/** Has the case say what is decided before anything is done; `changed` where it is not as it was read any more. */
export async function sayDecided(services: Services, kase: Case, decided: Decided): Promise<Case | 'changed'> {
  if (decided.isDead && isDecidedSo(kase, decided.decision)) return kase;
  return changeAsRead(services, kase, (current) => asDecided(current, decided));
}

interface SayingDecided {
  readonly decided: Decided;
  readonly taking: (unmet: () => Fault) => Write | undefined;
  readonly onSaid: (stored: Case) => void;
}

/**
 * Has the case say so in the very write that notes the beginning of the kill, which is taken out of the allowance there as
 * well: until then nothing was done, and a case that somebody has changed since it was read lets nothing begin. `braked` where
 * nothing is known to be left of the allowance.
 */
export function sayingDecided(
  { store, now }: Services,
  kase: Case,
  { decided, taking, onSaid }: SayingDecided,
): Saying | 'braked' {
  let said: Case | undefined;
  let hindered: ReturnType<Saying['hindered']>;
  const unmet = (why: typeof hindered) => () => {
    hindered = why;
    return new Fault('delivery_in_progress', 'what was decided does not stand any more');
  };
  const done = (stored: Case) => {
    said = stored;
    onSaid(stored);
  };
  const kill = taking(unmet('braked'));
  if (kill === undefined) return 'braked';
  const beginning = () => {
    const next = { ...without(asDecided(kase, decided), 'wait'), updatedAt: now().toISOString() };
    return [store.cases.changing(kase, next, { done, unmet: unmet('changed') }), kill];
  };
  const saying = (current: Case) =>
    said === undefined && current.version === kase.version ? asDecided(current, decided) : without(current, 'version');
  return { beginning, said: () => said, saying, hindered: () => hindered };
}

/** The same for a case that says so already. */
export function saidDecided(kase: Case): Saying {
  const saying = (current: Case) => without(current, 'version');
  return { beginning: () => [], said: () => kase, saying, hindered: () => undefined };
}

/** A case with what was decided, and nothing against it. */
function asDecided(kase: Case, { decision: { action, rule }, isDead, report }: Decided): CaseFields {
  return {
    // What was put off could bring no more than this.
    ...without(kase, 'version', 'troubles', 'dismissedBy', 'deferred'),
    ...(isDead ? {} : { state: 'acting' as const }),
    decision: { action, rule, report },
  };
}

/** True for a case that says already what was decided, and nothing against it. */
function isDecidedSo(kase: Case, { action, rule }: LeakDecision): boolean {
  const { decision, troubles, dismissedBy, deferred } = kase;
  const isSaid = decision?.action === action && decision.rule === rule;
  return isSaid && [troubles, dismissedBy, deferred].every((one) => one === undefined);
}
