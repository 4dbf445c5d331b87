import type { Match } from './shape.ts';
import type { TextView } from './unwrap.ts';

/** Base64url length of a signature by algorithm (RFC 7518, RFC 8037). */
const SIGNATURE_LENGTHS: ReadonlyMap<unknown, readonly number[]> = new Map<unknown, readonly number[]>([
  ['HS256', [43]],
  ['HS384', [64]],
  ['HS512', [86]],
  ['ES256', [86]],
  ['ES256K', [86]],
  ['ES384', [128]],
  ['ES512', [176]],
  ['EdDSA', [86, 152]],
  // RSA keys of 2048, 3072 and 4096 bits.
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((name) => [name, [342, 512, 683]] as const),
]);

/** A base64url JSON object starts with one of these: `{"`, `{ `, `{\n`, `{\r`, `{\t`. */
const OBJECT_START = /e(?:yJ|yA|wo|w0|wk)/g;
const LONGEST_SEGMENT = 16_384;
/** `{"alg":1}` in base64url. */
const SHORTEST_SEGMENT = 12;

/** Decodes one segment to a JSON object; `undefined` where it is none. */
function decodeSegment(segment: string): Readonly<Record<string, unknown>> | undefined {
  if (segment.length > LONGEST_SEGMENT || segment.length < SHORTEST_SEGMENT) return undefined;
  const json = Buffer.from(segment, 'base64url').toString('utf8').trimEnd();
  // A look before the leap: an exception costs more than all the rest.
  if (!json.endsWith('}')) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Decodes the claims of a JWT without verifying anything: untrusted hints. */
export function decodeClaims(jwt: string): Readonly<Record<string, unknown>> | undefined {
  const payload = jwt.split('.')[1];
  return payload === undefined ? undefined : decodeSegment(payload);
}

/** Where the header begins in a segment that other text may have run into. Looks at eight places at most, to stay linear. */
function findHeader(segment: string, from: number, payload: string): { at: number; algorithm: unknown } | undefined {
  const places = [...segment.matchAll(OBJECT_START)].map((match) => match.index).filter((at) => at >= from);
  for (const at of [...new Set([...places.slice(0, 4), ...places.slice(-4)])]) {
    const header = decodeSegment(segment.slice(at));
    if (header) return { at, algorithm: header['alg'] };
  }
  const first = places[0];
  return first !== undefined && segment.length - first >= 10 && /^e[yw]/.test(payload)
    ? { at: first, algorithm: undefined }
    : undefined;
}

/** Words of a sentence are shorter than this, lines of a wrapped token longer. */
const SHORTEST_LINE = 16;

/** How much of what follows the second dot is signature: all up to a gap, or as much as the algorithm asks for. */
function measureSignature(view: TextView, signature: { from: number; available: number }, algorithm: unknown): number {
  const { from, available } = signature;
  const nextGap = (at: number): number => {
    let end = at + 1;
    while (end < available && !view.gapBefore(from + end)) end += 1;
    return Math.min(end, available);
  };
  const tight = nextGap(0);
  const lengths = (SIGNATURE_LENGTHS.get(algorithm) ?? []).filter((length) => length <= available);
  const longer = lengths.filter((length) => length >= tight);
  const [whole, ...others] = longer.filter((length) => length === available || view.gapBefore(from + length));
  if (whole === undefined) return longer[0] ?? tight;
  const hasLine = (end: number): boolean => {
    for (let at = whole; at < end; at = nextGap(at)) if (nextGap(at) - at >= SHORTEST_LINE) return true;
    return false;
  };
  // A signature may be wrapped just where a shorter key's would end.
  return others.find(hasLine) ?? whole;
}

/**
 * The signature without what clings to it (Slack's italics put `_` around it), where the algorithm tells its length, and in one
 * spelling: decoders do not look at the spare bits of the last character.
 */
function trimSignature(signature: string, algorithm: unknown): string {
  const fitting = (SIGNATURE_LENGTHS.get(algorithm) ?? []).filter((length) => length <= signature.length);
  const length = Math.max(0, ...fitting);
  const own = length > 0 && /^[-_]*$/.test(signature.slice(length)) ? signature.slice(0, length) : signature;
  const spelt = Buffer.from(own, 'base64url').toString('base64url');
  return spelt.length === own.length ? spelt : own;
}

function findInRun(view: TextView, run: string, offset: number): Match[] {
  const found: Match[] = [];
  const parts = run.split('.');
  let at = offset;
  let skip = 0;
  for (let index = 0; index + 1 < parts.length; index += 1) {
    const [head = '', payload = '', signature] = [parts[index], parts[index + 1], parts[index + 2]];
    const header = payload === '' ? undefined : findHeader(head, skip, payload);
    if (!header || (signature === undefined && !/^e[yw]/.test(payload))) {
      at += head.length + 1;
      skip = 0;
      continue;
    }
    const start = at + header.at;
    const signatureAt = at + head.length + 1 + payload.length + 1;
    const length = signature
      ? measureSignature(view, { from: signatureAt, available: signature.length }, header.algorithm)
      : 0;
    const end = signature === undefined ? signatureAt - 1 : signatureAt + length;
    const own = signature === undefined ? '' : `.${trimSignature(signature.slice(0, length), header.algorithm)}`;
    const isSigned = SIGNATURE_LENGTHS.get(header.algorithm)?.includes(own.length - 1) === true;
    const whole = isSigned && decodeSegment(payload) !== undefined;
    found.push({ text: `${head.slice(header.at)}.${payload}${own}`, start, end, whole });
    at = signatureAt;
    skip = length;
    index += 1;
  }
  return found;
}

/** Finds every JSON Web Token in a view, also one that is cut off behind its payload. Linear in the view's length. */
export function findJwts(view: TextView): Match[] {
  const found: Match[] = [];
  for (const run of view.text.matchAll(/(?<![\w.-])[\w-]*\.[\w.-]*/g))
    found.push(...findInRun(view, run[0], run.index));
  return found;
}
