import type { types } from '@slack/bolt';
import type { Overview } from '#shared/hygiene/overview.ts';
import { FACTS } from '#shared/providers/facts.ts';
import type { Approval, Case } from '#shared/store/store.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import type { ProfileTrouble } from '#shared/tokens/trouble.ts';
import { approveWords, wanted } from './render-approval.ts';
import { actions, button, context, fit, header, section, sure } from './bricks.ts';
import { LIMITS } from './limits.ts';
import { caseRow } from './render-case.ts';
import { ACTION } from './press.ts';
import { code, count, grouped, mention } from './text.ts';
import { age, when } from './time.ts';
import { short } from './token.ts';
import { unreadLine } from './render-trouble.ts';
import { rightLines } from './render-whoami.ts';

/** Everything that App Home shows one person; only what that person may see is in it. */
export interface HomeFacts {
  readonly now: Date;
  readonly overviews: readonly Overview[];
  readonly unread: readonly ProfileTrouble[];
  readonly cases: readonly Case[];
  readonly approvals: readonly Approval[];
  readonly me: OutcomeOf<'whoami'>;
}

const PROFILES_SHOWN = 25;
const CASES_SHOWN = 15;
const APPROVALS_SHOWN = 15;

/** The App Home tab: open cases and approvals first, then each profile in numbers, then my rights. */
export function homeView({ now, overviews, unread, cases, approvals, me }: HomeFacts): types.HomeView {
  const more = (all: readonly unknown[], shown: number) =>
    all.length > shown ? context(`And ${all.length - shown} more.`) : undefined;
  return {
    type: 'home',
    blocks: fit(
      [
        header(casesHead(cases, me)),
        ...cases.slice(0, CASES_SHOWN).map((kase) => caseRow(kase, { now, discreet: false }, ACTION.caseDetails)),
        more(cases, CASES_SHOWN),
        header(approvals.length === 0 ? 'No open approval' : count(approvals.length, 'open approval')),
        ...approvals.slice(0, APPROVALS_SHOWN).flatMap((approval) => approvalRows(approval, me.actor.userId)),
        more(approvals, APPROVALS_SHOWN),
        header('Profiles'),
        overviews.length === 0 && unread.length === 0 ? section('No profile that you may list.') : undefined,
        unread.length === 0 ? undefined : section(unreadLine(unread)),
        ...overviews.slice(0, PROFILES_SHOWN).map((overview) => section(overviewLines(overview, now))),
        more(overviews, PROFILES_SHOWN),
        header('What I may do'),
        section(me.rights.length === 0 ? 'You have no rights here. Ask the owners of Patrol.' : rightLines(me.rights)),
        context(`As of ${when(now.toISOString())}.`),
        actions(button({ text: 'Refresh', action: ACTION.refresh, value: 'home' })),
      ],
      LIMITS.homeBlocks,
    ),
  };
}

/** "None" is said only to whoever may see cases at all. */
function casesHead(cases: HomeFacts['cases'], { rights }: HomeFacts['me']): string {
  if (cases.length > 0) return count(cases.length, 'open leak case');
  return rights.some(({ verb }) => verb === 'cases')
    ? 'No open leak case that you may see'
    : 'Leak cases: not shown to you';
}

/** One request; whoever made it may take it back, and nobody approves their own. */
function approvalRows(approval: Approval, me: string) {
  const { id, order, expiresAt, approvedBy, needed } = approval;
  const { requester, verb, reason } = order;
  const what = wanted(order);
  const text = `You approve to ${what.replaceAll('`', '')}, asked by another person.`;
  const style = verb === 'activate' ? 'primary' : 'danger';
  const isMine = requester.userId === me;
  return [
    section([
      `*${what.charAt(0).toUpperCase()}${what.slice(1)}*`,
      `Asked by ${mention(requester.userId)} · approved by ${approvedBy.length} of ${needed} · lapses ${when(expiresAt)}`,
      reason === undefined ? undefined : `Reason: ${code(reason, 300)}`,
    ]),
    actions(
      isMine
        ? undefined
        : button({
            text: approveWords(order),
            action: ACTION.approve,
            value: id,
            style,
            confirm: sure('Approve?', text, 'Yes, approve'),
          }),
      button({ text: isMine ? 'Take back' : 'Refuse', action: ACTION.refuse, value: id }),
    ),
  ];
}

function overviewLines({ profile, provider, active, inactive, expired, found, oldest }: Overview, now: Date): string[] {
  const numbers = [
    `${grouped(active)} active`,
    `${grouped(inactive)} inactive`,
    expired > 0 ? `${grouped(expired)} expired` : undefined,
  ].filter((part) => part !== undefined);
  const findings = [
    found.stale === undefined ? undefined : `${grouped(found.stale)} stale`,
    found.unused === undefined ? undefined : `${grouped(found.unused)} unused`,
    found.expiring === undefined ? undefined : `${grouped(found.expiring)} expiring soon`,
    found.no_expiry === undefined ? undefined : `${grouped(found.no_expiry)} without expiry`,
  ].filter((part) => part !== undefined);
  const old = oldest?.createdAt === undefined ? [] : [`Oldest: ${short(oldest)}, ${age(oldest.createdAt, now)}`];
  return [
    `*${code(profile)}* at ${FACTS[provider].displayName}: ${numbers.join(', ')}`,
    findings.length === 0 ? 'Nothing to tidy up.' : `To look at: ${findings.join(', ')}`,
    ...old,
  ];
}
