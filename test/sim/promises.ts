import { isHeld } from '#shared/cases/held-cases.ts';
import type { AuditEntry, Approval, Case } from '#shared/store/store.ts';
import { LEASE } from '#shared/store/dynamo/lease.ts';
import { isUnsearched } from '#shared/cases/search-again.ts';
import { noteKey } from '#shared/store/dynamo/keys.ts';
import { unpack, type Packed } from '#shared/store/dynamo/packed.ts';
import { saidNote, type Spoken } from '#shared/slack/spoken.ts';
import { needsPerson } from '#shared/cases/needs-person.ts';
import { readValue } from '#shared/slack/encrypt-values.ts';
import { BUTTON_KEYS } from './bot.ts';
import { caseState } from '#shared/slack/blocks/case-words.ts';
import { isDecided as isDecidedClue } from '#shared/cases/remember-decision.ts';
import { EMAILS, isKillable, PEOPLE, POLICY, SECURITY } from './cast.ts';
import type { Diary } from './play.ts';
import type { StateChange, SimToken } from './providers.ts';
import type { SimMessage } from './slack.ts';
import type { Stage } from './stage.ts';

/** A history that is over, as its checks see it. */
export interface Ended {
  readonly stage: Stage;
  readonly diary: Diary;
  readonly cases: readonly Case[];
  readonly approvals: readonly Approval[];
  readonly audit: readonly AuditEntry[];
}

/** One promise: gives a sentence for each time that it was broken. */
export interface Promised {
  readonly name: string;
  readonly check: (ended: Ended) => readonly string[];
}

/** By how much the clock of a container may be off because it was set. */
const steppedMs = ({ clockStepsMs }: Diary) => clockStepsMs.reduce((sum, step) => sum + step, 0);
const clock = (at: number) => new Date(at).toISOString().slice(11, 19);
const said = (message: SimMessage) => message.versions.at(-1)!;
const textOf = (message: SimMessage) => `${said(message).text} ${JSON.stringify(said(message).blocks)}`;
const CASE_ID = /Case `(C-[A-Z2-7]{16})`/;

/** Cards of cases in the security channel, by case. */
function cardsOf({ stage }: Pick<Ended, 'stage'>): ReadonlyMap<string, readonly SimMessage[]> {
  const cards = new Map<string, SimMessage[]>();
  for (const message of stage.slack.messages) {
    const [, id] = (message.threadTs === undefined ? CASE_ID.exec(textOf(message)) : null) ?? [];
    if (id !== undefined && /^(Leak|Closed|One of|An? \w+ token leaked)/.test(said(message).text))
      cards.set(id, [...(cards.get(id) ?? []), message]);
  }
  return cards;
}

