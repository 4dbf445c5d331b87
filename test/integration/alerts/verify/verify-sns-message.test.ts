import { afterAll, describe, expect, it } from 'vitest';
import { startSns } from '#infra/sandbox/sns/sns.ts';
import { signSnsMessage } from '#infra/sandbox/senders/sns-messages.ts';
import { createSns } from '#shared/alerts/sources/sns.ts';
import { createFetchPublic } from '#shared/alerts/verify/fetch-public.ts';
import { certificateUrl, createFetchCertificate } from '#shared/alerts/verify/verify-sns-message.ts';
import { alertRequest, NOW, NOW_SECONDS } from '#test/support/alerts.ts';

const stand = await startSns({ now: () => NOW });
afterAll(() => stand.close());

const TOPIC = 'arn:aws:sns:eu-central-1:000000000000:leaks';
const PEM = '/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem';

describe('certificateUrl', () => {
  it.each([
    ['eu-central-1', TOPIC, `https://sns.eu-central-1.amazonaws.com${PEM}`],
    ['China', 'arn:aws-cn:sns:cn-north-1:000000000000:leaks', `https://sns.cn-north-1.amazonaws.com.cn${PEM}`],
    [
      'GovCloud',
      'arn:aws-us-gov:sns:us-gov-west-1:000000000000:leaks',
      `https://sns.us-gov-west-1.amazonaws.com${PEM}`,
    ],
  ])('accepts the address of SNS in the region of the topic: %s', (_name, TopicArn, SigningCertURL) => {
    expect(certificateUrl({ TopicArn, SigningCertURL }).href).toBe(SigningCertURL);
  });

  it.each([
    'http://sns.eu-central-1.amazonaws.com',
    'https://sns.eu-west-1.amazonaws.com',
    'https://sns.eu-central-1.amazonaws.com.evil.example',
    'https://evil.example/sns.eu-central-1.amazonaws.com',
    'https://sns.eu-central-1.amazonaws.com:8443',
    'https://user@sns.eu-central-1.amazonaws.com',
    'https://sns.eu-central-1.amazonaws.com@evil.example',
    'https://snsXeu-central-1.amazonaws.com',
    'https://SNS.eu-central-1.amazonaws.com',
    'https://sns.eu-central-1.amazonaws.com/..',
    'https://sns.eu-central-1.amazonaws.com.cn',
    ' https://sns.eu-central-1.amazonaws.com',
  ])('refuses %s', (origin) => {
    expect(() => certificateUrl({ TopicArn: TOPIC, SigningCertURL: `${origin}${PEM}` })).toThrow('signature_invalid');
  });

  it.each(['/other.pem', `${PEM}?x=1`, `${PEM}#x`, '/SimpleNotificationService-xyz.pem', `/a${PEM}`])(
    'refuses the path %s',
    (path) => {
      const SigningCertURL = `https://sns.eu-central-1.amazonaws.com${path}`;
      expect(() => certificateUrl({ TopicArn: TOPIC, SigningCertURL })).toThrow('signature_invalid');
    },
  );
});

