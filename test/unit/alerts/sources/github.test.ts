import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { receiveAlert } from '#shared/alerts/receive-alert.ts';
import { github } from '#shared/alerts/sources/github.ts';
import { Secret } from '#shared/core/secret.ts';
import '#test/support/contain-no-secret.ts';
import { alertRequest, checkNothing, fingerprint, now } from '#test/support/alerts.ts';
import { langsmithKey } from '#test/support/leaks.ts';

const SECRET = 'It’s a Secret to Everybody, and long enough';
const keys = { current: new Secret(SECRET) };
const keyring = { keys: async () => keys, freshKeys: async () => keys };
const send = (body: string, headers: Record<string, string> = {}) =>
  receiveAlert(
    alertRequest(body, {
      'x-github-event': 'secret_scanning_alert',
      'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
      ...headers,
    }),
    { source: github, keyring },
    { now, fingerprint, checkValidity: checkNothing, profiles: [] },
  );
const delivery = (action = 'created', alert: object = {}) =>
  JSON.stringify({ action, alert: { number: 5, ...alert }, repository: { full_name: 'acme/payments' } });
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const form = (json: string) => new URLSearchParams({ payload: json }).toString();

describe("GitHub's webhook", () => {
  it('verifies the published example of a signature', () => {
    // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries, "Testing the webhook payload validation"
    const request = alertRequest('Hello, World!', {
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    });
    const published = { current: new Secret("It's a Secret to Everybody") };
    expect(() => github.verify(request, published, 0)).not.toThrow();
  });

  it('reads a form as it reads JSON', async () => {
    expect(await send(form(delivery()), FORM)).toMatchObject({
      status: 202,
      jobs: [{ report: { locator: { repository: 'acme/payments', number: 5 } } }],
    });
  });

  it('takes a genuine delivery of another event for no alert, in neither form, whatever its header says', async () => {
    const alert = { action: 'created', alert: { number: 5 }, repository: { full_name: 'acme/payments' } };
    const issue = { title: `x&payload=${delivery()}&y=`, number: 1 };
    const body = JSON.stringify({ ...alert, issue });
    expect(await send(body, FORM)).toMatchObject({ status: 400, jobs: [] });
    expect(await send(body)).toMatchObject({ status: 200, jobs: [] });
    expect(await send(form(delivery()))).toMatchObject({ status: 400, jobs: [] });
  });

  it.each([
    ['without a payload', 'hello=world'],
    ['with two', `${form(delivery())}&${form(delivery())}`],
    ['with YAML, as in the published example', form('---\naction: created\n')],
  ])('refuses a form %s', async (_name, body) => {
    expect(await send(body, FORM)).toMatchObject({ status: 400, jobs: [] });
  });

  it('takes a further place of an alert for a report that tells its place', async () => {
    const header = { 'x-github-event': 'secret_scanning_alert_location' };
    const at = (details: object) =>
      JSON.stringify({ ...JSON.parse(delivery()), location: { type: 'commit', details } });
    const secret = langsmithKey('pt');
    const inFile = await send(at({ path: `old/${secret}.env`, commit_sha: '3f786850e387550f' }), header);
    expect(inFile).toMatchObject({
      status: 202,
      jobs: [{ report: { locator: { number: 5 }, isPlace: true, where: { commit: '3f786850e387550f' } } }],
    });
    expect(inFile).toContainNoSecret([secret]);
    const issue = 'https://api.github.com/repos/acme/payments/issues/3';
    const [inIssue] = (await send(at({ issue_body_url: issue }), header)).jobs;
    expect(inIssue).toMatchObject({ report: { isPlace: true, where: { url: issue } } });
    for (const location of [null, 'x', { details: 3 }]) {
      const odd = JSON.stringify({ ...JSON.parse(delivery()), location });
      expect(await send(odd, header)).toMatchObject({ status: 202, jobs: [{ report: { locator: { number: 5 } } }] });
    }
  });

  it('takes no secret that an alert brings along, nor one in its texts: the fetched one alone counts', async () => {
    const secret = langsmithKey('pt');
    const received = await send(delivery('publicly_leaked', { secret, html_url: `https://github.com/?q=${secret}` }));
    expect(received).toMatchObject({ jobs: [{ report: { locator: { number: 5 }, publiclyLeaked: true } }] });
    expect(received.jobs).toHaveLength(1);
    expect(received).not.toHaveProperty('jobs.0.report.clue');
    expect(received).toContainNoSecret([secret]);
  });

  it.each([
    ['reopened', {}],
    ['validated', { validity: 'active' }],
  ])('takes the action %s for a leak', async (action, alert) => {
    expect((await send(delivery(action, alert))).jobs).toHaveLength(1);
  });

  it.each(['push', 'secret_scanning_scan', 'code_scanning_alert', ''])('ignores the event "%s"', async (event) => {
    expect(await send(delivery(), { 'x-github-event': event })).toMatchObject({ status: 200, jobs: [] });
  });
});
