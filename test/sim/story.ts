import { NAMES_OF_OWN, NAMES_OF_TOKENS, type Person } from './cast.ts';
import type { Chance } from './chance.ts';
import type { FaultRates, Outage } from './fault-profile.ts';

/** The ways in which a leak reaches Patrol. */
export const SENDERS = [
  'github',
  'gitguardian',
  'gitlab',
  'gitlab-partner',
  'github-partner',
  'trufflehog',
  'trufflehog-enterprise',
  'gitleaks',
  'generic',
  'sns-iam',
  'eventbridge',
] as const;
/** A way in which a leak reaches Patrol. */
export type Sender = (typeof SENDERS)[number];

/** Something that happens, seconds after the beginning. */
export type Act = { readonly at: number } & (
  | {
      readonly kind: 'leak';
      readonly token: number;
      readonly by: Sender;
      readonly forged?: true;
      /** So many seconds after it was heard its sender, who does not know that, sends the very same message once more. */
      readonly again?: number;
    }
  | { readonly kind: 'paste'; readonly token: number; readonly who: Person }
  | { readonly kind: 'say'; readonly who: Person; readonly text: string }
  | {
      readonly kind: 'press';
      readonly who: Person;
      readonly button: string;
      readonly which: number;
      readonly twice?: true;
    }
  | { readonly kind: 'elsewhere'; readonly token: number; readonly to: 'inactive' | 'active' | 'deleted' }
  | { readonly kind: 'outage'; readonly neighbour: string; readonly mode: Outage['mode']; readonly minutes: number }
  | { readonly kind: 'slowly'; readonly seconds: number }
  | { readonly kind: 'rotate'; readonly what: 'slack' | 'langsmith-demo' | 'dfns-demo' }
  | { readonly kind: 'oncall'; readonly is: 'in' | 'out' }
  | { readonly kind: 'deploy' }
  | { readonly kind: 'clock'; readonly seconds: number }
  | { readonly kind: 'flood'; readonly count: number }
  /** Only what resembles a token is reported: its id, which anybody may know. */
  | { readonly kind: 'hint'; readonly token: number }
  /** A made-up secret that agrees with a token in all that its provider shows. */
  | { readonly kind: 'lookalike'; readonly token: number }
  /** A scanner's test message with the very secret. */
  | { readonly kind: 'drill'; readonly token: number }
  | { readonly kind: 'hygiene' }
  /** GitHub has an open alert of which no webhook ever comes. */
  | { readonly kind: 'untold'; readonly token: number }
  /** The open alerts are compared with the cases. */
  | { readonly kind: 'reconcile' }
);

/** One history before it has happened: what people and neighbours will do, and what may go wrong by chance. */
export interface Story {
  readonly seed: number;
  readonly acts: readonly Act[];
  readonly rates: FaultRates;
  readonly maxReceives: number;
  /** The only misfortunes that may happen, by their names; all that the rates draw, where there are none. */
  readonly only?: ReadonlySet<string>;
}

/** What AWS hands over itself, and what is signed with a key pair: nobody here can forge it. */
const UNFORGED: ReadonlySet<Sender> = new Set(['sns-iam', 'eventbridge', 'github-partner']);

/** What people press: the beginning of an action id, or of a case's button. */
const BUTTONS = [
  'patrol:confirm',
  'patrol:confirm',
  'patrol:cancel',
  'patrol:approve',
  'patrol:approve',
  'patrol:refuse',
  'patrol:undo',
  'patrol:retry',
  'patrol:try-now',
  'patrol:give-up',
  'patrol:row',
  'patrol:page',
  'patrol:clean',
  'patrol:go-on',
  'patrol:modal:break-glass',
  'patrol:modal:case',
  'patrol:case:deactivate',
  'patrol:case:delete',
  'patrol:case:undo',
  'patrol:case:dismiss',
  'patrol:case:take',
  'patrol:case:retry',
  'patrol:case:lever',
  'patrol:case:mine',
  'patrol:case:not_mine',
  'patrol:case:wait',
] as const;

