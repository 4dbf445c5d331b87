import { without } from '#shared/core/without.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { SendLeaks, SendLeaksLater } from '#shared/jobs/job.ts';
import { sendPlanned } from '#shared/jobs/send-planned.ts';
import { isOurs } from '#shared/policy/roles.ts';
import type { AuditEntry, Case, CasePressed, OwnerWord } from '#shared/store/store.ts';
import { requestOf } from '#shared/tokens/attempt.ts';
import { type Denied, isDenied } from '#shared/tokens/authorise.ts';
import { carryOut } from '#shared/tokens/carry-out.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { hasBegunOrder } from '#shared/tokens/resume-order.ts';
import { ownerOf } from '#shared/tokens/owner-of.ts';
import type { OwnersAct } from './case-press.ts';
import { changeByPress, isNewPress, isOvertaken, isPressed, pressedBy } from './change-by-press.ts';
import { tellOverruled } from './tell-overruled.ts';
import { changeCase } from './keep-case.ts';
import { stopsForOwner } from './stops-for-owner.ts';

/** What the record and a receipt name where an owner's own word is what allows something. */
export const OWNER_RULE = 'owner';

type OwnedCase = Case & { readonly token: Token };

/** Who speaks: the owner, or somebody who may deactivate the token; `rule` is what allows it. */
interface Speaker {
  readonly isOwner: boolean;
  /** True where they may deactivate the token by a role of theirs. */
  readonly mayStop: boolean;
  readonly rule: string;
}

interface OwnerPressing {
  readonly sendLeaks: SendLeaks;
  /** Has the token deactivated as a press on Deactivate has, for whoever may. */
  readonly deactivate: () => Promise<Outcome>;
}

/**
 * Does what a token's owner, or somebody who may deactivate it, says of its leak. "Mine" is a yes to its end: it is
 * deactivated where they, or the policy for an owner, may have that; else the word is shown to those who decide. "Not mine"
 * calls the security group. "Wait" holds the question, once, until a time at which it is asked again or, where the policy says
 * so, the token is deactivated. A replay says and does nothing twice.
 */
export async function pressAsOwner(
  context: Context,
  kase: Case,
  { act, ...deps }: OwnerPressing & { readonly act: OwnersAct },
): Promise<Outcome> {
  const { token } = kase;
  if (token === undefined) return { kind: 'denied', verb: 'deactivate', why: 'lapsed', roles: [] };
  const owned: OwnedCase = { ...kase, token };
  const speaker = await speakerOf(context, owned);
  if ('kind' in speaker) return speaker;
  const line = lineOf(context, owned, { act, speaker });
  // What is said is said, also where nothing may follow it any more.
  if (act !== 'wait') await context.services.store.audit.append(line);
  return sayAct(context, owned, { act, speaker, line, ...deps });
}

/**
 * A replay goes by whom the first attempt found: by now Slack may be silent, or a role gone, and what was begun has to be told
 * and come to its end. Nothing is deactivated by that alone: whoever does it asks for the right again.
 */
async function speakerOf(context: Context, kase: OwnedCase): Promise<Speaker | Denied> {
  const { journal } = context.attempt;
  const known = journal.get<Speaker>('speaker');
  if (known !== undefined) return known;
  const found = await findSpeaker(context, kase);
  if (!('kind' in found)) await journal.put('speaker', found);
  return found;
}

async function findSpeaker({ services, authority }: Context, { token }: OwnedCase): Promise<Speaker | Denied> {
  const { actor } = authority;
  const allowed = authority.may('deactivate', token.profile);
  const isOwner = isOurs(services.policy, actor) && (await ownerOf(services, token)) === actor.userId;
  if (!isDenied(allowed)) return { isOwner, mayStop: true, rule: `role:${allowed.role}` };
  if (isOwner) return { isOwner, mayStop: false, rule: OWNER_RULE };
  // Which profile it is would be told to somebody who may not see it.
  return allowed.why === 'no_role'
    ? { ...without(allowed, 'profile'), why: 'not_the_owner' }
    : without(allowed, 'profile');
}

interface Saying extends OwnerPressing {
  readonly act: OwnersAct;
  readonly speaker: Speaker;
  /** Its line of the record. */
  readonly line: AuditEntry;
}

async function sayAct(context: Context, kase: OwnedCase, saying: Saying): Promise<Outcome> {
  switch (saying.act) {
    case 'mine':
      return sayMine(context, kase, saying);
    case 'not_mine':
      return sayNotMine(context, kase, saying);
    case 'wait':
      return holdQuestion(context, kase, saying);
  }
}

/** States in which the word of an owner is a yes to what has not been done. */
const STOPPABLE: ReadonlySet<Case['state']> = new Set(['asking', 'noted', 'shadowed', 'not_revoked', 'restored']);

