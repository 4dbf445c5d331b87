import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import type { StandInToken } from './sandbox/kit/stand-in.ts';
import type { Message } from './sandbox/page/page-state.ts';
import type { Ready } from './sandbox/ready.ts';
import { signAlert } from './sandbox/senders/alert-senders.ts';
import type { Leak } from './sandbox/senders/sender.ts';

export type SandboxUser = 'admin' | 'operator' | 'approver' | 'viewer';
export type SandboxChannel = 'security' | 'general';

/** What a scene can do in the sandbox, as people and scanners do it. */
export interface SandboxHand {
  /** Calls one of the sandbox's own addresses. */
  call<T>(path: string, body?: object): Promise<T>;
  /** Types `/pat <text>`. */
  type(user: SandboxUser, text: string, place?: SandboxChannel): Promise<unknown>;
  /** Presses the button with this label in a message. */
  press(user: SandboxUser, message: Message, label: RegExp): Promise<void>;
  /** Waits for the newest message with these words; `direct`: said to one person. */
  message(place: SandboxChannel | 'direct', words: RegExp): Promise<Message>;
  /** A token at the providers, by its name. */
  token(name: string): Promise<StandInToken>;
  /** Has this scanner report the token of this name. */
  leak(name: string, source: string): Promise<void>;
  /** Has a sender of our own form report a secret; it says no more than this of whose it is. */
  report(leak: Omit<Leak, 'provider'> & { readonly provider: string }): Promise<void>;
}

const PATIENCE_MS = 60_000;

const buttonSchema = z.object({
  type: z.literal('button'),
  action_id: z.string(),
  value: z.string(),
  text: z.object({ text: z.string() }),
});

/** Types, presses and reports through the sandbox's own calls, which sign every request as Slack and the scanners do. */
export function createSandboxHand({ url, slack, alerts }: Ready): SandboxHand {
  const call = async <T>(path: string, body?: object): Promise<T> => {
    const response = await fetch(`${url}/sandbox/${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T;
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
  const token = async (name: string): Promise<StandInToken> => {
    const found = (await call<StandInToken[]>('tokens')).find((one) => one.name === name);
    if (found === undefined) throw new Error(`The stand-ins have no token ${name}.`);
    return found;
  };
  return {
    call,
    token,
    message: async (place, words) => {
      const isHere = ({ channel, threadTs }: Message) =>
        threadTs === undefined && (place === 'direct' ? channel.startsWith('D') : channel === slack.channels[place]);
      const end = performance.now() + PATIENCE_MS;
      while (performance.now() < end) {
        const all = await call<Message[]>('messages');
        const found = all.findLast(
          (one) => isHere(one) && (words.test(one.text) || words.test(JSON.stringify(one.blocks))),
        );
        if (found !== undefined) return found;
        await pause(100);
      }
      throw new Error(`Nobody said ${words} in ${place}.`);
    },
    type: (user, text, place = 'general') =>
      call('slack/command', { userId: slack.users[user], channel: slack.channels[place], text }),
    press: async (user, { channel, ts, blocks }, label) => {
      const elements: unknown[] = blocks.flatMap(
        ({ elements = [], accessory = [] }) => [elements, accessory].flat() as unknown[],
      );
      const button = elements
        .flatMap((element) => buttonSchema.safeParse(element).data ?? [])
        .find(({ text }) => label.test(text.text));
      if (button === undefined) throw new Error(`There is no button ${label}.`);
      const { action_id, value } = button;
      const action = { type: 'button', action_id, value };
      await call('slack/click', { userId: slack.users[user], channel, ts, action });
    },
    leak: async (name, source) => {
      const { id } = await token(name);
      await call('leak', { tokenId: id, source });
    },
    report: async (leak) => {
      const { path, headers, body } = signAlert('generic', leak as Leak, alerts.secrets);
      const response = await fetch(`${alerts.endpoint.replace(/\/alerts$/, '')}${path}`, {
        method: 'POST',
        headers,
        body,
      });
      if (!response.ok) throw new Error(`The report was answered with HTTP ${response.status}.`);
    },
  };
}
