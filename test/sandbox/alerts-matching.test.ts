import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventBridgeEvent } from '#infra/sandbox/senders/eventbridge-event.ts';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { expectInOrder } from '#test/support/expect-in-order.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';
import { startTestSandbox, type TestSandbox, withWideBrake } from '#test/support/sandbox.ts';
import { wordsOf } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let driver: AlertDriver;
/** Secrets that are no tokens of ours. */
const foreign: string[] = [];

async function start(args: readonly string[]): Promise<void> {
  sandbox = await startTestSandbox(args);
  driver = createAlertDriver(sandbox);
}
const inspect = () => expectInOrder(sandbox, driver, foreign);

/** Reports any text in the generic form; `where` makes its card known. */
async function reportText(secret: string, repository: string, more: object = {}): Promise<void> {
  const alert = driver.signWebhook('generic', JSON.stringify({ secret, repository, ...more }));
  expect((await driver.deliver(alert)).status).toBe(202);
}
const activeOf = async (tokens: readonly StandInToken[]) => {
  const states = await Promise.all(tokens.map((token) => driver.stateOf(token)));
  return states.filter((state) => state === 'active').length;
};
const claimsOf = ({ secret }: StandInToken) =>
  JSON.parse(Buffer.from(secret.split('.')[1] ?? '', 'base64url').toString()) as Record<string, any>;

