import { fitsGlob } from '#shared/core/fits-glob.ts';
import type { Grade, ProviderName, TokenKind, Validity } from '#shared/core/vocabulary.ts';
import type { AlertRule, Policy } from './policy.ts';
import { holds, type Scope } from './scope.ts';

/** Everything about a leak that the policy looks at. */
export interface LeakFacts {
  readonly source: string;
  readonly provider?: ProviderName | undefined;
  /** Of the token that it best matches; absent without one. */
  readonly profile?: string | undefined;
  readonly name?: string | undefined;
  readonly kind?: TokenKind | undefined;
  readonly detector?: string | undefined;
  readonly repository?: string | undefined;
  /** True where nothing links it to us: no token, no provider of ours, no person, and everybody could be asked. */
  readonly foreign?: boolean | undefined;
  /** How sure the match is; absent without a match. */
  readonly grade?: Grade | undefined;
  /** Absent where the sender does not say: such a leak fits neither `true` nor `false` in a rule. */
  readonly publiclyLeaked?: boolean | undefined;
  readonly test?: boolean | undefined;
  /** Whether the provider can deactivate here and take it back; false where only deleting is left. */
  readonly reversible: boolean;
  /** How many tokens the clue may mean. */
  readonly matches: number;
  /** What the token's issuer said when it was shown the leaked secret; absent where it was not asked. */
  readonly validity?: Validity | undefined;
  /** True where something that is known of the leaked secret cannot be true of the token that it resembles. */
  readonly contradicts?: boolean | undefined;
  /** True where a person has brought the token back, or called this clue "not ours", since it first came. */
  readonly decidedByPerson?: boolean | undefined;
  /** True where the alert is closed at its sender, by somebody there or by us. */
  readonly closed?: boolean | undefined;
  /** True where the very same message came before, long enough ago to be no repetition of the same news. */
  readonly cameBefore?: boolean | undefined;
  /** True where the provider tells that the token was used within the last hour. */
  readonly usedRecently?: boolean | undefined;
  /**
   * Where a person reported it: whether that person may deactivate the token alone, or only with others' agreement, or not.
   */
  readonly reporter?: 'may' | 'needs-others' | 'may-not' | undefined;
  /** True where the profile has had its number of kills without a human for now. */
  readonly braked?: boolean | undefined;
}

/** What happens without a human. `rule` is the name of the policy's rule, or of the floor that held it back. */
export interface LeakDecision {
  readonly action: AlertRule['then'];
  readonly rule: string;
  /** One sentence for the card and the record. */
  readonly because: string;
}

/** A limit that no rule of the policy can lower: where it holds, the action is never more than `atMost`. */
interface Floor {
  readonly name: string;
  readonly isUnder: (facts: LeakFacts, policy: Policy) => boolean;
  readonly atMost: 'ask' | 'notify' | 'shadow';
  readonly because: string;
}

/** How far each action goes. `ask` and below change nothing by themselves. */
const REACH = { mute: -1, notify: 0, shadow: 1, ask: 2, deactivate: 3 } as const;

/** Strictest first. */
const FLOORS: readonly Floor[] = [
  {
    name: 'floor:no-match',
    isUnder: ({ matches }) => matches < 1,
    atMost: 'notify',
    because: 'No token matches, so there is nothing to act on.',
  },
  {
    name: 'floor:test-message',
    isUnder: ({ test }) => test === true,
    atMost: 'notify',
    because: 'It is a test message, and a test never acts.',
  },
  {
    name: 'floor:several-matches',
    isUnder: ({ matches }) => matches > 1,
    atMost: 'ask',
    because: 'Several tokens match equally well, and a guess never kills.',
  },
  {
    name: 'floor:reporter',
    isUnder: ({ reporter }) => reporter === 'may-not',
    atMost: 'ask',
    because: 'Whoever reported it may not deactivate this token.',
  },
  {
    name: 'floor:approval',
    isUnder: ({ reporter }) => reporter === 'needs-others',
    atMost: 'ask',
    because: 'Whoever reported it may deactivate so many tokens only when others agree.',
  },
  {
    name: 'floor:contradiction',
    isUnder: ({ contradicts }) => contradicts === true,
    atMost: 'ask',
    because: 'What is known of the leaked secret does not fit this token, and a guess never kills.',
  },
  {
    name: 'floor:refused-by-issuer',
    isUnder: ({ validity, grade }) => validity === 'invalid' && grade !== 'proved',
    atMost: 'ask',
    because: 'The issuer refuses the leaked secret: it is dead already, or not ours.',
  },
  {
    name: 'floor:weak-match',
    isUnder: ({ grade }) => grade === undefined || grade === 'weak',
    atMost: 'ask',
    because: 'The match is weak, and a guess never kills.',
  },
  {
    name: 'floor:person-decided',
    isUnder: ({ decidedByPerson }) => decidedByPerson === true,
    atMost: 'ask',
    because: 'A person decided about this leak before, so a person decides again.',
  },
  {
    name: 'floor:alert-closed',
    isUnder: ({ closed }) => closed === true,
    atMost: 'ask',
    because: 'The alert is closed at its sender, so this may be an old message sent again.',
  },
  {
    name: 'floor:came-before',
    isUnder: ({ cameBefore }) => cameBefore === true,
    atMost: 'ask',
    because: 'The very same message came before, so it may be an old one sent again.',
  },
  {
    name: 'floor:used-recently',
    isUnder: ({ usedRecently, grade, reporter }) => usedRecently === true && grade !== 'proved' && reporter !== 'may',
    atMost: 'ask',
    because: 'The token was used within the last hour, and nothing proves that it is the leaked one.',
  },
  {
    name: 'floor:irreversible',
    isUnder: ({ reversible }) => !reversible,
    atMost: 'ask',
    because: 'This server can only delete, which cannot be undone.',
  },
  {
    name: 'floor:brake',
    isUnder: ({ braked }) => braked === true,
    atMost: 'ask',
    because: 'As many tokens of this profile as the policy allows have been killed without a human just now.',
  },
  {
    name: 'floor:shadow-mode',
    isUnder: (_facts, policy) => policy.mode === 'shadow',
    atMost: 'shadow',
    because: 'Patrol runs in shadow mode: it says what it would have done.',
  },
];