/** Words that are said while something is still to come. */
const UNFINISHED =
  /working on it|tries again by itself|trying again by itself|Trying again by itself|of \d+ handled|Working on (it|`)/;

/** True where a report says that the issuer accepted this token's own secret, or the scanner did. */
function isProved(stage: Stage, token: SimToken, cases: readonly Case[]): boolean {
  // The secret of a thin alert is fetched and shown by the worker: no report says so.
  if (cases.some((kase) => kase.token?.id === token.id && kase.validity?.validity === 'valid')) return true;
  const fingerprint = stage.rim.fingerprint(token.secret);
  return [...stage.queues.leaks.stored.values()].some((body) => {
    const { report } = JSON.parse(body) as {
      report?: { clue?: { fingerprint?: string }; validity?: { validity: string } };
    };
    return report?.clue?.fingerprint === fingerprint && report?.validity?.validity === 'valid';
  });
}

/** True where a floor kept a proved leak from acting (the brake, what a person decided before), the provider says that it waits, or it was brought back elsewhere and people are called. */
function isHeldBack(cases: readonly Case[], token: SimToken): boolean {
  const about = cases.filter((kase) => kase.token?.id === token.id);
  // A proof that has grown old in the dead-letter queue is none any more: then a person is asked.
  return about.some(
    ({ state, decision, troubles }) =>
      state === 'asking' ||
      // What a person asked for waits for as long as its provider wants.
      (state === 'waiting' && decision?.action !== 'deactivate') ||
      troubles?.some(({ kind }) => kind === 'alive_again') === true ||
      decision?.rule.startsWith('floor:') === true,
  );
}

function isOfSecret(clue: Case['clue'], fingerprint: string): boolean {
  return clue !== undefined && 'fingerprint' in clue && clue.fingerprint === fingerprint;
}

/** Tells a masked secret: a hint, which kills nothing by itself. */
const MASKED = 'trufflehog-enterprise';

/**
 * True where a person has decided about a case, of its token or, where nobody could look for it, of its very secret: "Not ours",
 * by whoever had the right to it then, on record and told as that; or Undo, as the record has it.
 */
function isDecided({ stage, diary, audit }: Pick<Ended, 'stage' | 'diary' | 'audit'>, kase: Case): boolean {
  const { id, token, state, dismissedBy, decidedClues = [] } = kase;
  const isBy = ({ actor, at }: AuditEntry) =>
    'userId' in actor && mayChange(diary, actor.userId, [Date.parse(at) - MEANWHILE_MS, Date.parse(at) + MEANWHILE_MS]);
  if (dismissedBy !== undefined) {
    const isOnRecord = audit.some(
      (entry) => entry.what === 'dismiss' && entry.result === 'done' && entry.caseId === id && isBy(entry),
    );
    return isOnRecord && stage.slack.messages.some((message) => isToldClosed(message, kase));
  }
  const isUndone = (entry: AuditEntry) =>
    entry.what === 'activate' && entry.token?.id === token?.id && entry.result !== 'refused' && isBy(entry);
  return state === 'restored' && decidedClues.length > 0 && audit.some(isUndone);
}

/** True for a card, or a message about many, in which a case is told as closed. */
function isToldClosed(message: SimMessage, kase: Case): boolean {
  const text = textOf(message);
  return text.includes(kase.id) && (/^Closed as not ours/.test(said(message).text) || text.includes(caseState(kase)));
}

const leakedDies: Promised = {
  name: 'no leaked and proved token is alive in the end',
  check: ({ stage, diary, cases, audit }) =>
    diary.leaks
      .filter(({ token }) => isProved(stage, token, cases) && !isHeldBack(cases, token))
      .filter(({ by, isGenuine, isHeard }) => isGenuine && isHeard && by !== MASKED)
      .filter(({ token }) => isKillable(token) && stage.ledger.stateOf(token) === 'active')
      .filter(({ token, at, sentAt }) => {
        const own = stage.ledger.changes.filter((change) => change.token === token);
        // Where its first sending was heard and its answer lost, the kill and what followed are older than the second.
        const killedAt = own.find((change) => change.to === 'inactive' && change.at > sentAt)?.at ?? at;
        const wasBroughtBack = own.some((change) => change.to === 'active' && change.at > Math.min(at, killedAt));
        const wasDecided = cases.some(
          (kase) =>
            (kase.token?.id === token.id || isOfSecret(kase.clue, stage.rim.fingerprint(token.secret))) &&
            isDecided({ stage, diary, audit }, kase),
        );
        return !wasBroughtBack && !wasDecided;
      })
      .map(({ token, at, by }) => `${token.name} is alive although ${by} reported its leak at ${clock(at)}`),
};

const onlyOnce: Promised = {
  name: 'no effect is made twice',
  check: ({ stage, diary }) =>
    stage.ledger.changes.flatMap((change, index, changes) => {
      const { job, token, to, at } = change;
      const isSentAgain = (since: number) =>
        diary.leaks.some((leak) => leak.isHeard && leak.token === token && leak.at > since && leak.at < at);
      const before = changes.slice(0, index);
      const request = (one: StateChange) => one.job && requestOf(stage, one.job);
      const first = before.findIndex((one) => request(one) === request(change) && one.token === token && one.to === to);
      // What somebody undid elsewhere meanwhile is for the same request to do again; what was undone here, for news that came since.
      const isUndone = before
        .slice(first + 1)
        .some((one) => one.token === token && (one.elsewhere === true || (one.to === 'active' && isSentAgain(one.at))));
      if (job === undefined || first < 0 || isUndone) return [];
      return [`${token.name} was made ${to} a second time by one request, at ${clock(at)}`];
    }),
};

interface Asked {
  readonly kind: string;
  readonly userId: string;
  readonly teamId: string;
  readonly text: string;
  readonly actionId: string;
  readonly value: string;
  readonly receivedAt: number;
}

/** What a button's value says, or the text of a window. */
const readAsMade = (value: string) => readValue(BUTTON_KEYS, value)?.plain ?? value;

/** Who asked for what with a job of the commands' queue. */
export function askedBy(body: string): Asked {
  const { kind, payload, receivedAt } = JSON.parse(body) as { kind: string; payload: any; receivedAt: string };
  const [action] = payload.actions ?? [];
  return {
    kind,
    receivedAt: Date.parse(receivedAt),
    userId: payload.user?.id ?? payload.user_id,
    teamId: payload.user?.team_id ?? payload.team_id,
    text: payload.text ?? '',
    actionId: action?.action_id ?? payload.view?.callback_id ?? '',
    value: readAsMade(action?.value ?? action?.selected_option?.value ?? payload.view?.private_metadata ?? ''),
  };
}

const OWNED: ReadonlySet<string> = new Set([...Object.keys(POLICY.owners ?? {}), ...Object.keys(EMAILS)]);
const MAY_CHANGE: readonly string[] = [PEOPLE.admin, PEOPLE.chief, PEOPLE.operator];
const ADMINS: readonly string[] = [PEOPLE.admin, PEOPLE.chief];
const MAY_APPROVE: readonly string[] = [...ADMINS, PEOPLE.approver];
const VERB = { inactive: 'deactivate', active: 'activate', deleted: 'delete' } as const;

/** True for somebody who had the right to change tokens at some moment between two. */
function mayChange({ oncall }: Diary, userId: string, [from, to]: readonly [number, number]): boolean {
  if (MAY_CHANGE.includes(userId)) return true;
  if (userId !== PEOPLE.oncall) return false;
  const before = oncall.findLast(({ at }) => at <= from)?.is ?? 'out';
  return before === 'in' || oncall.some(({ at, is }) => is === 'in' && at > from && at <= to);
}

/** The request that a job works on: of a press that hurries or ends another request, that one. */
function requestOf(stage: Stage, job: string): string {
  const command = stage.queues.commands.stored.get(job);
  const asked = command === undefined ? undefined : askedBy(command);
  return asked !== undefined && /^patrol:(try-now|give-up)/.test(asked.actionId) ? asked.value : job;
}

/** Why a change was not allowed; nothing when it was. */
function wrong(ended: Ended, change: StateChange): string | undefined {
  const { stage, diary, approvals } = ended;
  const { token, to, job = '' } = change;
  if (to !== 'active' && token.own) return 'it is what Patrol itself works with';
  const command = stage.queues.commands.stored.get(requestOf(stage, job));
  // Two people may go over the protection: that is an approval, which is looked at below.
  const isAgreed = command !== undefined && /^patrol:(approve|break-glass)/.test(askedBy(command).actionId);
  if (to !== 'active' && !isAgreed && token.name.startsWith('break-glass-')) return 'the policy protects it';
  if (command === undefined) {
    if (to !== 'inactive') return 'a report may only deactivate';
    const isReported = diary.leaks.some((leak) => leak.token === token && leak.isGenuine && leak.by !== MASKED);
    const isOf = isReported || isPasted(ended, job, token) || isAfterWait(ended, job, change);
    return isOf ? undefined : 'nobody genuine has reported its secret';
  }
  const asked = askedBy(command);
  if (asked.teamId !== 'T0SANDBOX01') return 'a stranger asked for it';
  const hurried = job === requestOf(stage, job) ? undefined : askedBy(stage.queues.commands.stored.get(job) ?? '{}');
  if (hurried !== undefined && hurried.userId !== asked.userId) {
    const isAllowed = mayChange(diary, hurried.userId, [hurried.receivedAt, change.at]);
    if (!isAllowed) return `${hurried.userId} hurried it without the right to it`;
  }
  // Its owner may have a leaked token deactivated, and nothing else.
  const isOwners = asked.actionId === 'patrol:case:mine' && asked.userId === PEOPLE.owner;
  if (isOwners) return to === 'inactive' && OWNED.has(token.owner) ? undefined : 'it is not for its owner to have that';
  const isPress = /^patrol:(approve|break-glass)/.test(asked.actionId);
  if (!isPress) {
    if (!mayChange(diary, asked.userId, [asked.receivedAt, change.at])) return `${asked.userId} has no right to it`;
    const needsOther = to === 'deleted' && !ADMINS.includes(asked.userId);
    return needsOther ? `${asked.userId} may delete only with another's approval` : undefined;
  }
  const id = asked.actionId.startsWith('patrol:approve')
    ? asked.value
    : (JSON.parse(asked.value) as { approval: string }).approval;
  const approval = approvals.find((one) => one.id === id);
  return approval === undefined ? 'there was no request' : wrongApproval(approval, { asked, change, diary });
}

