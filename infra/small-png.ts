import { crc32, deflateSync, inflateSync } from 'node:zlib';

interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of each pixel, row by row. */
  readonly pixels: Buffer;
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const PALETTE = 256;

/**
 * Rewrites a browser's screenshot with a palette of 256 colours: a third of the size, and to the eye the same. Throws for
 * anything but an 8-bit RGB PNG without interlacing, which is what Chromium writes.
 */
export function shrinkPng(png: Buffer): Buffer {
  const { width, height, pixels } = decode(png);
  const { colours, nearest } = choosePalette(pixels);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = nearest(colourAt(pixels, y * width + x));
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const palette = Buffer.from(colours.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const data = deflateSync(rows, { level: 9, memLevel: 9 });
  return Buffer.concat([
    SIGNATURE,
    ...Object.entries({ IHDR: head, PLTE: palette, IDAT: data, IEND: Buffer.alloc(0) }).map(chunk),
  ]);
}

function chunk([type, data]: [string, Buffer]): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

const colourAt = (pixels: Buffer, index: number): number => pixels.readUIntBE(index * 3, 3);

/** How much of the palette goes to the commonest colours: text, grounds, shadows. The rest is for gradients. */
const EXACT = 176;
/** Colours that share the upper five bits of each channel stand for each other in a gradient. */
const bucketOf = (colour: number): number => colour & 0xf8f8f8;

/** Takes the commonest colours, then one for each of the commonest kinds of the others. What is left gets the nearest. */
function choosePalette(pixels: Buffer) {
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

function decode(png: Buffer): Picture {
  const chunks = [...readChunks(png)];
  const head = chunks.find(({ type }) => type === 'IHDR')?.data;
  if (head?.[8] !== 8 || head[9] !== 2 || head[12] !== 0) throw new Error('not an 8-bit RGB PNG without interlacing');
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const raw = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  const size = width * 3;
  const pixels = Buffer.alloc(size * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (size + 1)] ?? 0;
    for (let x = 0; x < size; x += 1) {
      const at = y * size + x;
      const left = x >= 3 ? (pixels[at - 3] ?? 0) : 0;
      const up = y > 0 ? (pixels[at - size] ?? 0) : 0;
      const corner = x >= 3 && y > 0 ? (pixels[at - size - 3] ?? 0) : 0;
      pixels[at] = ((raw[y * (size + 1) + 1 + x] ?? 0) + predict(filter, { left, up, corner })) & 255;
    }
  }
  return { width, height, pixels };
}

function* readChunks(png: Buffer) {
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    yield { type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

/** https://www.w3.org/TR/png-3/#9Filter-types */
function predict(filter: number, { left, up, corner }: Readonly<Record<'left' | 'up' | 'corner', number>>): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4: {
      const guess = left + up - corner;
      const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
      if (toLeft <= toUp && toLeft <= toCorner) return left;
      return toUp <= toCorner ? up : corner;
    }
    default:
      return 0;
  }
}
