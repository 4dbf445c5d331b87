import type { Case } from '#shared/store/store.ts';
import type { Change, Outcome } from '#shared/tokens/outcome.ts';
import type { Trouble } from '#shared/tokens/trouble.ts';
import { textsOf } from './slack-text.ts';

/** Everything that Patrol's own words can claim, and how each is recognised. */
const WORDS = {
  deactivated: /\bDeactivated\b|\b[1-9][\d,]* deactivated\b|\bwas deactivated\b/,
  deleted: /\bDeleted\b|\b[1-9][\d,]* deleted\b|\bwas deleted\b/,
  'active again': /(?<!\b0 )\b[Aa]ctive again\b/,
  'confirmed by a fresh read': /, confirmed\.|, confirmed <!date\^|fresh read confirmed|confirmed by a fresh read/,
  'so already': /\balready (?:inactive|active|deleted|expired)\b/,
  'nothing was changed': /Nothing was (?:changed|done)(?! twice| to it)/,
  'nothing has been done yet': /Nothing has been done yet/,
  'nothing was done twice': /Nothing was done twice/,
  'not done': /NOT (?:deactivated|activated|deleted|revoked|pulled)/,
  'no such token': /[Nn]o token that you may see|knows no token|does not know this token|matches no token/,
  'could not look': /could not be looked for|could NOT look/,
  'tried again by itself': /tries again by itself|[Tt]rying again by itself/,
  'can be undone': /This can be undone/,
  'cannot be undone': /This cannot be undone/,
  'approved by somebody': /Approved by <@|: <@[UW]\w+> \(/,
  'glass broken': /broke the glass|glass was broken|Glass broken/,
  'refused by somebody': /Refused by <@/,
  'taken back': /Taken back by/,
  lapsed: /Lapsed without approval/,
  'not needed': /Not needed any more/,
  'was told by direct message': /owner was told|Owner told/,
  public: /Public: \*yes\*|\*in public\*/,
  'not public': /Public: no/,
  'lever pulled': /Lever pulled/,
  'not ours': /Closed as not ours/,
  'said to be replaced': /says that it is known and replaced/,
  'said to be of nobody known': /says that it is NOT the owner's/,
  'said by its owner': /Its owner <@\w+> says/,
  'held until a time': /asked for time until/,
  'ends in a kill': /Then it is deactivated, unless/,
} as const;

export type Claim = keyof typeof WORDS;

/** A text of ours without what foreigners have put into it: code spans, quotes of providers and scanners. */
function ownWords(text: string): string {
  return text.replace(/`[^`\n]*`/g, '`…`');
}

/** The claims that a message makes, in its fallback and in its blocks; dialogs and buttons ask and claim nothing. */
export function claimsIn(message: { readonly text: string; readonly blocks: readonly unknown[] }): ReadonlySet<Claim> {
  // Cells and titles of tasks hold what others have written.
  const ours = textsOf(withoutButtons(message.blocks)).filter(({ type }) => !type.startsWith('raw_'));
  const said = [message.text, ...ours.map(({ text }) => text)].map(ownWords);
  const found = (Object.keys(WORDS) as Claim[]).filter((claim) => said.some((text) => WORDS[claim].test(text)));
  return new Set(found);
}

function withoutButtons(blocks: readonly unknown[]): readonly unknown[] {
  return blocks.map((block) => {
    const { type, text, title, child_blocks: children = [] } = block as Readonly<Record<string, any>>;
    if (type === 'actions') return undefined;
    if (type === 'container') return [title, withoutButtons(children)];
    return type === 'section' ? text : block;
  });
}

/** What may be claimed of facts, and what has to be. */
export interface Truth {
  readonly may: readonly Claim[];
  readonly must?: readonly Claim[];
}

const KILLED = { deactivate: 'deactivated', delete: 'deleted', activate: 'active again' } as const;

/** How one change may be spoken of. */
export function truthOfChange(change: Change): Truth {
  switch (change.kind) {
    case 'changed': {
      const undo: Claim[] =
        change.verb === 'activate'
          ? []
          : [change.verb === 'deactivate' && change.undo ? 'can be undone' : 'cannot be undone'];
      return change.already
        ? { may: ['so already', 'nothing was changed'], must: ['so already', 'nothing was changed'] }
        : { may: [KILLED[change.verb], 'confirmed by a fresh read', ...undo], must: [KILLED[change.verb]] };
    }
    case 'not_found':
      return { may: ['not done', 'no such token', 'nothing was changed'], must: ['not done', 'no such token'] };
    case 'unsupported':
    case 'refused':
      return { may: ['not done', 'nothing was changed'], must: ['not done'] };
    case 'waiting_on_provider':
    case 'unconfirmed':
      return { may: ['not done'], must: ['not done'] };
    case 'failed':
      return change.trouble.next === 'retrying'
        ? { may: ['not done', 'tried again by itself'], must: ['not done', 'tried again by itself'] }
        : { may: ['not done', ...unchangedBy(change.trouble)], must: ['not done'] };
  }
}

const NONE: Truth = { may: [] };

/** Where somebody gave it up before any try had begun, nothing can have been changed. */
const unchangedBy = ({ calledOff, begun }: Trouble): readonly Claim[] =>
  calledOff !== undefined && begun !== true ? ['nothing was changed'] : [];

/** How each outcome may be spoken of. A new kind does not compile until it is known what it may claim. */
export const TRUTHS: { readonly [K in Outcome['kind']]: (outcome: Extract<Outcome, { kind: K }>) => Truth } = {
  changed: truthOfChange,
  not_found: truthOfChange,
  unsupported: truthOfChange,
  waiting_on_provider: truthOfChange,
  unconfirmed: truthOfChange,
  refused: truthOfChange,
  failed: truthOfChange,
  listed: () => NONE,
  shown: () => NONE,
  ambiguous: ({ verb }) => ({ may: verb === 'show' ? [] : ['not done'] }),
  unknown_token: ({ verb, unread }) => {
    const isChange = verb !== 'show' && verb !== 'audit';
    // "There is none" is a fact only where everybody was asked.
    const found: Claim = unread.length === 0 ? 'no such token' : 'could not look';
    return { may: [...(isChange ? (['not done', 'nothing was changed'] as const) : []), found], must: [found] };
  },
  confirm: ({ verb, leaks = [] }) => ({
    may: [
      'nothing has been done yet',
      ...(verb === 'activate' ? [] : ([verb === 'deactivate' ? 'can be undone' : 'cannot be undone'] as const)),
      ...(leaks.length > 0 ? (['public'] as const) : []),
    ],
    must: ['nothing has been done yet'],
  }),
  hindered: ({ hindered }) =>
    hindered.every(({ why }) => why.kind === 'already')
      ? { may: ['so already', 'nothing was changed'], must: ['so already', 'nothing was changed'] }
      : { may: ['not done', 'nothing was changed'], must: ['not done', 'nothing was changed'] },
  plea: () => ({ may: ['nothing has been done yet'], must: ['nothing has been done yet'] }),
  plea_sent: () => ({ may: ['not done'], must: ['not done'] }),
  passed_on: ({ settled }) =>
    settled === undefined
      ? { may: ['nothing has been done yet'], must: ['nothing has been done yet'] }
      : truthOfApproval({ approval: settled }),
  approval: (outcome) => truthOfApproval(outcome),
  no_approver: () => ({ may: ['not done', 'nothing was changed'] }),
  denied: () => ({ may: ['not done', 'nothing was changed'] }),
  asked_before: () => ({ may: ['not done', 'nothing was changed'] }),
  already_voted: () => NONE,
  cancelled: () => ({ may: ['not done', 'nothing was changed'], must: ['nothing was changed'] }),
  bulk: (outcome) => truthOfBulk(outcome),
  cases: ({ cases }) => ({ may: [...new Set(cases.flatMap((kase) => truthOfCase(kase).may))] }),
  case: (outcome) => truthOfCase(outcome.case),
  unknown_case: () => NONE,
  audited: () => ({ may: ['glass broken', 'not ours'] }),
  profiles: () => NONE,
  // Counts what failed.
  stats: () => ({ may: ['not done'] }),
  whoami: () => NONE,
  help: () => ({ may: ['nothing was changed'] }),
  trouble: ({ verb, trouble }) => ({
    may: [
      // What would have changed nothing did nothing.
      verb === 'deactivate' || verb === 'activate' || verb === 'delete' ? 'not done' : 'nothing was changed',
      ...unchangedBy(trouble),
      ...(trouble.next === 'retrying' ? (['tried again by itself'] as const) : []),
    ],
  }),
  lever: ({ result }) =>
    result === 'done' ? { may: ['lever pulled'], must: ['lever pulled'] } : { may: ['not done'], must: ['not done'] },
  misunderstood: () => ({ may: ['nothing was changed'] }),
  working: () => NONE,
  tried_now: () => NONE,
  version: () => NONE,
  hygiene: () => NONE,
  no_window: () => ({ may: ['nothing was changed'] }),
  leak_received: () => ({ may: ['not done', 'nothing was changed'] }),
};

function truthOfApproval({ approval }: Pick<Extract<Outcome, { kind: 'approval' }>, 'approval'>): Truth {
  const { state, order, approvedBy, brokenGlass, refusedBy } = approval;
  const votes = approvedBy.filter(
    ({ actor, at }) => actor.userId !== brokenGlass?.actor.userId || at !== brokenGlass.at,
  );
  const undo: readonly Claim[] =
    order.verb === 'lever' ? [] : order.verb === 'deactivate' ? ['can be undone'] : ['cannot be undone'];
  const ends: Readonly<Record<typeof state, readonly Claim[]>> = {
    open: ['nothing has been done yet', ...undo],
    approved: [],
    refused: ['not done', 'nothing was changed'],
    lapsed: ['lapsed', 'not done', 'nothing was changed'],
    withdrawn: ['taken back', 'not done', 'nothing was changed'],
    needless: ['not needed'],
    done: [],
  };
  return {
    may: [
      ...ends[state],
      ...(votes.length > 0 ? (['approved by somebody'] as const) : []),
      ...(brokenGlass === undefined ? [] : (['glass broken'] as const)),
      ...(refusedBy === undefined ? [] : (['refused by somebody', 'taken back', 'approved by somebody'] as const)),
      ...((approval.seen?.leaks ?? []).some(({ isPublic }) => isPublic) ? (['public'] as const) : []),
    ],
    must: state === 'open' ? ['nothing has been done yet'] : state === 'needless' ? ['not needed'] : [],
  };
}

function truthOfBulk({
  changes,
  verb,
  approvedBy,
  brokenGlassBy,
  state,
  left,
}: Extract<Outcome, { kind: 'bulk' }>): Truth {
  const truths = changes.map(truthOfChange).flatMap(({ may }) => may);
  const done = changes.some((change) => change.kind === 'changed' && !change.already);
  const undone = changes.some((change) => change.kind !== 'changed');
  return {
    may: [
      ...truths.filter(
        (claim) => claim !== 'nothing was changed' && claim !== 'can be undone' && claim !== 'cannot be undone',
      ),
      // The whole run can be undone or not, by its verb.
      ...(done ? (['can be undone', 'cannot be undone', KILLED[verb], 'confirmed by a fresh read'] as const) : []),
      ...(undone || left.length > 0 ? (['not done'] as const) : []),
      ...(approvedBy.length > 0 ? (['approved by somebody'] as const) : []),
      ...(brokenGlassBy === undefined ? [] : (['glass broken'] as const)),
    ],
    must: done && state !== 'running' ? [KILLED[verb]] : [],
  };
}

/** How a case may be spoken of, by what is stored of it alone. */
export function truthOfCase(kase: Case): Truth {
  const { state, already, receipt, troubles = [], token, reports } = kase;
  const verb = kase.verb ?? 'deactivate';
  const isPublic = kase.isPublic === true || reports.some(({ publiclyLeaked }) => publiclyLeaked === true);
  const retrying = troubles.some(
    (trouble) =>
      (trouble.kind === 'failed' && trouble.next === 'retrying') ||
      (trouble.kind === 'unconfirmed' && trouble.again?.next === 'retrying'),
  );
  const unknown = troubles.some(({ kind }) => kind === 'not_found');
  return {
    may: [
      ...ofState(kase),
      ...(receipt !== undefined && state === 'dead' && already !== true
        ? (['confirmed by a fresh read'] as const)
        : []),
      ...(state === 'dead' && already !== true && token !== undefined
        ? (['can be undone', 'cannot be undone'] as const)
        : []),
      ...(retrying ? (['tried again by itself'] as const) : []),
      ...(unknown ? (['no such token'] as const) : []),
      isPublic ? 'public' : 'not public',
      ...(kase.deferred === undefined ? [] : (['could not look'] as const)),
      ...(kase.ownerToldAt === undefined ? [] : (['was told by direct message'] as const)),
      ...saidOf(kase),
    ],
    must: [
      ...musts(kase, verb),
      ...(isPublic ? (['public'] as const) : []),
      ...saidOf(kase).filter((claim) => claim !== 'said by its owner'),
    ],
  };
}

/** What may be said of an owner's word, and of the time that an owner has asked for. */
function saidOf({ ownerWord, wait, state }: Case): readonly Claim[] {
  const isHeld = wait !== undefined && wait.isOver !== true && state === 'asking';
  return [
    ...(ownerWord?.said === 'mine' ? (['said to be replaced'] as const) : []),
    ...(ownerWord?.said === 'not_mine' ? (['said to be of nobody known'] as const) : []),
    ...(ownerWord?.isOwner === true ? (['said by its owner'] as const) : []),
    ...(isHeld ? (['held until a time'] as const) : []),
    ...(isHeld && wait.then === 'deactivate' ? (['ends in a kill'] as const) : []),
  ];
}

function musts(kase: Case, verb: 'deactivate' | 'delete'): readonly Claim[] {
  return [...mustsOfState(kase, verb), ...(kase.deferred === undefined ? [] : (['could not look'] as const))];
}

function mustsOfState({ state, already, dismissedBy }: Case, verb: 'deactivate' | 'delete'): readonly Claim[] {
  if (state === 'dead') return already === true ? ['so already'] : [KILLED[verb]];
  if (state === 'restored') return ['active again'];
  if (state === 'dismissed') return dismissedBy === undefined ? [] : ['not ours'];
  if (state === 'unsearched') return ['could not look'];
  return ['not done'];
}

function ofState({ state, already, dismissedBy, verb = 'deactivate' }: Case): readonly Claim[] {
  switch (state) {
    case 'dead':
      return already === true ? ['so already', 'nothing was changed'] : [KILLED[verb], 'confirmed by a fresh read'];
    case 'restored':
      return ['active again'];
    case 'dismissed':
      return dismissedBy === undefined ? [] : ['not ours'];
    case 'unsearched':
      return ['could not look', 'not done', 'nothing was changed'];
    case 'unmatched':
      return ['no such token', 'not done', 'nothing was changed'];
    case 'muted':
    case 'asking':
    case 'noted':
    case 'shadowed':
      return ['not done', 'nothing was changed'];
    case 'received':
    case 'acting':
    case 'not_revoked':
    case 'waiting':
      return ['not done'];
  }
}
