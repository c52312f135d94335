// Placement in the order of time: a slab with a list of its holes, and every buffer in the smallest hole that holds it.
import type { Buffer } from './offsets.js';

/** Free memory between buffers. */
interface Hole {
  offset: number;
  bytes: number;
  /** False once it is taken, or merged with a neighbour. */
  free: boolean;
}

/** The holes of a slab, by where they begin and end and by size. */
class Holes {
  /** Where the slab ends for now. */
  top = 0;
  readonly #byStart = new Map<number, Hole>();
  readonly #byEnd = new Map<number, Hole>();
  readonly #bySize = new Map<number, Hole[]>();
  /** The sizes for which there are lists, ascending. */
  readonly #sizes: number[] = [];

  /** The offset of the smallest hole that holds `bytes`, or a place at the top, over the last hole. */
  take(bytes: number): number {
    for (let at = this.#lowerBound(bytes); at < this.#sizes.length; ) {
      const holes = this.#bySize.get(this.#sizes[at]) as Hole[];
      const hole = holes.pop();
      if (hole === undefined) {
        this.#bySize.delete(this.#sizes[at]);
        this.#sizes.splice(at, 1);
      } else if (hole.free) {
        this.#remove(hole);
        if (hole.bytes > bytes) this.#add(hole.offset + bytes, hole.bytes - bytes);
        return hole.offset;
      }
    }
    const last = this.#byEnd.get(this.top);
    const offset = last?.offset ?? this.top;
    if (last !== undefined) this.#remove(last);
    this.top = offset + bytes;
    return offset;
  }

  /** Gives memory back; it is merged with the holes around it. */
  give(offset: number, bytes: number): void {
    const [before, after] = [this.#byEnd.get(offset), this.#byStart.get(offset + bytes)];
    if (before !== undefined) this.#remove(before);
    if (after !== undefined) this.#remove(after);
    const start = before?.offset ?? offset;
    this.#add(start, (after === undefined ? offset + bytes : after.offset + after.bytes) - start);
  }

  #add(offset: number, bytes: number): void {
    const hole = { offset, bytes, free: true };
    this.#byStart.set(offset, hole);
    this.#byEnd.set(offset + bytes, hole);
    const list = this.#bySize.get(bytes);
    if (list !== undefined) {
      list.push(hole);
      return;
    }
    this.#bySize.set(bytes, [hole]);
    this.#sizes.splice(this.#lowerBound(bytes), 0, bytes);
  }

  #remove(hole: Hole): void {
    hole.free = false;
    this.#byStart.delete(hole.offset);
    this.#byEnd.delete(hole.offset + hole.bytes);
  }

  /** The first position in `#sizes` of at least `bytes`. */
  #lowerBound(bytes: number): number {
    let [low, high] = [0, this.#sizes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sizes[middle] < bytes) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Places buffers as they begin (or, backwards, as they end), and frees them as they end; returns the bytes of the slab. */
export function placeInTime(buffers: readonly Buffer[], backwards: boolean): number {
  const begin = (i: number) => (backwards ? -buffers[i].end : buffers[i].start);
  const end = (i: number) => (backwards ? -buffers[i].start : buffers[i].end);
  const begins = Float64Array.from(buffers.keys()).sort(
    (a, b) => begin(a) - begin(b) || buffers[b].bytes - buffers[a].bytes || a - b,
  );
  const ends = Float64Array.from(buffers.keys()).sort((a, b) => end(a) - end(b) || a - b);
  const holes = new Holes();
  let over = 0;
  for (const i of begins) {
    for (; end(ends[over]) < begin(i); over++) {
      const { offset, bytes } = buffers[ends[over]];
      holes.give(offset, bytes);
    }
    buffers[i].offset = holes.take(buffers[i].bytes);
  }
  return holes.top;
}
