import { describe, expect, it } from 'vitest';
import { loadPolicy } from '#infra/policy.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import type { ListQuery } from '#shared/tokens/command.ts';
import { executeCommand, type TokenCommand } from '#shared/tokens/execute-command.ts';
import { addToken, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';

const query = (more: Partial<ListQuery> = {}): ListQuery => ({ profiles: [], sort: 'age', ...more });
const LIST = { verb: 'list', query: query(), private: false } as const;

const run = async (room: Room, who: Actor, command: TokenCommand) => executeCommand(await room.context(who), command);

describe('a command', () => {
  const COMMANDS: readonly TokenCommand[] = [
    LIST,
    { verb: 'show', token: 'any' },
    { verb: 'deactivate', tokens: ['any'], keepGoing: false },
    { verb: 'activate', tokens: ['any'], keepGoing: false },
    { verb: 'delete', tokens: ['any'], keepGoing: false },
    { verb: 'audit' },
    { verb: 'profiles' },
    { verb: 'stats' },
    { verb: 'whoami' },
    { verb: 'help' },
  ];

  it.each(COMMANDS)('of another workspace is refused as what it was: $verb', async (command) => {
    const room = createRoom();
    addToken(room, 'any');
    const outcome = await run(room, PEOPLE.stranger, command);
    expect(outcome).toEqual({ kind: 'denied', verb: command.verb, why: 'other_workspace', roles: [] });
    expect(room.tokens.get('any')?.state).toBe('active');
  });

  it('of somebody without the right is refused, and names who may', async () => {
    const room = createRoom();
    addToken(room, 'any');
    expect(await run(room, PEOPLE.viewer, { verb: 'deactivate', tokens: ['any'], keepGoing: false })).toMatchObject({
      kind: 'denied',
      why: 'no_role',
      roles: ['admin', 'operator'],
    });
    expect(await run(room, PEOPLE.viewer, { verb: 'audit' })).toMatchObject({ kind: 'denied', verb: 'audit' });
    expect(await run(room, PEOPLE.viewer, { verb: 'profiles' })).toMatchObject({ kind: 'denied', verb: 'profiles' });
    expect(room.tokens.get('any')?.state).toBe('active');
  });

  it('to list pages through what matches, and a page past the end is the last one', async () => {
    const room = createRoom();
    for (let index = 0; index < 123; index += 1) addToken(room, `t-${index}`, { name: `n-${index}` });
    addToken(room, 'd-1', { profile: 'dfns-demo', provider: 'dfns' });
    const first = await run(room, PEOPLE.viewer, LIST);
    expect(first).toMatchObject({ kind: 'listed', matching: 124, seen: 124, offset: 0, unread: [] });
    expect(first.kind === 'listed' && first.tokens).toHaveLength(99);
    const narrow = await run(room, PEOPLE.viewer, { ...LIST, query: query({ profiles: ['dfns-demo'] }) });
    expect(narrow).toMatchObject({ matching: 1, unseen: ['dfns-demo: what dfns-demo hides'] });
  });

  it('to show offers only what this person may do', async () => {
    const room = createRoom();
    const token = addToken(room, 'any');
    const show = { verb: 'show', token: 'langsmith-demo:any' } as const;
    expect(await run(room, PEOPLE.viewer, show)).toEqual({ kind: 'shown', token, may: [] });
    const may = ['deactivate', 'activate', 'delete'];
    expect(await run(room, PEOPLE.operator, show)).toEqual({ kind: 'shown', token, may });
  });

  it('to check the profiles tells of each, and what the bot lacks in Slack', async () => {
    const room = createRoom();
    addToken(room, 'any');
    const own = Object.entries(loadPolicy().profiles);
    expect(await run(room, PEOPLE.operator, { verb: 'profiles' })).toMatchObject({
      profiles: own.map(([profile, { provider }]) => ({
        profile,
        provider,
        secret: { readable: true },
        checkup: { tokens: profile === 'langsmith-demo' ? 1 : 0 },
      })),
      slack: { missingScopes: ['files:write'] },
    });
    expect(own.length).toBeGreaterThan(1);
  });

  it('to read the record finds what was done, by token, by person and by time', async () => {
    const room = createRoom();
    addToken(room, 'one');
    addToken(room, 'two');
    await run(room, PEOPLE.operator, { verb: 'deactivate', tokens: ['one'], keepGoing: false });
    await run(room, PEOPLE.admin, { verb: 'deactivate', tokens: ['two'], keepGoing: false });
    const found = async (more: object) => {
      const outcome = await run(room, PEOPLE.approver, { verb: 'audit', ...more });
      return outcome.kind === 'audited' ? outcome.entries.map(({ token }) => token?.id) : outcome.kind;
    };
    expect(await found({})).toEqual(['two', 'one']);
    expect(await found({ token: 'one' })).toEqual(['one']);
    expect(await found({ actorUserId: PEOPLE.admin.userId })).toEqual(['two']);
    expect(await found({ sinceHours: 24 })).toEqual(['two', 'one']);
    expect(await found({ token: 'gone-long-ago' })).toBe('unknown_token');
  });

  it('to count tells what was revoked and how long an alert took', async () => {
    const room = createRoom();
    addToken(room, 'one');
    await run(room, PEOPLE.operator, { verb: 'deactivate', tokens: ['one'], keepGoing: false });
    await run(room, PEOPLE.operator, { verb: 'activate', tokens: ['one'], keepGoing: false });
    const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();
    for (const [index, seconds] of [2, 4, 60].entries()) {
      await room.store.audit.append({
        at: at(0),
        id: `alert-${index}`,
        actor: { source: 'github' },
        what: 'deactivate',
        result: 'done',
        receipt: { verb: 'deactivate', requestedAt: at(0), actedAt: at(1), confirmedAt: at(seconds), read: 'inactive' },
      });
    }
    expect(await run(room, PEOPLE.viewer, { verb: 'stats' })).toMatchObject({
      revoked: 4,
      restored: 1,
      failed: 0,
      denied: 0,
      timeToRevoke: { p50: 4000, p95: 60_000, count: 3 },
    });
  });

  it('to explain oneself tells rights and what one may approve', async () => {
    const room = createRoom();
    expect(await run(room, PEOPLE.approver, { verb: 'whoami' })).toMatchObject({
      roles: ['approver'],
      approves: ['second-person-for-delete', 'bulk', 'levers'],
    });
    expect(await run(room, PEOPLE.viewer, { verb: 'whoami' })).toMatchObject({ roles: ['viewer'], approves: [] });
  });

  it('to help shows what this person may do, with a profile that exists and no token that does', async () => {
    const room = createRoom();
    addToken(room, 'ours', { profile: 'dfns-demo', own: true });
    addToken(room, 'theirs', { profile: 'dfns-demo' });
    expect(await run(room, PEOPLE.viewer, { verb: 'help', topic: 'list' })).toEqual({
      kind: 'help',
      topic: 'list',
      verbs: ['list', 'show', 'cases', 'stats', 'leak'],
      examples: { profile: 'dfns-demo' },
    });
  });
});
