import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventBridgeEvent } from '#infra/sandbox/senders/eventbridge-event.ts';
import { snsLambdaEvent } from '#infra/sandbox/senders/sign-sns-message.ts';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { expectInOrder } from '#test/support/expect-in-order.ts';
import '#test/support/contain-no-secret.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';
import { wordsOf } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let driver: AlertDriver;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  driver = createAlertDriver(sandbox);
});
afterAll(async () => {
  await expectInOrder(sandbox, driver);
  await sandbox.stop();
});

const PROVIDERS = ['dfns', 'langsmith'] as const;

/** A token's case, from the alert to the proof: dead once, told on one card with receipt, grade, rule and log. */
async function expectKilled(token: StandInToken, grade = /Match: \*proved\*/): Promise<void> {
  const card = await driver.card(token.name, /Deactivated, confirmed\./);
  const words = wordsOf(card);
  expect(words).toMatch(grade);
  // A secret that was watched did not come along, so that it could be shown to nobody.
  const isShown = /Patrol showed the secret to `127\.0\.0\.1:\d+` at .* UTC>, once/.test(words);
  expect(isShown).toBe(!/has this very secret/.test(words));
  expect(words).toMatch(/a fresh read says inactive/);
  expect(words).toMatch(/Confirmed .* after the first report\./);
  expect(words).toMatch(/Rule: `proved` \(deactivate\)/);
  expect(await driver.stateOf(token)).toBe('inactive');
  expect(await driver.mutationsOf(token)).toBe(1);
  expect(await driver.cards(token.name)).toHaveLength(1);
  await sandbox.until('the thread to tell it', async () =>
    (await driver.thread(card)).some((line) => /Deactivated, confirmed\./.test(wordsOf(line))),
  );
}

describe.concurrent('a leaked token is dead, and the card proves it, when it is reported by', () => {
  const senders: readonly (readonly [string, number])[] = [
    ['github', 202],
    ['github-partner', 200],
    ['gitlab', 204],
    ['gitlab-partner', 204],
    ['trufflehog', 202],
    ['gitleaks', 202],
    ['generic', 202],
    ['sns', 202],
  ];
  it.each(senders)('%s', async (sender, status) => {
    const tokens = await Promise.all(PROVIDERS.map((provider) => driver.issue(provider, `${sender} ${provider}`)));
    const answers = await Promise.all(tokens.map((token) => driver.report(sender, token)));
    expect(answers.map((answer) => answer.status)).toEqual([status, status]);
    // Whoever asks our edges gets no word of the secret back, not even its own.
    expect(answers).toContainNoSecret(tokens.map(({ secret }) => secret));
    for (const token of tokens) await expectKilled(token);
  });

  it.each([
    ['gitguardian, by the hash of a Dfns secret that is watched', 'ci-deploy'],
    ['gitguardian, by the hash of a LangSmith secret that is watched', 'prod-tracing'],
  ])('%s', async (_, name) => {
    const token = await sandbox.token(name);
    expect((await driver.report('gitguardian', token)).status).toBe(202);
    await expectKilled(token, /Match: \*proved\*\. Proved: its owner has this very secret/);
  });

  it.each(PROVIDERS)('EventBridge, which invokes the function (%s)', async (provider) => {
    const token = await driver.issue(provider, `eventbridge ${provider}`);
    expect(await driver.invoke(eventBridgeEvent(driver.leakOf(token)))).toBeNull();
    await expectKilled(token);
  });

  it.each(PROVIDERS)('SNS, which invokes the function (%s)', async (provider) => {
    const token = await driver.issue(provider, `sns to lambda ${provider}`);
    const { topicArn } = sandbox.ready.alerts.secrets.sns;
    expect(await driver.invoke(snsLambdaEvent(driver.leakOf(token), topicArn))).toBeNull();
    await expectKilled(token);
  });

  it('SNS with its older signature', async () => {
    const token = await driver.issue('langsmith', 'sns version one');
    expect((await driver.report('sns', token, { snsVersion: '1' })).status).toBe(202);
    await expectKilled(token);
  });
});

describe('a report that shows no secret', () => {
  it('of TruffleHog Enterprise is told once, with the place and what to do, and nothing is changed', async () => {
    const token = await driver.issue('langsmith', 'only eight characters');
    const repository = 'acme/shows-little';
    const alert = driver.sign('trufflehog-enterprise', driver.leakOf(token, { repository }));
    expect((await driver.deliver(alert)).status).toBe(202);
    const card = await driver.card(repository, /matches no token Patrol can see\. NOT revoked/);
    expect(wordsOf(card)).toMatch(/Find out whose it is; `\/pat list`/);
    expect(wordsOf(card)).toMatch(/The report does not show the secret/);
    expect((await driver.deliver(alert)).status).toBe(202);
    await driver.quiet();
    expect(await driver.cards(repository)).toHaveLength(1);
    expect(await driver.stateOf(token)).toBe('active');
  });
});

