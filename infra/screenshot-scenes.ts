import { loadPolicy } from './policy.ts';
import type { SandboxChannel, SandboxHand, SandboxUser } from './sandbox-hand.ts';

/** Who looks at which place, and the words that must be there when the picture is taken. */
interface Spot {
  readonly user: SandboxUser;
  readonly place: SandboxChannel | 'home';
  readonly shows: RegExp;
  /** What stands on the right; the tokens unless told otherwise. */
  readonly panel?: 'stories' | 'trace';
  /** The picture is taken by night, too. */
  readonly isDarkToo?: boolean;
}

export interface Scene extends Spot {
  readonly name: string;
  play(hand: SandboxHand, take: (name: string, spot?: Partial<Spot>) => Promise<void>): Promise<void>;
}

const LAPTOPS = Array.from({ length: 12 }, (_, index) => `laptop-${String(index + 1).padStart(2, '0')}`);

/** The pictures of the documentation, in the order of a first hour with Patrol. */
export const SCENES: readonly Scene[] = [
  {
    name: 'list',
    user: 'operator',
    place: 'general',
    isDarkToo: true,
    shows: /^\d+ tokens, 2 profiles/,
    play: async (hand, take) => {
      await hand.type('operator', 'list');
      await take('list');
    },
  },
  {
    name: 'deactivate',
    user: 'operator',
    place: 'general',
    shows: /Proof: requested/,
    play: async (hand, take) => {
      await hand.type('operator', 'deactivate laptop-anna laptop left in cab');
      await take('deactivate');
    },
  },
  {
    name: 'approval',
    user: 'approver',
    place: 'general',
    shows: /^Approval needed/,
    play: async (hand, take) => {
      await hand.type('operator', 'delete contractor-2024 contract has ended');
      await hand.press('operator', await hand.message('general', /Delete/), /delete/i);
      await take('approval');
    },
  },
  {
    name: 'case',
    user: 'operator',
    place: 'security',
    isDarkToo: true,
    // Its thread, which is said after the card.
    shows: /^Reported once by/,
    play: async (hand, take) => {
      await hand.leak('ci-deploy', 'github');
      await hand.message('security', /Deactivated, confirmed/);
      await take('case');
    },
  },
  {
    name: 'bulk',
    user: 'operator',
    place: 'general',
    shows: /handled/,
    play: async (hand, take) => {
      const [profile = '', { provider } = {}] = Object.entries(loadPolicy().profiles)[0] ?? [];
      for (const name of LAPTOPS) await hand.call('tokens', { provider, profile, name });
      await hand.type(
        'operator',
        `deactivate ${LAPTOPS.map((name) => `"${name}"`).join(' ')} because the office was broken into`,
      );
      const preview = await hand.message('general', /12 tokens/);
      await hand.call('fault', { target: provider, mode: 'slow', ms: 1500 });
      await hand.press('operator', preview, /deactivate/i);
      await hand.message('general', /: [1-9]\d* of 12 handled/);
      await take('bulk-progress');
      await hand.call('fault', { target: provider, mode: 'none' });
      await take('bulk-summary', { shows: /^12 tokens: / });
    },
  },
  {
    name: 'waiting',
    user: 'operator',
    place: 'general',
    shows: /NOT deactivated yet/,
    play: async (hand, take) => {
      const [, { provider } = {}] = Object.entries(loadPolicy().profiles)[0] ?? [];
      await hand.call('fault', { target: provider, mode: 'down' });
      await hand.type('operator', 'deactivate grafana-exporter its dashboard is public');
      await take('waiting');
      await hand.call('fault', { target: provider, mode: 'none' });
    },
  },
  {
    name: 'doctor',
    user: 'admin',
    place: 'general',
    shows: /profiles: all work/,
    play: async (hand, take) => {
      await hand.type('admin', 'doctor');
      await take('doctor');
    },
  },
  {
    name: 'home',
    user: 'admin',
    place: 'home',
    isDarkToo: true,
    shows: /What I may do/,
    play: async (hand, take) => {
      await hand.leak('notebook', 'gitguardian');
      await hand.type('operator', 'delete contractor-2024 contract has ended');
      await hand.press('operator', await hand.message('general', /Delete/), /delete/i);
      await hand.message('general', /^Approval needed/);
      await hand.message('security', /matches no token/);
      await take('home');
    },
  },
  {
    name: 'hygiene',
    user: 'admin',
    place: 'security',
    shows: /^Token hygiene/,
    play: async (hand, take) => {
      await hand.call('run/hygiene', {});
      await take('hygiene');
    },
  },
  {
    name: 'leak',
    user: 'operator',
    place: 'general',
    shows: /Report a leak/,
    play: async (hand, take) => {
      await hand.type('operator', 'leak');
      await take('leak');
    },
  },
  {
    name: 'stories',
    user: 'operator',
    place: 'security',
    panel: 'stories',
    shows: /^Three stories$/,
    play: (_hand, take) => take('stories'),
  },
  {
    name: 'trace',
    user: 'operator',
    place: 'security',
    panel: 'trace',
    isDarkToo: true,
    shows: /^alert of github$/,
    play: async (hand, take) => {
      await hand.leak('ci-deploy', 'github');
      await hand.message('security', /Deactivated, confirmed/);
      await take('trace');
    },
  },
];
