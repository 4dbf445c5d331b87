import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { giveUpPaste, keepPaste, pastedKey, pastesOf, PERSON_SOURCE } from '#shared/cases/pastes.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import type { Case, CaseReport } from '#shared/store/store.ts';
import type { Message } from '#shared/slack/blocks/bricks.ts';
import { reporterNotice } from '#shared/slack/blocks/reporter-notice.ts';
import type { Answer } from '#shared/slack/listeners/answer.ts';
import { createPerform } from '#shared/slack/listeners/perform.ts';
import type { Request } from '#shared/slack/listeners/request.ts';
import type { Reply } from '#shared/slack/reply.ts';
import { createReporterMessenger } from '#shared/slack/reporter-messenger.ts';
import { saidNote } from '#shared/slack/spoken.ts';
import { receipt } from '#test/fixtures/outcomes.ts';
import { leakCase } from '#test/support/arbitraries/leak-case.ts';
import { claimsIn, truthOfCase } from '#test/support/claims.ts';
import { addToken, createRoom, NOW, openCase, PEOPLE } from '#test/support/room.ts';
import { readAloud } from '#test/support/slack-text.ts';

const PASTE = 'sha256:0123:45';
const LINK = 'https://example.slack.com/archives/C0SECURITY1/p1790000000000100';

function start(recognised: number) {
  const room = createRoom();
  const edits: Message[] = [];
  const told: { userId: string; words: string }[] = [];
  let isGone = false;
  let isUnheard = false;
  let dies = false;
  const { hold } = room.store;
  const tell = createReporterMessenger({
    services: {
      ...room.services,
      channels: { ...room.services.channels, linkTo: async () => LINK },
      store: {
        ...room.store,
        // What is kept with a key is written when the key is given back.
        hold: (key, work) =>
          hold(key, (held) => {
            const keep = (value: unknown) => {
              if (dies) throw new Error('dies');
              held.keep(value);
            };
            return work({ ...held, keep });
          }),
      },
    },
    reply: {
      tell: async (userId, message) => {
        told.push({ userId, words: readAloud(message) });
        if (isUnheard) throw new Fault('slack_unavailable', 'no answer');
        return { channel: 'D2', ts: `new ${told.length}` };
      },
      edit: async (_target, message) => {
        if (isGone) throw new Fault('slack_rejected', 'message_not_found');
        edits.push(message);
      },
    },
  });
  const report = (index: number): CaseReport => ({
    source: PERSON_SOURCE,
    key: pastedKey(PASTE, index),
    at: NOW.toISOString(),
    reporter: PEOPLE.viewer,
    pasted: recognised,
  });
  const { notes } = room.store;
  return {
    room,
    edits,
    tell,
    paste: (reporter: Actor = { teamId: PEOPLE.viewer.teamId, userId: 'U0NOBODY001' }) =>
      keepPaste(notes, { id: PASTE, reporter, recognised, unrecognised: 0 }),
    answer: () => notes.put(saidNote(PASTE, 0), { channel: 'D1', ts: '1.2' }, 60),
    told,
    putAway: () => (isGone = true),
    /** Has Slack take what is told anew, and say nothing of it. */
    unhear: (is: boolean) => (isUnheard = is),
    /** Does it in a process that dies once it has said what it says. */
    die: async (work: () => Promise<void>) => {
      dies = true;
      await expect(work()).rejects.toThrow('dies');
      dies = false;
    },
    /** As a worker does that shows the case. */
    show: async (kase: Case) => {
      for (const id of await pastesOf(notes, kase)) await tell(id);
    },
    open: (index: number, more: Partial<Case> = {}) => {
      const token = addToken(room, `t${index}`, { name: `token-${index}` });
      return openCase(room, token, {
        id: `C-AAAAAAA${index}`,
        grade: 'proved',
        message: { channel: 'C0SECURITY1', ts: '1790000000.000100' },
        reports: [report(index)],
        ...more,
      });
    },
  };
}

const DEAD = { state: 'dead', verb: 'deactivate', receipt } as const;
const last = (edits: readonly Message[]): string => (edits.at(-1) === undefined ? '' : readAloud(edits.at(-1)!));

const RECEIVED: Answer = { outcome: { kind: 'leak_received', recognised: 1, unrecognised: 0 }, to: 'me' };
const pastedBy = (actor: Actor): Request => ({
  job: { v: 1, kind: 'command', receivedAt: NOW.toISOString(), deliveryKey: PASTE, sealed: [], unrecognised: 0 },
  ...{ payload: {}, actor, place: { userId: actor.userId }, delivery: { attempt: 1, isLast: false } },
});

