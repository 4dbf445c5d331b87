import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReply } from '#shared/core/read-reply.ts';

const read = (text: string, hasEnded = false) => readReply(Buffer.from(text), hasEnded);

/** A body in pieces, each as a chunk. */
const chunked = (pieces: readonly string[], trailer = ''): string =>
  `${[...pieces.filter((piece) => piece !== ''), ''].map((piece) => `${Buffer.byteLength(piece).toString(16)}\r\n${piece === '' ? trailer : `${piece}\r\n`}`).join('')}\r\n`;

const body = fc.string({ unit: 'grapheme', maxLength: 60 });
const told = fc.oneof(
  body.map((text) => ({ text, wire: `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}` })),
  fc.array(body, { maxLength: 4 }).map((pieces) => ({
    text: pieces.join(''),
    wire: `Transfer-Encoding: Chunked\r\n\r\n${chunked(pieces, 'x-after: 1\r\n')}`,
  })),
);
const early = fc.constantFrom('', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n');

describe('readReply', () => {
  it('gives an answer once all of it is there, wherever it was cut, and nothing before', () => {
    fc.assert(
      fc.property(early, fc.integer({ min: 200, max: 599 }), told, (before, status, { text, wire }) => {
        fc.pre(status !== 204 && status !== 304);
        const bytes = Buffer.from(`${before}HTTP/1.1 ${status} Some words\r\nX-Any: a: b\r\n${wire}`);
        for (let cut = 0; cut < bytes.length; cut += 1) {
          expect(readReply(bytes.subarray(0, cut), false)).toBeUndefined();
          expect(() => readReply(bytes.subarray(0, cut), true)).toThrow();
        }
        expect(readReply(bytes, false)).toEqual({ status, body: text, isReusable: true });
      }),
    );
  });

  it('throws or waits for whatever else may come, and never gives what was not told as its end', () => {
    const part = fc.constantFrom(
      'HTTP/1.1 200 OK',
      '\r\n',
      '\n',
      'content-length: 3',
      '5',
      ':',
      ' ',
      'abc',
      '\0',
      '0',
      'ff',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        try {
          const reply = read(text);
          if (reply !== undefined) expect(text).toMatch(/^HTTP\/1\.1 200(?: [^\r]*)?\r\n[\s\S]*content-length: ?\d+/);
        } catch (error) {
          expect((error as Error).message).toMatch(/^(the answer|a chunk)/);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['another connection is wanted', 'HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 1\r\n\r\na', false],
    ['it is of HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na', false],
    ['more came than it holds', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\naHTTP/1.1 200 OK', false],
    ['all ended with it', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na', true],
    ['its end is that of the connection', 'HTTP/1.1 200 OK\r\n\r\na', true],
  ])('lets no other request follow when %s', (_, text, hasEnded) => {
    expect(read(text, hasEnded)).toEqual({ status: 200, body: 'a', isReusable: false });
  });

  it('knows the two that have no body', () => {
    expect(read('HTTP/1.1 204 No Content\r\n\r\n')).toEqual({ status: 204, body: '', isReusable: true });
    expect(read('HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n')?.status).toBe(304);
  });

  it.each([
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\naa'],
    ['a length beside chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['another coding', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\na'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 1\r\n\r\na'],
    ['a blank before a colon', 'HTTP/1.1 200 OK\r\ncontent-length : 1\r\n\r\na'],
    ['another protocol', 'HTTP/2 200\r\n\r\n'],
    ['a chunk without a length', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n\r\n'],
    [
      'a chunk that is longer than it says',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\naaa\r\n0\r\n\r\n',
    ],
  ])('throws for %s', (_, text) => {
    expect(() => read(text)).toThrow();
  });

  it('reads no answer that is longer than any of ours', () => {
    expect(() => read(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(70_000)}`)).toThrow('no head');
    expect(() => readReply(Buffer.alloc(5 * 1024 * 1024), false)).toThrow('too long');
  });
});