function wrongApproval(
  approval: Approval,
  { asked, change, diary }: { asked: Asked; change: StateChange; diary: Diary },
): string | undefined {
  const { order, refusedBy, expiresAt, approvedBy, needed, brokenGlass } = approval;
  const { requester, verb, tokens } = order;
  if (verb !== VERB[change.to] || !tokens.some(({ id }) => id === change.token.id))
    return 'something else was approved';
  if (refusedBy !== undefined) return 'it was refused';
  if (!mayChange(diary, requester.userId, [asked.receivedAt, change.at]))
    return `${requester.userId} had no right to ask`;
  if (brokenGlass !== undefined)
    return ADMINS.includes(asked.userId) ? undefined : `${asked.userId} may not break the glass`;
  if (asked.userId === requester.userId) return 'it was approved by who asked';
  if (!MAY_APPROVE.includes(asked.userId)) return `${asked.userId} may not approve`;
  const votes = new Set(approvedBy.map(({ actor }) => actor.userId));
  if (votes.size < needed) return `only ${votes.size} of ${needed} approved`;
  const last = approvedBy.at(-1)?.at ?? '';
  // Both times are the bot's own; a clock that is half a second off is no lapse.
  return Date.parse(last) - Date.parse(expiresAt) > 2000 + steppedMs(diary) ? 'it had lapsed' : undefined;
}

const givenUpEnds: Promised = {
  name: 'what was given up is not begun any more, and its message says who gave it up',
  check: ({ stage, audit }) =>
    [...stage.queues.commands.stored].flatMap(([job, body]) => {
      const given = audit.find(({ what, id }) => what === 'give_up' && id === `give-up-${job}`);
      if (given === undefined) return [];
      const made = stage.ledger.changes.filter(
        (change) => change.job !== undefined && requestOf(stage, change.job) === job && change.isLate !== true,
      );
      const late = made.find(({ at }) => at > Date.parse(given.at) + LAST_TRY_MS);
      // What had begun before, and is read as done, is the last word: that it was given up as well is on record.
      const isTold =
        made.length > 0 ||
        // The request for others that it has come to is refused with it, by whoever gave it up.
        stage.slack.messages.some(({ versions }) => versions.some(({ text }) => /gave it up|^Refused: /.test(text)));
      return [
        ...(late === undefined
          ? []
          : [`${late.token.name} was made ${late.to} after "${askedBy(body).text}" was given up`]),
        ...(isTold ? [] : [`nobody was told that "${askedBy(body).text}" was given up`]),
      ];
    }),
};

/** A try that was under way comes to its end. */
const LAST_TRY_MS = 180_000;

