import { unzipSync } from 'fflate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zipFiles } from '#infra/zip-files.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('zipFiles', () => {
  it('gives back every file as it was, whatever it holds', () => {
    const files = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/), fc.uint8Array({ maxLength: 5000 }));
    fc.assert(
      fc.property(files, (given) => {
        expect(unzipSync(zipFiles(given))).toEqual({ ...given });
      }),
    );
  });

  it('gives the same bytes in whichever order the files are named', () => {
    const [a, b] = [bytes('one'.repeat(100)), bytes('two')];
    expect(zipFiles({ 'b.json': b, 'a.mjs': a })).toEqual(zipFiles({ 'a.mjs': a, 'b.json': b }));
    expect(Object.keys(unzipSync(zipFiles({ 'b.json': b, 'a.mjs': a })))).toEqual(['a.mjs', 'b.json']);
  });

  it('packs what repeats', () => {
    expect(zipFiles({ 'a.mjs': bytes('the same words '.repeat(1000)) }).length).toBeLessThan(400);
  });

  it('keeps the checksum of the file, so that a damaged one is noticed', () => {
    const zip = zipFiles({ 'a.txt': bytes('123456789') });
    // The check value of CRC-32.
    expect(zip.includes(Buffer.from([0x26, 0x39, 0xf4, 0xcb]))).toBe(true);
  });
});
