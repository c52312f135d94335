// The rays of {x : E x = 0, A x <= 0} by double description in exact arithmetic: integers of 64 bits, and bigints from where those overflow.
// Source: Fukuda and Prodon, Double description method revisited (1996).
import { runtime } from '../../core/runtime.js';
import { scope } from '../../core/scope.js';
import { cones as kernels } from '../../generated/cones.js';
import type { EnumerationProgress, Incidence, RowOrder } from '../problem.js';
import { rayLimitError } from '../problem.js';
import { type Basis, basisOf } from './basis.js';
import { BigRays } from './big-rays.js';
import { Growing } from './growing.js';
import { distinct, lexicographic } from './order.js';
import { orthogonalTo } from './orthogonal.js';
import type { Rays } from './rays.js';
import { wordRays } from './word-rays.js';

/** A cone in integers; rows are primitive. */
export interface ExactProblem {
  readonly rows: readonly bigint[][];
  readonly equalities: readonly bigint[][];
  readonly dimension: number;
  /** The last coordinate makes a polyhedron a cone. */
  readonly isHomogenised?: boolean;
}

/** What an enumeration is given besides. */
export interface ExactOptions {
  readonly order: RowOrder;
  readonly maxRays: number;
  /** The function that is called, for errors. */
  readonly name: string;
  /** Rows that the user gave, for errors and progress; default: all. */
  readonly of?: number;
  readonly onProgress?: (progress: EnumerationProgress) => void;
}

/** Extreme rays and lineality in primitive integers; rays are orthogonal to the lineality space. */
export interface ExactDescription {
  readonly rays: bigint[][];
  readonly lineality: bigint[][];
  /** A basis of the complement of the lineality space. */
  readonly complement: bigint[][];
  readonly incidence: Incidence;
  /** The largest number of rays held. */
  readonly peak: number;
}

type Found = Pick<ExactDescription, 'rays' | 'incidence' | 'peak'>;

/** Pairs that are found in one call of the kernel, at least. */
const PAIRS = 1 << 14;

/** The extreme rays, modulo the lineality space. */
export function enumerateExact(problem: ExactProblem, options: ExactOptions): ExactDescription {
  const { rows, equalities, dimension, isHomogenised = false } = problem;
  const { first, copies } = distinct(rows);
  const order = options.order === 'input' ? first : lexicographic(rows, first, { dimension, isHomogenised });
  const basis = basisOf(equalities, rows, order, dimension);
  let found: Found | undefined;
  // By a variable, so that the scope does not look for tensors among the numbers.
  scope(() => {
    const state = new Enumeration(problem, options, basis);
    state.insertAll(order.filter((row) => !basis.rows.includes(row)));
    found = state.result(copies);
  });
  const { rays, incidence, peak } = found as unknown as Found;
  const { lineality, complement } = basis;
  const toOrthogonal = orthogonalTo(basis, dimension);
  return { rays: rays.map(toOrthogonal), lineality, complement, incidence, peak };
}

/** The rays of the rows inserted so far, and the rows that hold with equality at each. */
class Enumeration {
  readonly #problem: ExactProblem;
  readonly #options: ExactOptions;
  /** In the columns of the basis. */
  readonly #rows: readonly bigint[][];
  /** Of the cone modulo its lineality. */
  readonly #dimension: number;
  readonly #words: number;
  readonly #sets: Growing;
  /** The rows that cut something off, as a set, and the sets with only these: the others tell nothing about which rays are adjacent. */
  readonly #cutting: Growing;
  readonly #masked: Growing;
  readonly #lists: Growing;
  readonly #pairs: Growing;
  readonly #work: Growing;
  /** Rows that hold with equality on all rays, and are not in the sets. */
  readonly #everywhere: number[] = [];
  #rays: Rays;
  #count: number;
  #inserted: number;
  #peak: number;