/**
 * True for the job of a pasted secret that is this very token's, and for one that goes on with the case of a token whose secret
 * was pasted before: that searches again by itself, that ends a wait, or that a press on its card made.
 */
function isPasted({ stage, cases }: Pick<Ended, 'stage' | 'cases'>, job: string, token: SimToken): boolean {
  const names = [...stage.queues.leaks.stored.keys()];
  const fingerprint = stage.rim.fingerprint(token.secret);
  const isPaste = (name: string) =>
    name.startsWith('slack:') && isOfSecret(storedLeak(stage, name).report?.clue, fingerprint);
  if (job.startsWith('slack:')) return isPaste(job);
  const isOfToken = caseOfJob({ stage, cases }, job)?.token?.id === token.id;
  return isOfToken && names.slice(0, names.indexOf(job)).some(isPaste);
}

/** True for a job that goes on with a case for which somebody who may have the token stopped has asked to wait first. */
function isAfterWait(ended: Ended, job: string, { token, at }: StateChange): boolean {
  const { stage, diary, cases } = ended;
  const kase = caseOfJob(ended, job);
  if (kase?.token?.id !== token.id) return false;
  return [...stage.queues.commands.stored.values()].map(askedBy).some(({ actionId, value, userId, receivedAt }) => {
    if (actionId !== 'patrol:case:wait' || receivedAt > at) return false;
    const isIts = goesOnAs(cases, (JSON.parse(value) as { readonly case: string }).case)?.id === kase.id;
    const isOwner = userId === PEOPLE.owner && OWNED.has(token.owner);
    return isIts && (isOwner || mayChange(diary, userId, [receivedAt, at]));
  });
}

/** The case with which a job goes on by itself, or because of a press on its card; that in which it goes on, where it was merged. */
function caseOfJob({ stage, cases }: Pick<Ended, 'stage' | 'cases'>, job: string): Case | undefined {
  const { kind = '', caseId } = storedLeak(stage, job);
  const [, pressed] = kind === 'report' ? (/^again:(C-[A-Z2-7]{16}):/.exec(job) ?? []) : [];
  return goesOnAs(cases, pressed ?? (['search-again', 'wait-over'].includes(kind) ? caseId : undefined));
}

/** What a job of the leaks' queue says. */
function storedLeak({ queues }: Stage, job: string): StoredLeak {
  return JSON.parse(queues.leaks.stored.get(job) ?? '{}') as StoredLeak;
}

interface StoredLeak {
  readonly kind?: string;
  readonly caseId?: string;
  readonly report?: { readonly clue?: Case['clue'] };
}

/** The case in which a case goes on, itself where it was not merged. */
function goesOnAs(cases: readonly Case[], id: string | undefined): Case | undefined {
  const found = cases.find((kase) => kase.id === id);
  return found?.mergedInto === undefined ? found : goesOnAs(cases, found.mergedInto);
}

const onlyByRight: Promised = {
  name: 'no effect without the right to it, or after a refusal',
  check: (ended) =>
    ended.stage.ledger.changes
      .filter(({ elsewhere }) => elsewhere !== true)
      .flatMap((change) => {
        const why = change.job === undefined ? 'no job caused it' : wrong(ended, change);
        return why === undefined ? [] : [`${change.token.name} was made ${change.to} at ${clock(change.at)}: ${why}`];
      }),
};

const undoneStays: Promised = {
  name: 'a kill that was undone is told as undone, until the next leak',
  check: ({ stage, diary, cases }) =>
    cases.flatMap(({ id, state, token, mergedInto }) => {
      const one = stage.ledger.tokens.find((known) => known.id === token?.id);
      const last = stage.ledger.changes.findLast((change) => change.token === one);
      const isUndone = last?.to === 'active' && last.elsewhere !== true && last.job !== undefined;
      if (one === undefined || !isUndone || mergedInto !== undefined) return [];
      const isAgain = diary.leaks.some((leak) => leak.token === one && leak.at > last.at - MEANWHILE_MS);
      // A report that was heard before may be entered after: its case says what it asks for then.
      return isAgain || state !== 'not_revoked'
        ? []
        : [`case ${id} says that ${one.name} could not be killed, which was brought back`];
    }),
};

/** What is read around the instant of a press may be older than it. */
const MEANWHILE_MS = 10_000;

/** True where whoever said so knew of this very secret: another one, which had not been entered then, is news. */
function isJudged(about: readonly Case[], report: StoredLeak['report']): boolean {
  return report?.clue === undefined || about.some((kase) => isDecidedClue(kase, report.clue));
}

const notOursHolds: Promised = {
  name: 'no report kills after somebody has said "Not ours" of it',
  check: ({ stage, audit, cases, diary }) =>
    stage.ledger.changes.flatMap(({ job, token, to, at, elsewhere }) => {
      const body = job === undefined ? undefined : stage.queues.leaks.stored.get(job);
      if (body === undefined || to !== 'inactive' || elsewhere === true) return [];
      const { receivedAt, report } = JSON.parse(body) as StoredLeak & { readonly receivedAt: string };
      const about = cases.filter((kase) => kase.token?.id === token.id);
      const ids = new Set(about.flatMap(({ id, mergedFrom = [] }) => [id, ...mergedFrom]));
      const said = audit.find(
        (entry) =>
          entry.what === 'dismiss' &&
          entry.result === 'done' &&
          ids.has(entry.caseId ?? '') &&
          (!diary.resembled.has(token) || isJudged(about, report)) &&
          Date.parse(entry.at) > Date.parse(receivedAt) + MEANWHILE_MS + steppedMs(diary) &&
          Date.parse(entry.at) < at - MEANWHILE_MS - steppedMs(diary),
      );
      return said === undefined
        ? []
        : [`${token.name} was killed at ${clock(at)} by a report of before "Not ours" (${said.at})`];
    }),
};

