// Assigns buffers their offsets in one slab: greedy by size (Pisarchyk and Lee, 2020), each at the lowest offset that
// is free during its lifetime; or, if that takes too long, in the order of time (free-list.ts).
import { ceilLog2, powerOfTwo } from '../core/scalars.js';
import { type Buffer, lastTime, placeInTime } from './free-list.js';

export type { Buffer } from './free-list.js';

/** One cache line: the alignment of addresses on the CPU. */
export const LINE = 64;

/** `bytes` rounded up to a multiple of `alignment`. */
export function aligned(bytes: number, alignment = LINE): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** With more buffers than this, only one greedy order is tried. */
const FEW = 2000;

/** Then a greedy order may inspect this many neighbours: per buffer on average, and in total on top of that. */
const LOOKS_EACH = 60;
const LOOKS = 2_000_000;

/** How far the slab may exceed the bytes alive at one time before another order is tried. */
const CLOSE = 1.01;

const ORDERS: readonly ((a: Buffer, b: Buffer) => number)[] = [
  (a, b) => b.bytes - a.bytes || a.start - b.start,
  (a, b) => a.start - b.start || b.bytes - a.bytes,
  (a, b) => b.bytes * (b.end - b.start + 1) - a.bytes * (a.end - a.start + 1),
];

/** Assigns every buffer its offset, by the best of a few orders, in O(n log n) time; returns the bytes of the slab. */
export function assignOffsets(buffers: readonly Buffer[]): number {
  if (buffers.length === 0) return 0;
  const live = liveBytes(buffers);
  let best = Number.POSITIVE_INFINITY;
  let offsets = new Float64Array(0);
  const keep = (bytes: number) => {
    if (bytes >= best) return;
    best = bytes;
    offsets = Float64Array.from(buffers, ({ offset }) => offset);
  };
  if (buffers.length <= FEW) {
    for (const order of ORDERS) if (best > live) keep(placeFew([...buffers].sort(order)));
  } else {
    for (const backwards of [false, true]) if (best > CLOSE * live) keep(placeInTime(buffers, backwards));
    if (best > CLOSE * live && neighbours(buffers) <= LOOKS + LOOKS_EACH * buffers.length)
      keep(placeMany([...buffers].sort(ORDERS[0])));
  }
  buffers.forEach((buffer, i) => {
    buffer.offset = offsets[i];
  });
  return best;
}

/** The lowest offset that is free while a buffer lives; the other buffers are in the order of their offsets. */
function lowestPlace({ bytes, start, end }: Buffer, others: readonly Buffer[]): number {
  let offset = 0;
  for (const other of others) {
    if (other.end < start || other.start > end) continue;
    if (offset + bytes <= other.offset) break;
    offset = Math.max(offset, other.offset + other.bytes);
  }
  return offset;
}

/** Places a few buffers one by one. */
function placeFew(buffers: readonly Buffer[]): number {
  let total = 0;
  /** The placed buffers, by offset. */
  const placed: Buffer[] = [];
  for (const buffer of buffers) {
    buffer.offset = lowestPlace(buffer, placed);
    total = Math.max(total, buffer.offset + buffer.bytes);
    let at = placed.length;
    while (at > 0 && placed[at - 1].offset > buffer.offset) at--;
    placed.splice(at, 0, buffer);
  }
  return total;
}

/** How many pairs of buffers live at the same time. */
function neighbours(buffers: readonly Buffer[]): number {
  /** How many begin before a time. */
  const begun = new Float64Array(lastTime(buffers) + 2);
  for (const { start } of buffers) begun[start + 1]++;
  for (let t = 1; t < begun.length; t++) begun[t] += begun[t - 1];
  let pairs = 0;
  // In each such pair, the buffer that begins later begins while the other lives.
  for (const { start, end } of buffers) pairs += begun[end + 1] - begun[start];
  return pairs;
}

/** Places many buffers one by one, each among those that live at the same time. */
function placeMany(buffers: readonly Buffer[]): number {
  const placed = new PlacedBuffers(buffers);
  let total = 0;
  for (const buffer of buffers) {
    const others = placed.during(buffer).sort((a, b) => a.offset - b.offset);
    buffer.offset = lowestPlace(buffer, others);
    total = Math.max(total, buffer.offset + buffer.bytes);
    placed.add(buffer);
  }
  return total;
}

/** The placed buffers, searchable by time: a tree in the order of their starts, with the latest end below each node. */
class PlacedBuffers {
  readonly #byStart: readonly Buffer[];
  readonly #position = new Map<Buffer, number>();
  /** The latest end below every node of the tree; the leaves begin at `#leaves`. -1 if nothing is placed there. */
  readonly #ends: Int32Array;
  readonly #leaves: number;

  constructor(buffers: readonly Buffer[]) {
    this.#byStart = [...buffers].sort((a, b) => a.start - b.start);
    this.#byStart.forEach((buffer, i) => void this.#position.set(buffer, i));
    this.#leaves = powerOfTwo(Math.max(0, ceilLog2(buffers.length)));
    this.#ends = new Int32Array(2 * this.#leaves).fill(-1);
  }

  add(buffer: Buffer): void {
    let node = this.#leaves + (this.#position.get(buffer) as number);
    for (; node >= 1; node >>= 1) if (this.#ends[node] < buffer.end) this.#ends[node] = buffer.end;
  }

  /** The placed buffers that live at the same time as a buffer. */
  during({ start, end }: Buffer): Buffer[] {
    const found: Buffer[] = [];
    const visit = (node: number, first: number, count: number): void => {
      if (this.#ends[node] < start || first >= this.#byStart.length || this.#byStart[first].start > end)
        return;
      if (count === 1) {
        found.push(this.#byStart[first]);
        return;
      }
      const half = count / 2;
      visit(2 * node, first, half);
      visit(2 * node + 1, first + half, half);
    };
    visit(1, 0, this.#leaves);
    return found;
  }
}

/** The most bytes alive at any time: a lower bound for every placement. */
export function liveBytes(buffers: readonly Buffer[]): number {
  const change = new Float64Array(lastTime(buffers) + 2);
  for (const { bytes, start, end } of buffers) {
    change[start] += bytes;
    change[end + 1] -= bytes;
  }
  let [now, most] = [0, 0];
  for (const by of change) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}
