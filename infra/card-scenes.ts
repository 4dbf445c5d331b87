import { randomBytes } from 'node:crypto';
import type { SandboxHand, SandboxUser } from './sandbox-hand.ts';
import type { Message } from './sandbox/page/page-state.ts';

/** One message as it is read on a phone, and how the sandbox is brought to say it. */
export interface CardScene {
  readonly name: string;
  /** Who looks at it; the operator unless told otherwise. */
  readonly user?: SandboxUser;
  /** What the first screen must answer: what, where, whose, what now; a card of a case all four. */
  readonly answers: readonly RegExp[];
  /** The buttons that the first screen must offer; at least these. */
  readonly presses: readonly RegExp[];
  /** Brings it about, and gives the message. */
  play(hand: SandboxHand): Promise<Message>;
}

const WHERE = { repository: 'acme/payments', path: 'deploy/values.yaml' } as const;
const PLACE = /Found in: acme\/payments/;
/** A person, or what the provider calls them; never an id alone. */
const OWNER = /Owner: (?!us-)\S+/;
const TAKE = /^Take it$/;

/** Reports the secret of this token where nothing else is known of it but the place. */
async function reported(hand: SandboxHand, name: string, repository: string = WHERE.repository): Promise<void> {
  const { secret, provider } = await hand.token(name);
  await hand.report({ secret, provider, ...WHERE, repository });
}

/** Reports a secret of the same form as ours, which nobody ever issued. */
async function strange(hand: SandboxHand, repository: string = WHERE.repository): Promise<void> {
  const { secret, provider } = await hand.token('notebook');
  const [prefix] = /^[^_]+_[^_]+_/.exec(secret) ?? [''];
  const made = `${prefix}${randomBytes(16).toString('hex')}_${randomBytes(5).toString('hex')}`;
  await hand.report({ secret: made, provider, ...WHERE, repository });
}

/** Makes the provider of this token misbehave. */
async function trouble(hand: SandboxHand, name: string, fault: object): Promise<void> {
  await hand.call('fault', { target: (await hand.token(name)).provider, ...fault });
}

async function asked(hand: SandboxHand, words: RegExp, label: RegExp): Promise<void> {
  await hand.press('operator', await hand.message('security', words), label);
}

/** Mints tokens where the token `like` is. */
async function mint(
  hand: SandboxHand,
  names: readonly string[],
  { like, ...more }: { like: string; createdAt?: string },
) {
  const { provider, profile, owner } = await hand.token(like);
  for (const name of names) await hand.call('tokens', { provider, profile, owner, name, ...more });
}

