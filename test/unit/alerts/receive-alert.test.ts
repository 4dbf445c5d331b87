import { describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES } from '#shared/alerts/parse-json.ts';
import { receiveAlert, receiveReading, refuse } from '#shared/alerts/receive-alert.ts';
import type { AlertRequest, Reading, Source, SourceKeys } from '#shared/alerts/source.ts';
import type { Keyring } from '#shared/alerts/verify/keyring.ts';
import { Fault, type FaultCode } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import { alertRequest, checkNothing, fingerprint, NOW } from '#test/support/alerts.ts';
import { langsmithKey } from '#test/support/leaks.ts';

const deps = { now: () => NOW, fingerprint, checkValidity: checkNothing, profiles: [] };
const AT = NOW.toISOString();

const aSource = (more: Partial<Source> = {}): Source => ({
  name: 'scanner',
  routes: [{ method: 'POST', path: 'scanner' }],
  needs: 'none',
  verify: () => {},
  read: () => ({ kind: 'ignored', why: 'nothing for us' }),
  ...more,
});
const receive = (more: Partial<Source>, request: AlertRequest = alertRequest('{}')) =>
  receiveAlert(request, { source: aSource(more) }, deps);
const reading = (given: Reading, source: Pick<Source, 'name' | 'answer' | 'isSearched'> = aSource()) =>
  receiveReading(given, { source, content: Buffer.from('{}') }, deps);
const findings = (more: Partial<Extract<Reading, { kind: 'findings' }>> = {}): Reading => ({
  kind: 'findings',
  findings: [],
  unread: [],
  ...more,
});
const found = () => ({ secret: new Secret(langsmithKey()) });

describe('receiveReading', () => {
  it('queues nothing of what is not for us, and says why', async () => {
    expect(await reading({ kind: 'ignored', why: 'resolved' })).toEqual({
      status: 200,
      jobs: [],
      log: { result: 'ignored', detail: 'resolved' },
    });
  });

  it('gives the answer that the source has made, with the job that it asks for', async () => {
    const job = { kind: 'sns-confirm', topicArn: 'arn', token: 't' } as const;
    expect(await reading({ kind: 'answered', status: 201, body: ['a'], job })).toEqual({
      status: 201,
      body: ['a'],
      jobs: [{ v: 1, receivedAt: AT, ...job }],
      log: { result: 'answered', count: 1 },
    });
    expect(await reading({ kind: 'answered', status: 204 })).toEqual({
      status: 204,
      jobs: [],
      log: { result: 'answered', count: 0 },
    });
  });

  it('answers 202 when there is something to queue, or what the source wants to answer', async () => {
    const plain = await reading(findings({ findings: [found()], unread: [new Secret('not read')] }));
    expect(plain).toMatchObject({ status: 202, log: { result: 'queued', count: 2, skipped: 1 } });
    expect(plain).not.toHaveProperty('body');
    const finding = found();
    const answering = aSource({ answer: (verdicts) => ({ status: 200, body: verdicts }) });
    expect(await reading(findings({ findings: [finding] }), answering)).toMatchObject({
      status: 200,
      body: [{ finding, recognised: true }],
    });
  });

  it('ignores an empty report', async () => {
    expect(await reading(findings())).toEqual({
      status: 200,
      jobs: [],
      log: { result: 'ignored', detail: 'empty report' },
    });
  });

  it('answers 400 when nothing was understood, with why, and has people told', async () => {
    const unread = [new Secret('nonsense')];
    const refused = await reading(findings({ unread }));
    expect(refused).toMatchObject({ status: 400, body: { error: 'no record is of a known form' } });
    expect(refused.jobs).toMatchObject([{ report: { remarks: [{ kind: 'unread_records', count: 1 }] } }]);
    expect(refused.log).toEqual({ result: 'queued', count: 1, skipped: 1 });
    expect(await reading(findings({ unread, why: 'too deep' }))).toMatchObject({ body: { error: 'too deep' } });
  });

  it('searches what could not be read, and what stood between, but where a stranger wrote it', async () => {
    for (const place of ['unread', 'aside'] as const) {
      const given = findings({ [place]: [new Secret(`it is ${langsmithKey()}`)] });
      const clues = async (source?: Source) => {
        const { jobs } = await reading(given, source);
        return jobs.flatMap((job) => (job.kind === 'report' && job.report.clue !== undefined ? [job.report] : []));
      };
      expect(await clues()).toMatchObject([{ remarks: [{ kind: 'in_unread_record' }] }]);
      expect(await clues(aSource({ isSearched: true }))).toHaveLength(1);
      expect(await clues(aSource({ isSearched: false }))).toEqual([]);
    }
  });

  it('knows a delivery by what its sender signed', async () => {
    const finding = found();
    const keyOf = async (signed: string | undefined, content: string) => {
      const given = findings({ findings: [finding], ...(signed !== undefined && { signed }) });
      const { jobs } = await receiveReading(given, { source: aSource(), content: Buffer.from(content) }, deps);
      return jobs.map((job) => ('deliveryKey' in job ? job.deliveryKey : job));
    };
    expect(await keyOf('part', 'one')).toEqual(await keyOf('part', 'two'));
    expect(await keyOf('part', 'one')).toEqual(await keyOf(undefined, 'part'));
    expect(await keyOf(undefined, 'one')).not.toEqual(await keyOf(undefined, 'two'));
  });

  it('has the issuers asked about every text of its findings, and believes them', async () => {
    const finding = found();
    const { jobs } = await receiveReading(
      findings({ findings: [finding] }),
      { source: aSource(), content: Buffer.from('{}') },
      {
        ...deps,
        checkValidity: async (texts) =>
          new Map(texts.map((text) => [fingerprint(text.expose()), { validity: 'invalid', checkedAt: AT }])),
      },
    );
    expect(jobs).toMatchObject([{ report: { validity: { validity: 'invalid' } } }]);
  });
});