describe('whoever reported a leak', () => {
  it.each(['the answer', 'the end'])(
    'reads the end in the message that answered, also where %s came first',
    async (first) => {
      const { paste, answer, open, show, tell, edits } = start(1);
      await paste();
      const ended = async () => show(await open(0, DEAD));
      if (first === 'the answer') await answer();
      await ended();
      if (first === 'the end') {
        expect(edits).toEqual([]);
        await answer();
        await tell(PASTE);
      }
      expect(edits).toHaveLength(1);
      expect(edits[0]?.text).toBe('Done: `token-0` is off. Deactivated, confirmed.');
      expect(last(edits)).toContain(`<${LINK}|Its card>`);
    },
  );

  it('never reads again that it is only received, also where a later copy of the paste comes, and dies, after the end', async () => {
    const { paste, open, show, room, edits } = start(1);
    await paste();
    const told: Message[] = [];
    const reply = {
      tell: async (_userId, message) => {
        told.push(message);
        return { channel: 'D1', ts: '1.2' };
      },
      edit: async (_target, message) => void edits.push(message),
    } as Pick<Reply, 'tell' | 'edit'> as Reply;
    const dying = async (): Promise<never> => Promise.reject(new Fault('store_unavailable', 'dies'));
    const services = { ...room.services, store: { ...room.store, hold: dying } };
    const perform = createPerform({ services, reply });
    const deliver = () => expect(perform(pastedBy(PEOPLE.viewer), async () => [RECEIVED])).rejects.toThrow('dies');
    await deliver();
    expect(told.map(readAloud)).toEqual([expect.stringContaining('1 leaked secret received')]);
    await show(await open(0, DEAD));
    await deliver();
    expect(told).toHaveLength(1);
    expect(edits.map(({ text }) => text)).toEqual(['Done: `token-0` is off. Deactivated, confirmed.']);
  });

  it('reads of each secret by itself, and nothing twice', async () => {
    const { paste, answer, open, show, edits, room } = start(2);
    await paste();
    await answer();
    const kase = await open(0, { state: 'asking' });
    await show(kase);
    expect(last(edits)).toMatch(/NOT revoked: a person must decide.*\n.*Nothing is revoked yet: working on it/s);
    await show(kase);
    expect(edits).toHaveLength(1);
    await room.store.cases.change(kase.id, (current) => ({ ...current, ...DEAD }));
    await show(kase);
    await show(await open(1, DEAD));
    expect(edits).toHaveLength(3);
    expect(last(edits)).toMatch(/`token-0` is off.*\n.*`token-1` is off/s);
  });

  it('is not told whose a secret is that only looks like a token, nor anything in a message that was put away', async () => {
    const { paste, answer, open, show, edits, putAway } = start(1);
    await paste();
    await answer();
    const kase = await open(0, { ...DEAD, grade: 'weak' });
    await show(kase);
    expect(edits[0]?.text).toBe('Done: the token is off. Deactivated, confirmed.');
    expect(last(edits)).not.toContain('token-0');
    const viewer = start(1);
    await viewer.paste(PEOPLE.viewer);
    await viewer.answer();
    await viewer.show(await viewer.open(0, { ...DEAD, grade: 'weak' }));
    expect(viewer.edits[0]?.text).toContain('`token-0` is off');
    putAway();
    await expect(show({ ...kase, state: 'restored' })).resolves.toBeUndefined();
  });

  it('reads how it stands, also where a process died that had told otherwise for a moment', async () => {
    const { paste, answer, open, show, edits, room, die } = start(1);
    await paste();
    await answer();
    const kase = await open(0, { state: 'asking' });
    await show(kase);
    const become = (state: Case['state']) => room.store.cases.change(kase.id, (current) => ({ ...current, state }));
    await become('noted');
    await die(() => show(kase));
    expect(last(edits)).toContain('tell only');
    await become('asking');
    await show(kase);
    expect(last(edits)).toContain('a person must decide');
    const before = edits.length;
    await show(kase);
    expect(edits).toHaveLength(before);
  });

  it('is answered anew where the paste was given up and nobody knows where it was answered, and reads the end there', async () => {
    const { paste, open, show, told, edits, room, unhear } = start(1);
    await paste();
    const kase = await open(0, { state: 'asking' });
    await show(kase);
    // Its next delivery answers it.
    expect(told).toEqual([]);
    await giveUpPaste(room.store.notes, PASTE);
    unhear(true);
    await expect(show(kase)).rejects.toThrow('no answer');
    unhear(false);
    await show(kase);
    await room.store.cases.change(kase.id, (current) => ({ ...current, ...DEAD }));
    await show(kase);
    // What nobody finds again says no more than stays true.
    const words = expect.stringMatching(/^\*1 leaked secret received\. That by itself revokes nothing\./);
    expect(told).toEqual([
      { userId: 'U0NOBODY001', words },
      { userId: 'U0NOBODY001', words },
    ]);
    expect(edits.map(({ text }) => text)).toEqual([
      expect.stringContaining('a person must decide'),
      'Done: `token-0` is off. Deactivated, confirmed.',
    ]);
    expect(await room.store.notes.get(saidNote(PASTE, 0))).toEqual({ channel: 'D2', ts: 'new 2' });
  });

  it('reads nothing that is not true of the case', () => {
    fc.assert(
      fc.property(leakCase, fc.boolean(), (kase, isNamed) => {
        const said = claimsIn(reporterNotice({ pasted: [{ kase, isNamed, link: LINK }], unrecognised: 1 }));
        const { may } = truthOfCase(kase);
        expect([...said].filter((claim) => !may.includes(claim))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
