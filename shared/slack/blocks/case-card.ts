import type { types } from '@slack/bolt';
import type { Lever } from '#shared/providers/provider.ts';
import type { Case, CaseReport } from '#shared/store/store.ts';
import { caseHead, caseNext, reportedWords } from './case-words.ts';
import { actions, button, context, divider, type Message, message, section, sure } from './bricks.ts';
import { receiptWords } from './receipt.ts';
import { ACTION, type CasePress, encodeCase, refOf } from './press.ts';
import { code, escape, mention, visible } from './text.ts';
import { measured, utc, when } from './time.ts';
import { expiryWords, factLines, named, plainName, rowWords } from './token.ts';
import { PROVIDER, stated, stopped, undoWords } from './words.ts';

/** What a case card needs to know besides the case. */
export interface CardContext {
  readonly now: Date;
  /** Whether links and paths of the report may be shown (`alerts.showWhere`). */
  readonly showWhere: boolean;
  /** The bigger levers that the policy offers for this token's owner. */
  readonly levers?: readonly Lever[];
  /** Whether deactivating can be undone at this provider. */
  readonly undo?: boolean;
}

/** The one living message of a case: what leaked, which token, what was done, the proof, and what can be pressed. */
export function caseCard(kase: Case, card: CardContext): Message {
  const head = caseHead(kase);
  const next = caseNext(kase);
  const trouble = kase.trouble === undefined ? undefined : stopped(kase.trouble);
  const proof = proofWords(kase);
  return message([head, trouble, next].filter((part) => part !== undefined).join(' '), [
    section([`*${head}*`, trouble, shadowWords(kase), proof, undoAfter(kase, card), next]),
    kase.token === undefined
      ? clueSection(kase)
      : section([
          `Token: ${named(kase.token)} at ${PROVIDER[kase.token.provider].name}`,
          ...factLines(kase.token, card.now),
          `Expires: ${expiryWords(kase.token, card.now)}`,
        ]),
    section(matchLines(kase)),
    section(whereLines(kase, card.showWhere)),
    ...candidateBlocks(kase, card.now),
    context(footer(kase)),
    actions(...buttons(kase, card)),
    ...leverBlocks(kase, card.levers ?? []),
  ]);
}

/** The receipt, and how long the leaked token lived after the first report. */
function proofWords({ state, receipt, openedAt, generation }: Case): string | undefined {
  if (state !== 'dead' || receipt === undefined) return undefined;
  const lived = Date.parse(receipt.confirmedAt) - Date.parse(openedAt);
  // After an undo the first report says nothing about this kill any more.
  const isTold = generation === 0 && lived >= 0;
  return isTold
    ? `${receiptWords(receipt)} Confirmed ${measured(lived)} after the first report.`
    : receiptWords(receipt);
}

/** Shadow stands in for deactivating only; where the match is a guess, a person would have been asked. */
function shadowWords({ state, token, grade }: Case): string | undefined {
  if (state !== 'shadowed') return undefined;
  const isSure = token !== undefined && (grade === 'exact' || grade === 'strong');
  return `Nothing was changed. Without shadow, ${isSure ? 'it would have been deactivated' : 'a person would have been asked'}.`;
}

function undoAfter({ state, verb, token }: Case, { undo }: CardContext): string | undefined {
  if (state !== 'dead' || token === undefined) return undefined;
  const { delay } = PROVIDER[token.provider];
  const words = undoWords(verb ?? 'deactivate', undo ?? true);
  return delay === undefined ? words : `${words} ${delay}`;
}

/** What little is known of a secret that matched no token. */
function clueSection({ clue }: Case): types.SectionBlock | undefined {
  if (clue === undefined) return undefined;
  switch (clue.form) {
    case 'langsmith':
      return section(
        `The secret: a LangSmith ${clue.kind === 'pat' ? 'personal access token' : 'service key'}, ${code(`${clue.head.slice(0, 8)}…${clue.tail.slice(-4)}`)}`,
      );
    case 'dfns':
      return section([
        'The secret: a Dfns access token. What it says about itself is not verified:',
        clue.organizationId === undefined ? undefined : `Organisation: ${code(clue.organizationId)}`,
        clue.userId === undefined ? undefined : `User: ${code(clue.userId)}`,
      ]);
    case 'named':
      return section(
        `The sender named the token ${code(clue.tokenId)}${clue.profile === undefined ? '' : ` in ${code(clue.profile)}`}.`,
      );
    case 'hashed':
      return section('The sender gave only a hash; no watched secret has it.');
  }
}

/** How sure the match is and why, and which rule decided. */
function matchLines({ grade, because, decision }: Case): string[] {
  return [
    grade === undefined ? undefined : `Match: *${grade}*${because === undefined ? '' : `. ${stated(because)}`}`,
    decision === undefined ? undefined : `Rule: ${code(decision.rule)} (${decision.action})`,
  ].filter((line) => line !== undefined);
}

/** Where it leaked, as the newest report tells it. All of it is foreign text. */
function whereLines({ reports }: Case, showWhere: boolean): string[] {
  const latest = reports.at(-1);
  if (latest === undefined) return [];
  const { where, detector, note, publiclyLeaked, test } = latest;
  const place = [where?.repository, where?.path].filter((part) => part !== undefined && part !== '');
  return [
    test === true ? 'This is a test message of the scanner.' : undefined,
    publiclyLeaked === undefined ? undefined : `Public: ${publiclyLeaked ? '*yes*' : 'no'}`,
    !showWhere || place.length === 0 ? undefined : `Found in: ${place.map((part) => code(part ?? '', 200)).join(' ')}`,
    !showWhere || where?.commit === undefined
      ? undefined
      : `Commit: ${code(where.commit, 60)}${where.author === undefined ? '' : ` by ${code(where.author, 80)}`}`,
    !showWhere || where?.url === undefined ? undefined : `Link: ${linkOrCode(where)}`,
    detector === undefined ? undefined : `Detector: ${code(detector)}`,
    note === undefined || note === '' ? undefined : `Note: ${code(note, 300)}`,
  ].filter((line) => line !== undefined);
}

