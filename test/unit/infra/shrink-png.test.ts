import fc from 'fast-check';
import { decode, encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { shrinkPng } from '#infra/shrink-png.ts';

/** Writes pixels as an RGB PNG. */
const toPng = (width: number, data: Uint8Array): Uint8Array =>
  encode({ width, height: data.length / width / 3, data, depth: 8, channels: 3 });

/** Reads the pixels of what `shrinkPng` writes. */
function readPalettePng(png: Uint8Array): Buffer {
  const { data, palette } = decode(png, { checkCrc: true });
  return Buffer.from([...data].flatMap((place) => palette?.[place] ?? expect.fail('no palette')));
}

describe('shrinkPng', () => {
  it('keeps every pixel of a picture with at most 256 colours', () => {
    const picture = fc
      .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
      .chain(([width, height]) =>
        fc.tuple(fc.constant(width), fc.uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 })),
      );
    fc.assert(
      fc.property(picture, ([width, pixels]) => {
        expect(readPalettePng(shrinkPng(toPng(width, pixels))).equals(pixels)).toBe(true);
      }),
    );
  });

  it('keeps the commonest of more colours, and takes one close by for those of a gradient', () => {
    const greys = Array.from({ length: 150 }, (_, grey) => [grey, grey, grey, grey, grey, grey]).flat();
    const gradient = Array.from({ length: 200 }, (_, red) => [red, 0, 255]).flat();
    const pixels = Uint8Array.from([...greys, ...gradient]);
    const shown = readPalettePng(shrinkPng(toPng(500, pixels)));
    expect(shown.subarray(0, 900).equals(pixels.subarray(0, 900))).toBe(true);
    const differences = [...shown].map((value, at) => Math.abs(value - (pixels[at] ?? 0)));
    expect(Math.max(...differences)).toBeLessThan(8);
  });

  it('refuses what it cannot read', () => {
    const grey = encode({ width: 1, height: 1, data: new Uint8Array(1), depth: 8, channels: 1 });
    expect(() => shrinkPng(grey)).toThrow('not an 8-bit RGB PNG');
    expect(() => shrinkPng(shrinkPng(toPng(1, new Uint8Array(3))))).toThrow('not an 8-bit RGB PNG');
  });
});