describe('the sender is answered in its own terms:', () => {
  it("GitHub's alert is closed as revoked with the receipt, and the echo of that is ignored", async () => {
    const token = await driver.issue('dfns', 'closed at github');
    const alert = driver.sign('github', driver.leakOf(token, { repository: 'acme/answered' }));
    await driver.deliver(alert);
    await expectKilled(token);
    // The sender is answered after the card has told it.
    await driver.quiet();
    const [closed] = (await driver.githubAlerts()).filter(({ repository }) => repository === 'acme/answered');
    expect(closed).toMatchObject({ state: 'resolved', resolution: 'revoked' });
    expect(closed?.resolution_comment).toMatch(
      /^Deactivated; Patrol \(C-\w{16}\) confirmed it by reading back at \d{4}-.*a fresh read says inactive/,
    );

    const before = await driver.queued();
    const body = alert.body.replace('"action":"created"', '"action":"resolved"');
    const signature = createHmac('sha256', sandbox.ready.alerts.secrets.github).update(body).digest('hex');
    const echo = { ...alert, body, headers: { ...alert.headers, 'x-hub-signature-256': `sha256=${signature}` } };
    const { github: _, ...sent } = echo;
    expect((await driver.deliver(sent)).status).toBe(200);
    expect(await driver.queued()).toBe(before);
  });

  it('every alert of GitHub about one token is closed, also one that comes when it is dead already', async () => {
    const token = await driver.issue('langsmith', 'in three repositories');
    const places = ['acme/one', 'acme/two', 'acme/three'];
    const [last = '', ...first] = places.toReversed();
    const report = (repository: string) => driver.deliver(driver.sign('github', driver.leakOf(token, { repository })));
    await Promise.all(first.map(report));
    await expectKilled(token);
    await report(last);
    await sandbox.until('all alerts to be closed', async () =>
      (await driver.githubAlerts())
        .filter(({ repository }) => places.includes(repository))
        .every(({ resolution }) => resolution === 'revoked'),
    );
    expect(await driver.mutationsOf(token)).toBe(1);
    await driver.card(token.name, /Reported 3 times/);
  });

  it('the partner programme gets a verdict on each token, named by its hash', async () => {
    const token = await driver.issue('langsmith', 'judged');
    const stranger = 'not-one-of-ours-0123456789abcdef';
    const { body } = await driver.deliver(partnerAlert([token.secret, stranger]));
    expect(JSON.parse(body)).toEqual([
      { token_hash: sha256Hex(token.secret), token_type: 'langchain_api_personal_key', label: 'true_positive' },
      { token_hash: sha256Hex(stranger), token_type: 'langchain_api_personal_key', label: 'false_positive' },
    ]);
    await expectKilled(token);
  });

  it('GitLab learns what to hand over, 204 for taken, 400 for never again, 429 for later', async () => {
    const token = await driver.issue('langsmith', 'gitlab statuses');
    const { gitlab } = sandbox.ready.alerts.secrets;
    const revoke = (body: string) =>
      driver.deliver({ path: '/alerts/gitlab/v1/revoke_tokens', headers: { authorization: gitlab }, body });
    const types = await fetch(`${sandbox.ready.alerts.endpoint}/gitlab/v1/revocable_token_types`, {
      headers: { authorization: gitlab },
    });
    expect(await types.json()).toEqual({ types: expect.arrayContaining(['gitleaks_rule_id_langsmith']) });
    expect((await revoke('[]')).status).toBe(204);
    expect((await revoke('{"not":"a list"}')).status).toBe(400);
    expect((await revoke('not json')).status).toBe(400);

    const alert = driver.sign('gitlab', driver.leakOf(token));
    await sandbox.fault('sqs', { mode: 'down' });
    expect((await driver.deliver(alert)).status).toBe(429);
    await sandbox.fault('sqs', { mode: 'none' });
    expect((await driver.deliver(alert)).status).toBe(204);
    await expectKilled(token);
  });
});

/** GitHub's list of found tokens, signed anew because it is another list. */
function partnerAlert(secrets: readonly string[]) {
  const [first = ''] = secrets;
  const leak = { secret: first, provider: 'langsmith' } as const;
  const { body } = driver.sign('github-partner', leak);
  const [record] = JSON.parse(body) as [object];
  return driver.signPartner(JSON.stringify(secrets.map((token) => ({ ...record, token }))));
}

describe('one delivery with several leaks', () => {
  it('kills each, and a record that cannot be read hides none of them', async () => {
    const tokens = await Promise.all([1, 2, 3].map((nth) => driver.issue('langsmith', `listed ${nth}`)));
    const lines = tokens.map((token) => driver.sign('trufflehog', driver.leakOf(token)).body.trim());
    const body = [lines[0], '{"broken', lines[1], '"words aside"', '{"neither":1}', lines[2], ''].join('\n');
    expect((await driver.deliver(driver.signWebhook('trufflehog', body))).status).toBe(202);
    for (const token of tokens) await expectKilled(token);
    await driver.card('2 records could not be read.', /NOT revoked/);
    expect(await driver.cards('2 records could not be read.')).toHaveLength(1);
  });

  it('of a thousand findings kills ours and sums the others up in one card', async () => {
    const tokens = await Promise.all([1, 2, 3].map((nth) => driver.issue('dfns', `among a thousand ${nth}`)));
    const repository = 'acme/thousand';
    const foreign = Array.from({ length: 997 }, (_, nth) => ({ secret: `nobody-knows-this-${nth}`, repository }));
    const ours = tokens.map(({ secret }) => ({ secret, repository }));
    const findings = [...foreign.slice(0, 500), ...ours, ...foreign.slice(500)];
    expect((await driver.deliver(driver.signWebhook('generic', JSON.stringify({ findings })))).status).toBe(202);
    for (const token of tokens) await expectKilled(token);
    expect(await driver.cards('997 findings are of no form that we know.')).toHaveLength(1);
  });
});
