// Placement in the order of time: a slab with a list of its holes; every buffer goes to the smallest hole that is large
// enough.

/** A buffer: its lifetime, its size and, once it is placed, its offset. */
export interface Buffer {
  readonly bytes: number;
  /** The first and the last group during which it is in use. */
  readonly start: number;
  end: number;
  offset: number;
}

/** The last group during which any buffer is in use. */
export function lastTime(buffers: readonly Buffer[]): number {
  let last = 0;
  for (const { end } of buffers) last = Math.max(last, end);
  return last;
}

/** A part of the slab, in a list ordered by address: a buffer or a hole. */
interface Block {
  offset: number;
  bytes: number;
  /**
   * True for a hole. One that was taken or merged may stay in a list of holes for a while; its size or `free` then
   * differs.
   */
  free: boolean;
  before: Block | undefined;
  after: Block | undefined;
}

/** The blocks of a slab, and its holes by size. */
class Blocks {
  /** The end of the slab so far. */
  top = 0;
  #last: Block | undefined;
  readonly #bySize = new Map<number, Block[]>();
  /** The sizes that have a list, ascending. */
  readonly #sizes: number[] = [];

  /** The smallest hole of at least `bytes`, or space at the end of the slab (including a hole there). */
  take(bytes: number): Block {
    for (let at = this.#lowerBound(bytes); at < this.#sizes.length; ) {
      const size = this.#sizes[at];
      const hole = (this.#bySize.get(size) as Block[]).pop();
      if (hole === undefined) {
        this.#bySize.delete(size);
        this.#sizes.splice(at, 1);
      } else if (hole.free && hole.bytes === size) {
        hole.free = false;
        if (size > bytes) this.#split(hole, bytes);
        return hole;
      }
    }
    let block = this.#last;
    if (block?.free) {
      block.free = false;
      block.bytes = bytes;
    } else {
      block = { offset: this.top, bytes, free: false, before: this.#last, after: undefined };
      if (this.#last !== undefined) this.#last.after = block;
      this.#last = block;
    }
    this.top = block.offset + bytes;
    return block;
  }

  /** Frees a block; it is merged with the holes around it. */
  give(block: Block): void {
    const { before, after } = block;
    if (after?.free) {
      block.bytes += after.bytes;
      this.#unlink(after);
    }
    let hole = block;
    if (before?.free) {
      before.bytes += block.bytes;
      this.#unlink(block);
      hole = before;
    }
    hole.free = true;
    this.#list(hole);
  }

  /** Makes a hole of the rest of a hole whose first `bytes` are taken. */
  #split(hole: Block, bytes: number): void {
    const { after } = hole;
    const rest = {
      offset: hole.offset + bytes,
      bytes: hole.bytes - bytes,
      free: true,
      before: hole,
      after,
    };
    hole.bytes = bytes;
    hole.after = rest;
    if (after === undefined) this.#last = rest;
    else after.before = rest;
    this.#list(rest);
  }

  #unlink(block: Block): void {
    const { before, after } = block;
    block.free = false;
    if (before !== undefined) before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
  }

  #list(hole: Block): void {
    const list = this.#bySize.get(hole.bytes);
    if (list !== undefined) {
      list.push(hole);
      return;
    }
    this.#bySize.set(hole.bytes, [hole]);
    this.#sizes.splice(this.#lowerBound(hole.bytes), 0, hole.bytes);
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

/** Buffers sorted by a time from 0 to `last` (counting sort). */
function ordered(buffers: readonly Buffer[], last: number, timeOf: (buffer: Buffer) => number): Int32Array {
  const next = new Int32Array(last + 2);
  for (const buffer of buffers) next[timeOf(buffer) + 1]++;
  for (let t = 0; t <= last; t++) next[t + 1] += next[t];
  const order = new Int32Array(buffers.length);
  buffers.forEach((buffer, i) => {
    order[next[timeOf(buffer)]++] = i;
  });
  return order;
}

/**
 * Places buffers when they begin (or, backwards, when they end), and frees them when they end; returns the bytes of the
 * slab.
 */
export function placeInTime(buffers: readonly Buffer[], backwards: boolean): number {
  const last = lastTime(buffers);
  const begin = backwards ? ({ end }: Buffer) => last - end : ({ start }: Buffer) => start;
  const end = backwards ? ({ start }: Buffer) => last - start : (buffer: Buffer) => buffer.end;
  const begins = ordered(buffers, last, begin);
  const ends = ordered(buffers, last, end);
  const slab = new Blocks();
  const blocks = new Array<Block | undefined>(buffers.length).fill(undefined);
  let over = 0;
  for (const i of begins) {
    for (; end(buffers[ends[over]]) < begin(buffers[i]); over++) {
      slab.give(blocks[ends[over]] as Block);
      blocks[ends[over]] = undefined;
    }
    const block = slab.take(buffers[i].bytes);
    blocks[i] = block;
    buffers[i].offset = block.offset;
  }
  return slab.top;
}
