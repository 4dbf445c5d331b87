import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { afterAll, describe, expect, it } from 'vitest';
import { startSns } from '#infra/sandbox/sns/sns.ts';
import { signSnsMessage } from '#infra/sandbox/senders/sign-sns-message.ts';
import { createSns } from '#shared/alerts/sources/sns.ts';
import { createFetchPublic } from '#shared/alerts/verify/fetch-public.ts';
import {
  certificateUrl,
  createFetchCertificate,
  signedText,
  snsHttpSchema,
} from '#shared/alerts/verify/verify-sns-message.ts';
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

describe('certificateUrl of a topic', () => {
  const SigningCertURL = `https://sns.eu-central-1.amazonaws.com${PEM}`;

  it.each(['a', 'x'.repeat(256), 'A-b_9'])('accepts the name %s', (name) => {
    const TopicArn = `arn:aws:sns:eu-central-1:000000000000:${name}`;
    expect(certificateUrl({ TopicArn, SigningCertURL }).href).toBe(SigningCertURL);
  });

  it.each([
    `x${TOPIC}`,
    `${TOPIC}\n`,
    `${TOPIC} `,
    'arn:aws:sns:eu-central-1:000000000000:',
    `arn:aws:sns:eu-central-1:000000000000:${'x'.repeat(257)}`,
    'arn:aws:sns:eu-central-1:00000000000:leaks',
    'arn:aws:sns:eu-central-1:0000000000000:leaks',
    'arn:aws:sns:eu-central-1:00000000000a:leaks',
    'arn:aws:sqs:eu-central-1:000000000000:leaks',
    'arn:aws9:sns:eu-central-1:000000000000:leaks',
    'arn:aws-of-a-long-name:sns:eu-central-1:000000000000:leaks',
    'arn:aws:sns:eu-central-:000000000000:leaks',
    'arn:aws:sns:e-central-1:000000000000:leaks',
    'arn:aws:sns:euroa-central-1:000000000000:leaks',
    'arn:aws:sns:eu-1:000000000000:leaks',
    'arn:aws:sns:eu-central1:000000000000:leaks',
  ])('refuses %j', (TopicArn) => {
    const region = TopicArn.split(':')[3];
    for (const host of [
      `sns.${region}.amazonaws.com`,
      'sns.undefined.amazonaws.com',
      'sns.eu-central-1.amazonaws.com',
    ]) {
      expect(() => certificateUrl({ TopicArn, SigningCertURL: `https://${host}${PEM}` })).toThrow(
        'signature_invalid: SigningCertURL is not of the region of the topic',
      );
    }
  });

  it.each([`${PEM}x`, PEM.replace('0123', '012'), PEM.replace('0123', '01234'), PEM.replace('.pem', 'xpem')])(
    'refuses a certificate of the name %s',
    (path) => {
      const url = `https://sns.eu-central-1.amazonaws.com${path}`;
      expect(() => certificateUrl({ TopicArn: TOPIC, SigningCertURL: url })).toThrow('signature_invalid');
    },
  );

  it('refuses what is no address', () => {
    expect(() => certificateUrl({ TopicArn: TOPIC, SigningCertURL: 'nonsense' })).toThrow('signature_invalid');
  });
});

