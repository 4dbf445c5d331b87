import { describe, expect, it } from 'vitest';
import type { LeakJob } from '#shared/jobs/job.ts';
import { sendPart } from '#shared/jobs/to-parts.ts';
import { leakJobSchema } from '#shared/jobs/job.ts';
import { readEnvelope } from '#shared/alerts/envelope.ts';
import { type Received, receiveAlert } from '#shared/alerts/receive-alert.ts';
import type { Source } from '#shared/alerts/source.ts';
import { createKeyring } from '#shared/alerts/verify/keyring.ts';
import { Secret } from '#shared/core/secret.ts';
import '#test/support/contain-no-secret.ts';
import { alertRequest, checkNothing, fingerprint, NOW } from '#test/support/alerts.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';

/** How a sender signs in one test. */
export interface Signing {
  readonly body: Buffer;
  readonly secret?: string;
  readonly at?: Date;
  readonly id?: string;
}

/** One alert source and how its genuine sender behaves; the signer must not use the code under test. */
export interface SourceUnderTest {
  readonly title: string;
  readonly source: Source;
  readonly subpath?: string;
  /** The configured secret, one from before a rotation, and one of somebody else; absent where public keys verify. */
  readonly secrets?: { readonly current: string; readonly previous: string; readonly stranger: string };
  /** The headers that the genuine sender adds; without `secret`, signed with the current one. */
  readonly sign: (signing: Signing) => Readonly<Record<string, string>>;
  /** Signs with a key that is not the sender's, for sources with public keys. */
  readonly signAsStranger?: (signing: Signing) => Readonly<Record<string, string>>;
  /** Puts a body into the sender's own envelope with the proof inside, where it is not in headers. */
  readonly wrap?: (signing: Signing, as: 'sender' | 'stranger') => Buffer;
  /** Headers that hold the proof. */
  readonly proof: readonly string[];
  /** Whether the proof covers the body (a plain token does not) and a time, within how many minutes. */
  readonly covers: { readonly body: boolean; readonly minutes?: number };
  /** A body that reports these secrets; `undefined` when this sender cannot hold that many. */
  readonly report: (secrets: readonly string[], text?: string) => Buffer | undefined;
  /** How many findings one delivery can bring, and whether it has the secret itself. */
  readonly brings: 'many' | 'one' | 'a place to look' | 'a hash';
  /** Authentic deliveries that ask for nothing. */
  readonly ignored: Readonly<Record<string, Buffer>>;
  /** An authentic body of another tool, and what it is answered. */
  readonly unknown: { readonly body: Buffer; readonly status: readonly number[] };
  /** The sender's own test message, where it has one. */
  readonly test?: Buffer;
}

/** Headers of every scheme, to be refused by each source that does not use them. */
export type AllSigners = readonly { readonly title: string; readonly sign: SourceUnderTest['sign'] }[];

const NO_BODY = { status: 401, jobs: [] };

