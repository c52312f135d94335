// Pool: memory that the steps of a program ask for while they run (workspace of factorizations, say), kept from run to run.
import { type Lender, runtime } from '../core/runtime.js';
import { aligned, LINE } from './offsets.js';

/** Lists of blocks by size, powers of two apart, so that less than half of a block goes unused. */
function classOf(bytes: number): number {
  return 31 - Math.clz32(aligned(Math.max(1, bytes)) / LINE);
}

/** Free blocks by class. */
type Lists = (number[] | undefined)[];

/** Gives what a pool keeps back to the heap if the user forgets the plan. */
const finalizer = /* @__PURE__ */ new FinalizationRegistry<Lists>(releaseAll);

function releaseAll(lists: Lists): void {
  const { heap } = runtime();
  for (const list of lists.splice(0)) for (const address of list ?? []) heap.release(address);
}

/**
 * Every block is the heap's and is free here, or lent to the run under way. What a run does not give back is its owner's from then
 * on, as if it had come from the heap. In every list the blocks only grow, and in number too, up to what one run needs: after the
 * first run, the heap is not asked again for as long as runs ask for the same.
 */
export class Pool implements Lender {
  readonly #free: Lists = [];
  readonly #lent = new Set<number>();
  #watched = false;

  /** Bytes of the blocks that are kept. */
  get bytes(): number {
    const { heap } = runtime();
    let sum = 0;
    for (const list of this.#free) for (const address of list ?? []) sum += heap.sizeOf(address);
    return sum;
  }

  take(bytes: number): number {
    if (!this.#watched) {
      this.#watched = true;
      finalizer.register(this, this.#free);
    }
    const { heap } = runtime();
    const list = this.#list(bytes);
    const wanted = aligned(Math.max(1, bytes));
    /** The smallest block that is large enough, and the largest that is not. */
    let [fit, fitBytes, below, belowBytes] = [-1, Number.POSITIVE_INFINITY, -1, 0];
    for (let i = list.length - 1; i >= 0 && fitBytes > wanted; i--) {
      const size = heap.sizeOf(list[i]);
      if (size >= wanted && size < fitBytes) [fit, fitBytes] = [i, size];
      else if (size < wanted && size > belowBytes) [below, belowBytes] = [i, size];
    }
    let address = fit >= 0 ? remove(list, fit) : 0;
    if (fit < 0) {
      // A block that grows, rather than one more.
      if (below >= 0) heap.release(remove(list, below));
      address = heap.allocate(bytes);
      if (address === 0) {
        this.clear();
        address = heap.allocate(bytes);
      }
    }
    if (address !== 0) this.#lent.add(address);
    return address;
  }

  give(address: number): boolean {
    if (!this.#lent.delete(address)) return false;
    const bytes = runtime().heap.sizeOf(address);
    // Whoever took it may have given it back to the heap by another way.
    if (bytes > 0) this.#list(bytes).push(address);
    return true;
  }

  /** The free blocks of the class that `bytes` bytes are in. */
  #list(bytes: number): number[] {
    const index = classOf(bytes);
    let list = this.#free[index];
    if (list === undefined) {
      list = [];
      this.#free[index] = list;
    }
    return list;
  }

  /** The run is over. */
  end(): void {
    if (this.#lent.size > 0) this.#lent.clear();
  }

  /** Gives everything that is free back to the heap. */
  clear(): void {
    releaseAll(this.#free);
  }
}

/** Takes an entry out of a list whose order does not matter. */
function remove(list: number[], index: number): number {
  const last = list.pop() as number;
  if (index === list.length) return last;
  const found = list[index];
  list[index] = last;
  return found;
}
