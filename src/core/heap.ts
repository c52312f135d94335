// The allocator over linear memory: two-level segregated fit (Masmano et al., 2004) in units of 64 bytes.
// Allocation and release take constant time (but for one search before memory is refused), neighbours merge on release, and all bookkeeping lives in
// JavaScript, so that no kernel can damage it.

/** Every block starts and ends at a multiple of this: one cache line. */
export const ALIGNMENT = 64;

const SECOND_LEVELS = 16;
const FIRST_LEVELS = 27;
const NONE = -1;
/** The end of the address space; a larger request is refused before the 32-bit arithmetic of size classes. */
const ADDRESS_SPACE = 2 ** 32;
/** Units of memory whose blocks one page of the table of addresses holds. */
const PAGE_BITS = 10;

/** The size class that holds free blocks of `units`. */
function classOf(units: number): number {
  if (units < SECOND_LEVELS) return units;
  const first = 31 - Math.clz32(units);
  return (first - 3) * SECOND_LEVELS + ((units >>> (first - 4)) & (SECOND_LEVELS - 1));
}

/** The first class in which every block has at least `units`. */
function classAbove(units: number): number {
  if (units < SECOND_LEVELS) return units;
  const first = 31 - Math.clz32(units);
  return classOf(units + (1 << (first - 4)) - 1);
}

/**
 * A heap over the addresses [start, end). `grow(wanted)` is asked for memory when nothing fits: it returns the
 * new end of the memory, at least `wanted`, or the old end where it cannot.
 */
export class Heap {
  readonly #grow: (wanted: number) => number;
  /** Blocks, by handle: first unit, units, neighbours in memory, neighbours in the free list, free or not. */
  readonly #start: number[] = [];
  readonly #units: number[] = [];
  readonly #before: number[] = [];
  readonly #after: number[] = [];
  readonly #previous: number[] = [];
  readonly #next: number[] = [];
  readonly #free: boolean[] = [];
  readonly #heads = new Int32Array(FIRST_LEVELS * SECOND_LEVELS).fill(NONE);
  /** One bit per class that has a free block. */
  readonly #classes = new Int32Array((FIRST_LEVELS * SECOND_LEVELS) / 32 + 1);
  readonly #spare: number[] = [];
  /**
   * The allocated block that starts at a unit, in pages that are made when the first block starts there. (A Map would keep
   * the dead entries of an address that is taken and given back in turn in one chain, and search it every time.)
   */
  readonly #pages: (Int32Array | undefined)[] = [];
  #last = NONE;
  #end: number;
  #used = 0;
  /** Blocks that were released and must not be used again yet, and whether that is still so. */
  readonly #held: number[] = [];
  #isHeld: (() => boolean) | undefined;

  constructor(start: number, end: number, grow: (wanted: number) => number) {
    this.#grow = grow;
    this.#end = Math.ceil(start / ALIGNMENT);
    this.#extend(end);
  }

  /** Bytes handed out, rounded up to the alignment. */
  get used(): number {
    return this.#used * ALIGNMENT;
  }

