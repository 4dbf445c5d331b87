import { isValid } from '#shared/core/is-valid.ts';
import type { Fingerprint } from '#shared/core/fingerprint.ts';
import type { LeakJob, Report } from '#shared/jobs/job.ts';
import { defined } from '#shared/core/defined.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { Remark } from '#shared/core/remark.ts';
import { Secret } from '#shared/core/secret.ts';
import { without } from '#shared/core/without.ts';
import type { ProviderName } from '#shared/core/vocabulary.ts';
import type { Clue } from '#shared/providers/clue.ts';
import type { FindSecrets } from '#shared/providers/find-once.ts';
import { RECOGNISERS } from '#shared/providers/recognisers.ts';
import { scrub } from '#shared/providers/text/scrub.ts';
import { hintedProvider } from './hinted-provider.ts';
import type { ValidityAnswer } from './check-validity.ts';
import type { Finding } from './source.ts';
import { validityOf } from './validity-of.ts';

/** What secrets are found and named by. */
interface Tools {
  readonly fingerprint: Fingerprint;
  /** One search for the whole delivery; see `findOnce`. */
  readonly find: FindSecrets;
  /** The policy's: what else a sender calls one may be anything, a secret too. */
  readonly profiles: readonly string[];
}

/** A verified delivery, as a source read it. */
export interface AlertDelivery {
  readonly source: string;
  /** The exact bytes that were verified; only a keyed hash of them is kept. */
  readonly content: Buffer;
  /** The sender's id of the delivery, only where the sender signed it. */
  readonly deliveryId?: string | undefined;
  readonly findings: readonly Finding[];
  /** Records that could not be read. */
  readonly skipped: number;
  /** Their texts, of which a keyed hash is kept. */
  readonly unread?: readonly Secret[];
  /** ISO 8601. */
  readonly receivedAt: string;
  readonly fingerprint: Fingerprint;
  readonly find: FindSecrets;
  /** Names of the policy's profiles: a finding that names another one is looked for in all of them. */
  readonly profiles: readonly string[];
  /** What the issuers said of the delivery's secrets, by fingerprint. */
  readonly validities: ReadonlyMap<string, ValidityAnswer>;
}

/** What a delivery becomes: jobs that hold no secret, and for each finding whether one of our providers issued it. */
export interface SealedDelivery {
  readonly jobs: readonly LeakJob[];
  readonly verdicts: readonly { readonly finding: Finding; readonly recognised: boolean }[];
}

type Sealed = Omit<Report, 'key'>;

/** The queue contract's limits. A text is cut only after it was sealed, so that no half of a secret stays. */
const LIMITS = {
  kind: 100,
  url: 2000,
  repository: 300,
  path: 1000,
  commit: 100,
  author: 300,
  detector: 200,
  note: 2000,
} as const;

/** In the others hashes and generated names are at home. */
const RANDOM_IS_SECRET: ReadonlySet<string> = new Set(['detector', 'note', 'author']);

function rawTexts({ secret, around }: Finding): readonly Secret[] {
  return [secret, around].filter((text) => text !== undefined);
}

/** Scrubs every text of a finding, of its own secret too, and collects the tokens that the texts quote. */
function sealTexts(finding: Finding, { fingerprint, find }: Tools) {
  const hide = rawTexts(finding);
  const clues: Clue[] = [];
  const clean = (fields: Partial<Record<keyof typeof LIMITS, string | undefined>>) =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([name, given]) => {
        if (given === undefined || given === '') return [];
        const sealed = scrub(given, fingerprint, { secrets: hide, random: RANDOM_IS_SECRET.has(name), find });
        clues.push(...sealed.clues);
        return [[name, sealed.text.slice(0, LIMITS[name as keyof typeof LIMITS])]];
      }),
    );
  const { kind, url, repository, path, commit, author } = finding.where ?? {};
  const where = clean({ kind, url, repository, path, commit, author });
  const others = clean({ detector: finding.detector, note: finding.note });
  return { clues, texts: { ...(Object.keys(where).length > 0 ? { where } : {}), ...others } };
}

/** What tells which token a finding means: its secret, the provider's id, a hash, a token quoted in its texts. */
function cluesOf(finding: Finding, quoted: readonly Clue[], tools: Tools): readonly Clue[] {
  const { hmsl } = finding;
  const { fingerprint, find } = tools;
  const hint = finding.provider ?? hintedProvider(finding.detector);
  // A sender that mixes up its fields may give the secret as an id.
  const texts = [...rawTexts(finding), ...(finding.record === undefined ? [] : [finding.record])];
  const raw = [...texts.map((text) => text.expose()), finding.tokenId ?? '', finding.profile ?? ''];
  const named = namedClue(finding, tools);
  const own = [
    ...raw.flatMap((text) => scrub(text, fingerprint, { find }).clues),
    ...(named === undefined ? [] : [named]),
  ];
  const clues = [...new Map([...own, ...quoted].map((clue) => [JSON.stringify(clue), clue])).values()];
  // A hash says less than the token itself, where a text of the same finding quotes it.
  if (clues.length > 0 || hmsl === undefined) return clues;
  return [{ form: 'hashed', hmsl: fingerprint(hmsl), ...(hint && { provider: hint }) }];
}

