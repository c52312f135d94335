// Edges as they come, one after the other, and the simple network of them.
import { OutOfMemoryError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import { checkSize } from '../core/shape.js';
import { allocate } from '../core/tensor.js';
import { allocateEdges, edgeList, type OwnedEdgeList } from './edge-list.js';
import { edgeOrder } from './edge-order.js';

/** A list of edges that grows. */
export class EdgeBuffer {
  readonly #name: string;
  #count = 0;
  #us = new Int32Array(64);
  #vs = new Int32Array(64);
  #weights: Float64Array | undefined;

  /** Errors name `name`. */
  constructor(name: string, weighted: boolean) {
    this.#name = name;
    if (weighted) this.#weights = new Float64Array(64);
  }

  /** Appends the edge of two vertices, in either order; one from a vertex to itself is left out. */
  push(u: number, v: number, weight = 1): void {
    if (u === v) return;
    if (this.#count === this.#us.length) this.#grow();
    this.#us[this.#count] = u < v ? u : v;
    this.#vs[this.#count] = u < v ? v : u;
    if (this.#weights !== undefined) this.#weights[this.#count] = weight;
    this.#count++;
  }

  /** The network of n vertices with these edges, each where it came first, with the weight that it had last. */
  network(n: number, labels?: string[]): OwnedEdgeList {
    const [us, vs] = [this.#us.subarray(0, this.#count), this.#vs.subarray(0, this.#count)];
    const { kept, count } = this.#distinct(us, vs, n);
    const { edges, weights } = scope(() => ({
      edges: allocateEdges(this.#name, count),
      weights: this.#weights && allocate([count], 'f64', this.#name),
    }));
    const ends = edges.data();
    const values = weights?.data();
    let at = 0;
    for (let k = 0; k < us.length; k++) {
      if (kept[k] < 0) continue;
      ends[2 * at] = us[k];
      ends[2 * at + 1] = vs[k];
      if (values !== undefined) values[at] = (this.#weights as Float64Array)[kept[k]];
      at++;
    }
    return edgeList(n, edges, weights, labels);
  }

  /** For the first of equal edges the number of the last one, for the others -1; and how many edges are distinct. */
  #distinct(us: Int32Array, vs: Int32Array, n: number): { kept: Int32Array; count: number } {
    const order = edgeOrder(us, vs, n);
    const kept = new Int32Array(order.length).fill(-1);
    let count = 0;
    for (let k = 0, first = 0; k < order.length; k++) {
      const edge = order[k];
      if (k === 0 || us[edge] !== us[order[k - 1]] || vs[edge] !== vs[order[k - 1]]) {
        first = edge;
        count++;
      }
      kept[first] = edge;
    }
    return { kept, count };
  }

  #grow(): void {
    const room = 2 * this.#us.length;
    checkSize(this.#name, [room, 2]);
    try {
      this.#us = grown(this.#us, new Int32Array(room));
      this.#vs = grown(this.#vs, new Int32Array(room));
      if (this.#weights !== undefined) this.#weights = grown(this.#weights, new Float64Array(room));
    } catch {
      // The engine's RangeError.
      throw new OutOfMemoryError(`${this.#name}: there is no room for ${room} edges`);
    }
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