  /**
   * The address of `bytes` bytes, aligned to 64, or 0 where the memory cannot hold them, or `bytes` is no size: NaN, negative, or
   * more than there are addresses. All memory of the library is taken here, so that no wrong size passes.
   */
  allocate(bytes: number): number {
    if (!(bytes >= 0 && bytes < ADDRESS_SPACE)) return 0;
    if (this.#isHeld !== undefined) this.#releaseHeld();
    const units = Math.max(1, Math.ceil(bytes / ALIGNMENT));
    let block = this.#find(units);
    if (block === NONE) {
      const tail = this.#last !== NONE && this.#free[this.#last] ? this.#units[this.#last] : 0;
      if (tail < units) this.#extend(this.#grow((this.#end + units - tail) * ALIGNMENT));
      block = this.#search(units);
      if (block === NONE) return 0;
    }
    this.#unlink(block);
    const rest = this.#units[block] - units;
    if (rest > 0) {
      this.#units[block] = units;
      const remainder = this.#insert(block, this.#start[block] + units, rest);
      this.#link(remainder);
    }
    this.#free[block] = false;
    this.#used += units;
    const address = this.#start[block] * ALIGNMENT;
    this.#note(this.#start[block], block);
    return address;
  }

  /** Gives back what `allocate` returned; false for an address that is not allocated. */
  release(address: number): boolean {
    const block = this.#blockAt(address);
    if (block === NONE) return false;
    this.#note(this.#start[block], NONE);
    this.#used -= this.#units[block];
    if (this.#isHeld?.() === true) this.#held.push(block);
    else this.#giveBack(block);
    return true;
  }

  /** While `isHeld`, memory that is released is not handed out again: somebody may still write to it. */
  holdWhile(isHeld: () => boolean): void {
    const before = this.#isHeld;
    this.#isHeld = before === undefined ? isHeld : () => before() || isHeld();
  }

  /** Gives back what was held, once that may be. */
  #releaseHeld(): void {
    if (this.#isHeld?.() === true) return;
    this.#isHeld = undefined;
    for (const block of this.#held.splice(0)) this.#giveBack(block);
  }

  /** Joins a block with its free neighbours and makes it free. */
  #giveBack(block: number): void {
    const after = this.#after[block];
    if (after !== NONE && this.#free[after]) {
      this.#unlink(after);
      this.#absorb(block, after);
    }
    const before = this.#before[block];
    if (before !== NONE && this.#free[before]) {
      this.#unlink(before);
      this.#absorb(before, block);
      this.#link(before);
    } else this.#link(block);
  }

  /** Bytes of the block at `address`, or 0 where none is allocated. */
  sizeOf(address: number): number {
    const block = this.#blockAt(address);
    return block === NONE ? 0 : this.#units[block] * ALIGNMENT;
  }

  /** Notes which allocated block starts at a unit. */
  #note(unit: number, block: number): void {
    const index = unit >>> PAGE_BITS;
    let page = this.#pages[index];
    if (page === undefined) {
      page = new Int32Array(1 << PAGE_BITS).fill(NONE);
      this.#pages[index] = page;
    }
    page[unit & ((1 << PAGE_BITS) - 1)] = block;
  }

  /** The allocated block that starts at an address, or NONE. */
  #blockAt(address: number): number {
    const unit = address / ALIGNMENT;
    if (!Number.isInteger(unit) || unit < 0) return NONE;
    return this.#pages[unit >>> PAGE_BITS]?.[unit & ((1 << PAGE_BITS) - 1)] ?? NONE;
  }

  /** Takes over the memory up to the byte `end`. */
  #extend(end: number): void {
    const units = Math.floor(end / ALIGNMENT) - this.#end;
    if (units <= 0) return;
    const start = this.#end;
    this.#end += units;
    if (this.#last !== NONE && this.#free[this.#last]) {
      const last = this.#last;
      this.#unlink(last);
      this.#units[last] += units;
      this.#link(last);
    } else {
      this.#link(this.#insert(this.#last, start, units));
    }
  }

  /** A block of the class of `units` itself that is large enough: slower, and finds what `find` must pass over. */
  #search(units: number): number {
    let block = this.#heads[classOf(units)];
    while (block !== NONE && this.#units[block] < units) block = this.#next[block];
    return block === NONE ? this.#find(units) : block;
  }

  /** The head of the first class whose every block is large enough, in constant time. */
  #find(units: number): number {
    const from = classAbove(units);
    let word = from >>> 5;
    let bits = this.#classes[word] & (-1 << (from & 31));
    while (bits === 0) {
      if (++word >= this.#classes.length) return NONE;
      bits = this.#classes[word];
    }
    return this.#heads[word * 32 + (31 - Math.clz32(bits & -bits))];
  }

  /** A new block behind `before` in memory. */
  #insert(before: number, start: number, units: number): number {
    const block = this.#spare.pop() ?? this.#start.length;
    const after = before === NONE ? NONE : this.#after[before];
    this.#start[block] = start;
    this.#units[block] = units;
    this.#before[block] = before;
    this.#after[block] = after;
    if (before !== NONE) this.#after[before] = block;
    if (after !== NONE) this.#before[after] = block;
    else this.#last = block;
    return block;
  }

  /** Joins `block` and its neighbour `next` behind it. */
  #absorb(block: number, next: number): void {
    this.#units[block] += this.#units[next];
    const after = this.#after[next];
    this.#after[block] = after;
    if (after !== NONE) this.#before[after] = block;
    else this.#last = block;
    this.#spare.push(next);
  }

  #link(block: number): void {
    const index = classOf(this.#units[block]);
    const head = this.#heads[index];
    this.#free[block] = true;
    this.#previous[block] = NONE;
    this.#next[block] = head;
    if (head !== NONE) this.#previous[head] = block;
    this.#heads[index] = block;
    this.#classes[index >>> 5] |= 1 << (index & 31);
  }

  #unlink(block: number): void {
    const index = classOf(this.#units[block]);
    const previous = this.#previous[block];
    const next = this.#next[block];
    if (next !== NONE) this.#previous[next] = previous;
    if (previous !== NONE) this.#next[previous] = next;
    else {
      this.#heads[index] = next;
      if (next === NONE) this.#classes[index >>> 5] &= ~(1 << (index & 31));
    }
    this.#free[block] = false;
  }
}