const cardsEnd: Promised = {
  name: 'every case has one card, finished and true',
  check: (ended) => {
    const cards = cardsOf(ended);
    return ended.cases.flatMap((kase) => {
      const own = cards.get(kase.id) ?? [];
      const isFolded = kase.state === 'dismissed' && kase.dismissedBy === undefined;
      const isTold =
        (isFolded && kase.rollUp === undefined) ||
        (isHeld(kase) && isAskedTogether(ended, kase)) ||
        isRolledUp(ended, kase);
      if (own.length === 0) return isTold ? [] : [`case ${kase.id} (${kase.state}) has no card`];
      const words = own.map((card) => said(card).text.slice(0, 70));
      if (own.length > 1) return [`case ${kase.id} has ${own.length} cards: ${words.join(' / ')}`];
      return UNFINISHED.test(words[0]!) ? [`the card of case ${kase.id} is unfinished: ${words[0]}`] : [];
    });
  },
};

/** True where the message of a flood tells of a case, and how it stands. */
function isRolledUp({ stage }: Ended, kase: Case): boolean {
  return stage.slack.messages.some((message) => {
    const row = said(message).blocks.find((block) => JSON.stringify(block).includes(`case \`${kase.id}\``));
    return /^\d+ more leaks? reported/.test(said(message).text) && JSON.stringify(row ?? '').includes(caseState(kase));
  });
}

/** True where the card of a brake asks about a case. */
function isAskedTogether({ stage }: Ended, { id }: Case): boolean {
  return stage.slack.messages.some(
    (message) => /NOT revoked: go on\?/.test(said(message).text) && textOf(message).includes(id),
  );
}

const searchesGoOn: Promised = {
  name: 'no case waits for a search that nobody has planned',
  check: ({ cases }) =>
    cases
      .filter((kase) => isUnsearched(kase) && kase.dismissedBy === undefined)
      .filter(({ troubles = [] }) => !troubles.every(({ kind }) => kind === 'unlocated'))
      .map(({ id, state }) => `case ${id} is ${state}, and everybody has answered for long`),
};

const cardsAgree: Promised = {
  name: 'no last word of a card contradicts its provider',
  check: (ended) =>
    [...cardsOf(ended).values()].flat().flatMap((card) => {
      const { text } = said(card);
      const token = ended.stage.cast.tokens.find(({ name }) => text.includes(name));
      if (token === undefined) return [];
      const state = ended.stage.ledger.stateOf(token);
      const last = ended.stage.ledger.changes.findLast((change) => change.token === token);
      if (last?.elsewhere === true) return [];
      const saysDead = /(Deactivated|Deleted), confirmed/.test(text);
      const saysBack = /Active again/.test(text);
      if (saysDead && state === 'active') return [`a card says dead of ${token.name}, which is active`];
      return saysBack && state !== 'active' ? [`a card says active of ${token.name}, which is ${state}`] : [];
    }),
};

const revivedIsTold: Promised = {
  name: 'a token that lives again after its proof is told',
  check: ({ stage, cases }) =>
    cases
      .filter(({ state }) => state === 'dead')
      .flatMap(({ id, token }) => {
        const one = stage.ledger.tokens.find((known) => known.id === token?.id);
        const isAlive = one !== undefined && stage.ledger.stateOf(one) === 'active';
        return isAlive ? [`case ${id} says that ${one.name} is dead, and a day later it works`] : [];
      }),
};

/** What a job said last in each message, and the last word of the one in which somebody else has ended it. */
const wordsAbout = ({ slack }: Stage, job: string, endedIn: SimMessage | undefined) =>
  slack.messages.flatMap((message) => {
    if (message.threadTs !== undefined) return [];
    const version = message.versions.findLast((one) => endedIn === message || one.job === job);
    return version === undefined ? [] : [{ version, isLast: message.versions.at(-1) === version }];
  });

/** What stays true where nobody finds it again; another message says the rest. */
const ACCEPTED = /^Received[:.].* What comes of it is said here or in another message\.$/s;

const answered: Promised = {
  name: 'every accepted request has a last word',
  check: ({ stage }) => {
    const anew = notedAnswers(stage);
    return [...stage.queues.commands.stored].flatMap(([job, body]) => {
      const asked = askedBy(body);
      if (asked.kind === 'event' || /^patrol:(refresh|modal)/.test(asked.actionId)) return [];
      const words = wordsAbout(stage, job, anew.get(job));
      const what = asked.kind === 'command' ? `/pat ${asked.text}` : asked.actionId;
      if (words.length === 0)
        return isSilent(asked) ? [] : [`nothing was ever said about "${what}" of ${asked.userId}`];
      // What a case says is read as it is, and read again by whoever wants to know more.
      const isRead = asked.actionId === 'patrol:case:open';
      const open = words.filter(
        ({ version, isLast }) => isLast && !isRead && UNFINISHED.test(version.text) && !POINTS_ON.test(version.text),
      );
      const last = words.at(-1)!;
      const isPointed = /is said in a newer message/.test(last.version.text);
      if (isPointed) return [`the last word about "${what}" points to a newer one, and there is none`];
      if (words.every(({ version }) => ACCEPTED.test(version.text)))
        return [`of "${what}" it is said that it was received, and no more`];
      return open.map(({ version }) => `the last word about "${what}" is unfinished: ${version.text.slice(0, 80)}`);
    });
  },
};

