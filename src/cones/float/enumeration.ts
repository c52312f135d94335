// An enumeration in floats: the memory that its kernels work in, and how it grows.
import { allocateBytes, releaseBytes, runtime, takeBytes } from '../../core/runtime.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { cones } from '../../generated/cones.js';
import { type Settings, takeRows } from '../arguments.js';
import { type Incidence, rayLimitError, wordsFor } from '../problem.js';
import type { Constraints } from '../solution.js';
import { Header } from './state.js';

/** What an enumeration finds. */
export interface FloatGenerators {
  /** [v, n]; of a cone [0, n]. */
  readonly vertices: Tensor;
  /** [r, n], of unit length. */
  readonly rays: Tensor;
  /** [l, n], orthonormal. */
  readonly lineality: Tensor;
  /** Vertices and rays that a check found wrong. */
  readonly wrong: number;
}

/** Why the insertion of rows stops. */
const NEEDS_RAYS = 1;
const NEEDS_EDGES = 2;
const LIMIT = 3;
const PAUSED = 4;

const ORDERS = { lexmin: 0, maxcutoff: 1, fewest: 2, input: 3 } as const;

/** An enumeration in progress. Its memory is released by `release`. */
export class FloatEnumeration {
  readonly #name: string;
  readonly #problem: Constraints;
  readonly #settings: Settings;
  readonly #blocks = { state: 0, rays: 0, edges: 0, data: 0 };
  /** Where A, b, E and e begin in the block of data. */
  readonly #places: number[] = [];
  readonly #header: Header;

  constructor(name: string, problem: Constraints, settings: Settings) {
    this.#name = name;
    this.#problem = problem;
    this.#settings = settings;
    const { A, E } = problem;
    this.#readData();
    this.#blocks.state = this.#take(cones.exports.cone_state_work(A.rows, E?.rows ?? 0, A.columns));
    this.#header = new Header(this.#blocks.state);
    this.#begin();
  }

  /** Rank of the equalities. */
  get fixed(): number {
    return this.#header.read('fixed');
  }

  /** Rank of the rows beside the equalities. */
  get rank(): number {
    return this.#header.read('rank');
  }

  /** Whether equalities, or rows that are constant on their solutions, contradict. */
  get isEmpty(): boolean {
    return this.#header.read('empty') === 1;
  }

  /** The largest number of rays held after any row. */
  get peak(): number {
    return this.#header.read('peak');
  }

  /** Vertices among what was found. */
  get vertices(): number {
    return this.#header.read('vertices');
  }

