// Where buffers lie in one slab: greedy by size (Pisarchyk and Lee, 2020), each at the lowest place that is free while it lives.

/** A buffer in time and, once it is placed, in memory. */
export interface Buffer {
  readonly bytes: number;
  /** The first and the last unit during which it is taken. */
  readonly start: number;
  end: number;
  offset: number;
}

/** Every buffer starts at a multiple of this: one cache line. */
export const LINE = 64;

/** `bytes` rounded up to whole lines. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / LINE) * LINE;
}

/** Above this many buffers only one order is tried. */
const FEW = 2000;

const ORDERS: readonly ((a: Buffer, b: Buffer) => number)[] = [
  (a, b) => b.bytes - a.bytes || a.start - b.start,
  (a, b) => a.start - b.start || b.bytes - a.bytes,
  (a, b) => b.bytes * (b.end - b.start + 1) - a.bytes * (a.end - a.start + 1),
];

/** Gives every buffer its offset; returns the bytes of the slab. The best of a few orders. */
export function assignOffsets(buffers: readonly Buffer[]): number {
  let best = Number.POSITIVE_INFINITY;
  let offsets: number[] = [];
  for (const order of buffers.length > FEW ? ORDERS.slice(0, 1) : ORDERS) {
    const bytes = placeInOrder([...buffers].sort(order));
    if (bytes >= best) continue;
    best = bytes;
    offsets = buffers.map((buffer) => buffer.offset);
  }
  buffers.forEach((buffer, i) => {
    buffer.offset = offsets[i];
  });
  return buffers.length === 0 ? 0 : best;
}

function placeInOrder(buffers: readonly Buffer[]): number {
  let total = 0;
  /** Those that have their place, by offset. */
  const placed: Buffer[] = [];
  for (const buffer of buffers) {
    let offset = 0;
    for (const other of placed) {
      if (other.end < buffer.start || other.start > buffer.end) continue;
      if (offset + buffer.bytes <= other.offset) break;
      offset = Math.max(offset, other.offset + other.bytes);
    }
    buffer.offset = offset;
    total = Math.max(total, offset + buffer.bytes);
    let at = placed.length;
    while (at > 0 && placed[at - 1].offset > offset) at--;
    placed.splice(at, 0, buffer);
  }
  return total;
}

/** The most bytes that are taken at any time: no placement needs less. */
export function liveBytes(buffers: readonly Buffer[]): number {
  const change = new Map<number, number>();
  for (const { bytes, start, end } of buffers) {
    change.set(start, (change.get(start) ?? 0) + bytes);
    change.set(end + 1, (change.get(end + 1) ?? 0) - bytes);
  }
  let [now, most] = [0, 0];
  for (const [, by] of [...change].sort(([a], [b]) => a - b)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}