async function sayMine(context: Context, kase: OwnedCase, { speaker, deactivate }: Saying): Promise<Outcome> {
  const { services, attempt } = context;
  const told = await noteWord(context, kase, { said: 'mine', isOwner: speaker.isOwner });
  const toldAlone = { kind: 'case', case: told, entries: [] } as const;
  const begunIn = attempt.journal.get<number>('generation');
  const isUndone = begunIn !== undefined && told.generation > begunIn;
  if (isUndone || isOvertaken(told, pressedBy(context, 'mine')))
    return (await tellOverruled(context, told)) ?? toldAlone;
  // A replay goes on with what it had begun, also where the state of the case is another by now.
  const isBegun = await hasBegunOrder(context);
  if (!isBegun && !STOPPABLE.has(told.state)) return toldAlone;
  if (!isBegun && !speaker.mayStop && !(await stopsForOwner(services, kase, 'replaced'))) return toldAlone;
  if (begunIn === undefined) await attempt.journal.put('generation', told.generation);
  if (speaker.mayStop) return deactivate();
  return carryOut(context, orderOf(context, kase), { rule: OWNER_RULE, approvedBy: [] });
}

function orderOf({ authority, attempt }: Context, { id, token }: OwnedCase) {
  return {
    verb: 'deactivate',
    tokens: [{ profile: token.profile, id: token.id, name: token.name }],
    requester: authority.actor,
    ...requestOf(attempt),
    keepGoing: false,
    reason: `case ${id}: its owner says that it is replaced`,
    caseId: id,
  } as const;
}

async function sayNotMine(context: Context, kase: OwnedCase, { speaker, sendLeaks }: Saying): Promise<Outcome> {
  const told = await noteWord(context, kase, { said: 'not_mine', isOwner: speaker.isOwner });
  const { requestedAt: at } = context.attempt;
  const job = { v: 1, kind: 'wake', receivedAt: at, caseId: kase.id, step: 'disowned', at } as const;
  await sendLeaks([{ ...job, deliveryKey: `disowned:${kase.id}:${at}` }]);
  return { kind: 'case', case: told, entries: [] };
}

/**
 * Puts a word on the case; whoever has said something needs no time any more: what was given before the word ends with it. Time
 * that was asked for later goes on. The newest word counts.
 */
function noteWord(context: Context, { id }: Case, word: Pick<OwnerWord, 'said' | 'isOwner'>): Promise<Case> {
  const { services } = context;
  const press = pressedBy(context, word.said);
  const { by, at } = press;
  return changeCase(services.store, { id, now: services.now() }, (current) =>
    (current.ownerWord?.at ?? '') >= at
      ? undefined
      : { ...current, ...endOfWait(current, press), ownerWord: { ...word, by, at } },
  );
}

function endOfWait(kase: Case, press: CasePressed): Pick<Case, 'wait'> {
  const { wait } = kase;
  const { at } = press;
  if (wait === undefined || wait.isOver === true || isOvertaken(kase, press)) return {};
  return { wait: { ...wait, until: at < wait.until ? at : wait.until, isOver: true } };
}

/** A job that is sent before its case says that it is planned comes no sooner than that, seconds. */
const SOONEST_SECONDS = 60;

async function holdQuestion(context: Context, kase: OwnedCase, { sendLeaks, line }: Saying): Promise<Outcome> {
  const { services, authority, attempt } = context;
  const { now, policy } = services;
  const { actor: by } = authority;
  const until = new Date(Date.parse(attempt.requestedAt) + policy.alerts.owner.waitMinutes * 60_000).toISOString();
  const isHeld = ({ wait }: Case) => wait?.until === until && wait.by.userId === by.userId;
  const mayHold = ({ state, wait }: Case) => state === 'asking' && wait === undefined;
  const press = pressedBy(context, 'wait');
  const isToHold = mayHold(kase) && isNewPress(kase, press);
  // The time that this press had given may be over since.
  if (!isHeld(kase) && !isToHold) return endOfHolding(kase, isPressed(kase, press));
  const then = (await stopsForOwner(services, kase, 'afterWait')) ? 'deactivate' : 'ask';
  // Sent before it is written down: a crash between the two leaves a job that nobody planned, and never a plan without a job.
  const job = {
    v: 1,
    kind: 'wait-over',
    deliveryKey: `wait-over:${kase.id}:${until}`,
    caseId: kase.id,
    at: until,
  } as const;
  const send: SendLeaksLater = (jobs, seconds) => sendLeaks(jobs, Math.max(seconds, SOONEST_SECONDS));
  await sendPlanned(job, { send, now });
  const how = { id: kase.id, act: 'wait', along: [services.store.audit.writing(line)] } as const;
  const { kase: held, isMade } = await changeByPress(context, how, (current) =>
    mayHold(current) ? { ...current, wait: { by, until, then } } : undefined,
  );
  return endOfHolding(held, isMade);
}

function endOfHolding(kase: Case, isMade: boolean): Outcome {
  if (isMade) return { kind: 'case', case: kase, entries: [] };
  const { state, wait } = kase;
  const why = state === 'asking' && wait !== undefined ? 'held_before' : 'settled';
  return { kind: 'denied', verb: 'deactivate', why, roles: [] };
}

function lineOf(
  { services, authority: { actor }, attempt }: Context,
  { id, token }: OwnedCase,
  { act, speaker }: { readonly act: OwnersAct; readonly speaker: Speaker },
): AuditEntry {
  return {
    at: services.now().toISOString(),
    id: `${act}-${id}-${actor.userId}-${attempt.requestedAt}`,
    actor,
    what: act,
    token: { profile: token.profile, id: token.id },
    tokenName: token.name,
    caseId: id,
    rule: speaker.rule,
    result: 'done',
  };
}
