import { FACTS } from '#shared/providers/facts.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { context, type Message, message, section } from './bricks.ts';
import { protectedLines } from './protected-lines.ts';
import { channelName, code, count, whom } from './text.ts';
import type { Naming } from './token.ts';
import { sentence, stopped } from './words.ts';

type Profile = OutcomeOf<'profiles'>['profiles'][number];

const PROFILES_SHOWN = 40;

/** Which credentials exist, whether each works, what it can and cannot do, and what to put right. Troubled ones come first. */
export function renderProfiles(
  { profiles, slack, newlyProtected = [] }: OutcomeOf<'profiles'>,
  naming: Naming,
): Message {
  const broken = profiles.filter((profile) => !works(profile));
  const sound = profiles.filter(works);
  const head =
    profiles.length === 0
      ? 'No profile that you may see.'
      : broken.length === 0
        ? `${count(profiles.length, 'profile')}: all work.`
        : `${count(profiles.length, 'profile')}: ${broken.length} NOT working, ${sound.length} working.`;
  const rest = profiles.length - PROFILES_SHOWN;
  return message(`${head} ${slackLine(slack)}`, [
    section(`*${head}*`),
    ...[...broken, ...sound].slice(0, PROFILES_SHOWN).map((profile) => section(profileLines(profile))),
    rest > 0 ? context(`And ${rest} more.`) : undefined,
    section(slackLine(slack)),
    section(protectedLines(newlyProtected, naming)),
  ]);
}

function works({ secret, checkup }: Profile): boolean {
  return secret.readable && checkup?.works === true;
}

/** Lists at most this many of what a credential can or cannot do. */
const ABILITIES_SHOWN = 8;

function profileLines({ profile, provider, note, secret, checkup }: Profile): string[] {
  const state = secret.readable && checkup?.works === true ? 'works' : 'does NOT work';
  const where = provider === undefined ? '' : ` at ${FACTS[provider].displayName}`;
  const title = `*${code(profile)}*${where} *${state}*${note === undefined ? '' : ` · ${sentence(note)}`}`;
  if (!secret.readable) return [title, `Its secret could not be read: ${stopped(secret.problem ?? 'no reason given')}`];
  if (checkup === undefined) return [title, 'Its secret is readable; the provider was not asked.'];
  const skew = checkup.clockSkewSeconds;
  return [
    title,
    checkup.identity === undefined
      ? undefined
      : `${checkup.works ? 'Works as' : 'Is'}: ${stopped(checkup.identity)}${checkup.tokens === undefined ? '' : ` Sees ${count(checkup.tokens, 'token')}.`}`,
    checkup.can.length === 0 ? undefined : `Can: ${listed(checkup.can)}`,
    checkup.cannot.length === 0 ? undefined : `Cannot: ${listed(checkup.cannot)}`,
    skew === undefined || Math.abs(skew) < SKEW_WORTH_TELLING_SECONDS
      ? undefined
      : `Our clock is ${Math.abs(Math.round(skew))} s ${skew > 0 ? 'ahead of' : 'behind'} the provider's.`,
    checkup.advice.length === 0
      ? undefined
      : `To do: ${checkup.advice.slice(0, ABILITIES_SHOWN).map(stopped).join(' ')}`,
  ].filter((line) => line !== undefined);
}

const SKEW_WORTH_TELLING_SECONDS = 5;

function listed(items: readonly string[]): string {
  const rest = items.length - ABILITIES_SHOWN;
  return `${items
    .slice(0, ABILITIES_SHOWN)
    .map((item) => sentence(item).replace(/\.+$/, ''))
    .join('; ')}${rest > 0 ? `; and ${rest} more` : ''}.`;
}

function slackLine({
  missingScopes,
  problem,
  closed = [],
  sharedChannels = [],
  unreadGroup,
}: OutcomeOf<'profiles'>['slack']): string {
  if (problem !== undefined) return `Slack could not be checked: ${stopped(problem)}`;
  const lines = [
    missingScopes.length === 0
      ? undefined
      : `Slack: these rights are missing: ${missingScopes.map((scope) => code(scope)).join(', ')}. Add them to the app and install it again.`,
    ...closed.map(
      ({ channel, problem: why }) =>
        `Slack: I can say NOTHING in ${channelName(channel)} (${code(why)}), where leaks are told; the admins are told by direct message instead. Invite me, unarchive it, or name another one in the policy.`,
    ),
    ...sharedChannels.map(
      (channel) =>
        `Slack: ${channelName(channel)}, where leaks are told, is shared with another company, or is about to be: its people read which tokens leaked, and where. Name a channel of your own in the policy.`,
    ),
    unreadGroup === undefined
      ? undefined
      : `Slack: the members of ${whom(unreadGroup)} cannot be read, so nobody has a role by a group now.`,
  ].filter((line) => line !== undefined);
  return lines.length === 0 ? 'Slack: all rights that Patrol needs are there.' : lines.join('\n');
}