/** More than any day has: what needs three misfortunes at once comes about sooner. */
const HEAVY: FaultRates = { fails: 0.08, lost: 0.06, dies: 0.05, slow: 0.03 };
const FAULT_RATES: readonly FaultRates[] = [
  { fails: 0, lost: 0, dies: 0, slow: 0 },
  { fails: 0.01, lost: 0.005, dies: 0.005, slow: 0.005 },
  { fails: 0.01, lost: 0.005, dies: 0.005, slow: 0.005 },
  { fails: 0.04, lost: 0, dies: 0, slow: 0.01 },
  { fails: 0.05, lost: 0.03, dies: 0.03, slow: 0.02 },
];
const MINUTES = 25;

/** Several names, as a line takes them. */
const listed = (names: readonly string[]) => names.map((name) => `"${name}"`).join(' ');

/** Draws the history of a seed; a heavy one has as many misfortunes as can be told apart, and few deliveries. */
export function drawStory(seed: number, chance: Chance, { isHeavy = false } = {}): Story {
  const roll = (name: string) => chance.draw(`story ${name}`);
  const pick = <T>(name: string, from: readonly T[]) => chance.pick(`story ${name}`, from);
  const moment = () => Math.floor(roll('moment') * MINUTES * 60);
  const token = () => Math.floor(roll('token') * NAMES_OF_TOKENS.length);
  const who = (): Person =>
    pick('who', ['admin', 'chief', 'approver', 'operator', 'operator', 'oncall', 'viewer', 'stranger']);
  const leaked = token();
  const leaks = (): Act[] =>
    Array.from({ length: 1 + Math.floor(roll('leaks') * 3) }, (): Act => {
      const one = roll('same') < 0.7 ? leaked : token();
      const at = roll('together') < 0.5 ? Math.floor(roll('soon') * 5) : moment();
      if (roll('paste') < 0.15) return { at, kind: 'paste', token: one, who: who() };
      const by = pick('sender', SENDERS);
      return {
        at,
        kind: 'leak',
        token: one,
        by,
        ...(roll('forged') < 0.06 && !UNFORGED.has(by) ? { forged: true } : {}),
        ...(roll('sent again') < 0.2 ? { again: pick('again after', [1, 5, 40, 700]) } : {}),
      };
    });
  const command = (): string => {
    const name = NAMES_OF_TOKENS[token()]!;
    const other = NAMES_OF_TOKENS[token()]!;
    const verb = pick('verb', ['deactivate', 'deactivate', 'delete', 'activate']);
    if (roll('bulk') < 0.25)
      return `${verb} ${listed([...new Set([name, other, ...NAMES_OF_TOKENS.slice(0, 3)])])}${roll('keeps going') < 0.3 ? ' --keep-going' : ''} because clean-up`;
    if (roll('read') < 0.2)
      return pick('reading', ['list', 'cases', 'audit', 'stats', 'doctor', 'whoami', 'help', `show ${name}`]);
    return `${verb} ${name} because it is old`;
  };
  const commands = (): Act[] =>
    Array.from({ length: Math.floor(roll('commands') * 3) }, () => ({
      at: moment(),
      kind: 'say',
      who: who(),
      text: command(),
    }));
  const presses = (): Act[] =>
    Array.from({ length: Math.floor(roll('presses') * 7) }, () => ({
      at: 20 + moment(),
      kind: 'press',
      who: who(),
      button: pick('button', BUTTONS),
      which: Math.floor(roll('which') * 8),
      ...(roll('twice') < 0.25 ? { twice: true } : {}),
    }));
  const others = (): Act[] => {
    const at = moment();
    const minutes = pick('minutes', [1, 5, 30]);
    const is = roll('other');
    if (is < 0.3) {
      const neighbour = pick('neighbour', [
        'dfns',
        'langsmith',
        'slack',
        'slack',
        'github',
        'table',
        'secrets',
        'queue',
      ]);
      const isHttp = !['table', 'secrets', 'queue'].includes(neighbour);
      const modes =
        neighbour === 'slack'
          ? (['down', 'hang', '401', '429', '500', 'html'] as const)
          : (['down', 'hang', '401', '429', '500', '202', 'html'] as const);
      const mode = isHttp ? pick('mode', modes) : 'down';
      return [{ at, kind: 'outage', neighbour, mode, minutes: mode === 'hang' ? Math.min(5, minutes) : minutes }];
    }
    if (is < 0.4)
      return [{ at, kind: 'rotate', what: pick('rotated', ['slack', 'langsmith-demo', 'dfns-demo'] as const) }];
    if (is < 0.5) return [{ at, kind: 'oncall', is: pick('oncall', ['in', 'out'] as const) }];
    if (is < 0.6) return [{ at, kind: 'deploy' }];
    if (is < 0.65) return [{ at, kind: 'clock', seconds: pick('clock', [-90, -5, 5, 90]) }];
    if (is < 0.75) return [{ at, kind: 'hygiene' }];
    if (is < 0.85) return [{ at, kind: 'slowly', seconds: pick('seconds', [1, 8, 40]) }];
    return [
      { at, kind: 'elsewhere', token: token(), to: pick('to', ['inactive', 'inactive', 'active', 'deleted'] as const) },
    ];
  };
  /** Somebody wants something for good: asks, says yes, and others answer, in time or not, one way or both. */
  const errand = (): Act[] => {
    const start = 60 + Math.floor(roll('errand') * 600);
    const asker = pick('asker', ['operator', 'operator', 'oncall', 'admin'] as const);
    const bulk = listed(NAMES_OF_TOKENS.slice(0, 3 + Math.floor(roll('bulk errand') * 2)));
    const verb = pick('errand verb', ['delete', 'delete', 'deactivate'] as const);
    const text =
      roll('many') < 0.3 ? `${verb} ${bulk} because clean-up` : `delete ${NAMES_OF_TOKENS[token()]!} it is old`;
    const answer = (at: number): Act => ({
      at,
      kind: 'press',
      who: pick('answerer', ['approver', 'approver', 'chief', 'admin', 'operator', 'viewer'] as const),
      button: pick('answer', [
        'patrol:approve',
        'patrol:approve',
        'patrol:refuse',
        'patrol:modal:break-glass',
      ] as const),
      which: 0,
      ...(roll('both') < 0.2 ? { twice: true } : {}),
    });
    const late = roll('late') < 0.25 ? 700 : 60;
    return [
      { at: start, kind: 'say', who: asker, text },
      { at: start + 30, kind: 'press', who: asker, button: 'patrol:confirm', which: 0 },
      answer(start + 30 + late),
      answer(start + 40 + late + Math.floor(roll('next') * 100)),
      ...(roll('off call') < 0.3 ? [{ at: start + 20 + late, kind: 'oncall', is: 'out' } as const] : []),
    ];
  };
  /** The one on call asks, goes home, and asks again. */
  const handover = (): Act[] => {
    const start = Math.floor(roll('handover') * 900);
    const verb = (name: string) => pick(name, ['deactivate', 'activate'] as const);
    return [
      { at: start, kind: 'say', who: 'oncall', text: `${verb('first')} ${NAMES_OF_TOKENS[token()]!}` },
      { at: start + 120, kind: 'oncall', is: 'out' },
      { at: start + 240, kind: 'say', who: 'oncall', text: `${verb('second')} ${NAMES_OF_TOKENS[token()]!}` },
    ];
  };
  /** Whoever has a leaked token brings it back at its provider, once it is dead. */
  const thief = (): Act[] => [
    { at: 60 + Math.floor(roll('thief comes') * 1200), kind: 'elsewhere', token: leaked, to: 'active' },
  ];
  /** Whoever is told of the kill brings the token back through Patrol: at once, or after a while. */
  const regret = (): Act[] => {
    const at = 15 + Math.floor(roll('regret comes') * (roll('soon sorry') < 0.6 ? 90 : 700));
    const name = NAMES_OF_TOKENS[leaked]!;
    const sorry = pick('sorry', ['admin', 'operator'] as const);
    return [
      { at, kind: 'say', who: sorry, text: `activate ${name} because it is needed` },
      { at: at + 40, kind: 'press', who: sorry, button: 'patrol:confirm', which: 0 },
      { at: at + 20, kind: 'press', who: sorry, button: pick('undo', ['patrol:case:undo', 'patrol:undo']), which: 0 },
      { at: at + 900, kind: 'leak', token: leaked, by: pick('again by', ['gitleaks', 'generic', 'gitlab'] as const) },
    ];
  };
  /** The provider is away when a leak comes in, and somebody says meanwhile that it is not ours. */
  const notOurs = (): Act[] => {
    const at = Math.floor(roll('not ours') * 3);
    const neighbour = pick('away', ['dfns', 'langsmith'] as const);
    const modes = ['500', 'down', 'html'] as const;
    return [
      { at, kind: 'outage', neighbour, mode: pick('away how', modes), minutes: 5 },
      { at: at + 1, kind: 'leak', token: leaked, by: pick('told by', ['gitleaks', 'github', 'generic'] as const) },
      {
        at: at + 40 + Math.floor(roll('says so') * 200),
        kind: 'press',
        who: 'admin',
        button: 'patrol:case:dismiss',
        which: 0,
      },
    ];
  };
  /** A provider is away when somebody asks for something, who does not wait for it, or thinks better of it. */
  const impatient = (): Act[] => {
    const at = Math.floor(roll('impatient') * 900);
    const name = NAMES_OF_TOKENS[token()]!;
    const press = (): Act => ({
      at: at + 2 + Math.floor(roll('loses patience') * 200),
      kind: 'press',
      who: pick('patience', ['admin', 'operator', 'operator', 'oncall', 'viewer'] as const),
      button: pick('patience with', ['patrol:try-now', 'patrol:try-now', 'patrol:give-up'] as const),
      which: Math.floor(roll('which wait') * 2),
      ...(roll('impatiently') < 0.25 ? { twice: true } : {}),
    });
    return [
      ...(['dfns', 'langsmith'] as const).map(
        (neighbour): Act => ({
          at,
          kind: 'outage',
          neighbour,
          mode: pick('away meanwhile', ['500', 'down', 'hang', 'html'] as const),
          minutes: 2,
        }),
      ),
      {
        at: at + 1,
        kind: 'say',
        who: pick('asks', ['admin', 'operator', 'oncall'] as const),
        text: `${pick('asks for', ['deactivate', 'deactivate', 'activate'] as const)} ${name} because it is old`,
      },
      press(),
      press(),
    ];
  };
  /** Somebody pastes what has leaked, and the table is away once its report is queued: that is given up before it has a case. */
  const pastedInVain = (): Act[] => {
    const at = Math.floor(roll('pasted in vain') * 900);
    return [
      { at, kind: 'paste', token: leaked, who: pick('pastes in vain', ['operator', 'admin', 'viewer'] as const) },
      { at: at + 0.5 + roll('table away') * 0.4, kind: 'outage', neighbour: 'table', mode: 'down', minutes: 1 },
    ];
  };
  /** GitHub found something before its webhook was set up, or its webhook was lost. */
  const untold = (): Act[] => {
    const at = moment();
    return [
      { at, kind: 'untold', token: token() },
      { at: at + 60 + Math.floor(roll('compared') * 600), kind: 'reconcile' },
    ];
  };
  /** Whose token it is answers its leak, by the message to them or on the card. */
  const ownersWord = (): Act[] => {
    const press = (): Act => ({
      at: 20 + Math.floor(roll('owner comes') * 1200),
      kind: 'press',
      who: roll('really') < 0.8 ? 'owner' : who(),
      button: pick("owner's word", [
        'patrol:case:mine',
        'patrol:case:not_mine',
        'patrol:case:wait',
        'patrol:case:wait',
      ] as const),
      which: Math.floor(roll('of which') * 3),
      ...(roll('nervous') < 0.25 ? { twice: true } : {}),
    });
    return roll('once more') < 0.4 ? [press(), press()] : [press()];
  };
  /** Whoever may goes ahead alone: nobody answers, and it burns. */
  const emergency = (): Act[] => {
    const start = 60 + Math.floor(roll('emergency') * 600);
    const verb = pick('emergency verb', ['deactivate', 'delete'] as const);
    const press = (at: number, who: Person, button: string): Act => ({ at, kind: 'press', who, button, which: 0 });
    return [
      {
        at: start,
        kind: 'say',
        who: 'admin',
        text: `${verb} ${listed(NAMES_OF_TOKENS.slice(0, 3))} because it burns`,
      },
      press(start + 30, 'admin', 'patrol:confirm'),
      press(start + 60, pick('breaker', ['admin', 'admin', 'approver'] as const), 'patrol:modal:break-glass'),
    ];
  };
  /** A provider is in trouble just when a leak of its tokens comes in. */
  const badMoment = (): Act[] => [
    {
      at: Math.floor(roll('bad moment') * 8),
      kind: 'outage',
      neighbour: pick('troubled', ['dfns', 'langsmith'] as const),
      mode: pick('trouble', ['down', 'hang', '401', '429', '500', '202', 'html'] as const),
      minutes: pick('lasts', [1, 5, 30]),
    },
  ];
  /** Many people want something within seconds. */
  const crowd = (): Act[] => {
    const at = moment();
    // One after another: what one person asks for twice in the same millisecond is one request to the record.
    return Array.from(
      { length: 6 },
      (_, index) => ({ at: at + index, kind: 'say', who: who(), text: command() }) as const,
    );
  };
  /** Made-up secrets, more than the channel has cards for. */
  const hint = (): Act[] => [
    {
      at: Math.floor(roll('hint comes') * 600),
      kind: 'hint',
      token: Math.floor(roll('hinted') * NAMES_OF_TOKENS.length),
    },
  ];
  /** Somebody reports what only resembles a token, and somebody answers what its card asks. */
  const lookalike = (): Act[] => {
    const at = Math.floor(roll('lookalike comes') * 600);
    const one = roll('like the leaked') < 0.4 ? leaked : token();
    const again = roll('lookalike again') < 0.3 ? [{ at: at + 300, kind: 'lookalike', token: one } as const] : [];
    return [
      { at, kind: 'lookalike', token: one },
      ...again,
      {
        at: at + 30 + Math.floor(roll('answered') * 400),
        kind: 'press',
        who: pick('answers', ['admin', 'operator', 'oncall'] as const),
        button: pick('answers with', ['patrol:case:deactivate', 'patrol:case', 'patrol:case:dismiss'] as const),
        which: Math.floor(roll('which answer') * 8),
      },
    ];
  };
  /** What a leaked token's case says is settled, by a drill or a kill, when it is reported while its provider refuses us alone. */
  const lockedOut = (): Act[] => {
    const at = 120 + Math.floor(roll('locked out') * 900);
    const by = pick('locked out by', ['gitleaks', 'github', 'generic', 'gitlab'] as const);
    const minutes = pick('locked out for', [5, 30]);
    return [
      { at: at - 100, kind: 'drill', token: leaked },
      ...(['dfns', 'langsmith'] as const).map(
        (neighbour): Act => ({ at, kind: 'outage', neighbour, mode: 'denied', minutes }),
      ),
      { at: at + 1, kind: 'leak', token: leaked, by },
    ];
  };
  const flood = (): Act[] => [
    { at: Math.floor(roll('flood comes') * 60), kind: 'flood', count: 3 + Math.floor(roll('flood size') * 10) },
  ];
  const ownBranch = (): Act[] => [
    {
      at: moment(),
      kind: 'say',
      who: pick('sawyer', ['admin', 'operator'] as const),
      text: `deactivate ${pick('branch', NAMES_OF_OWN)}`,
    },
  ];
  const isInVain = roll('pastes in vain') < 0.06;
  const acts = [
    ...(roll('errands') < 0.4 ? errand() : []),
    ...(roll('handovers') < 0.1 ? handover() : []),
    ...(roll('own') < 0.06 ? ownBranch() : []),
    ...(roll('thieves') < 0.2 ? thief() : []),
    ...(roll('regrets') < 0.2 ? regret() : []),
    ...(roll('not ours at all') < 0.08 ? notOurs() : []),
    ...(isInVain ? pastedInVain() : []),
    ...(roll('untold alerts') < 0.08 ? untold() : []),
    ...(roll('floods') < 0.1 ? flood() : []),
    ...(roll('hints') < 0.05 ? hint() : []),
    ...(roll('lookalikes') < 0.1 ? lookalike() : []),
    ...(roll('lock-outs') < 0.06 ? lockedOut() : []),
    ...(roll('owners') < 0.2 ? ownersWord() : []),
    ...(roll('emergencies') < 0.08 ? emergency() : []),
    ...(roll('bad moments') < 0.2 ? badMoment() : []),
    ...(roll('the impatient') < 0.15 ? impatient() : []),
    ...(roll('crowds') < 0.05 ? crowd() : []),
    ...leaks(),
    ...commands(),
    ...presses(),
    ...others(),
    ...(roll('more') < 0.5 ? others() : []),
  ];
  return {
    seed,
    acts: acts.toSorted((left, right) => left.at - right.at),
    rates: isHeavy ? HEAVY : pick('rates', FAULT_RATES),
    maxReceives: isInVain || roll('receives') < (isHeavy ? 0.6 : 0.15) ? 4 : 100,
  };
}
