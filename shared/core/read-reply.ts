/** A whole answer to a POST. */
interface Reply {
  readonly status: number;
  readonly body: string;
  /** Whether another request may follow on the connection. */
  readonly isReusable: boolean;
}

const LINE = '\r\n';
const LONGEST_HEAD = 64 * 1024;
const LONGEST = 4 * 1024 * 1024;

/**
 * Reads an HTTP/1.1 answer from the bytes of it that have come; `undefined` while some are missing. `hasEnded` says that no
 * more will come. Throws for what is no such answer: whoever asked then learns nothing but that.
 */
export function readReply(bytes: Buffer, hasEnded: boolean): Reply | undefined {
  if (bytes.length > LONGEST) throw new Error('the answer is too long');
  const end = bytes.indexOf(LINE + LINE);
  if (end < 0) {
    if (hasEnded || bytes.length > LONGEST_HEAD) throw new Error('the answer has no head');
    return undefined;
  }
  const head = readHead(bytes.toString('latin1', 0, end));
  const rest = bytes.subarray(end + 4);
  // Early hints and the like: the answer itself follows.
  if (head.status < 200) return readReply(rest, hasEnded);
  const body = readBody(head, rest, hasEnded);
  if (body === undefined && hasEnded) throw new Error('the answer broke off');
  if (body === undefined) return undefined;
  const isReusable = head.isReusable && !hasEnded && body.length === rest.length;
  return { status: head.status, body: body.content.toString('utf8'), isReusable };
}

interface Head {
  readonly status: number;
  readonly isReusable: boolean;
  /** How the body's end is told: its length, chunks, or the end of the connection. */
  readonly ends: number | 'chunked' | 'closed';
}

function readHead(text: string): Head {
  const [first = '', ...lines] = text.split(LINE);
  const [, minor, digits] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first) ?? [];
  const fields = lines.map((line) => /^([!#$%&'*+.^_`|~\w-]+):[\t ]*(.*)$/.exec(line));
  if (digits === undefined || fields.includes(null)) throw new Error('the answer is no HTTP/1.1');
  const valuesOf = (wanted: string) =>
    fields.flatMap((field) => (field?.[1]?.toLowerCase() === wanted ? [(field[2] ?? '').trim().toLowerCase()] : []));
  const [lengths, codings] = [new Set(valuesOf('content-length')), valuesOf('transfer-encoding')];
  const [length = ''] = lengths;
  const isTold = lengths.size > 0 || codings.length > 0;
  const isClear = codings.length > 0 ? lengths.size === 0 && codings.join() === 'chunked' : /^\d{1,9}$/.test(length);
  if (isTold && (!isClear || lengths.size > 1)) throw new Error('the answer does not say clearly where it ends');
  const status = Number(digits);
  const isReusable = minor === '1' && !valuesOf('connection').join().includes('close');
  if (status === 204 || status === 304) return { status, isReusable, ends: 0 };
  if (!isTold) return { status, isReusable: false, ends: 'closed' };
  return { status, isReusable, ends: codings.length > 0 ? 'chunked' : Number(length) };
}

/** The content, and how many bytes it came in. */
interface Body {
  readonly content: Buffer;
  readonly length: number;
}

function readBody({ ends }: Head, bytes: Buffer, hasEnded: boolean): Body | undefined {
  if (ends === 'closed') return hasEnded ? { content: bytes, length: bytes.length } : undefined;
  if (ends === 'chunked') return readChunks(bytes);
  return bytes.length < ends ? undefined : { content: bytes.subarray(0, ends), length: ends };
}

function readChunks(bytes: Buffer): Body | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = bytes.indexOf(LINE, at);
    if (line < 0) return undefined;
    const [, digits] = /^([0-9a-f]{1,8})[\t ]*(?:;.*)?$/i.exec(bytes.toString('latin1', at, line)) ?? [];
    if (digits === undefined) throw new Error('a chunk of the answer has no length');
    const [start, size] = [line + 2, Number.parseInt(digits, 16)];
    if (size === 0) {
      // Fields may follow, which nobody asked for, and then an empty line.
      const end = bytes.indexOf(LINE + LINE, line);
      return end < 0 ? undefined : { content: Buffer.concat(chunks), length: end + 4 };
    }
    if (bytes.length < start + size + 2) return undefined;
    if (bytes.toString('latin1', start + size, start + size + 2) !== LINE) throw new Error('a chunk is not closed');
    chunks.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
}