function change(body: Buffer, at: number): Buffer {
  const changed = Buffer.from(body);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

/** Runs the contract that every alert source keeps. */
export function describeSource(given: SourceUnderTest, others: AllSigners): void {
  const { source, subpath = '', secrets, sign } = given;
  const key = secrets?.current;
  const keyringOf = (current: string, previous?: string, sinceMs = 86_400_000) => {
    const stored = {
      current: new Secret(current),
      madeAt: new Date(NOW.getTime() - sinceMs),
      ...(previous === undefined ? {} : { previous: new Secret(previous) }),
    };
    const read = async () => stored;
    return createKeyring({ names: [source.name], read, refresh: read, now: () => NOW });
  };
  const send = (
    body: Buffer,
    headers: Readonly<Record<string, string | readonly string[]>>,
    keyring = key === undefined ? undefined : keyringOf(key, secrets?.previous),
  ): Promise<Received> =>
    receiveAlert(
      alertRequest(body, { 'content-type': 'application/json', ...headers }, { subpath }),
      keyring === undefined ? { source } : { source, keyring },
      { now: () => NOW, fingerprint, checkValidity: checkNothing, profiles: [] },
    );
  const genuine = (body: Buffer, options: Omit<Signing, 'body'> = {}) =>
    given.wrap === undefined
      ? send(body, sign({ body, ...options }))
      : send(given.wrap({ body, ...options }, 'sender'), sign({ body }));
  const report = (secretsToTell: readonly string[], text?: string): Buffer => {
    const body = given.report(secretsToTell, text);
    if (body === undefined) throw new Error(`${given.title} cannot report ${secretsToTell.length} secrets`);
    return body;
  };
  const ours = [langsmithKey('pt'), dfnsToken()];
  const [leaked = ''] = ours;
  const body = report([leaked]);
  const proofHeaders = given.proof;
  const isInHeaders = given.wrap === undefined;

  describe(`source ${given.title}`, () => {
    it('queues a genuine report without its secret, and answers 2xx', async () => {
      const received = await genuine(body);
      expect(received.status).toBeGreaterThanOrEqual(200);
      expect(received.status).toBeLessThan(300);
      expect(received.jobs).toHaveLength(1);
      const [job] = received.jobs.map((one) => leakJobSchema.parse(one));
      expect(job).toEqual(received.jobs[0]);
      expect(job).toMatchObject({ kind: 'report', source: source.name, receivedAt: NOW.toISOString() });
      if (given.brings === 'a place to look') expect(job).toHaveProperty('report.locator');
      else if (given.brings === 'a hash') expect(job).toHaveProperty('report.clue.form', 'hashed');
      else expect(job).toMatchObject({ report: { clue: { form: 'langsmith', provider: 'langsmith', kind: 'pat' } } });
      expect(received).toContainNoSecret(ours);
    });

    it('refuses an unsigned delivery with 401 and not a word', async () => {
      const received = await send(body, {});
      expect(received).toMatchObject(NO_BODY);
      expect(received.body).toBeUndefined();
    });

    it.each(proofHeaders)('refuses an empty, a missing or a repeated header %s', async (header) => {
      const headers = sign({ body });
      const without = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== header));
      const value = headers[header] ?? '';
      expect(await send(body, { ...headers, [header]: '' })).toMatchObject(NO_BODY);
      expect(await send(body, without)).toMatchObject(NO_BODY);
      expect(await send(body, { ...headers, [header]: [value, value] })).toMatchObject(NO_BODY);
      expect(await send(body, { ...headers, [header]: `${value},${value}` })).toMatchObject(NO_BODY);
    });

    it.each(proofHeaders)('refuses blanks, newlines and cut values in header %s', async (header) => {
      const headers = sign({ body });
      const value = headers[header] ?? '';
      for (const wrong of [` ${value}`, `${value}\n`, value.slice(0, -1), value.slice(0, 8), `${value}0`]) {
        expect(await send(body, { ...headers, [header]: wrong })).toMatchObject(NO_BODY);
      }
    });

    it('refuses a delivery signed with another key', async () => {
      const headers = given.signAsStranger?.({ body }) ?? sign({ body, ...(secrets && { secret: secrets.stranger }) });
      expect(await send(given.wrap?.({ body }, 'stranger') ?? body, headers)).toMatchObject(NO_BODY);
    });

    if (secrets !== undefined) {
      it('accepts the secret from before a rotation for a day, and not the one before that', async () => {
        expect(await genuine(body, { secret: secrets.previous })).toMatchObject({ jobs: [{ kind: 'report' }] });
        const headers = sign({ body, secret: secrets.previous });
        const yesterday = keyringOf(secrets.current, secrets.previous, 86_400_001);
        for (const keyring of [keyringOf(secrets.current), yesterday]) {
          expect(await send(body, headers, keyring)).toMatchObject(NO_BODY);
        }
      });
    }

    const { minutes } = given.covers;
    if (minutes !== undefined) {
      const away = (count: number) => new Date(NOW.getTime() + count * 60_000);
      it('refuses a stale delivery and one from the future, and accepts a slow clock', async () => {
        for (const at of [away(-minutes - 1), away(minutes + 1)])
          expect(await genuine(body, { at })).toMatchObject(NO_BODY);
        for (const at of [away(1 - minutes), away(minutes - 1)]) {
          expect(await genuine(body, { at })).toMatchObject({ jobs: [{ kind: 'report' }] });
        }
      });
    }

    if (given.wrap !== undefined) {
      const { wrap } = given;
      it('lets no change of what is signed through, wherever it is made', async () => {
        const [job] = (await genuine(body)).jobs;
        const message = wrap({ body }, 'sender');
        for (let at = 0; at < message.length; at += 7) {
          const received = await send(change(message, at), {});
          // A bit of what is not signed, or of white space, changes nothing of what is read.
          if (received.jobs.length > 0) expect(received.jobs).toEqual([job]);
          else expect(received.status).toBe(401);
        }
      });
    }

    if (given.covers.body && isInHeaders) {
      it('refuses a body that was changed by one bit, wherever', async () => {
        const headers = sign({ body });
        const positions = Array.from({ length: 24 }, (_, index) => Math.floor((index * (body.length - 1)) / 23));
        for (const at of positions) expect(await send(change(body, at), headers)).toMatchObject(NO_BODY);
      });

      it('refuses a trailing newline, an added blank and a re-serialised body', async () => {
        const headers = sign({ body });
        const text = body.toString();
        const respaced = text.replace(/":/, '": ');
        for (const wrong of [`${text}\n`, ` ${text}`, respaced, text.slice(0, -1), '']) {
          expect(await send(Buffer.from(wrong), headers)).toMatchObject(NO_BODY);
        }
      });

      it('tells invalid UTF-8 bytes apart, and still reads what is around them', async () => {
        const [before, after] = report([leaked], 'cafINVALIDe').toString().split('INVALID');
        const withByte = (byte: number) =>
          Buffer.concat([Buffer.from(before ?? ''), Buffer.from([byte]), Buffer.from(after ?? '')]);
        const signed = withByte(0xff);
        expect(await genuine(signed)).toMatchObject({ jobs: [{ kind: 'report' }] });
        // Decoded first, both would be the same text and have one signature.
        expect(await send(withByte(0xfe), sign({ body: signed }))).toMatchObject(NO_BODY);
      });
    }

    it('refuses every other scheme, signed with the right secret', async () => {
      for (const other of others.filter(({ title }) => title !== given.title)) {
        const headers = other.sign({ body, ...(key === undefined ? {} : { secret: key }) });
        const isSame = proofHeaders.length > 0 && proofHeaders.every((name) => headers[name] === sign({ body })[name]);
        if (!isInHeaders || isSame) continue;
        expect(await send(body, headers), other.title).toMatchObject(NO_BODY);
      }
    });

    it('gives a replay the same delivery key, and another delivery another one', async () => {
      const keysOf = ({ jobs }: Received) => jobs.map((job) => ('deliveryKey' in job ? job.deliveryKey : ''));
      const first = await genuine(body, { id: 'msg_1' });
      const again = await genuine(body, { id: 'msg_1' });
      const other = report([langsmithKey('pt')], 'another');
      expect(keysOf(again)).toEqual(keysOf(first));
      expect(keysOf(await genuine(other, { id: 'msg_1' }))).not.toEqual(keysOf(first));
    });

    it('acts on nothing in an authentic body of another tool', async () => {
      const received = await genuine(given.unknown.body);
      expect(given.unknown.status).toContain(received.status);
      for (const job of received.jobs) expect(job).not.toHaveProperty('report.clue');
    });

    it.each(Object.keys(given.ignored))(
      'answers 2xx to an authentic delivery that asks for nothing: %s',
      async (name) => {
        const received = await genuine(given.ignored[name] ?? Buffer.alloc(0));
        expect(received.jobs).toEqual([]);
        expect(Math.floor(received.status / 100)).toBe(2);
      },
    );

    if (given.test !== undefined) {
      const testMessage = given.test;
      it("marks the sender's own test message, so that it never acts", async () => {
        const received = await genuine(testMessage);
        expect(received.jobs.length).toBeGreaterThan(0);
        for (const job of received.jobs) expect(job).toHaveProperty('report.test', true);
      });
    }

    if (isInHeaders) {
      it('answers 400 to malformed, empty, too deep and too long bodies with a good signature', async () => {
        const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
        const long = JSON.stringify([{ note: 'x'.repeat(5 * 1024 * 1024) }]);
        for (const wrong of ['{"a":', deep, long]) {
          expect(await genuine(Buffer.from(wrong))).toMatchObject({ status: 400 });
        }
      });

      it('answers 400 to a compressed body, whatever its signature', async () => {
        const received = await send(body, { ...sign({ body }), 'content-encoding': 'gzip' });
        expect(received).toMatchObject({ status: 400 });
      });
    }

    if (given.brings === 'many') {
      it('seals a thousand findings, each to a job of its own', async () => {
        const many = Array.from({ length: 1000 }, () => langsmithKey('pt'));
        const received = await genuine(report(many));
        const jobs: LeakJob[] = [];
        for (const job of received.jobs) {
          if (job.kind === 'report-part') await sendPart(job, async (some) => void jobs.push(...some));
          else jobs.push(job);
        }
        const clues = jobs.map((job) => JSON.stringify('report' in job ? job.report.clue : undefined));
        expect(jobs).toHaveLength(1000);
        expect(new Set(clues).size).toBe(1000);
        expect(new Set(jobs.map((job) => ('deliveryKey' in job ? job.deliveryKey : ''))).size).toBe(1000);
        expect(received).toContainNoSecret(many.slice(0, 25));
      });

      it('takes a secret that is listed several times once', async () => {
        const received = await genuine(report([leaked, leaked, leaked]));
        expect(received.jobs).toHaveLength(1);
      });

      it('tells foreign secrets together, without their text', async () => {
        const foreign = ['AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY'];
        const received = await genuine(report([...foreign, leaked]));
        expect(received.jobs).toHaveLength(2);
        expect(received.jobs.at(-1)).toMatchObject({ report: { unrecognised: true } });
        expect(received).toContainNoSecret([...foreign, leaked]);
      });
    }

    it('keeps text of other alphabets, and hides a secret that it quotes', async () => {
      const received = await genuine(report([leaked], `küche/漢字/🦊/${leaked}`));
      expect(received.jobs).toHaveLength(1);
      expect(received).toContainNoSecret(ours);
    });

    it('is recovered byte for byte from a base64 envelope', () => {
      const envelope = readEnvelope({
        version: '2.0',
        rawPath: `/alerts/${source.name}${subpath}`,
        headers: sign({ body }),
        requestContext: { http: { method: 'POST' } },
        body: body.toString('base64'),
        isBase64Encoded: true,
      });
      expect(envelope).toMatchObject({ kind: 'http', request: { body, subpath } });
    });
  });
}
