import { expect, it } from 'vitest';
import { Fault } from '#shared/core/fault.ts';
import { readCase } from '#shared/cases/read-cases.ts';
import { readDigest } from '#shared/hygiene/read-digest.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import { render } from '#shared/slack/blocks/render.ts';
import { executeCommand, type TokenCommand } from '#shared/tokens/execute-command.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { ownersOf } from '#shared/tokens/owners-of.ts';
import { withPeople } from '#shared/tokens/with-people.ts';
import { addToken, createRoom, NOW, openCase, PEOPLE } from '#test/support/room.ts';

const OLGA = { userId: 'U0OWNER0001', name: 'Olga' };

function start() {
  let asked = 0;
  const room = createRoom((policy) => {
    policy.owners = { 'us-olga': OLGA.userId };
    policy.limits.confirm = ['deactivate'];
  });
  const services = {
    ...room.services,
    people: {
      byEmail: async (email: string) => (email === 'olga@example.com' ? OLGA.userId : undefined),
      emailOf: async () => undefined,
      nameOf: async (userId: string) => {
        asked += 1;
        return userId === OLGA.userId ? OLGA.name : undefined;
      },
    },
  };
  addToken(room, 'mapped', { owner: { id: 'us-olga' }, createdAt: '2020-01-01T00:00:00.000Z' });
  addToken(room, 'mailed', { owner: { id: 'o-2', name: 'olga@example.com' }, createdAt: '2020-01-01T00:00:00.000Z' });
  addToken(room, 'nobody', { owner: { id: 'us-nobody' }, createdAt: '2020-01-01T00:00:00.000Z' });
  const said = (outcome: Outcome) =>
    JSON.stringify(render(outcome, { actor: PEOPLE.admin, now: NOW, discreet: false, showWhere: true }));
  return { room, services, said, asked: () => asked };
}

it('names the people whom the policy or an e-mail address means, asks for each once, and leaves the others', async () => {
  const { room, services, asked } = start();
  const tokens = [...room.tokens.values(), ...room.tokens.values()];
  const known = await withPeople(services, tokens);
  expect(known.map(({ owner }) => owner?.person?.name)).toEqual(['Olga', 'Olga', undefined, 'Olga', 'Olga', undefined]);
  expect(asked()).toBe(2);
  // What Slack calls somebody is no fact of the provider: it protects nothing.
  const policy = { ...services.policy, protected: [{ profile: '*', owner: 'Olga', reason: 'by a name of Slack' }] };
  expect(known.map((token: Token) => protectedBy(policy, token))).toEqual(Array(6).fill(undefined));
});

it('leaves an owner as the provider tells while Slack does not, and says of no list that it is empty by that', async () => {
  const { room, services } = start();
  const silent = () => Promise.reject(new Fault('slack_unavailable', 'no answer'));
  const unheard = { ...services, people: { ...services.people, byEmail: silent, emailOf: silent } };
  const known = await withPeople(unheard, [...room.tokens.values()]);
  expect(known.map(({ owner }) => owner?.person?.name)).toEqual(['Olga', undefined, undefined]);
  await expect(ownersOf(unheard, PEOPLE.viewer, 'me')).rejects.toMatchObject({ code: 'slack_unavailable' });
});

it('asks Slack for thirty owners of one message at most', async () => {
  const { services, asked } = start();
  const many = Array.from({ length: 200 }, (_, number) => ({
    ...({ provider: 'dfns', profile: 'dfns-demo', id: `t-${number}`, name: '', kind: 'pat' } as const),
    ...({ state: 'active', permissions: [], own: false } as const),
    owner: { id: `us-${number}` },
  }));
  const owners = Object.fromEntries(many.map(({ owner }) => [owner.id, OLGA.userId]));
  await withPeople({ ...services, policy: { ...services.policy, owners } }, many);
  expect(asked()).toBe(30);
});

it.each<[string, TokenCommand]>([
  ['a list', { verb: 'list', query: { profiles: [], sort: 'name' }, private: false }],
  ['one token', { verb: 'show', token: 'mapped' }],
  ['a preview', { verb: 'deactivate', tokens: ['mapped', 'mailed'], keepGoing: false }],
])('%s shows an owner by name, and wakes nobody', async (_what, command) => {
  const { room, services, said } = start();
  const context = { ...(await room.context(PEOPLE.admin)), services };
  const words = said(await executeCommand(context, command));
  expect(words).toContain('Olga');
  expect(words).not.toContain(`<@${OLGA.userId}>`);
});

it('the hygiene report shows owners by name, and wakes nobody', async () => {
  const { room, services, said } = start();
  const { authority } = await room.context(PEOPLE.admin);
  const words = said(await readDigest(services, authority, []));
  expect(words).toContain('Olga');
  expect(words).not.toContain(`<@${OLGA.userId}>`);
});

it('a case shows the owner as the person to turn to', async () => {
  const { room, services, said } = start();
  await openCase(room, room.tokens.get('mapped')!, { id: 'C-ABCD2345' });
  const { authority } = await room.context(PEOPLE.admin);
  expect(said(await readCase(services, authority, 'C-ABCD2345'))).toMatch(
    /Owner: <@U0OWNER0001>\\n.*Owner at \w+: `Olga` \(`us-olga`\)/,
  );
});

it('finds the tokens of a person by the policy and by the e-mail address that Slack tells, unless it is somebody else’s', async () => {
  const { services } = start();
  const people = { ...services.people, emailOf: async () => 'olga@example.com' };
  const ownedBy = (policy = services.policy) => ownersOf({ policy, people }, PEOPLE.admin, OLGA.userId);
  expect(await ownedBy()).toEqual(['us-olga', 'olga@example.com']);
  const owners = { ...services.policy.owners, 'Olga@example.com': 'U0ANOTHER01' };
  expect(await ownedBy({ ...services.policy, owners })).toEqual(['us-olga']);
  expect(await ownersOf({ policy: services.policy, people }, PEOPLE.viewer, undefined)).toBeUndefined();
});