/** Decides what a leak may cause without a human: the first rule that fits, held back by the floors. No rule: ask. */
export function decideLeak(policy: Policy, facts: LeakFacts): LeakDecision {
  const wanted = unmuted(vouched(policy, facts) ?? ruled(policy, facts), facts);
  const floor = floorsUnder(policy, facts).find(({ atMost }) => REACH[atMost] < REACH[wanted.action]);
  if (floor === undefined) return wanted;
  // Shadow mode stands in for acting only: a question changes nothing by itself, so it is still asked.
  if (floor.atMost === 'shadow' && wanted.action !== 'deactivate') return wanted;
  return { action: floor.atMost, rule: floor.name, because: floor.because };
}

/** Only what nothing links to us may be muted: a leaked token of ours is never kept quiet. */
function unmuted(wanted: LeakDecision, { foreign }: LeakFacts): LeakDecision {
  if (wanted.action !== 'mute' || foreign === true) return wanted;
  return {
    action: 'notify',
    rule: 'floor:not-foreign',
    because: 'It may be ours, and what may be ours is never muted.',
  };
}

/** Lists the floors that hold for a leak, strictest first. */
export function floorsUnder(policy: Policy, facts: LeakFacts): readonly Floor[] {
  return FLOORS.filter((floor) => floor.isUnder(facts, policy));
}

/** Names what about a leak keeps a rule from fitting, in words; empty when it fits. */
export function misfits({ when }: AlertRule, facts: LeakFacts): string[] {
  return [
    misfit('source', when.source, facts.source),
    misfit('provider', when.provider, facts.provider),
    misfit('grade', when.grade, facts.grade),
    misfit('validity', when.validity, facts.validity),
    misfit('publicly leaked', when.publiclyLeaked === undefined ? '*' : [when.publiclyLeaked], facts.publiclyLeaked),
    misfit('profile', when.profile, facts.profile),
    misfitGlob('token name', when.name, facts.name),
    misfit('kind of token', when.kind, facts.kind),
    misfitGlob('detector', when.detector, facts.detector),
    misfitGlob('repository', when.repository, facts.repository),
    // A sender that does not speak of tests sends none.
    misfit('test message', when.test === undefined ? '*' : [when.test], facts.test ?? false),
  ].flatMap((words) => words ?? []);
}

/** A fact that nobody told is no value: `unknown` is one that a rule may ask for. */
function misfitWords(what: string, wanted: readonly unknown[], found: string | undefined): string {
  const list = wanted.map(String).join(' or ');
  return found === undefined ? `${what} is not told, must be ${list}` : `${what} is ${found}, not ${list}`;
}

function misfit<T>(what: string, wanted: Scope<T>, found: T | undefined): string | undefined {
  if (wanted === '*' || holds(wanted, found)) return undefined;
  return misfitWords(what, wanted, found === undefined ? undefined : String(found));
}

/** Foreign texts are compared with globs, in linear time. */
function misfitGlob(what: string, wanted: Scope<string>, found: string | undefined): string | undefined {
  if (wanted === '*' || (found !== undefined && wanted.some((glob) => fitsGlob(glob, found)))) return undefined;
  return misfitWords(what, wanted, found === undefined ? undefined : `"${found}"`);
}

function ruleFor(policy: Policy, facts: LeakFacts): AlertRule | undefined {
  return policy.alerts.rules.find((candidate) => misfits(candidate, facts).length === 0);
}

/**
 * Whoever may deactivate a token by its name may also do so by its secret: what the rules would ask about is theirs to
 * answer. A rule that names the source of such reports stands.
 */
function vouched(policy: Policy, facts: LeakFacts): LeakDecision | undefined {
  const rule = ruleFor(policy, facts);
  if (facts.reporter !== 'may' || (rule !== undefined && rule.when.source !== '*')) return undefined;
  if (rule !== undefined && rule.then !== 'ask') return undefined;
  return { action: 'deactivate', rule: 'reporter', because: 'Whoever reported it may deactivate this token.' };
}

function ruled(policy: Policy, facts: LeakFacts): LeakDecision {
  const rule = ruleFor(policy, facts);
  if (rule === undefined)
    return { action: 'ask', rule: 'floor:no-rule', because: 'No rule of the policy fits, so a person decides.' };
  return { action: rule.then, rule: rule.name, because: `The policy's rule "${rule.name}" says ${rule.then}.` };
}