  constructor(problem: ExactProblem, options: ExactOptions, { columns, rows, rays }: Basis) {
    const { name } = options;
    this.#problem = problem;
    this.#options = options;
    this.#rows = problem.rows.map((row) => columns.map((j) => row[j]));
    this.#dimension = rays.length;
    const m = problem.rows.length;
    this.#words = m <= 64 ? 1 : 2 * Math.ceil(m / 128);
    this.#count = rays.length;
    this.#sets = new Growing(name, 16 * this.#words * Math.max(8, rays.length));
    this.#cutting = new Growing(name, 8 * this.#words);
    this.#masked = new Growing(name, 0);
    this.#lists = new Growing(name, 0);
    this.#pairs = new Growing(name, 8 * PAIRS);
    this.#work = new Growing(name, 0);
    this.#rays = wordRays(name, this.#rows, rays, columns.length) ?? this.#inBigints(rays);
    this.#inserted = rows.length;
    this.#peak = rays.length;
    this.#checkLimit(rays.length);
    this.#cuttingAsWords().fill(0);
    for (const row of rows) this.#markCutting(row);
    // Each ray lies on all rows of the basis but its own.
    const sets = this.#setsAsWords(rays.length).fill(0);
    rays.forEach((_, k) => {
      rows.forEach((row, i) => {
        if (i !== k) sets[2 * this.#words * k + (row >> 5)] |= 1 << (row & 31);
      });
    });
  }

  /** The sets of the first rays in words of 32 bits. */
  #setsAsWords(count: number): Int32Array {
    return new Int32Array(runtime().memory.buffer, this.#sets.address, 2 * this.#words * count);
  }

  #cuttingAsWords(): Int32Array {
    return new Int32Array(runtime().memory.buffer, this.#cutting.address, 2 * this.#words);
  }

  #markCutting(row: number): void {
    this.#cuttingAsWords()[row >> 5] |= 1 << (row & 31);
  }