/** Says where it goes on, and is never said again. */
const POINTS_ON = /^\d+ leaked secrets? received|is said in a newer message/;

/** A press on a card changes the card alone, and one that changes nothing says nothing. */
const isSilent = ({ actionId }: Asked) =>
  /^patrol:(case|confirm|cancel|approve|refuse|undo|retry|row|try-now|give-up)/.test(actionId);

const recorded: Promised = {
  name: 'the record is complete and agrees with what happened',
  check: ({ stage, audit }) => {
    const done = (token: StateChange['token'], verb: string) =>
      audit.filter((entry) => entry.token?.id === token.id && entry.what === verb && entry.result === 'done').length;
    // What somebody changed elsewhere before it could be read back is on record as tried: nobody can tell any more.
    const unproved = (token: StateChange['token'], verb: string) => {
      const isOverridden = stage.ledger.changes.some((change) => change.token === token && change.elsewhere === true);
      const tried = audit.filter(
        (entry) => entry.token?.id === token.id && entry.what === verb && entry.result === 'failed',
      );
      return isOverridden ? tried.length : 0;
    };
    return stage.cast.tokens.flatMap((token) =>
      (['inactive', 'active', 'deleted'] as const).flatMap((to) => {
        const changes = stage.ledger.changes.filter((change) => change.token === token && change.to === to);
        const ours = new Set(
          changes.flatMap(({ elsewhere, isLate, job }) =>
            elsewhere === true || isLate === true ? [] : [job && requestOf(stage, job)],
          ),
        ).size;
        const entries = done(token, VERB[to]) + unproved(token, VERB[to]);
        if (entries < ours) return [`${token.name} was made ${to} ${ours} times, and ${entries} are on record`];
        // Who tried before a crash, and finds it done, says that it was done: it cannot know by whom.
        return done(token, VERB[to]) > 0 && changes.length === 0
          ? [`${token.name} is recorded as ${to}, and never was`]
          : [];
      }),
    );
  },
};

const receipts: Promised = {
  name: 'every receipt is in order, and true when it was written',
  check: ({ stage, audit, diary }) =>
    audit.flatMap(({ receipt, token, what }) => {
      if (receipt === undefined) return [];
      const stepped = steppedMs(diary);
      const { requestedAt, actedAt, confirmedAt } = receipt;
      const one = stage.ledger.tokens.find(({ id }) => id === token?.id);
      const at = Date.parse(confirmedAt);
      if (Date.parse(actedAt) > at + 1500 + stepped)
        return [`a receipt was confirmed at ${confirmedAt} and acted on at ${actedAt}`];
      if (Date.parse(requestedAt) > at + 2000 + stepped)
        return [`a receipt was confirmed before it was asked for (${requestedAt})`];
      if (one === undefined || what === 'activate') return [];
      const changes = stage.ledger.changes.filter((change) => change.token === one);
      // It was dead at some moment of the seconds around the reading.
      const before = changes.findLast((change) => change.at <= at - 8000 - stepped)?.to ?? 'active';
      const isDead =
        before !== 'active' ||
        changes.some((change) => change.to !== 'active' && Math.abs(change.at - at) <= 8000 + stepped);
      return isDead ? [] : [`a receipt says that ${one.name} was dead at ${clock(at)}, and it was active`];
    }),
};

const secret: Promised = {
  name: 'no secret is anywhere',
  check: ({ stage }) => [...new Set(stage.spills)].slice(0, 3),
};

const oneAtATime: Promised = {
  name: 'a request is worked on by one at a time',
  check: ({ stage: { calls, table } }) => {
    const latest = new Map<string, number>();
    const overtaken = new Map<number, number>();
    const wrong = calls.filter(({ at, sentAt, job, turn, isChange, isChallenge }) => {
      // A challenge that was asked for ahead is for nobody then, and changes nothing.
      if (job === undefined || turn === undefined || isChallenge) return false;
      const before = latest.get(job);
      if (before !== undefined && before !== turn && !overtaken.has(before) && !overtaken.has(turn)) {
        const [took, tookBefore] = [table.taken.get(turn) ?? at, table.taken.get(before) ?? 0];
        // Who took the job first may ask a provider for the first time when the other one has done so.
        if (tookBefore > took) overtaken.set(turn, tookBefore);
        else overtaken.set(before, Math.min(at, took));
      }
      const since = overtaken.get(turn);
      if (since === undefined) latest.set(job, turn);
      // What was only read, and was sent before the next one took the job, may arrive when that one is at work. Whose lease
      // could not be renewed has lost the job: it may read, and never act.
      const mayRead = since !== undefined && (sentAt <= since || table.unrenewed.has(turn));
      return since !== undefined && (isChange || !mayRead);
    });
    return wrong
      .slice(0, 1)
      .map(({ job, at }) => `${job} was worked on at ${clock(at)} by one whom another had overtaken`);
  },
};

