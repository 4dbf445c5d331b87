import type { Right } from '#shared/policy/rights.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { context, type Message, message, paragraphs, section } from './bricks.ts';
import { code, count, mention, oneOf } from './text.ts';
import { RIGHT, sentence } from './words.ts';

/** How the rules see one person, here and elsewhere. */
export function renderWhoami(outcome: OutcomeOf<'whoami'>): Message {
  const { actor, roles, rights, approves, problem } = outcome;
  const head = rolesHeadline(outcome);
  return message(head, [
    section([`*${head}*`, problem === undefined ? undefined : PROBLEM[problem]]),
    ...paragraphs(rightLines(rights)),
    approves.length === 0
      ? undefined
      : section(
          `May approve for others under ${oneOf(
            approves.map((rule) => code(rule)),
            'and',
          )}.`,
        ),
    context(
      `${mention(actor.userId)}, id ${code(actor.userId)}, workspace ${code(actor.teamId)}${actor.enterpriseId === undefined ? '' : `, organisation ${code(actor.enterpriseId)}`}${actor.channelId === undefined ? '' : `, channel ${code(actor.channelId)}`}. Roles: ${roles.length === 0 ? 'none' : roles.map((role) => code(role)).join(', ')}.`,
    ),
  ]);
}

const PROBLEM = {
  groups_unavailable:
    'Slack did not tell your user groups just now, so rights that come from a group do not count. Ask again in a minute.',
  other_workspace: 'You are in a workspace that this Patrol does not serve.',
} as const;

function rolesHeadline({ roles, rights }: OutcomeOf<'whoami'>): string {
  if (roles.length > 0)
    return `You have the ${roles.length === 1 ? 'role' : 'roles'} ${oneOf(
      roles.map((role) => code(role)),
      'and',
    )} here.`;
  return rights.length > 0 ? 'You have no role in this channel, but you have rights elsewhere.' : 'You have no role.';
}

/** One line per role, place and condition, so that eleven verbs of one role do not need eleven lines. */
export function rightLines(rights: readonly Right[]): string[] {
  const groups = Map.groupBy(rights, ({ role, profiles, channels, approval }) =>
    JSON.stringify([role, profiles, channels, approval]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { role, profiles, channels, approval } = first;
    const where = profiles === '*' ? 'on every profile' : `on ${profilesInWords(profiles)}`;
    const place =
      channels === '*'
        ? ''
        : `, in ${channels
            .slice(0, 5)
            .map((id) => `<#${id}>`)
            .join(', ')}${channels.length > 5 ? ` and ${channels.length - 5} more` : ''}`;
    const needs = approval === undefined ? '' : ` (${sentence(approval)})`;
    return [
      `• As ${code(role)} you may ${oneOf(
        group.map(({ verb }) => RIGHT[verb]),
        'and',
      )} ${where}${place}${needs}.`,
    ];
  });
}

function profilesInWords(profiles: readonly string[]): string {
  return profiles.length <= 5
    ? oneOf(
        profiles.map((profile) => code(profile)),
        'and',
      )
    : count(profiles.length, 'profile');
}