/** Starts with the project's own policy, of which some lines are changed. */
function startWith(...changes: readonly (readonly [from: RegExp, to: string])[]): Promise<void> {
  let policy = withWideBrake(readFileSync(new URL('../../infra/policy.yml', import.meta.url), 'utf8'));
  for (const [from, to] of changes) {
    expect(policy).toMatch(from);
    policy = policy.replace(from, to);
  }
  const file = join(folder, 'policy.yml');
  writeFileSync(file, policy);
  return start(['--no-page', '--policy', file]);
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patrol-policy-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a guess', () => {
  beforeAll(() =>
    startWith(
      [/^owners: \{\}$/m, 'owners: { anna@example.com: U0VIEWER001 }'],
      [/^alerts:$/m, 'alerts:\n  owner: { replaced: deactivate }'],
    ),
  );
  afterAll(async () => {
    await inspect();
    await sandbox.stop();
  });

  it('among several tokens kills none: the card shows each with its button, and a person chooses', async () => {
    const one = await driver.issue('dfns', 'twin one');
    const twins = [one, await driver.issue('dfns', 'twin other', { createdAt: one.createdAt })];
    await reportText(one.secret, 'acme/twins');
    const card = await driver.card('acme/twins', /one of 2 tokens\. NOT revoked: a person must decide/);
    const words = wordsOf(card);
    expect(words).toMatch(/twin one/);
    expect(words).toMatch(/twin other/);
    expect(words).toMatch(/a guess never kills/);
    expect(words).toMatch(/Rule: `resembles` \(ask\)/);
    expect(await activeOf(twins)).toBe(2);

    await driver.press(card, 'Deactivate', 'operator', /twin other/);
    await driver.reads(card, /Leaked: .*twin other.*Deactivated, confirmed\./);
    expect(await driver.stateOf(twins[1]!)).toBe('inactive');
    expect(await driver.stateOf(twins[0]!)).toBe('active');
    expect(await driver.cards('acme/twins')).toHaveLength(1);
  });

  it('cannot be forced by claims of another organisation: nothing is found, and nothing is changed', async () => {
    const token = await driver.issue('dfns', 'claimed by a forger');
    const claims = claimsOf(token);
    const stranger = 'or-30tnh-itmjs-s235s5ontr3r23h2';
    const appMetadata = { ...claims['https://custom/app_metadata'], orgId: stranger };
    const forged = dfnsToken({ claims: { ...claims, sub: stranger, 'https://custom/app_metadata': appMetadata } });
    foreign.push(forged);
    await reportText(forged, 'acme/forged');
    const card = await driver.card('acme/forged', /matches no token Patrol can see\. NOT revoked/);
    expect(wordsOf(card)).toContain('not verified');
    expect(await driver.stateOf(token)).toBe('active');
  });

  it('by the right user and another second is weak, and asks', async () => {
    const token = await driver.issue('dfns', 'borrowed user');
    const forged = dfnsToken({ claims: { ...claimsOf(token), iat: 1_500_000_000 } });
    foreign.push(forged);
    await reportText(forged, 'acme/borrowed');
    await driver.card('acme/borrowed', /NOT revoked: a person must decide/);
    expect(await driver.stateOf(token)).toBe('active');
  });

  it('that fits no token is announced once with what to do, and repeats are counted', async () => {
    const secret = langsmithKey('pt');
    foreign.push(secret);
    for (const _ of [1, 2, 3]) await reportText(secret, 'acme/nobody');
    const card = await driver.card('acme/nobody', /Reported 3 times/);
    expect(card.text).toMatch(/matches no token Patrol can see\. NOT revoked\./);
    expect(wordsOf(card)).toMatch(/Find out whose it is; `\/pat list`.*revoke it there.*press Not ours/);
    expect(wordsOf(card)).toContain('The secret: a LangSmith personal access token.');
    expect(wordsOf(card)).not.toContain(secret.slice(0, 8));
    expect(wordsOf(card)).not.toContain(`…${secret.slice(-4)}`);
    await driver.quiet();
    expect(await driver.cards('acme/nobody')).toHaveLength(1);
    await driver.press(card, 'Not ours', 'operator');
    await driver.reads(card, /Closed as not ours/);
  });

  it('is not made for a secret of no known form: it is told together with the others of its delivery', async () => {
    const secrets = ['plain-password-0123456789-abcdef', 'AKIAIOSFODNN7EXAMPLE-and-more'];
    foreign.push(...secrets);
    const findings = secrets.map((secret) => ({ secret, repository: 'acme/other-secrets' }));
    await driver.deliver(driver.signWebhook('generic', JSON.stringify({ findings })));
    const card = await driver.card('acme/other-secrets', /2 findings are of no form that we know/);
    expect(wordsOf(card)).toMatch(/NOT revoked/);
  });

  it('is not made from a hash that no watched secret has', async () => {
    const secret = langsmithKey('pt');
    foreign.push(secret);
    const leak = { secret, provider: 'langsmith', repository: 'acme/only-a-hash' } as const;
    expect((await driver.deliver(driver.sign('gitguardian', leak))).status).toBe(202);
    const card = await driver.card('acme/only-a-hash', /matches no token Patrol can see\. NOT revoked/);
    expect(wordsOf(card)).toMatch(/gave only a hash; no watched secret has it/);
  });

  it("is no word of a scanner's test message: it is told, and never acted on", async () => {
    const token = await driver.issue('langsmith', 'only a drill');
    await reportText(token.secret, 'acme/drill', { test: true });
    const card = await driver.card('only a drill', /NOT revoked: the rules say to tell only/);
    expect(wordsOf(card)).toMatch(/test message of the scanner/);
    expect(wordsOf(card)).toMatch(/Rule: `test-messages` \(notify\)/);
    expect(await driver.stateOf(token)).toBe('active');
  });

  it.each(['dfns', 'langsmith'])(
    'of the very token that Patrol works with at %s is refused, and says why',
    async (provider) => {
      const own = (await sandbox.tokens()).find((one) => one.provider === provider && one.name === 'patrol-bot')!;
      await reportText(own.secret, `acme/own-${provider}`);
      const card = await driver.card(`acme/own-${provider}`, /NOT revoked\./);
      expect(wordsOf(card)).toMatch(/It is the token that Patrol itself works with/);
      expect(await driver.stateOf(own)).toBe('active');
      expect(await driver.mutationsOf(own)).toBe(0);
    },
  );

  it('of a protected token is refused with the reason of the policy', async () => {
    const kept = await sandbox.token('break-glass-payments');
    await reportText(kept.secret, 'acme/protected');
    const card = await driver.card('acme/protected', /NOT revoked\./);
    expect(wordsOf(card)).toMatch(/emergency access of the platform team/);
    expect(await driver.stateOf(kept)).toBe('active');
  });

  it('is none of the business of an owner, but a kill is: they are told by direct message, once', async () => {
    const owner = 'anna@example.com';
    const token = await driver.issue('langsmith', 'owned by anna', { owner });
    const told = async () =>
      (await sandbox.messages()).filter(
        (message) => message.channel.startsWith('D') && wordsOf(message).includes('owned by anna'),
      );
    await reportText(token.secret, 'acme/annas-drill', { test: true });
    await driver.card('owned by anna', /NOT revoked: the rules say to tell only/);
    await driver.quiet();
    expect(await told()).toHaveLength(0);
    await reportText(token.secret, 'acme/annas');
    const card = await driver.card('owned by anna', /Deactivated, confirmed\./);
    await driver.reads(card, /Owner told/);
    await reportText(token.secret, 'acme/annas-other');
    await driver.quiet();
    expect(await told()).toHaveLength(1);
    expect((await driver.thread(card)).map(wordsOf).join('\n')).toMatch(/The owner was told by direct message/);
  });

  it('is answered by the owner, in the message that told them: it is theirs, or it is not', async () => {
    const owner = 'anna@example.com';
    const ask = async (name: string) => {
      const token = await driver.issue('langsmith', name, { owner });
      const body = JSON.stringify({ provider: 'langsmith', tokenId: token.id, repository: 'acme/owned' });
      expect((await driver.deliver(driver.signWebhook('generic', body))).status).toBe(202);
      const card = await driver.card(name, /NOT revoked: a person must decide/);
      const notice = await sandbox.until('its owner to be told', async () =>
        (await sandbox.messages()).find(
          (message) => message.channel.startsWith('D') && wordsOf(message).includes(name),
        ),
      );
      return { token, card, notice };
    };
    const replaced = await ask('replaced by anna');
    await driver.press(replaced.notice, 'It is mine, replaced', 'approver');
    await driver.press(replaced.notice, 'It is mine, replaced', 'viewer');
    await driver.reads(
      replaced.card,
      /Deactivated, confirmed\..*Its owner <@U0VIEWER001> says that it is known and replaced/s,
    );
    await driver.reads(replaced.notice, /It was deactivated, and a fresh read confirmed it/);
    expect(await driver.stateOf(replaced.token)).toBe('inactive');

    const strange = await ask('made by nobody');
    await driver.press(strange.notice, 'Not me', 'viewer');
    await driver.reads(strange.card, /says that it is NOT the owner's/);
    const called = await sandbox.until('the group to be called', async () =>
      (await driver.thread(strange.card)).find((one) => /<!subteam\^S0ONCALL001>.*NOT the owner's/s.test(wordsOf(one))),
    );
    expect(wordsOf(called)).toMatch(/Find out who/);
    expect(await driver.stateOf(strange.token)).toBe('active');
  });

  it('at a server that can only delete: a person is asked, and nothing is deleted by itself', async () => {
    const token = await driver.issue('langsmith', 'on an old server');
    await sandbox.fault('langsmith', { mode: 'no-revocation' });
    await reportText(token.secret, 'acme/old-server');
    const card = await driver.card('on an old server', /NOT revoked: a person must decide/);
    expect(wordsOf(card)).toMatch(/cannot deactivate.*Deleting is left, which cannot be undone/);
    expect(await driver.stateOf(token)).toBe('active');
    expect(await driver.mutationsOf(token)).toBe(0);

    await driver.press(card, 'Delete', 'admin');
    await driver.reads(card, /Deleted, confirmed\./);
    expect(await driver.stateOf(token)).toBe('deleted');
    await sandbox.fault('langsmith', { mode: 'none' });
  });

  it('of a service key, which can only be deleted, asks as well', async () => {
    const key = await sandbox.token('ci-evals');
    await reportText(key.secret, 'acme/service-key');
    await driver.card('acme/service-key', /NOT revoked: a person must decide/);
    expect(await driver.stateOf(key)).toBe('active');
  });
});

describe('in shadow', () => {
  beforeAll(() => startWith([/^mode: enforce/m, 'mode: shadow'], [/\bgitleaks, /, ''], [/, eventbridge\b/, '']));
  afterAll(async () => {
    await inspect();
    await sandbox.stop();
  });

  it.each(['dfns', 'langsmith'] as const)(
    'a sure leak at %s is told with what would have been done, and not touched',
    async (provider) => {
      const token = await driver.issue(provider, `watched only ${provider}`);
      await driver.report('github', token);
      const card = await driver.card(token.name, /NOT revoked: Patrol only watches \(shadow\)/);
      expect(wordsOf(card)).toMatch(/Without shadow, it would have been deactivated/);
      await driver.quiet();
      expect(await driver.mutationsOf(token)).toBe(0);
      const [alert] = (await driver.githubAlerts()).filter(({ secret }) => secret === token.secret);
      expect(alert?.state).toBe('open');

      await driver.press(card, 'Deactivate', 'operator');
      await driver.reads(card, /Deactivated, confirmed\./);
      expect(await driver.stateOf(token)).toBe('inactive');
      await sandbox.until('the alert to be closed', async () =>
        (await driver.githubAlerts()).some(({ secret, state }) => secret === token.secret && state === 'resolved'),
      );
    },
  );

  it('a source that is switched off does not exist, and its events are ignored', async () => {
    const token = await driver.issue('langsmith', 'heard from nobody');
    const before = await driver.queued();
    expect((await driver.report('gitleaks', token)).status).toBe(404);
    expect(await driver.invoke(eventBridgeEvent(driver.leakOf(token)))).toBeNull();
    expect(await driver.queued()).toBe(before);
  });
});