  /** The dimension of the cone or polyhedron on which these rows hold with equality. */
  dimension(implicit: readonly number[]): number {
    const { A, E } = this.#problem;
    const most = A.columns - this.fixed;
    if (implicit.length === 0) return most;
    const equal = new FloatEnumeration(this.#name, { A: takeRows(A, implicit), E }, this.#settings);
    try {
      return most - equal.rank;
    } finally {
      equal.release();
    }
  }

  /** The generators; to be called once, at the end. */
  finish(verifies: boolean): FloatGenerators {
    const { state } = this.#blocks;
    const n = this.#problem.A.columns;
    const [live, vertices] = [this.#header.read('live'), this.#header.read('vertices')];
    const made: Tensor[] = [];
    try {
      for (const count of [vertices, live - vertices, n - this.fixed - this.rank])
        made.push(allocate([count, n], 'f64', this.#name));
      const [v, r, l] = made;
      const wrong = cones.exports.cone_finish_f64(state, v.address, r.address, l.address, verifies ? 1 : 0);
      return { vertices: v, rays: r, lineality: l, wrong };
    } catch (error) {
      for (const tensor of made) tensor.dispose();
      throw error;
    }
  }

  /** An orthonormal basis of what the rows span. */
  span(): Tensor {
    const basis = allocate([this.fixed + this.rank, this.#problem.A.columns], 'f64', this.#name);
    cones.exports.cone_span_f64(this.#blocks.state, basis.address);
    return basis;
  }

  /** Calls `use` with which vertices and rays lie on which rows; of a polyhedron the last row is that of the homogenising coordinate. */
  incidence<T>(use: (incidence: Incidence) => T): T {
    const { A, b } = this.#problem;
    const rays = this.#header.read('live');
    const rows = A.rows + (b === undefined ? 0 : 1);
    const words = wordsFor(rows);
    const address = allocateBytes(4 * words * rays, this.#name);
    try {
      cones.exports.cone_incidence(this.#blocks.state, address, words);
      const bits = new Uint32Array(runtime().memory.buffer, address, words * rays);
      return use({ rays, rows, words, bits });
    } finally {
      releaseBytes(address);
    }
  }

  /** Releases all memory. */
  release(): void {
    for (const key of ['state', 'rays', 'edges', 'data'] as const) {
      if (this.#blocks[key] !== 0) releaseBytes(this.#blocks[key]);
      this.#blocks[key] = 0;
    }
  }

  /** Memory for a block; all of them are released where there is none. */
  #take(bytes: number): number {
    try {
      return allocateBytes(bytes, this.#name);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  #readData(): void {
    const { A, b, E, e } = this.#problem;
    const parts = [A, b, E, e];
    const sizes = parts.map((part) => (part === undefined ? 0 : part.rows * part.columns));
    this.#blocks.data = this.#take(8 * sizes.reduce((sum, size) => sum + size, 0));
    let address = this.#blocks.data;
    const { buffer } = runtime().memory;
    parts.forEach((part, i) => {
      this.#places.push(address);
      if (part !== undefined) new Float64Array(buffer, address, sizes[i]).set(part.numbers());
      address += 8 * sizes[i];
    });
  }

  /** Reads the problem. */
  #begin(): void {
    const { A, b, E } = this.#problem;
    const { order, tolerance } = this.#settings;
    const { state } = this.#blocks;
    const [a, right, equalities, sides] = this.#places;
    cones.exports.cone_begin_f64(
      state,
      A.rows,
      E?.rows ?? 0,
      A.columns,
      b === undefined ? 0 : 1,
      ORDERS[order],
      tolerance,
      a,
      right,
      equalities,
      sides,
    );
  }

  /** Inserts all rows. */
  run(): void {
    const { state } = this.#blocks;
    const { maxRays, onProgress } = this.#settings;
    const dimension = this.rank + (this.#problem.b === undefined ? 0 : 1);
    if (dimension > maxRays) throw this.#limit(dimension);
    this.#growRays(Math.max(64, 2 * dimension));
    this.#growEdges(Math.max(128, dimension * dimension));
    const limit = onProgress === undefined ? 2 ** 31 - 1 : 1;
    for (;;) {
      const reason = cones.exports.cone_insert_f64(state, limit, Math.min(maxRays, 2 ** 31 - 1));
      const wanted = this.#header.read('wanted');
      if (reason === NEEDS_RAYS) this.#growRays(wanted);
      else if (reason === NEEDS_EDGES) this.#growEdges(wanted);
      else if (reason === LIMIT) throw this.#limit(wanted);
      else {
        onProgress?.({ rows: this.#inserted(), of: this.#problem.A.rows, rays: this.#header.read('live') });
        if (reason !== PAUSED) return;
      }
    }
  }

  /** Rows inserted: those that do not take part count at the end. */
  #inserted(): number {
    const { A, b } = this.#problem;
    const next = this.#header.read('inserted');
    return next === this.#header.read('places') ? A.rows : next - (b === undefined ? 0 : 1);
  }

  #limit(rays: number): Error {
    const rows = Math.max(this.#inserted(), this.rank);
    return rayLimitError(this.#name, { rays, limit: this.#settings.maxRays, rows, of: this.#problem.A.rows });
  }

  /** Room for `wanted` more rays. */
  #growRays(wanted: number): void {
    const { state, rays } = this.#blocks;
    const [capacity, free] = [this.#header.read('rayCapacity'), this.#header.read('raysFree')];
    const block = this.#larger(capacity, capacity + wanted - free, (count) =>
      cones.exports.cone_rays_work(state, count),
    );
    cones.exports.cone_move_rays(state, block.address, block.capacity);
    if (rays !== 0) releaseBytes(rays);
    this.#blocks.rays = block.address;
  }

  /** Room for `wanted` more edges. */
  #growEdges(wanted: number): void {
    const { state, edges } = this.#blocks;
    const [capacity, free] = [this.#header.read('edgeCapacity'), this.#header.read('edgesFree')];
    const block = this.#larger(capacity, capacity + wanted - free, (count) =>
      cones.exports.cone_edges_work(count),
    );
    cones.exports.cone_move_edges(state, block.address, block.capacity);
    if (edges !== 0) releaseBytes(edges);
    this.#blocks.edges = block.address;
  }

  /** A block of twice the capacity if there is room for it, and else for what is needed. */
  #larger(capacity: number, needed: number, work: (count: number) => number) {
    const generous = Math.max(2 * capacity, needed);
    const address = takeBytes(work(generous));
    if (address !== 0) return { address, capacity: generous };
    return { address: allocateBytes(work(needed), this.#name), capacity: needed };
  }
}
