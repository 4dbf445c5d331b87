import { crc32, deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shrinkPng } from '#infra/small-png.ts';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function head(width: number, height: number, type: number): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([8, type, 0, 0, 0], 8);
  return chunk('IHDR', data);
}

/** Filters one row as https://www.w3.org/TR/png-3/#9Filters says. */
function filterRow(filter: number, row: Buffer, before: Buffer): Buffer {
  return Buffer.from([
    filter,
    ...row.map((value, at) => {
      const [left, up, corner] = [row[at - 3] ?? 0, before[at] ?? 0, before[at - 3] ?? 0];
      const paeth = [left, up, corner].toSorted(
        (one, other) => Math.abs(left + up - corner - one) - Math.abs(left + up - corner - other),
      )[0];
      return (value - ([0, left, up, (left + up) >> 1, paeth][filter] ?? 0)) & 255;
    }),
  ]);
}

/** Writes pixels as an RGB PNG, each row by its own filter. */
function toPng(width: number, pixels: Buffer, filters: readonly number[]): Buffer {
  const height = pixels.length / width / 3;
  const rows = Array.from({ length: height }, (_, y) => pixels.subarray(y * width * 3, (y + 1) * width * 3));
  const raw = rows.map((row, y) => filterRow(filters[y] ?? 0, row, rows[y - 1] ?? Buffer.alloc(width * 3)));
  const data = chunk('IDAT', deflateSync(Buffer.concat(raw)));
  return Buffer.concat([SIGNATURE, head(width, height, 2), data, chunk('IEND', Buffer.alloc(0))]);
}

/** Reads the pixels of what `shrinkPng` writes. */
function readPalettePng(png: Buffer): Buffer {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    const end = at + 8 + png.readUInt32BE(at);
    expect(png.readUInt32BE(end)).toBe(crc32(png.subarray(at + 4, end)));
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, end));
  }
  const width = chunks.get('IHDR')?.readUInt32BE(0) ?? 0;
  const palette = chunks.get('PLTE') ?? Buffer.alloc(0);
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  const places = rows.filter((_, at) => at % (width + 1) !== 0);
  return Buffer.concat([...places].map((place) => palette.subarray(place * 3, place * 3 + 3)));
}

describe('shrinkPng', () => {
  it('keeps every pixel of a picture with at most 256 colours, whichever filters its rows have', () => {
    const picture = fc
      .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
      .chain(([width, height]) =>
        fc.tuple(
          fc.constant(width),
          fc.uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 }),
          fc.array(fc.integer({ min: 0, max: 4 }), { minLength: height, maxLength: height }),
        ),
      );
    fc.assert(
      fc.property(picture, ([width, bytes, filters]) => {
        const pixels = Buffer.from(bytes);
        expect(readPalettePng(shrinkPng(toPng(width, pixels, filters))).equals(pixels)).toBe(true);
      }),
    );
  });

  it('keeps the commonest of more colours, and takes one close by for those of a gradient', () => {
    const greys = Array.from({ length: 150 }, (_, grey) => [grey, grey, grey, grey, grey, grey]).flat();
    const gradient = Array.from({ length: 200 }, (_, red) => [red, 0, 255]).flat();
    const pixels = Buffer.from([...greys, ...gradient]);
    const shown = readPalettePng(shrinkPng(toPng(500, pixels, [0])));
    expect(shown.subarray(0, 900).equals(pixels.subarray(0, 900))).toBe(true);
    const differences = [...shown].map((value, at) => Math.abs(value - (pixels[at] ?? 0)));
    expect(Math.max(...differences)).toBeLessThan(8);
  });

  it('refuses what it cannot read', () => {
    const grey = Buffer.concat([SIGNATURE, head(1, 1, 0), chunk('IEND', Buffer.alloc(0))]);
    expect(() => shrinkPng(grey)).toThrow('not an 8-bit RGB PNG');
  });
});