const leased: Promised = {
  name: 'a change is made only by one whose lease is renewed',
  check: ({ stage: { calls, table } }) =>
    calls
      .filter(({ sentAt, turn, isChange, leasedAt = sentAt }) => {
        const isUnrenewed = turn !== undefined && table.unrenewed.has(turn);
        return isChange && !isUnrenewed && sentAt - leasedAt > LEASE.lastsMs;
      })
      .slice(0, 1)
      .map(({ job, at }) => `${job} made a change at ${clock(at)} with a lease that nobody had renewed`),
};

/** Published: Dfns 1000 a minute and organisation (100 on trial), LangSmith 2000 a minute and key. */
const LIMITS: Readonly<Record<string, number>> = { dfns: 1000, langsmith: 2000 };

const withinLimits: Promised = {
  name: "calls stay within each provider's published limit",
  check: ({ stage }) =>
    Object.entries(LIMITS).flatMap(([provider, limit]) => {
      const minutes = new Map<number, number>();
      for (const call of stage.calls) {
        if (call.provider !== provider) continue;
        const minute = Math.floor(call.at / 60_000);
        minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
      }
      const most = Math.max(0, ...minutes.values());
      return most > limit ? [`${provider} was called ${most} times in a minute`] : [];
    }),
};

const CALL = /Nobody has taken case `(C-[A-Z2-7]{16})`/;

const called: Promised = {
  name: 'somebody is called to every case that needs a person, twice and no oftener',
  check: ({ stage, cases }) => {
    const calls = stage.slack.messages.filter((message) => message.channel === SECURITY && CALL.test(textOf(message)));
    const idOf = (message: SimMessage) => CALL.exec(textOf(message))?.[1];
    const isSame = (one: SimMessage, other: SimMessage) =>
      idOf(one) === idOf(other) && LAST.test(textOf(one)) === LAST.test(textOf(other));
    const twice = calls
      .filter((one) => calls.some((other) => other.ts < one.ts && isSame(one, other) && isSoonAfter(other, one)))
      .map((one) => `case ${idOf(one)} was called out twice within ten minutes`);
    const unheard = cases
      .filter(
        (kase) =>
          needsPerson(kase) &&
          !calls.some((call) => (idOf(call) === kase.id || MORE.test(textOf(call))) && LAST.test(textOf(call))),
      )
      .map(({ id, state, need }) => `case ${id} is ${state} and the last call was not made (${JSON.stringify(need)})`);
    return [...twice, ...unheard];
  },
};
const LAST = /the last call/;
const MORE = /other cases? waits? for somebody as well/;
const isSoonAfter = (before: SimMessage, after: SimMessage) => Number(after.ts) - Number(before.ts) < 600;

const requestsEnd: Promised = {
  name: 'every request for approval ends, on its card and on record too',
  check: ({ stage, approvals, audit }) =>
    approvals.flatMap(({ id, state, message: at, order, refusedBy, approvedBy }) => {
      if (state === 'open') return [`request ${id} is open for ever`];
      const card = stage.slack.messages.find(({ channel, ts }) => channel === at?.channel && ts === at.ts);
      const text = card === undefined ? '' : said(card).text;
      if (/^Approval needed/.test(text)) return [`request ${id} is ${state}, and its card says "${text.slice(0, 60)}"`];
      const isTold = audit.some(
        ({ what, verb, result }) =>
          verb === order.verb &&
          (['approve', 'refuse', 'break-glass', 'give_up'].includes(what) || result === 'expired'),
      );
      const isOnRecord = isTold || (refusedBy === undefined && approvedBy.length === 0 && state !== 'lapsed');
      return isOnRecord ? [] : [`how request ${id} ended (${state}) is not on record`];
    }),
};

const copiesEnd: Promised = {
  name: 'no copy of a request, in the direct messages of whoever may agree, asks or promises more once it has ended',
  check: ({ stage, approvals }) =>
    approvals
      .filter(({ state }) => state !== 'open')
      .flatMap(({ id, state }) =>
        stage.slack.messages
          .filter((message) => message.channel.startsWith('D') && textOf(message).includes(`Request \`${id}\``))
          .map((message) => said(message).text)
          .filter((text) => /^Approval needed/.test(text) || UNFINISHED.test(text))
          .map((text) => `request ${id} is ${state}, and a copy of it says "${text.slice(0, 60)}"`),
      ),
};

const lettersTold: Promised = {
  name: 'every dead letter is announced, and that it is back',
  check: ({ stage }) => {
    const { commands, leaks } = stage.queues;
    const told = stage.slack.messages.filter((message) => message.versions.some(({ text }) => LETTERS.test(text)));
    const wasAny = ['commands', 'leaks'].some((name) =>
      stage.world.occurred.has(`${name}: a job becomes a dead letter`),
    );
    if (wasAny && told.length === 0) return ['a job became a dead letter, and nobody was told'];
    const isOver = commands.dead.length + leaks.dead.length === 0;
    return isOver && told.some((message) => LETTERS.test(said(message).text))
      ? ['a dead letter is back, and still told']
      : [];
  },
};
const LETTERS = /^Patrol gave up on/;

const RECEIVED = /^\d+ leaked secrets? received\. That by itself revokes nothing/;
/** Also of one of several. */
const UNTOLD = /received.*working on it/;

