import { createVerify, X509Certificate } from 'node:crypto';
import * as s from '#shared/core/schema.ts';
import { awsDomain } from '#shared/core/aws-domain.ts';
import { Fault } from '#shared/core/fault.ts';
import { createFresh } from '#shared/core/fresh.ts';

/**
 * Fetches a certificate's PEM; the URL has been checked to be SNS's own. Throws `keys_unavailable`, or `signature_invalid`
 * for one that SNS does not have.
 */
export type FetchCertificate = (url: URL) => Promise<string>;

const shared = {
  MessageId: s.string,
  TopicArn: s.string,
  Message: s.string,
  Timestamp: s.string,
  SignatureVersion: s.literal('1', '2'),
  Signature: s.matching(/^[A-Za-z0-9+/]{86,1400}={0,2}$/),
  SigningCertURL: s.string,
};

/** The three messages of SNS over HTTPS; everything that is signed, and what the signature is checked with. */
export const snsHttpSchema = s.either(
  s.object({ Type: s.literal('Notification'), Subject: s.nullish(s.string), ...shared }),
  s.object({ Type: s.literal('SubscriptionConfirmation'), SubscribeURL: s.string, Token: s.string, ...shared }),
  s.object({ Type: s.literal('UnsubscribeConfirmation'), SubscribeURL: s.string, Token: s.string, ...shared }),
);
export type SnsHttpMessage = s.Infer<typeof snsHttpSchema>;

/** How old a message may be: SNS tries for up to an hour. */
const TOLERANCE_MS = 60 * 60_000;
const CERTIFICATE_PATH = /^\/SimpleNotificationService-[0-9a-f]{32}\.pem$/;
const TOPIC = /^arn:aws[a-z-]{0,12}:sns:([a-z]{2,4}(?:-[a-z]+)+-\d):\d{12}:[A-Za-z0-9_-]{1,256}$/;

/**
 * Builds the text that SNS signs: names in alphabetical order, each with its value on the next line; a subject only where
 * there is one. https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
export function signedText(message: SnsHttpMessage): string {
  const fields: readonly (readonly [string, string | null | undefined])[] =
    message.Type === 'Notification'
      ? [
          ['Message', message.Message],
          ['MessageId', message.MessageId],
          ['Subject', message.Subject],
          ['Timestamp', message.Timestamp],
          ['TopicArn', message.TopicArn],
          ['Type', message.Type],
        ]
      : [
          ['Message', message.Message],
          ['MessageId', message.MessageId],
          ['SubscribeURL', message.SubscribeURL],
          ['Timestamp', message.Timestamp],
          ['Token', message.Token],
          ['TopicArn', message.TopicArn],
          ['Type', message.Type],
        ];
  return fields.map(([name, value]) => (value === undefined || value === null ? '' : `${name}\n${value}\n`)).join('');
}

/** Returns the certificate's URL if it is SNS's own in the topic's region. Throws `signature_invalid`. */
export function certificateUrl(message: Pick<SnsHttpMessage, 'SigningCertURL' | 'TopicArn'>): URL {
  const [, region] = TOPIC.exec(message.TopicArn) ?? [];
  const host = `sns.${region}.${awsDomain(region ?? '')}`;
  const url = URL.parse(message.SigningCertURL);
  // Compared as text, too: a URL with user info, a port or a query spells differently.
  const isOurs =
    region !== undefined &&
    url !== null &&
    CERTIFICATE_PATH.test(url.pathname) &&
    message.SigningCertURL === `https://${host}${url.pathname}`;
  if (!isOurs) throw new Fault('signature_invalid', 'SigningCertURL is not of the region of the topic');
  return url;
}

function parseCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new Fault('keys_unavailable', 'what was fetched is no certificate');
  }
}

interface SnsCheck {
  readonly topics: readonly string[];
  readonly fetchCertificate: FetchCertificate;
  readonly nowSeconds: number;
}

/**
 * Verifies a message of SNS over HTTPS: a topic of the allow-list (any AWS account can make SNS sign for its own topics),
 * sent within the hour, signed (version 1 or 2) by the certificate at SNS's own address. Everything that costs nothing is
 * checked before anything is fetched. Throws `signature_invalid`, `signature_stale` or `keys_unavailable`.
 */
export async function verifySnsMessage(message: SnsHttpMessage, check: SnsCheck): Promise<void> {
  if (!check.topics.includes(message.TopicArn))
    throw new Fault('signature_invalid', 'topic is not in alerts.snsTopics');
  const url = certificateUrl(message);
  const sentAt = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/.test(message.Timestamp)
    ? Date.parse(message.Timestamp)
    : Number.NaN;
  if (!(Math.abs(check.nowSeconds * 1000 - sentAt) <= TOLERANCE_MS)) {
    throw new Fault('signature_stale', 'Timestamp is outside the tolerance');
  }
  const certificate = parseCertificate(await check.fetchCertificate(url));
  const nowMs = check.nowSeconds * 1000;
  if (nowMs < Date.parse(certificate.validFrom) || nowMs > Date.parse(certificate.validTo)) {
    throw new Fault('signature_invalid', 'the certificate is not valid now');
  }
  if (certificate.publicKey.asymmetricKeyType !== 'rsa') throw new Fault('signature_invalid', 'the key is not RSA');
  const verifier = createVerify(message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256').update(
    signedText(message),
  );
  if (!verifier.verify(certificate.publicKey, message.Signature, 'base64')) {
    throw new Fault('signature_invalid', 'the signature does not match');
  }
}

interface CertificateDeps {
  readonly fetchPublic: (url: URL) => Promise<{ readonly status: number; readonly text: string }>;
  /** AWS's own variable for another endpoint of SNS, if set: certificates are then fetched there. */
  readonly endpoint?: string | undefined;
  readonly now: () => Date;
}

/** How long a name is believed to be none of SNS's: whoever knows a topic could have us ask for it with every message. */
const ABSENT_KEEP_MS = 60_000;

/**
 * Fetches certificates, one at a time, and keeps those that were found; AWS publishes a new one under a new name. A name
 * that SNS does not have is not asked for again within a minute.
 */
export function createFetchCertificate({ fetchPublic, endpoint, now }: CertificateDeps): FetchCertificate {
  let turn: Promise<unknown> = Promise.resolve();
  const load = async (href: string): Promise<string | undefined> => {
    const url = new URL(href);
    const reply = await fetchPublic(endpoint === undefined ? url : new URL(url.pathname, endpoint));
    if (reply.status >= 400 && reply.status < 500) return undefined;
    if (reply.status !== 200) throw new Fault('keys_unavailable', `${url.host}: HTTP ${reply.status}`);
    return reply.text;
  };
  const inTurn = (href: string): Promise<string | undefined> => {
    const loaded = turn.then(() => load(href));
    turn = loaded.catch(() => undefined);
    return loaded;
  };
  const certificates = createFresh({ load: inTurn, now, most: 20 });
  return async ({ href }) => {
    const pem = (await certificates(href, Number.POSITIVE_INFINITY)) ?? (await certificates(href, ABSENT_KEEP_MS));
    if (pem === undefined) throw new Fault('signature_invalid', 'SNS has no such certificate');
    return pem;
  };
}