/** Tells which clues come from a finding's own secret, and not from what is quoted beside it: a name of a file, an author. */
function ownClues(finding: Finding, { fingerprint, find }: Tools): (clue: Clue | undefined) => boolean {
  const texts = rawTexts(finding).flatMap((text) => scrub(text.expose(), fingerprint, { find }).clues);
  const own = new Set(texts.map((clue) => JSON.stringify(clue)));
  return (clue) => clue?.form === 'hashed' || own.has(JSON.stringify(clue));
}

/** The provider's id of a token, where it looks like one. Anything else may be the secret itself and is left out. */
function namedClue(finding: Finding, { fingerprint, find, profiles }: Tools): Clue | undefined {
  const { tokenId, provider, profile = '' } = finding;
  const hide = { secrets: rawTexts(finding), random: true, find };
  const isPlain = (text: string) => scrub(text, fingerprint, hide).text === text;
  if (tokenId === undefined || !isTokenId(tokenId, provider) || !isPlain(tokenId)) return undefined;
  const isProfile = profiles.includes(profile);
  return { form: 'named', tokenId, ...(provider && { provider }), ...(isProfile && { profile }) };
}

function isTokenId(text: string, provider: ProviderName | undefined): boolean {
  return Object.entries(RECOGNISERS).some(
    ([name, { tokenId }]) => (provider === undefined || name === provider) && tokenId.test(text),
  );
}

/** What tells one unknown secret from another, the same whenever it is reported. */
function rawFingerprint(texts: readonly Secret[], fingerprint: Fingerprint): string | undefined {
  if (texts.length === 0) return undefined;
  return fingerprint(JSON.stringify(texts.map((text) => text.expose().trim())));
}

/** Turns one finding into a report per token it means; into one without a clue where it means none that we know. */
function sealFinding(finding: Finding, tools: Tools): readonly Sealed[] {
  const { clues: quoted, texts } = sealTexts(finding, tools);
  // Where the secret is fetched, it alone says which token is meant: texts around it could name another one.
  const clues = finding.locator === undefined ? cluesOf(finding, quoted, tools) : [];
  const rest = {
    ...texts,
    ...(finding.locator && { locator: finding.locator }),
    ...defined({
      remarks: finding.remarks,
      publiclyLeaked: finding.publiclyLeaked,
      test: finding.test,
      isPlace: finding.isPlace,
    }),
  };
  if (clues.length > 0) return clues.map((clue) => ({ ...rest, clue }));
  const hint = finding.provider ?? hintedProvider(finding.detector);
  return [
    {
      ...rest,
      ...defined({ rawFingerprint: rawFingerprint(rawTexts(finding), tools.fingerprint) }),
      ...(hint && { clue: { form: 'hashed', provider: hint } }),
      ...(finding.secret !== undefined && { unrecognised: true }),
    },
  ];
}

/** What a verified sender wrote and we could not read, where it holds tokens: a finding for each. */
export function findingsIn(
  unread: readonly Secret[],
  { fingerprint, find }: Pick<Tools, 'fingerprint' | 'find'>,
): readonly Finding[] {
  return unread
    .filter((text) => scrub(text.expose(), fingerprint, { find }).clues.length > 0)
    .map((record) => ({ record, remarks: [{ kind: 'in_unread_record' }] }));
}

/** Every raw text of a delivery in which a secret may stand, for the validity check. */
export function textsOf(findings: readonly Finding[]): readonly Secret[] {
  return findings
    .filter(({ test }) => test !== true)
    .flatMap(({ secret, around, record, note, where, detector, tokenId, profile }) => [
      ...[secret, around, record].filter((text) => text !== undefined),
      ...[note, detector, tokenId, profile, ...Object.values(where ?? {})]
        .filter((text): text is string => text !== undefined && text !== '')
        .map((text) => new Secret(text)),
    ]);
}

/** True when a report names no token, no provider and no place to look: such are told together, once per delivery. */
function isLeftover(report: Sealed): boolean {
  return report.clue === undefined && report.locator === undefined;
}

function sameForAll(values: readonly (string | undefined)[]): string | undefined {
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}