/** Code hosts whose pages may be linked. Any other address is shown as text, to be copied by whoever trusts it. */
const LINKED_HOSTS: ReadonlySet<string> = new Set(['github.com', 'gitlab.com', 'dashboard.gitguardian.com']);

/** A link whose visible text is its own host, or the address as text where the host is not a known one. */
function linkOrCode({ url }: NonNullable<CaseReport['where']>): string {
  if (url === undefined || !URL.canParse(url)) return code(url ?? '', 300);
  const { protocol, hostname, username, password, port, href } = new URL(url);
  const isPlain = protocol === 'https:' && username === '' && password === '' && port === '';
  if (!isPlain || !LINKED_HOSTS.has(hostname) || href.length > 1000 || /[<>|\s`]/.test(href)) return code(url, 300);
  return `<${escape(href)}|open at ${escape(visible(hostname))}>`;
}

const CANDIDATES_SHOWN = 10;

/** Several tokens that it may be: each with its grade, its reason and its own button. */
function candidateBlocks(kase: Case, now: Date) {
  const candidates = kase.candidates ?? [];
  if (kase.token !== undefined || candidates.length === 0) return [];
  const rest = candidates.length - CANDIDATES_SHOWN;
  return [
    divider,
    ...candidates.slice(0, CANDIDATES_SHOWN).map(({ token, grade, because }) => {
      const choose = isOpen(kase)
        ? press(
            'Deactivate',
            { case: kase.id, act: 'deactivate', token: refOf(token) },
            { kill: `Deactivate ${plainName(token)}? This can be undone.` },
          )
        : undefined;
      return section([named(token), rowWords(token, now), `Match: ${grade}. ${stated(because)}`], choose);
    }),
    rest > 0 ? context(`And ${rest} more.`) : undefined,
  ];
}

function isOpen({ state }: Case): boolean {
  return (
    state === 'asking' ||
    state === 'noted' ||
    state === 'shadowed' ||
    state === 'not_revoked' ||
    state === 'waiting' ||
    state === 'restored'
  );
}

function footer(kase: Case): string {
  const taken = kase.takenBy === undefined ? 'Nobody has taken it yet.' : `Taken by ${mention(kase.takenBy.userId)}.`;
  const closed = kase.dismissedBy === undefined ? '' : ` Closed by ${mention(kase.dismissedBy.userId)}.`;
  const told = kase.ownerToldAt === undefined ? '' : ' Owner told.';
  return `Case ${code(kase.id)} · ${reportedWords(kase)} First ${when(kase.openedAt)}, last change ${utc(kase.updatedAt)}. ${taken}${closed}${told}`;
}

function press(text: string, value: CasePress, more: { readonly kill?: string } = {}): types.Button | undefined {
  const danger =
    more.kill === undefined ? {} : { style: 'danger' as const, confirm: sure(`${text}?`, more.kill, text) };
  return button({ text, action: `${ACTION.case}:${value.act}`, value: encodeCase(value), ...danger });
}

/** What may be pressed in each state. Whoever presses is checked again, so all see the same buttons. */
function buttons(kase: Case, { undo }: CardContext): (types.Button | undefined)[] {
  const { id, state, token, takenBy } = kase;
  const isTouchable = token !== undefined && !token.own;
  const what = token === undefined ? '' : plainName(token);
  const deactivate = isTouchable
    ? press(
        'Deactivate',
        { case: id, act: 'deactivate' },
        { kill: `Deactivate ${what}? ${undoWords('deactivate', undo ?? true)}` },
      )
    : undefined;
  const remove = isTouchable
    ? press('Delete', { case: id, act: 'delete' }, { kill: `Delete ${what} for good? This cannot be undone.` })
    : undefined;
  const dismiss = press('Not ours', { case: id, act: 'dismiss' });
  const take = takenBy === undefined ? press('Take it', { case: id, act: 'take' }) : undefined;
  switch (state) {
    case 'received':
    case 'acting':
      return [take];
    case 'unmatched':
      return [dismiss, take];
    case 'asking':
    case 'noted':
    case 'shadowed':
      return [deactivate, remove, dismiss, take];
    case 'not_revoked':
      return [
        isTouchable ? press('Try again', { case: id, act: 'retry' }) : undefined,
        deactivate,
        remove,
        dismiss,
        take,
      ];
    case 'waiting':
      return [press('Check again', { case: id, act: 'retry' }), take];
    case 'dead':
      return kase.verb === 'delete'
        ? [take]
        : [undo === false ? undefined : press('Undo: activate', { case: id, act: 'undo' }), remove, take];
    case 'restored':
      return [deactivate, remove, take];
    case 'dismissed':
      return [];
  }
}

/** The bigger levers, behind a dialog and the policy's approval; never pulled by themselves. */
function leverBlocks({ id, state, token }: Case, levers: readonly Lever[]) {
  if (levers.length === 0 || token === undefined || state === 'dismissed' || state === 'received') return [];
  return [
    divider,
    ...levers
      .slice(0, 5)
      .map((lever) =>
        section(
          `Bigger lever: ${stopped(lever.words)}`,
          press(
            'Pull…',
            { case: id, act: 'lever', lever: lever.id },
            { kill: `${lever.words} This asks for approval first.` },
          ),
        ),
      ),
  ];
}