describe('signedText', () => {
  const shared = {
    MessageId: 'id',
    TopicArn: TOPIC,
    Message: 'words',
    Timestamp: 'then',
    SignatureVersion: '2',
    Signature: 's',
    SigningCertURL: 'u',
  } as const;

  it('is the names in their order, each with its value, and a subject only where there is one', () => {
    const before = 'Message\nwords\nMessageId\nid\n';
    const after = `Timestamp\nthen\nTopicArn\n${TOPIC}\nType\nNotification\n`;
    expect(signedText({ Type: 'Notification', Subject: 'on', ...shared })).toBe(`${before}Subject\non\n${after}`);
    expect(signedText({ Type: 'Notification', Subject: '', ...shared })).toBe(`${before}Subject\n\n${after}`);
    for (const none of [{}, { Subject: null }, { Subject: undefined }]) {
      expect(signedText({ Type: 'Notification', ...none, ...shared })).toBe(before + after);
    }
    expect(signedText({ Type: 'SubscriptionConfirmation', SubscribeURL: 'link', Token: 't', ...shared })).toBe(
      `${before}SubscribeURL\nlink\nTimestamp\nthen\nToken\nt\nTopicArn\n${TOPIC}\nType\nSubscriptionConfirmation\n`,
    );
  });

  it('is made of a message whose signature is base64 of the length of RSA', () => {
    const reads = (Signature: string) =>
      snsHttpSchema.safeParse({ Type: 'Notification', ...shared, Signature }).success;
    expect(['A'.repeat(86), `${'A'.repeat(86)}==`, 'aZ0+/'.repeat(280)].map(reads)).toEqual([true, true, true]);
    const odd = ['A'.repeat(85), 'A'.repeat(1401), `${'A'.repeat(86)}===`, ` ${'A'.repeat(86)}`, `${'A'.repeat(86)}\n`];
    expect([...odd, `${'A'.repeat(50)}_${'A'.repeat(50)}`].map(reads)).toEqual(odd.concat('').map(() => false));
  });
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

  it('takes a message up to an hour old, or as much ahead of us, in either version', async () => {
    const atMs = (milliseconds: number) => new Date(NOW.getTime() + milliseconds).toISOString();
    const hour = 3_600_000;
    for (const Timestamp of [atMs(-hour), atMs(hour), '2026-01-15T12:00:00Z', '2026-01-15T12:00:00.123456Z']) {
      for (const SignatureVersion of ['1', '2']) {
        await source.verify(request({ Timestamp, SignatureVersion }), undefined, NOW_SECONDS);
      }
    }
    const odd = [
      '2026-01-15T12:00:00.1234567Z',
      '2026-01-15T12:00:00.Z',
      'x2026-01-15T12:00:00Z',
      '2026-01-15T12:00:00Zx',
    ];
    for (const Timestamp of [atMs(-hour - 1), atMs(hour + 1), '2026-01-15T12:00Z', ...odd]) {
      await expect(source.verify(request({ Timestamp }), undefined, NOW_SECONDS), Timestamp).rejects.toThrow(
        'signature_stale: Timestamp is outside the tolerance',
      );
    }
  });

  it('tells our log why it refuses', async () => {
    await expect(
      source.verify(request({ TopicArn: TOPIC.replace('leaks', 'others') }), undefined, NOW_SECONDS),
    ).rejects.toThrow('signature_invalid: topic is not in alerts.snsTopics');
    const forged = alertRequest(JSON.stringify({ ...message(), Message: 'other words' }));
    await expect(source.verify(forged, undefined, NOW_SECONDS)).rejects.toThrow(
      'signature_invalid: the signature does not match',
    );
    const early = NOW_SECONDS - 2 * 365 * 86_400;
    const young = request({ Timestamp: new Date(early * 1000).toISOString() });
    await expect(source.verify(young, undefined, early)).rejects.toThrow(
      'signature_invalid: the certificate is not valid now',
    );
  });

  it('refuses a certificate whose key is not RSA, though it signs', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'sns.amazonaws.com' }], {
      keyType: 'ec',
      notBeforeDate: new Date(NOW.getTime() - 86_400_000),
      notAfterDate: new Date(NOW.getTime() + 86_400_000),
    });
    const other = createSns({ topics: [stand.topicArn], fetchCertificate: async () => cert });
    const signed = signSnsMessage(message(), key);
    await expect(other.verify(alertRequest(JSON.stringify(signed)), undefined, NOW_SECONDS)).rejects.toThrow(
      'signature_invalid: the key is not RSA',
    );
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

  it('takes a certificate from its first second to its last', async () => {
    const pem = await createFetchCertificate({
      fetchPublic: createFetchPublic(fetch),
      endpoint: stand.url,
      now: () => NOW,
    })(new URL(stand.signingCertUrl));
    const { validFrom, validTo } = new X509Certificate(pem);
    for (const end of [Date.parse(validFrom), Date.parse(validTo)]) {
      await source.verify(request({ Timestamp: new Date(end).toISOString() }), undefined, end / 1000);
    }
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
    const host = 'sns.eu-central-1.amazonaws.com';
    for (const [status, text, why] of [
      [500, '', `keys_unavailable: ${host}: HTTP 500`],
      [302, '', `keys_unavailable: ${host}: HTTP 302`],
      [200, '<html>', 'keys_unavailable: what was fetched is no certificate'],
      [400, '', 'signature_invalid: SNS has no such certificate'],
      [499, '', 'signature_invalid: SNS has no such certificate'],
    ] as const) {
      await expect(answering(status, text).verify(request(), undefined, NOW_SECONDS)).rejects.toThrow(why);
    }
  });
});

describe('createFetchCertificate', () => {
  it('asks SNS itself, or the endpoint that AWS’s own variable names, for the same path', async () => {
    const asked: string[] = [];
    const fetchPublic = async ({ href }: URL) => {
      asked.push(href);
      return { status: 200, text: 'pem' };
    };
    const url = new URL(PEM, 'https://sns.eu-central-1.amazonaws.com');
    await createFetchCertificate({ fetchPublic, now: () => NOW })(url);
    await createFetchCertificate({ fetchPublic, now: () => NOW, endpoint: 'http://127.0.0.1:4566' })(url);
    expect(asked).toEqual([url.href, `http://127.0.0.1:4566${PEM}`]);
  });

  it('asks again after a failure, also of the one before it', async () => {
    let status = 500;
    const fetchCertificate = createFetchCertificate({
      fetchPublic: async () => ({ status, text: 'pem' }),
      now: () => NOW,
    });
    const url = new URL(PEM, 'https://sns.eu-central-1.amazonaws.com');
    await expect(fetchCertificate(url)).rejects.toThrow('keys_unavailable');
    status = 200;
    expect(await fetchCertificate(url)).toBe('pem');
  });

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