describe('the sns source', () => {
  const fetched: string[] = [];
  const source = createSns({
    topics: [stand.topicArn],
    fetchCertificate: async (url) => {
      fetched.push(url.href);
      return createFetchCertificate({ fetchPublic: createFetchPublic(fetch), endpoint: stand.url, now: () => NOW })(
        url,
      );
    },
  });
  const message = (more: object = {}) =>
    signSnsMessage(
      {
        Type: 'SubscriptionConfirmation',
        MessageId: 'm',
        Token: 'f'.repeat(200),
        TopicArn: stand.topicArn,
        Message: 'You have chosen to subscribe',
        SubscribeURL: `${stand.url}/?Action=ConfirmSubscription`,
        Timestamp: NOW.toISOString(),
        SignatureVersion: '2',
        SigningCertURL: stand.signingCertUrl,
        ...more,
      },
      stand.privateKeyPem,
    );
  const request = (more: object = {}) => alertRequest(JSON.stringify(message(more)));

  it('confirms a subscription by a job, and opens no URL that a message names', async () => {
    const confirmation = request();
    await source.verify(confirmation, undefined, NOW_SECONDS);
    expect(await source.read(confirmation, NOW_SECONDS)).toEqual({
      kind: 'answered',
      status: 200,
      job: { kind: 'sns-confirm', topicArn: stand.topicArn, token: 'f'.repeat(200) },
    });
    expect(stand.confirmations()).toEqual([]);
    expect(fetched).toEqual([stand.signingCertUrl]);
  });

  it('takes a goodbye for what it is', async () => {
    const goodbye = request({ Type: 'UnsubscribeConfirmation' });
    await source.verify(goodbye, undefined, NOW_SECONDS);
    expect(await source.read(goodbye, NOW_SECONDS)).toMatchObject({ kind: 'ignored' });
  });

  it.each([
    ['a topic that is not in the list', { TopicArn: stand.topicArn.replace('leaks', 'others') }],
    ['the same topic of another account', { TopicArn: stand.topicArn.replace('000000000000', '111111111111') }],
    ['a certificate from elsewhere', { SigningCertURL: `https://evil.example${PEM}` }],
    ['a time without a zone', { Timestamp: '2026-01-15 12:00:00' }],
    ['no time', { Timestamp: 'soon' }],
  ])('refuses %s before it fetches anything', async (_name, more) => {
    fetched.length = 0;
    await expect(source.verify(request(more), undefined, NOW_SECONDS)).rejects.toThrow(/signature_(invalid|stale)/);
    expect(fetched).toEqual([]);
  });

  it('refuses a version of signature that does not exist', async () => {
    await expect(source.verify(request({ SignatureVersion: '3' }), undefined, NOW_SECONDS)).rejects.toThrow(
      'signature_missing',
    );
  });

  it('refuses one version presented as the other', async () => {
    const swapped = alertRequest(JSON.stringify({ ...message({ SignatureVersion: '1' }), SignatureVersion: '2' }));
    await expect(source.verify(swapped, undefined, NOW_SECONDS)).rejects.toThrow('signature_invalid');
  });

  it('refuses a certificate that is not valid now', async () => {
    const later = NOW_SECONDS + 20 * 365 * 86_400;
    const fresh = request({ Timestamp: new Date(later * 1000).toISOString() });
    await expect(source.verify(fresh, undefined, later)).rejects.toThrow('not valid now');
  });

  it('says that keys are unavailable when SNS does not answer with a certificate', async () => {
    const answering = (status: number, text: string) =>
      createSns({
        topics: [stand.topicArn],
        fetchCertificate: createFetchCertificate({ fetchPublic: async () => ({ status, text }), now: () => NOW }),
      });
    await expect(answering(500, '').verify(request(), undefined, NOW_SECONDS)).rejects.toThrow('keys_unavailable');
    await expect(answering(200, '<html>').verify(request(), undefined, NOW_SECONDS)).rejects.toThrow(
      'keys_unavailable',
    );
  });
});

describe('createFetchCertificate', () => {
  it('asks for a name that SNS does not have once a minute, for one at a time, and keeps what it found', async () => {
    let time = NOW.getTime();
    let asking = 0;
    const asked: string[] = [];
    const fetchCertificate = createFetchCertificate({
      fetchPublic: async ({ pathname }) => {
        expect((asking += 1)).toBe(1);
        asked.push(pathname);
        await new Promise(setImmediate);
        asking -= 1;
        return pathname === PEM ? { status: 200, text: 'pem' } : { status: 404, text: '' };
      },
      now: () => new Date(time),
    });
    const of = (path: string) => fetchCertificate(new URL(path, 'https://sns.eu-central-1.amazonaws.com'));
    const ask = (path: string) => of(path).catch((error: unknown) => String(error));
    expect(await Promise.all([ask('/a.pem'), ask('/b.pem'), ask(PEM), ask('/a.pem')])).toEqual([
      expect.stringContaining('signature_invalid'),
      expect.stringContaining('signature_invalid'),
      'pem',
      expect.stringContaining('signature_invalid'),
    ]);
    time += 59_000;
    await ask('/a.pem');
    expect(asked).toEqual(['/a.pem', '/b.pem', PEM]);
    time += 2000;
    await Promise.all([ask('/a.pem'), ask(PEM)]);
    expect(asked).toEqual(['/a.pem', '/b.pem', PEM, '/a.pem']);
  });
});

describe('createFetchPublic', () => {
  it('stops reading an answer that is too long', async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (stream) => {
        sent += 1;
        stream.enqueue(new Uint8Array(65_536));
      },
    });
    const fetchPublic = createFetchPublic(async () => new Response(endless));
    await expect(fetchPublic(new URL('https://sns.eu-central-1.amazonaws.com/'))).rejects.toThrow('too long an answer');
    expect(sent).toBeLessThan(10);
  });
});
