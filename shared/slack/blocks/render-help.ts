import type { Verb } from '#shared/core/vocabulary.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { context, type Message, message, paragraphs, section } from './bricks.ts';
import { code, oneOf } from './text.ts';
import { RIGHT } from './words.ts';

interface Topic {
  readonly what: string;
  /** `<profile>` is replaced by a real one, or the line is left out; `<token>` by a name that no token has. */
  readonly examples: readonly string[];
  readonly more?: readonly string[];
}

/** What each verb does. A new verb does not compile until it has words. */
const TOPICS: Readonly<Record<Exclude<Verb, 'lever'>, Topic>> = {
  list: {
    what: 'the tokens of one, several or all profiles',
    examples: [
      '/pat list',
      '/pat list <profile> --active --older-than 90d',
      '/pat list --unused 30d --sort used --private',
    ],
    more: [
      'Filters: `--active` `--inactive` `--owner alice` `--name ci-*` `--older-than 90d` `--unused 30d` `--expires 7d` `--no-expiry`.',
      'Order: `--newest`, or `--sort age`, `name`, `used` or `expiry`. `--file csv` gives all rows as a file; `--private` answers only you.',
      'What wants a clean-up among them: `/pat hygiene`.',
    ],
  },
  show: { what: 'everything known about one token', examples: ['/pat show <token>'] },
  deactivate: {
    what: 'stop a token; this can be undone',
    examples: [
      '/pat deactivate <token> because laptop left in cab',
      '/pat deactivate --owner alice --unused 90d because left the company',
    ],
    more: [
      'Name a token by its id, by `profile:id`, or by a name that is unique. The reason follows the tokens, best behind `because`.',
      'Instead of names, filters as of `/pat list` mean whatever fits them; all of it is shown first, and what cannot be done is marked.',
      'Several tokens make one request: it starts with one and stops at the first error; `--keep-going` goes on.',
    ],
  },
  activate: {
    what: 'bring a deactivated token back (also `undo`)',
    examples: ['/pat activate <token> because false alarm'],
  },
  delete: {
    what: 'end a token for good; this cannot be undone',
    examples: ['/pat delete <token> because left the company'],
    more: ['You are asked to confirm first, and where the policy says so a second person must approve.'],
  },
  leak: {
    what: 'report a leaked secret in a form; it never appears in a channel',
    examples: ['/pat leak'],
    more: ['Never paste a secret into a channel. If you did, report it here all the same.'],
  },
  cases: {
    what: 'the leak cases, or one of them',
    examples: ['/pat cases --open'],
    more: ['One case by its id: `/pat case C-…`.'],
  },
  audit: {
    what: 'the record: who did what, when, why, on whose approval',
    examples: ['/pat audit --since 24h', '/pat audit --token <token>', '/pat audit --since 7d --file csv'],
    more: ['`--actor @somebody` narrows it to a person; `--file jsonl` and `--file csv` give a file.'],
  },
  profiles: {
    what: 'whether each credential works, what it can and cannot do (also `doctor`)',
    examples: ['/pat profiles'],
  },
  stats: { what: 'counts and the time to revoke', examples: ['/pat stats', '/pat stats --since 7d'] },
};

type TopicName = keyof typeof TOPICS;

function topicOf(name: string): TopicName | undefined {
  const alias = ALIASES[name] ?? name;
  return alias in TOPICS ? (alias as TopicName) : undefined;
}

const ALIASES: Readonly<Record<string, TopicName>> = {
  undo: 'activate',
  doctor: 'profiles',
  case: 'cases',
  hygiene: 'list',
};

/** Stands for a token in examples: pasted as it stands it changes nothing. */
export const EXAMPLE_TOKEN = 'name-of-the-token';

/** What this person may type, with examples that are understood as they stand. */
export function renderHelp({ topic, verbs, examples }: OutcomeOf<'help'>): Message {
  const mine = (Object.keys(TOPICS) as TopicName[]).filter((verb) => verbs.includes(verb));
  const asked = topic === undefined ? undefined : topicOf(topic);
  if (asked !== undefined && mine.includes(asked)) return topicHelp(asked, examples);
  const unknown = topic === undefined ? undefined : unknownWords(topic, asked);
  const head =
    mine.length === 0
      ? 'Patrol stops leaked and stale access tokens. You have no rights here yet.'
      : 'Patrol stops leaked and stale access tokens. This is what you may do here.';
  return message(
    `${unknown === undefined ? '' : `${unknown} `}${head} ${mine.map((verb) => `/pat ${verb}`).join(', ')}`,
    [
      section([`*${head}*`, unknown]),
      ...paragraphs(mine.map((verb) => `${code(firstExample(verb, examples))}: ${TOPICS[verb].what}`)),
      mine.includes('list')
        ? section(`${code('/pat hygiene')}: which tokens want a clean-up, as in the weekly report`)
        : undefined,
      section(`${code('/pat whoami')}: how the rules see you here`),
      mine.length === 0
        ? undefined
        : context(`More on one of them: ${code('/pat help list')}. Nothing is done that was not fully understood.`),
    ],
  );
}

/** Verbs that everybody may use and that take nothing. */
const ALONE: Readonly<Record<string, string>> = {
  whoami: 'how the rules see you here',
  version: 'which release of Patrol this is',
  help: 'what you may do here, or one verb in full',
};

/** A verb that somebody may not use is no word that nobody knows. */
function unknownWords(topic: string, asked: TopicName | undefined): string {
  const alone = Object.hasOwn(ALONE, topic) ? ALONE[topic] : undefined;
  if (alone !== undefined) return `${code(`/pat ${topic}`)}: ${alone}.`;
  return asked === undefined
    ? `There is no verb ${code(topic)}.`
    : `You may not ${RIGHT[asked]} here; whoever tries is told which roles may.`;
}

function topicHelp(verb: TopicName, examples: OutcomeOf<'help'>['examples']): Message {
  const { what, more } = TOPICS[verb];
  const lines = fitting(verb, examples);
  return message(`/pat ${verb}: ${what}. For example ${oneOf(lines.map((line) => code(line)))}.`, [
    section([`*${code(`/pat ${verb}`)}: ${what}*`, ...(more ?? [])]),
    section(['For example:', ...lines.map((line) => code(line, 300))]),
  ]);
}

/** The examples with real names in them; one that would need a name we do not have is left out, unless it is the only one. */
function fitting(verb: TopicName, { profile }: OutcomeOf<'help'>['examples']): string[] {
  const all = TOPICS[verb].examples;
  const usable = all.filter((line) => profile !== undefined || !line.includes('<profile>'));
  const lines = usable.length > 0 ? usable : all.slice(0, 1);
  return lines.map((line) => line.replace('<profile>', profile ?? '<profile>').replace('<token>', EXAMPLE_TOKEN));
}

function firstExample(verb: TopicName, examples: OutcomeOf<'help'>['examples']): string {
  return fitting(verb, examples)[0] ?? `/pat ${verb}`;
}
