import { defined } from '#shared/core/defined.ts';
import { SEALED } from '#shared/providers/text/scrub.ts';
import type { Command } from '#shared/tokens/command.ts';
import { readChange } from './read-change.ts';
import type { Curable } from './read-flags.ts';
import { isProblem, type Problem, shown } from './problem.ts';
import {
  findVerb,
  type Line,
  meantVerb,
  parseAlone,
  parseAudit,
  parseCase,
  parseCases,
  parseHelp,
  parseHygiene,
  parseList,
  parseShow,
  parseStats,
} from './read-verbs.ts';
import { isTokenId } from './read-token.ts';
import type { CommandVerb } from './verb-words.ts';
import { plainCommandText, readFlag, splitWords } from './words.ts';

interface Context {
  /** Names of all profiles, for `profile:id` and "did you mean". */
  readonly profiles: readonly string[];
  /** Names the provider of a profile, which stands for all its profiles in a list. */
  readonly providerOf?: (profile: string) => string | undefined;
  /** From when dates are told. */
  readonly now?: Date;
}

const COMMAND = '/pat';

/**
 * Understands what was typed behind `/pat`, or says what is wrong. Tolerant in form (case, blanks, curly quotes, long or
 * single dashes) and strict in substance: a word or flag too many is a problem, never ignored. Pure; never throws.
 */
export function parseCommand(text: string, context: Context): Command | Problem {
  // A label or a tag may hide it from whoever reads the plain text.
  const line = text.toLowerCase().includes(SEALED) ? SEALED : plainCommandText(text);
  const read = readLine(line, context);
  if (!isProblem(read)) return read;
  const { problem, topic, cure } = read;
  const cured = cureOf(cure, context);
  const suggestion = cured !== undefined ? cured : topic === undefined ? undefined : `help ${topic}`;
  return {
    problem,
    ...defined({ topic }),
    ...defined({ suggestion: suggestion === undefined ? undefined : `${COMMAND} ${suggestion}` }),
  };
}

function readLine(text: string, context: Context): Command | Curable {
  if (text.toLowerCase().includes(SEALED)) {
    return { problem: 'The text held a secret, so it was not run. Use the window of the leak verb.', cure: 'leak' };
  }
  const { profiles, providerOf, now } = context;
  const [first, ...others] = splitWords(text);
  if (first === undefined) return { verb: 'help' };
  // Pasted from a message, the command itself comes along.
  if (first.value.toLowerCase() === COMMAND) return readLine(text.slice(first.end), context);
  const verb = first.quoted ? undefined : findVerb(first.value);
  if (verb !== undefined) return readVerb(verb, { text, words: others, profiles, providerOf, now });
  if (['help', 'h'].includes(readFlag(first)?.name ?? '') || first.value === '?') {
    return parseHelp({ text, words: others, profiles });
  }
  if (/^(?:approvals?|approve|refuse|requests?)$/i.test(first.value)) {
    return {
      problem:
        'A request is answered where it stands: by its buttons, which are also in your direct messages and in App Home.',
      cure: 'help',
    };
  }
  const problem = `There is no verb ${shown(first.value)}.`;
  if (isTokenId(first.value)) return { problem, cure: `show ${first.value}` };
  const meant = meantVerb(first.value);
  if (meant === undefined) return { problem, cure: 'help' };
  return { problem, topic: findVerb(meant) ?? 'help', cure: `${meant}${text.slice(first.end)}` };
}

function readVerb(verb: CommandVerb, line: Line): Command | Curable {
  switch (verb) {
    case 'list':
      return parseList(line);
    case 'show':
      return parseShow(line);
    case 'deactivate':
    case 'activate':
    case 'delete':
      return readChange({ ...line, verb });
    case 'cases':
      return parseCases(line);
    case 'case':
      return parseCase(line);
    case 'audit':
      return parseAudit(line);
    case 'help':
      return parseHelp(line);
    case 'stats':
      return parseStats(line);
    case 'hygiene':
      return parseHygiene(line);
    case 'leak':
    case 'profiles':
    case 'whoami':
    case 'version':
      return parseAlone(verb, line);
  }
}

/** A line that is understood: what would cure the one that was typed, itself cured once where it still needs that. */
function cureOf(cure: string | undefined, context: Context, more = 1): string | undefined {
  if (cure === undefined) return undefined;
  const line = cure.trim();
  const read = readLine(plainCommandText(escapeAsSlack(line)), context);
  if (!isProblem(read)) return line;
  return more > 0 ? cureOf(read.cure, context, more - 1) : undefined;
}

/** What Slack makes of a line when it is typed. */
function escapeAsSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