  #checkLimit(rays: number): void {
    const { maxRays, name, of = this.#problem.rows.length } = this.#options;
    if (rays > maxRays)
      throw rayLimitError(name, { rays, limit: maxRays, rows: Math.min(this.#inserted, of), of });
  }

  /** Inserts rows in this order, or in the one that is found on the way. Rows that need not be inserted count as the last ones. */
  insertAll(rows: readonly number[]): void {
    const { order, onProgress, of = this.#problem.rows.length } = this.#options;
    const rest = [...rows];
    while (rest.length > 0 && this.#count > 0) {
      const at = order === 'maxcutoff' || order === 'fewest' ? this.#best(rest, order) : 0;
      const [row] = rest.splice(at, 1);
      this.#insert(row);
      this.#inserted++;
      this.#peak = Math.max(this.#peak, this.#count);
      if (this.#inserted < of) onProgress?.({ rows: this.#inserted, of, rays: this.#count });
    }
    onProgress?.({ rows: of, of, rays: this.#count });
  }

  /** Where in `rest` the row is that cuts most rays off, or that has the fewest pairs of rays on its two sides. */
  #best(rest: readonly number[], order: 'maxcutoff' | 'fewest'): number {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    rest.forEach((row, k) => {
      this.#evaluate(row);
      const { positive, negative } = this.#split();
      const cost = order === 'maxcutoff' ? -positive : positive * negative;
      if (cost >= least) return;
      best = k;
      least = cost;
    });
    return best;
  }

  /** The values of a row on all rays. */
  #evaluate(row: number): void {
    if (this.#rays.evaluate(row)) return;
    this.#rays = this.#inBigints(this.#rays.toVectors());
    this.#rays.evaluate(row);
  }

  #inBigints(rays: readonly bigint[][]): BigRays {
    return new BigRays(this.#options.name, this.#rows, rays, this.#dimension);
  }

  /** How many rays are on either side of the row; the lists are in memory. */
  #split(): { positive: number; negative: number; zero: number; kept: number } {
    const count = this.#count;
    this.#lists.reserve(16 * count + 16);
    const counts = this.#lists.address + 16 * count;
    kernels.exports.split_values(count, this.#rays.values, this.#lists.address, counts);
    const [positive, negative, zero, kept] = new Int32Array(runtime().memory.buffer, counts, 4);
    return { positive, negative, zero, kept };
  }

  #insert(row: number): void {
    this.#evaluate(row);
    const { positive, negative, zero, kept } = this.#split();
    const count = this.#count;
    let added = 0;
    if (positive > 0) {
      added = this.#addBetween(row, positive, negative, kept);
      if (added < 0) {
        // What was made of this row is made again.
        this.#rays = this.#inBigints(this.#rays.toVectors());
        this.#insert(row);
        return;
      }
    }
    const { exports } = kernels;
    const { address } = this.#lists;
    // A row on which all that is left lies tells no rays apart: without it more of them lie on no more rows than they must.
    if (negative === 0) this.#everywhere.push(row);
    else exports.include_row(this.#words, this.#sets.address, address + 8 * count, zero, row);
    if (positive === 0) return;
    this.#markCutting(row);
    const keep = address + 12 * count;
    exports.keep_records(8 * this.#words, this.#sets.address, keep, kept, count, added);
    this.#rays.keep(keep, kept, added);
    this.#count = kept + added;
  }

  /** Adds the rays between adjacent ones on either side, and returns how many; -1 where the arithmetic does not reach that far. */
  #addBetween(row: number, positive: number, negative: number, kept: number): number {
    const { exports } = kernels;
    const words = this.#words;
    const count = this.#count;
    this.#work.reserve(exports.adjacent_pairs_work(words, count));
    const { address } = this.#lists;
    const sides = [
      { list: address, length: positive },
      { list: address + 4 * count, length: negative },
    ];
    sides.sort((a, b) => a.length - b.length);
    const [outer, inner] = sides;
    this.#masked.reserve(8 * words * count);
    const masked = this.#masked.address;
    exports.mask_sets(words, this.#sets.address, count, this.#cutting.address, masked);
    const capacity = Math.max(PAIRS, inner.length);
    this.#pairs.reserve(8 * capacity);
    let added = 0;
    for (let from = 0; from < outer.length; ) {
      const pairs = exports.adjacent_pairs(
        ...[words, this.#dimension, masked, count],
        ...([outer.list, outer.length, inner.list, inner.length] as const),
        ...([from, this.#pairs.address, capacity, this.#work.address] as const),
      );
      this.#checkLimit(kept + added + pairs);
      const first = count + added;
      this.#sets.reserve(8 * words * (first + pairs));
      const sets = this.#sets.address;
      const used = { address: masked, words: 2 * words };
      const isDone = this.#rays.combine(this.#pairs.address, pairs, first, used);
      if (!isDone) return -1;
      exports.join_sets(words, sets, this.#pairs.address, pairs, row, sets + 8 * words * first);
      added += pairs;
      from = new Int32Array(runtime().memory.buffer, this.#work.address, 1)[0];
    }
    return added;
  }

  /** Rays in the columns of the basis, and their incidence with all rows, copies too. */
  result(copies: readonly [number, number][]): Found {
    const words = 2 * this.#words;
    const bits = Uint32Array.from(this.#setsAsWords(this.#count));
    const derived = [...this.#everywhere.map((row): [number, number] => [row, -1]), ...copies];
    for (let at = 0; at < bits.length; at += words) {
      for (const [copy, of] of derived) {
        const isTight = of < 0 || ((bits[at + (of >> 5)] >>> (of & 31)) & 1) === 1;
        if (isTight) bits[at + (copy >> 5)] |= 1 << (copy & 31);
      }
    }
    const incidence = { rays: this.#count, rows: this.#problem.rows.length, words, bits };
    return { rays: this.#rays.toVectors(), incidence, peak: this.#peak };
  }
}