const numbered = (what: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${what}-${String(index + 1).padStart(2, '0')}`);

const LAPTOPS = numbered('laptop', 12);

/** Asks for a run over twelve tokens that takes its time, and gives its message once something is done. */
async function bulkRun(hand: SandboxHand): Promise<Message> {
  await mint(hand, LAPTOPS, { like: 'notebook' });
  await hand.type(
    'operator',
    `deactivate ${LAPTOPS.map((name) => `"${name}"`).join(' ')} because the office was broken into`,
    'security',
  );
  const preview = await hand.message('security', /12 tokens/);
  await trouble(hand, 'notebook', { mode: 'slow', ms: 1500 });
  await hand.press('operator', preview, /deactivate/i);
  return hand.message('security', /: [1-9]\d* of 12 handled/);
}

/** A case in each of its states. */
const CASES: readonly CardScene[] = [
  {
    name: 'acting',
    answers: [/Leaked: prod-tracing. NOT revoked yet: working on it/, PLACE, OWNER],
    presses: [TAKE],
    play: async (hand) => {
      await trouble(hand, 'notebook', { mode: 'slow', ms: 2500 });
      await reported(hand, 'prod-tracing');
      return hand.message('security', /prod-tracing.*working on it/);
    },
  },
  {
    name: 'dead',
    answers: [/Leaked: ci-deploy. Deactivated, confirmed/, /Found in: acme\/payments/, OWNER, /Next: replace it/],
    presses: [TAKE, /^Undo/],
    play: async (hand) => {
      await hand.leak('ci-deploy', 'github');
      return hand.message('security', /Deactivated, confirmed/);
    },
  },
  {
    name: 'was dead already',
    answers: [/Leaked: left-the-company, which was already inactive/, PLACE, OWNER],
    presses: [TAKE],
    play: async (hand) => {
      await reported(hand, 'left-the-company');
      return hand.message('security', /left-the-company.*already/);
    },
  },
  {
    name: 'undone',
    answers: [/Active again: it was brought back/, PLACE, OWNER, /Replace it, then deactivate it again/],
    presses: [/^Deactivate$/, TAKE],
    play: async (hand) => {
      await reported(hand, 'prod-tracing');
      await asked(hand, /Deactivated, confirmed/, /^Undo/);
      await hand.press('operator', await hand.message('security', /has leaked/), /^Yes, activate$/);
      return hand.message('security', /Leaked: .*Active again/);
    },
  },
  {
    name: 'could not look',
    answers: [/could NOT look for it/, PLACE, /Search again/],
    presses: [/^Search again$/, TAKE],
    play: async (hand) => {
      await trouble(hand, 'ci-deploy', { mode: '401' });
      await reported(hand, 'laptop-anna');
      return hand.message('security', /could NOT look for it/);
    },
  },
  {
    name: 'unmatched',
    answers: [/matches no token Patrol can see. NOT revoked/, PLACE, /Find out whose it is/],
    presses: [/^Not ours$/, TAKE],
    play: async (hand) => {
      await strange(hand);
      return hand.message('security', /matches no token/);
    },
  },
  {
    name: 'asking',
    answers: [/Leaked: notebook. NOT revoked: a person must decide/, PLACE, OWNER, /Press Deactivate/],
    presses: [/^Deactivate$/, TAKE],
    play: async (hand) => {
      // The issuer does not answer when it is asked whether the secret is genuine, and does when the token is looked for.
      await trouble(hand, 'notebook', { mode: '500', count: 1 });
      await reported(hand, 'notebook');
      return hand.message('security', /notebook.*a person must decide/);
    },
  },
  {
    name: 'one of several',
    answers: [/one of 2 tokens. NOT revoked: a person must decide/, PLACE, /Choose the right token/, /twin-01/],
    presses: [TAKE, /^Deactivate$/],
    play: async (hand) => {
      const createdAt = '2026-02-02T02:02:02.000Z';
      await mint(hand, numbered('twin', 2), { like: 'ci-deploy', createdAt });
      await reported(hand, 'twin-01');
      return hand.message('security', /one of 2 tokens/);
    },
  },
  {
    name: 'held by the brake',
    answers: [/more leaked tokens? match(es)? in langsmith-demo. NOT revoked: go on/],
    presses: [/^Deactivate all/],
    play: async (hand) => {
      await mint(hand, numbered('build', 6), { like: 'notebook' });
      for (const name of numbered('build', 6)) await reported(hand, name);
      return hand.message('security', /3 more leaked tokens match in/);
    },
  },
  {
    name: 'own credential',
    answers: [/Leaked: patrol-bot. NOT revoked/, PLACE, OWNER, /make a new one at the provider/],
    presses: [TAKE],
    play: async (hand) => {
      await reported(hand, 'patrol-bot');
      return hand.message('security', /patrol-bot.*NOT revoked/);
    },
  },
  {
    name: 'protected',
    answers: [/Leaked: break-glass-observability. NOT revoked/, PLACE, OWNER, /protects it/],
    presses: [TAKE],
    play: async (hand) => {
      await reported(hand, 'break-glass-observability');
      return hand.message('security', /break-glass-observability.*NOT revoked/);
    },
  },
  {
    name: 'service key',
    answers: [/Leaked: ci-evals. NOT revoked: a person must decide/, PLACE, /can only delete service keys/],
    presses: [/^Delete$/, TAKE],
    play: async (hand) => {
      await reported(hand, 'ci-evals');
      return hand.message('security', /ci-evals.*a person must decide/);
    },
  },
  {
    name: 'put off',
    answers: [/NOT revoked: a person must decide\. Reported once more, and Patrol could NOT look for it/, /Mend it/],
    presses: [TAKE],
    play: async (hand) => {
      await reported(hand, 'ci-evals');
      await hand.message('security', /ci-evals.*a person must decide/);
      await trouble(hand, 'ci-evals', { mode: '401' });
      await reported(hand, 'ci-evals', 'acme/billing');
      return hand.message('security', /Reported once more/);
    },
  },
  {
    name: 'failed',
    answers: [/Leaked: eval-runner. NOT revoked/, PLACE, OWNER, /cannot deactivate/],
    presses: [TAKE],
    play: async (hand) => {
      await trouble(hand, 'notebook', { mode: 'no-revocation' });
      await reported(hand, 'eval-runner');
      return hand.message('security', /eval-runner.{1,2} NOT revoked/);
    },
  },
  {
    name: 'waits at the provider',
    answers: [/Leaked: grafana-exporter. NOT revoked yet: it waits for an approval at Dfns/, PLACE, OWNER],
    presses: [/^Check again$/, TAKE],
    play: async (hand) => {
      await trouble(hand, 'ci-deploy', { mode: '202' });
      await reported(hand, 'grafana-exporter');
      return hand.message('security', /grafana-exporter.*waits for an approval/);
    },
  },
  {
    name: 'dismissed',
    answers: [/Closed as not ours/, PLACE, /Closing changed no token/],
    presses: [/^Reopen$/],
    play: async (hand) => {
      await strange(hand);
      await asked(hand, /matches no token/, /^Not ours$/);
      return hand.message('security', /Closed as not ours/);
    },
  },
];

/** What else is read on a phone. */
const OTHERS: readonly CardScene[] = [
  {
    name: 'roll-up',
    answers: [/more leaks? reported, told together/],
    presses: [/^Open$/],
    play: async (hand) => {
      for (const name of numbered('acme/repository', 14)) await strange(hand, name);
      return hand.message('security', /reported, told together/);
    },
  },
  {
    name: 'to the owner',
    user: 'viewer',
    answers: [
      /Your LangSmith token prod-tracing has leaked/,
      /deactivated, and a fresh read confirmed it/,
      /Create a new token/,
    ],
    presses: [/^It is mine, replaced$/, /^Not me$/],
    play: async (hand) => {
      await reported(hand, 'prod-tracing');
      return hand.message('direct', /Your .*has leaked/);
    },
  },
  {
    name: 'approval',
    user: 'approver',
    answers: [
      /Approval needed: may .{1,40} delete contractor-2024\? Nothing has been done yet/,
      /contract has ended/,
      OWNER,
    ],
    presses: [/^Approve /, /^Refuse/],
    play: async (hand) => {
      await hand.type('operator', 'delete contractor-2024 contract has ended', 'security');
      await hand.press('operator', await hand.message('security', /Delete/), /delete/i);
      return hand.message('security', /^Approval needed/);
    },
  },
  {
    name: 'lever',
    user: 'approver',
    answers: [
      /Approval needed: may .{1,40} (?:stop the creation|deactivate the Dfns).*\? Nothing has been done yet/,
      /Stops the creation of new personal access tokens/,
    ],
    presses: [/^Approve /, /^Refuse/],
    play: async (hand) => {
      await reported(hand, 'prod-tracing');
      await hand.press('admin', await hand.message('security', /Deactivated, confirmed/), /^Block new tokens…$/);
      return hand.message('security', /^Approval needed/);
    },
  },
  {
    name: 'run',
    answers: [/of 12 handled/],
    presses: [/^Stop/],
    play: bulkRun,
  },
  {
    name: 'run, stopped',
    answers: [/Stopped/],
    presses: [],
    play: async (hand) => {
      await hand.press('operator', await bulkRun(hand), /^Stop/);
      return hand.message('security', /[Ss]topped/);
    },
  },
  {
    name: 'run, done',
    answers: [/^12 tokens: /m],
    presses: [],
    play: async (hand) => {
      await bulkRun(hand);
      await trouble(hand, 'notebook', { mode: 'none' });
      return hand.message('security', /^12 tokens: /);
    },
  },
  {
    name: 'list',
    answers: [/^\d+ tokens, 2 profiles/m],
    presses: [],
    play: async (hand) => {
      await hand.type('operator', 'list', 'security');
      return hand.message('security', /tokens, 2 profiles/);
    },
  },
  {
    name: 'weekly report',
    answers: [/Token hygiene:/],
    presses: [],
    play: async (hand) => {
      await hand.call('run/hygiene', {});
      return hand.message('security', /Token hygiene/);
    },
  },
  {
    name: 'doctor',
    user: 'admin',
    answers: [/profiles: all work/],
    presses: [],
    play: async (hand) => {
      await hand.type('admin', 'doctor', 'security');
      return hand.message('security', /profiles: all work/);
    },
  },
];

/** Every card of a case in each of its states, then whatever else is read on a phone. */
export const CARD_SCENES = { cases: CASES, others: OTHERS } as const;