/** How whoever gives a request up begins, where nobody had said a word of it. */
const STOPPED = /^Patrol stopped: this request/;

/**
 * The answers that stand where their notes say, by the job of the request: whoever gave a request up may have said it, in a job
 * of its own.
 */
function notedAnswers({ table, slack, queues }: Stage): ReadonlyMap<string, SimMessage> {
  const isAnswer = (text: string) => [RECEIVED, STOPPED, ACCEPTED].some((one) => one.test(text));
  const answers = slack.messages.filter(({ versions: [first] }) => isAnswer(first?.text ?? ''));
  const bodies = new Map(answers.length === 0 ? [] : table.rows().map(({ pk, body }) => [pk, body]));
  return new Map(
    [...queues.commands.stored.keys()].flatMap((job) => {
      const body = bodies.get(noteKey(saidNote(job, 0)).pk);
      const place = body === undefined ? undefined : unpack<Spoken>(body as Packed);
      const there = answers.find(({ channel, ts }) => channel === place?.channel && ts === place?.ts);
      return there === undefined ? [] : [[job, there] as const];
    }),
  );
}

/**
 * What answered pastes and says no end. A message whose place nobody has noted says for ever no more than that they were
 * received; what has become of them stands where it is noted.
 */
function unendedOfPastes(stage: Stage, isAsked: Pick<ReadonlySet<string>, 'has'>): readonly string[] {
  const answers = stage.slack.messages.filter(({ versions: [first] }) => RECEIVED.test(first?.text ?? ''));
  const places = notedAnswers(stage);
  const noted = new Set(places.values());
  const lost = answers
    .filter((message) => !noted.has(message))
    .map((message) => said(message).text)
    .filter((text) => !RECEIVED.test(text))
    .map((text) => `nobody knows any more where it is said: ${text.slice(0, 80)}`);
  const answered = new Set([...places.keys(), ...answers.map(({ versions: [first] }) => first?.job)]);
  const open = [...stage.queues.commands.stored.keys()].flatMap((job) => {
    if (!answered.has(job) || !isAsked.has(job)) return [];
    const there = places.get(job);
    const text = there && said(there).text;
    return text === undefined || RECEIVED.test(text) || UNTOLD.test(text)
      ? [`what has become of the paste ${job.slice(0, 20)} is told nowhere: ${text ?? 'nobody knows where'}`]
      : [];
  });
  return [...lost, ...open];
}

const pastesEnd: Promised = {
  name: 'whoever pasted a secret reads what has become of it',
  check: ({ stage }) => unendedOfPastes(stage, stage.queues.commands.stored),
};

/**
 * Asked when dead letters have been announced and nothing else is under way: gives a sentence for each word that promises
 * more all the same.
 */
export function promisedOfDead({ stage, approvals }: Pick<Ended, 'stage' | 'approvals'>): readonly string[] {
  const dead = new Set(stage.queues.commands.dead.map(({ key }) => key));
  // Whoever settled a request is waited for by what others have drawn of it too.
  const stopped = approvals.filter(({ approvedBy }) => dead.has(approvedBy.at(-1)?.request ?? ''));
  // Whoever pasted a secret waits for its report, which is a job of its own.
  const reported = stage.queues.leaks.dead.map(({ key }) => /^slack:(.+):\d+$/s.exec(key)?.[1]);
  // What was pasted is told by the paste too.
  const pasted = unendedOfPastes(stage, new Set([...reported, ...dead]));
  const words = stage.slack.messages
    .filter((message) => message.threadTs === undefined && message.onlyTo === undefined)
    .filter((message) => {
      const { job, text } = said(message);
      const isOfDead = job !== undefined && dead.has(job);
      const isOfStopped = stopped.some(({ id }) => textOf(message).includes(`Request \`${id}\``));
      return (isOfDead || isOfStopped) && UNFINISHED.test(text) && !POINTS_ON.test(text);
    })
    .map(said);
  const anew = notedAnswers(stage);
  // What somebody has typed is told in no card.
  const unsaid = [...dead].filter((job) => {
    const about = wordsAbout(stage, job, anew.get(job));
    const isTyped = askedBy(stage.queues.commands.stored.get(job) ?? '{}').kind === 'command';
    return isTyped && about.length > 0 && about.every(({ version }) => ACCEPTED.test(version.text));
  });
  const cards = stage.queues.leaks.dead.length === 0 ? [] : [...cardsOf({ stage }).values()].flat().map(said);
  // A try of its own that is planned for a time is no promise of the dead letter; whether it is made the end shows.
  const undated = cards.filter(({ text }) => UNFINISHED.test(text.replace(/tries again by itself, next/g, '')));
  const received = unsaid.map((job) => `that ${job} was received, and no more`);
  return [...[...words, ...undated].map(({ text }) => text.slice(0, 100)), ...pasted, ...received];
}

export const PROMISES: readonly Promised[] = [
  leakedDies,
  onlyOnce,
  onlyByRight,
  givenUpEnds,
  notOursHolds,
  undoneStays,
  cardsEnd,
  searchesGoOn,
  cardsAgree,
  revivedIsTold,
  answered,
  recorded,
  receipts,
  secret,
  withinLimits,
  oneAtATime,
  leased,
  called,
  requestsEnd,
  copiesEnd,
  lettersTold,
  pastesEnd,
];
