// The allocator over linear memory: two-level segregated fit (Masmano et al., 2004) in units of 64 bytes. Allocation
// and release take constant time (except for one search before a request is refused), and neighbours merge on release.
// All bookkeeping lives in JavaScript, so that no kernel can damage it.

/** Every block starts and ends at a multiple of this: one cache line. */
export const ALIGNMENT = 64;

const SECOND_LEVELS = 16;
const FIRST_LEVELS = 27;
const NONE = -1;
/** The end of the address space; a larger request is refused before the 32-bit arithmetic of size classes. */
const ADDRESS_SPACE = 2 ** 32;
/** Units of memory that one page of the address table covers. */
const PAGE_BITS = 10;

/** The size class of a free block of `units`. */
function classOf(units: number): number {
  if (units < SECOND_LEVELS) return units;
  const first = 31 - Math.clz32(units);
  return (first - 3) * SECOND_LEVELS + ((units >>> (first - 4)) & (SECOND_LEVELS - 1));
}

/** The first size class whose blocks all have at least `units`. */
function classAbove(units: number): number {
  if (units < SECOND_LEVELS) return units;
  const first = 31 - Math.clz32(units);
  return classOf(units + (1 << (first - 4)) - 1);
}

/**
 * A heap over the addresses [start, end). When nothing fits, it calls `grow(wanted)`, which returns the new end of the
 * memory: at least `wanted`, or the old end if it cannot grow.
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
   * The allocated block that starts at a unit, in pages that are made on demand. (A Map would keep the dead entries of
   * an address that is allocated and released again and again in one chain, and search it every time.)
   */
  readonly #pages: (Int32Array | undefined)[] = [];
  #last = NONE;
  #end: number;
  #used = 0;
  /** Blocks that were released but must not be reused yet, and whether releases are held back at present. */
  readonly #held: number[] = [];
  #isHeld: (() => boolean) | undefined;

  constructor(start: number, end: number, grow: (wanted: number) => number) {
    this.#grow = grow;
    this.#end = Math.ceil(start / ALIGNMENT);
    this.#extend(end);
  }

  /** Bytes allocated, rounded up to the alignment. */
  get used(): number {
    return this.#used * ALIGNMENT;
  }

  /**
   * The address of `bytes` bytes, aligned to 64. Returns 0 if the memory cannot hold them or `bytes` is not a valid
   * size: NaN, negative, or beyond the address space. The library allocates all its memory here, so this check covers
   * every size.
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

  /** Releases what `allocate` returned; false for an address that is not allocated. */
  release(address: number): boolean {
    const block = this.#blockAt(address);
    if (block === NONE) return false;
    this.#note(this.#start[block], NONE);
    this.#used -= this.#units[block];
    if (this.#isHeld?.() === true) this.#held.push(block);
    else this.#giveBack(block);
    return true;
  }

  /** While `isHeld`, released memory is not reused: a thread may still write to it. */
  holdWhile(isHeld: () => boolean): void {
    const before = this.#isHeld;
    this.#isHeld = before === undefined ? isHeld : () => before() || isHeld();
  }

  /** Releases everything that was held back, once that is safe. */
  #releaseHeld(): void {
    if (this.#isHeld?.() === true) return;
    this.#isHeld = undefined;
    for (const block of this.#held.splice(0)) this.#giveBack(block);
  }

  /** Marks a block as free and joins it with its free neighbours. */
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

  /** Bytes of the block at `address`, or 0 if none is allocated there. */
  sizeOf(address: number): number {
    const block = this.#blockAt(address);
    return block === NONE ? 0 : this.#units[block] * ALIGNMENT;
  }

  /** Records which allocated block starts at a unit. */
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

  /** Adds the memory up to the byte `end`. */
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

  /**
   * Searches the class of `units` itself for a block that is large enough: slower, but finds blocks that `find` skips.
   */
  #search(units: number): number {
    let block = this.#heads[classOf(units)];
    while (block !== NONE && this.#units[block] < units) block = this.#next[block];
    return block === NONE ? this.#find(units) : block;
  }

  /** The head of the first class whose blocks are all large enough, in constant time. */
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

  /** A new block after `before` in memory. */
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

  /** Merges `block` with `next`, its neighbour in memory. */
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
