import type { Token } from '#shared/core/vocabulary.ts';
import type { Digest, FindingGroup, FindingKind, Thresholds } from '#shared/tokens/digest.ts';
import { protectedLines } from './protected-lines.ts';
import { FACTS } from '#shared/providers/facts.ts';
import { actions, button, context, type Message, message, section, sure } from './bricks.ts';
import { ACTION, CLEANED_BY, encodeClean } from './press.ts';
import { clip, code, count, grouped } from './text.ts';
import { when } from './time.ts';
import { ageWords, brief, listed, type Naming, ownerWords, plainName, usedWords } from './token.ts';
import { unreadLine, unseenLine } from './render-trouble.ts';
import { DO, undoWords } from './words.ts';

const LINES_SHOWN = 20;
const TOKENS_SHOWN = 5;
/** One press cleans up this many at most: few enough to look at, and below the usual limit for a second approval. */
const CLEANED_AT_ONCE = 20;

/** The weekly report: what is wrong, where, what one press can do about it, and what could not be seen. */
export function renderDigest(digest: Digest, naming: Naming): Message {
  const loud = revivedLines(digest, naming);
  const head = [loud[0], digestHeadline(digest)].filter((part) => part !== undefined).join(' ');
  const rest = digest.moreGroups;
  const unseen = unseenLine(digest.unseen);
  return message(digest.unread.length === 0 ? head : `${head} ${unreadLine(digest.unread)}`, [
    loud.length > 0 ? section([`*${loud[0]}*`, ...loud.slice(1)]) : undefined,
    section([
      `*Token hygiene: ${digestHeadline(digest)}*`,
      digest.unread.length === 0 ? undefined : unreadLine(digest.unread),
    ]),
    ...digest.groups.flatMap((group) => [section(groupLines(group, digest.thresholds, naming)), cleanRow(group)]),
    rest > 0 ? context(`And ${rest} more groups of findings; ${code('/pat list')} shows all tokens.`) : undefined,
    section(protectedLines(digest.newlyProtected, naming)),
    section(mutedLines(digest)),
    unseen === undefined ? undefined : context(unseen),
    context(`Read ${when(digest.at)}. Thresholds are in the policy. No token was changed by this report.`),
  ]);
}

/** What the policy keeps out of the channel is counted here. */
function mutedLines({ muted }: Digest): readonly string[] {
  if (muted.length === 0) return [];
  const total = muted.reduce((sum, { reports }) => sum + reports, 0);
  const shown = muted.slice(0, LINES_SHOWN).map(({ detector, reports }) => `${code(detector, 60)} ${grouped(reports)}`);
  const rest = muted.length - shown.length;
  return [
    `*${count(total, 'report')} muted by the policy, of leaks that came first in the last 7 days*: nothing linked them to us.`,
    `${shown.join(' · ')}${rest > 0 ? ` · and ${count(rest, 'other kind')}` : ''}. ${code('/pat cases')} shows the newest.`,
  ];
}

/** The loudest finding: a token whose end was confirmed, and that works. */
function revivedLines({ revived }: Digest, naming: Naming): readonly string[] {
  if (revived.length === 0) return [];
  const shown = revived
    .slice(0, LINES_SHOWN)
    .map(({ caseId, token }) => `• ${listed(token, naming)}: case ${code(caseId)}`);
  const rest = revived.length - shown.length;
  return [
    `ALIVE AGAIN AT THE PROVIDER: ${count(revived.length, 'leaked token')}, read as stopped before.`,
    'The card of each case says what is known of who brought it back. Deactivate them again, and find out the rest.',
    ...shown,
    ...(rest > 0 ? [`And ${rest} more.`] : []),
  ];
}

function digestHeadline({ troubled, seen, profiles, active, revived }: Digest): string {
  const where = `${grouped(active)} active, ${count(profiles.length, 'profile')}`;
  if (seen === 0) return `no token was seen, ${count(profiles.length, 'profile')} read.`;
  return troubled === 0
    ? `nothing ${revived.length === 0 ? '' : 'else '}to do in ${count(seen, 'token')} (${where}).`
    : `${grouped(troubled)} of ${count(seen, 'token')} need a look (${where}).`;
}

/** What each finding means, with the policy's threshold. A new finding does not compile until it has words. */
function findingWords(kind: FindingKind, thresholds: Thresholds): string {
  switch (kind) {
    case 'expired':
      return 'expired and still there';
    case 'unused':
      return `not used for ${count(thresholds.unusedDays, 'day')}`;
    case 'stale':
      return `older than ${count(thresholds.staleDays, 'day')}`;
    case 'expiring':
      return `expiring within ${count(thresholds.expiringDays, 'day')}: replace in time`;
    case 'no_expiry':
      return 'without expiry';
    case 'many_permissions':
      return `with ${count(thresholds.manyPermissions, 'permission')} or more`;
    case 'owner_unknown':
      return 'without a known owner';
  }
}

function groupLines(
  { kind, profile, provider, tokens, count: all }: FindingGroup,
  thresholds: Thresholds,
  naming: Naming,
): string[] {
  const { now, discreet } = naming;
  const { knows } = FACTS[provider];
  const shown = tokens.slice(0, TOKENS_SHOWN).map((token) => {
    const use = knows.lastUse ? `, ${usedWords(token, now)}` : '';
    const own = token.own ? " · Patrol's own, never revoked" : '';
    const owner = token.owner === undefined ? '' : ` · ${ownerWords(token, { discreet: true })}`;
    return `• ${brief(token, naming)} · ${ageWords(token, now, discreet)}${use}${owner}${own}`;
  });
  const rest = all - shown.length;
  return [
    `*${count(all, 'token')} ${findingWords(kind, thresholds)}*, in ${code(profile)} at ${FACTS[provider].displayName}`,
    ...shown,
    ...(rest > 0 ? [`And ${grouped(rest)} more.`] : []),
    ...(kind === 'stale' && !knows.lastUse
      ? [`${FACTS[provider].displayName} does not tell whether they are in use: ask the owners first.`]
      : []),
  ];
}

/** The press that starts a clean-up; it goes through the same rules as a typed command. */
function cleanRow({ kind, profile, cleanable, cleanableCount }: FindingGroup) {
  const verb = CLEANED_BY[kind];
  const batch = cleanable.slice(0, CLEANED_AT_ONCE);
  if (verb === undefined || batch.length === 0) return undefined;
  const value = encodeClean(
    kind,
    profile,
    batch.map(({ id }) => id),
  );
  if (value === undefined) return undefined;
  const what = cleanableCount > batch.length ? `the oldest ${batch.length}` : count(batch.length, 'token');
  const dialog = sure(
    `${DO[verb]} ${what}?`,
    `In ${profile}: ${namesOf(batch)}. ${undoWords(verb, verb === 'deactivate')} You see a preview first where the rules ask for one.`,
    DO[verb],
  );
  return actions(
    button({ text: `${DO[verb]} ${what}`, action: ACTION.clean, value, style: 'danger', confirm: dialog }),
  );
}

/** The tokens of a batch by name, as far as a dialog has room for them. */
function namesOf(batch: readonly Token[]): string {
  const names = batch.slice(0, 3).map((token) => clip(plainName(token), 30));
  return `${names.join(', ')}${batch.length > 3 ? ` and ${batch.length - 3} more` : ''}`;
}