describe('receiveAlert', () => {
  it('verifies, then reads with the same request and the time in seconds', async () => {
    const request = alertRequest('{"a":1}');
    const steps: unknown[] = [];
    await receive(
      {
        verify: (...given) => void steps.push(['verify', ...given]),
        read: (...given) => {
          steps.push(['read', ...given]);
          return { kind: 'ignored', why: 'x' };
        },
      },
      request,
    );
    const seconds = NOW.getTime() / 1000;
    expect(steps).toEqual([
      ['verify', request, undefined, seconds],
      ['read', request, seconds],
    ]);
  });

  it.each(['gzip', 'identity, gzip', ' br '])('refuses a body that is encoded: %s', async (encoding) => {
    expect(await receive({}, alertRequest('{}', { 'content-encoding': encoding }))).toEqual({
      status: 400,
      jobs: [],
      log: { result: 'refused', fault: 'payload_invalid', detail: 'content-encoding is not identity' },
    });
  });

  it('takes a body whose encoding is none', async () => {
    for (const encoding of ['identity', ' Identity ', []] as const) {
      expect(await receive({}, alertRequest('{}', { 'content-encoding': encoding }))).toMatchObject({ status: 200 });
    }
    const two = alertRequest('{}', { 'content-encoding': ['identity', 'gzip'] });
    expect(await receive({}, two)).toMatchObject({ status: 400 });
  });

  const unreadable = () => {
    throw new Fault('payload_invalid', 'body is not JSON');
  };

  it('searches a body that cannot be read at all, and says why to its sender', async () => {
    const answer = await receive({ read: unreadable }, alertRequest(`oops ${langsmithKey()}`));
    expect(answer).toMatchObject({ status: 202, log: { result: 'queued', count: 2, skipped: 1 } });
    expect(await receive({ read: unreadable }, alertRequest('oops'))).toMatchObject({
      status: 400,
      body: { error: 'body is not JSON' },
      log: { count: 1 },
    });
    expect(await receive({ read: unreadable, isSearched: false }, alertRequest('oops'))).toMatchObject({
      status: 400,
      jobs: [],
      log: { result: 'refused', detail: 'body is not JSON' },
    });
    const large = await receive({ read: unreadable }, alertRequest(Buffer.alloc(MAX_BODY_BYTES + 1, 'x')));
    expect(large).toMatchObject({ status: 400, log: { result: 'queued', count: 1, skipped: 1 } });
  });

  it('tries again with freshly read keys when the signature does not fit, and only then', async () => {
    const known: SourceKeys = { current: new Secret('known') };
    const fresh: SourceKeys = { current: new Secret('fresh') };
    const attempt = async (code: FaultCode, fits: SourceKeys) => {
      const asked: string[] = [];
      const keyring: Keyring = {
        keys: async (name) => (asked.push(`known ${name}`), known),
        freshKeys: async (name) => (asked.push(`fresh ${name}`), fresh),
      };
      const source = aSource({
        verify: (_request, keys) => {
          if (keys !== fits) throw new Fault(code, 'no');
        },
      });
      const { status } = await receiveAlert(alertRequest('{}'), { source, keyring }, deps);
      return [status, ...asked];
    };
    expect(await attempt('signature_invalid', known)).toEqual([200, 'known scanner']);
    expect(await attempt('signature_invalid', fresh)).toEqual([200, 'known scanner', 'fresh scanner']);
    // By a known secret of another form the sender would have signed in another header.
    expect(await attempt('signature_missing', fresh)).toEqual([200, 'known scanner', 'fresh scanner']);
    expect(await attempt('signature_stale', fresh)).toEqual([401, 'known scanner']);
    expect(await attempt('signature_invalid', { current: new Secret('x') })).toEqual([
      401,
      'known scanner',
      'fresh scanner',
    ]);
  });
});

describe('refuse', () => {
  it.each<[FaultCode, number]>([
    ['signature_invalid', 401],
    ['payload_invalid', 400],
    ['keys_unavailable', 503],
    ['config_invalid', 503],
    ['internal_error', 503],
  ])('answers %s with %i and no word, and tells our log', (code, status) => {
    expect(refuse(new Fault(code, 'why'))).toEqual({
      status,
      jobs: [],
      log: { result: 'refused', fault: code, detail: 'why' },
    });
  });

  it('answers as its sender wants it when the trouble is ours, and not when it is the sender’s', () => {
    const busy = aSource({ busyStatus: ({ subpath }) => (subpath === '/v1' ? 500 : 502) });
    const request = alertRequest('', {}, { subpath: '/v1' });
    expect(refuse(new Fault('keys_unavailable', 'x'), busy, request).status).toBe(500);
    expect(refuse(new Fault('signature_invalid', 'x'), busy, request).status).toBe(401);
    expect(refuse(new Fault('keys_unavailable', 'x'), aSource(), request).status).toBe(503);
    expect(refuse(new Fault('keys_unavailable', 'x'), busy).status).toBe(503);
  });

  it('names what was thrown and quotes nothing of it', () => {
    const log = (error: unknown) => refuse(error).log;
    expect(log(new TypeError('secret words'))).toEqual({ result: 'refused', fault: 'unexpected', detail: 'TypeError' });
    expect(log('secret words')).toEqual({ result: 'refused', fault: 'unexpected', detail: 'string' });
  });
});
