import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** Pictures of text hold few colours that matter: with a palette of `colours` (at most 256) a screenshot is a third of its size and less. */
export function smallPng(png: Buffer, colours: number): Buffer {
  const { width, height, bytes, rgb } = decode(png);
  const { palette, indexOf } = paletteOf(rgb, bytes, colours);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = indexOf(colourAt(rgb, (y * width + x) * bytes));
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // 8 bits, indexed.
  head.set([8, 3, 0, 0, 0], 8);
  const table = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', table),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** 8 bits, RGB or RGBA, not interlaced: what Chromium writes. */
function decode(png: Buffer): { width: number; height: number; bytes: number; rgb: Buffer } {
  const [width, height, kind] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25]];
  if (png[24] !== 8 || (kind !== 2 && kind !== 6) || png[28] !== 0) throw new Error('not a picture as Chromium writes them');
  const bytes = kind === 2 ? 3 : 4;
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const packed = inflateSync(Buffer.concat(data));
  const stride = width * bytes;
  const rgb = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = packed[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x += 1) {
      const left = x < bytes ? 0 : (rgb[y * stride + x - bytes] ?? 0);
      const up = y === 0 ? 0 : (rgb[(y - 1) * stride + x] ?? 0);
      const corner = y === 0 || x < bytes ? 0 : (rgb[(y - 1) * stride + x - bytes] ?? 0);
      rgb[y * stride + x] = ((packed[y * (stride + 1) + 1 + x] ?? 0) + predicted(filter, left, up, corner)) & 255;
    }
  }
  return { width, height, bytes, rgb };
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter === 0) return 0;
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

const colourAt = (rgb: Buffer, at: number): number => ((rgb[at] ?? 0) << 16) | ((rgb[at + 1] ?? 0) << 8) | (rgb[at + 2] ?? 0);
/** Five bits of each channel: which colours count as one while they are counted. */
const coarse = (colour: number): number => colour & 0xf8f8f8;

/** The most frequent colours, each group of near ones by its most frequent member; the others become the nearest. */
function paletteOf(rgb: Buffer, bytes: number, colours: number): { palette: number[]; indexOf: (colour: number) => number } {
  const counts = new Map<number, number>();
  for (let at = 0; at + 2 < rgb.length; at += bytes) {
    const colour = colourAt(rgb, at);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const groups = new Map<number, { colour: number; most: number; all: number }>();
  for (const [colour, count] of counts) {
    const group = groups.get(coarse(colour)) ?? { colour, most: 0, all: 0 };
    groups.set(coarse(colour), {
      colour: count > group.most ? colour : group.colour,
      most: Math.max(count, group.most),
      all: group.all + count,
    });
  }
  const palette = chosen([...groups.values()], colours);
  const known = new Map(palette.map((colour, index) => [colour, index]));
  const indexOf = (colour: number): number => {
    const found = known.get(colour);
    if (found !== undefined) return found;
    const nearest = palette.reduce((best, each, index) => (far(colour, each) < far(colour, palette[best] ?? 0) ? index : best), 0);
    known.set(colour, nearest);
    return nearest;
  };
  return { palette, indexOf };
}

/** Greedily what is frequent and unlike all that is chosen: few pixels of a colour that nothing else has beat many of one more grey. */
function chosen(groups: readonly { colour: number; all: number }[], colours: number): number[] {
  const left = groups
    .map(({ colour, all }) => ({ colour, weight: Math.cbrt(all), away: Number.POSITIVE_INFINITY }))
    .toSorted((a, b) => b.weight - a.weight || a.colour - b.colour);
  const palette: number[] = [];
  for (let next = left[0]; next !== undefined && palette.length < colours; ) {
    palette.push(next.colour);
    for (const each of left) each.away = Math.min(each.away, far(each.colour, next.colour));
    next = left.reduce((best, each) => (each.away * each.weight > best.away * best.weight ? each : best));
    if (next.away === 0) break;
  }
  return palette;
}

const far = (a: number, b: number): number =>
  ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;