/** One report for all leftovers of a delivery and its unreadable records: told, but not flooding the channel. */
function summarise(leftovers: readonly Sealed[], skipped: number): readonly Sealed[] {
  const [only] = leftovers;
  if (leftovers.length + skipped === 0) return [];
  if (leftovers.length === 1 && skipped === 0 && only !== undefined) return [only];
  const detectors = [...new Set(leftovers.flatMap(({ detector }) => detector ?? []))];
  const repository = sameForAll(leftovers.map(({ where }) => where?.repository));
  const remarks: readonly Remark[] = [
    ...(leftovers.length > 0 ? [{ kind: 'unknown_forms', count: leftovers.length } as const] : []),
    ...(skipped > 0 ? [{ kind: 'unread_records', count: skipped } as const] : []),
  ];
  return [
    {
      remarks,
      unrecognised: true,
      ...(detectors.length > 0 && { detector: detectors.slice(0, 5).join(', ').slice(0, LIMITS.detector) }),
      ...(repository !== undefined && { where: { repository } }),
      ...(leftovers.length > 0 && leftovers.every(({ test }) => test === true) && { test: true }),
    },
  ];
}

/** The same for the same leftovers, in whatever order they come. */
function summaryFingerprint(
  leftovers: readonly Sealed[],
  { unread = [], fingerprint }: AlertDelivery,
): string | undefined {
  const known = leftovers.flatMap((report) => report.rawFingerprint ?? []);
  const texts = unread.map((text) => fingerprint(text.expose()));
  const [only, ...more] = [...new Set([...known, ...texts])].toSorted();
  return more.length === 0 ? only : fingerprint(JSON.stringify([only, ...more]));
}

/** One report per token and delivery, however many places of it a scanner lists. */
function foldPlaces(reports: readonly Sealed[]): readonly Sealed[] {
  const byIdentity = new Map<string, [Sealed, ...Sealed[]]>();
  for (const report of reports) {
    const { clue, locator, test } = report;
    const isNameless = clue?.form === 'hashed' && clue.hmsl === undefined;
    const identity = JSON.stringify(isNameless ? report : { clue, locator, test });
    const known = byIdentity.get(identity);
    if (known) known.push(report);
    else byIdentity.set(identity, [report]);
  }
  return [...byIdentity.values()].map((places) => (places.length === 1 ? places[0] : foldedOf(places)));
}

/** The first of a token's places, as sure as the surest of them, public where any is, and known only where all are. */
function foldedOf(places: readonly [Sealed, ...Sealed[]]): Sealed {
  const [first] = places;
  const { validity } = places.find(isValid) ?? first;
  const isPublic = places.some(({ publiclyLeaked }) => publiclyLeaked === true);
  const isPlace = places.every((place) => place.isPlace === true);
  return {
    ...without(first, 'isPlace'),
    ...defined({ validity }),
    ...(isPublic && { publiclyLeaked: true }),
    ...(isPlace && { isPlace }),
    remarks: [{ kind: 'places', count: places.length }, ...(first.remarks ?? [])],
  };
}

/**
 * Seals a delivery: every raw secret ends here, in memory. Each token that a finding means becomes one job; what no
 * provider of ours issued is told in one further job. The keys depend on the source, on what it signed and on the
 * content, never on time, so that a redelivery has the same ones.
 */
export function sealDelivery(delivery: AlertDelivery): SealedDelivery {
  const { source, findings, fingerprint, receivedAt, validities } = delivery;
  const sealed = findings.map((finding) => {
    const isOwn = ownClues(finding, delivery);
    const validityIn = ({ clue }: Sealed) =>
      validityOf(clue, {
        verified: finding.verified === true && isOwn(clue),
        detector: finding.detector,
        validities,
        receivedAt,
      });
    const reports = sealFinding(finding, delivery).map((report) => ({
      ...report,
      ...defined({ validity: validityIn(report) }),
    }));
    return { finding, reports };
  });
  const all = sealed.flatMap(({ reports }) => reports);
  const leftovers = all.filter(isLeftover);
  const named = foldPlaces(all.filter((report) => !isLeftover(report)));
  const reports = [
    ...named.map((report) => ({ ...report, ...(named.length > 1 && { among: named.length }) })),
    ...summarise(leftovers, delivery.skipped).map((report) => ({
      ...report,
      ...defined({ rawFingerprint: summaryFingerprint(leftovers, delivery) }),
    })),
  ];
  const content = fingerprint(sha256Hex(delivery.content));
  const base = sha256Hex(JSON.stringify([source, delivery.deliveryId ?? null, content])).slice(0, 40);
  return {
    jobs: reports.map((report, index) => {
      const key = `${source}:${base}:${index}`;
      return { v: 1, kind: 'report', source, receivedAt, deliveryKey: key, report: { key, ...report } };
    }),
    verdicts: sealed.map(({ finding, reports: [first] }) => ({
      finding,
      recognised: first !== undefined && !isLeftover(first) && first.unrecognised !== true,
    })),
  };
}
