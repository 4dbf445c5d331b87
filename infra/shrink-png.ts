import { decode, encode } from 'fast-png';

type Pixels = Uint8Array;

const PALETTE = 256;

/**
 * Rewrites a browser's screenshot with a palette of 256 colours: a third of the size, and to the eye the same. Throws for
 * anything but an 8-bit RGB PNG, which is what Chromium writes.
 */
export function shrinkPng(png: Uint8Array): Buffer {
  const { width, height, data, depth, channels, palette: own } = decode(png, { checkCrc: true });
  if (depth !== 8 || channels !== 3 || own !== undefined) throw new Error('not an 8-bit RGB PNG');
  const pixels = Uint8Array.from(data);
  const { colours, nearest } = choosePalette(pixels);
  const palette = colours.map((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]);
  const places = Uint8Array.from({ length: width * height }, (_, index) => nearest(colourAt(pixels, index)));
  return Buffer.from(encode({ width, height, data: places, depth: 8, channels: 1, palette }, { zlib: { level: 9 } }));
}

const colourAt = (pixels: Pixels, index: number): number =>
  ((pixels[index * 3] ?? 0) << 16) | ((pixels[index * 3 + 1] ?? 0) << 8) | (pixels[index * 3 + 2] ?? 0);

/** How much of the palette goes to the commonest colours: text, grounds, shadows. The rest is for gradients. */
const EXACT = 176;
/** Colours that share the upper five bits of each channel stand for each other in a gradient. */
const bucketOf = (colour: number): number => colour & 0xf8f8f8;

/** Takes the commonest colours, then one for each of the commonest kinds of the others. What is left gets the nearest. */
function choosePalette(pixels: Pixels) {
  const counts = new Map<number, number>();
  for (let index = 0; index < pixels.length / 3; index += 1) {
    const colour = colourAt(pixels, index);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const commonest = byCount(counts);
  const exact = commonest.slice(0, counts.size <= PALETTE ? PALETTE : EXACT);
  const isMet = new Set(exact.map(bucketOf));
  const others = new Map<number, number>();
  for (const [colour, count] of counts) {
    const bucket = bucketOf(colour);
    if (!isMet.has(bucket)) others.set(bucket, (others.get(bucket) ?? 0) + count);
  }
  const kinds = byCount(others).slice(0, PALETTE - exact.length);
  const colours = [...exact, ...kinds.map((kind) => commonest.find((colour) => bucketOf(colour) === kind) ?? kind)];
  const places = new Map(colours.map((colour, place) => [colour, place]));
  const nearest = (colour: number): number => {
    const known = places.get(colour);
    if (known !== undefined) return known;
    const distances = colours.map((each) => distance(each, colour));
    const best = distances.indexOf(Math.min(...distances));
    places.set(colour, best);
    return best;
  };
  return { colours, nearest };
}

const byCount = (counts: ReadonlyMap<number, number>): number[] =>
  [...counts].sort(([, left], [, right]) => right - left).map(([key]) => key);

function distance(left: number, right: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + (((left >> shift) & 255) - ((right >> shift) & 255)) ** 2, 0);
}
