// The argument that stands for a network: an edge list of tensors or of plain arrays, or a symmetric adjacency matrix.
import { checkCount } from '../core/check.js';
import { describe } from '../core/describe.js';
import { ArgumentError, DisposedError, DTypeError, ShapeError } from '../core/errors.js';
import { viewName } from '../core/kind.js';
import { show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { checkFloat } from '../linalg/stack.js';
import { untraced } from '../ops/untraced.js';
import { edgeOrder } from './edge-order.js';
import { type SymmetricMatrix, symmetricMatrix } from './symmetric-matrix.js';

/** Edges, the two ends of each in either order: an i32 tensor [m, 2], or an array of pairs. */
export type Edges = Tensor | readonly (readonly [number, number] | readonly number[])[];

/** Weights of edges: a tensor [m], or an array. */
export type Weights = Tensor | Float64Array | Float32Array | readonly number[];

/**
 * What functions of networks take: an edge list, as readers and generators give it or with plain arrays in it, or a symmetric adjacency
 * matrix [n, n] with zeros on its diagonal, whose entries other than 0 are the weights of edges.
 */
export type Network =
  | Tensor
  | {
      readonly n: number;
      readonly edges: Edges;
      readonly weights?: Weights;
      readonly labels?: readonly string[];
    };

/** A network that has been checked: edge k joins us[k] < vs[k]. */
export interface CheckedNetwork {
  readonly n: number;
  readonly us: Int32Array;
  readonly vs: Int32Array;
  /** Without them every edge has the weight 1. */
  readonly weights?: Float64Array;
}

/** Checks the argument g of a function; what it gives are copies. */
export function networkOf(name: string, g: unknown): CheckedNetwork {
  if (g instanceof Tensor) return networkOfMatrix(name, symmetricMatrix(name, 'g', g));
  if (typeof g !== 'object' || g === null || !('edges' in g))
    throw new ArgumentError(
      `${name}: g must be a network { n, edges, weights? } or an adjacency matrix, got ${describe(g)}`,
    );
  const { n, edges, weights } = g as { n?: unknown; edges: unknown; weights?: unknown };
  checkCount(name, 'g.n', n);
  const { us, vs } = endsOf(name, edges, n);
  checkSimple(name, us, vs, n);
  if (weights === undefined) return { n, us, vs };
  return { n, us, vs, weights: weightsOf(name, weights, us.length) };
}

/** The network whose adjacency matrix this is. */
export function networkOfMatrix(name: string, { n, entries }: SymmetricMatrix): CheckedNetwork {
  const us: number[] = [];
  const vs: number[] = [];
  const weights: number[] = [];
  for (let u = 0; u < n; u++) {
    if (entries[u * n + u] !== 0)
      throw new ArgumentError(
        `${name}: g must have zeros on its diagonal, as networks are simple, got ${entries[u * n + u]} at [${u}, ${u}]`,
      );
    for (let v = u + 1; v < n; v++) {
      const weight = entries[u * n + v];
      if (weight === 0) continue;
      us.push(u);
      vs.push(v);
      weights.push(weight);
    }
  }
  return { n, us: Int32Array.from(us), vs: Int32Array.from(vs), weights: Float64Array.from(weights) };
}

/** The ends of edges, the smaller one of each first. */
function endsOf(name: string, edges: unknown, n: number): { us: Int32Array; vs: Int32Array } {
  const flat = edges instanceof Tensor ? tensorEnds(name, edges) : listedEnds(name, edges);
  const m = flat.length / 2;
  const us = new Int32Array(m);
  const vs = new Int32Array(m);
  for (let k = 0; k < m; k++) {
    const [u, v] = [flat[2 * k], flat[2 * k + 1]];
    for (const end of [u, v])
      if (!Number.isInteger(end) || end < 0 || end >= n)
        throw new ArgumentError(
          `${name}: g.edges must join vertices from 0 to n - 1 = ${n - 1}, got ${describe(end)} in edge ${k}`,
        );
    if (u === v)
      throw new ArgumentError(
        `${name}: g.edges must join two vertices each, as networks are simple, got ${u} and ${v} in edge ${k}`,
      );
    us[k] = Math.min(u, v);
    vs[k] = Math.max(u, v);
  }
  return { us, vs };
}

function tensorEnds(name: string, edges: Tensor): ArrayLike<number> {
  untraced(name, 'g.edges', edges);
  if (edges.dtype !== 'i32')
    throw new DTypeError(`${name}: g.edges must be i32, got ${edges.dtype} (tensor(…, { dtype: 'i32' }))`);
  if (edges.isDisposed) throw new DisposedError(`${name}: g.edges has been disposed`);
  const { shape } = edges;
  if (shape.length !== 2 || shape[1] !== 2)
    throw new ShapeError(`${name}: g.edges must have shape [m, 2], got ${show(shape)}`);
  return edges.data();
}

function listedEnds(name: string, edges: unknown): ArrayLike<number> {
  if (!Array.isArray(edges))
    throw new ArgumentError(
      `${name}: g.edges must be an i32 tensor [m, 2] or an array of pairs, got ${describe(edges)}`,
    );
  const flat = new Float64Array(2 * edges.length);
  edges.forEach((pair: unknown, k) => {
    if (!Array.isArray(pair))
      throw new ArgumentError(`${name}: g.edges[${k}] must be a pair of vertices, got ${describe(pair)}`);
    if (pair.length !== 2)
      throw new ShapeError(`${name}: g.edges[${k}] must be a pair of vertices, got ${describe(pair)}`);
    pair.forEach((end: unknown, side) => {
      if (typeof end !== 'number')
        throw new ArgumentError(`${name}: g.edges[${k}][${side}] must be a number, got ${describe(end)}`);
      flat[2 * k + side] = end;
    });
  });
  return flat;
}

/** Throws for an edge that comes twice. */
function checkSimple(name: string, us: Int32Array, vs: Int32Array, n: number): void {
  const order = edgeOrder(us, vs, n);
  for (let k = 1; k < order.length; k++) {
    const [first, second] = [order[k - 1], order[k]];
    if (us[first] === us[second] && vs[first] === vs[second])
      throw new ArgumentError(
        `${name}: g.edges must hold each edge once, got the one of ${us[first]} and ${vs[first]} as edges ${first} and ${second}`,
      );
  }
}

function weightsOf(name: string, weights: unknown, m: number): Float64Array {
  const list = weights instanceof Tensor ? tensorWeights(name, weights) : listedWeights(name, weights);
  if (list.length !== m)
    throw new ShapeError(`${name}: g.weights must have ${m} entries, one an edge, got ${list.length}`);
  const copy = new Float64Array(m);
  for (let k = 0; k < m; k++) {
    const weight = list[k];
    if (!Number.isFinite(weight))
      throw new ArgumentError(
        `${name}: g.weights must be finite numbers, got ${describe(weight)} at position ${k}`,
      );
    copy[k] = weight;
  }
  return copy;
}

function tensorWeights(name: string, weights: Tensor): ArrayLike<number> {
  untraced(name, 'g.weights', weights);
  const { shape } = checkFloat(name, 'g.weights', weights);
  if (shape.length !== 1) throw new ShapeError(`${name}: g.weights must have shape [m], got ${show(shape)}`);
  return weights.data();
}

function listedWeights(name: string, weights: unknown): ArrayLike<number> {
  if (Array.isArray(weights) || /^Float(64|32)Array$/.test(viewName(weights) ?? ''))
    return weights as ArrayLike<number>;
  throw new ArgumentError(`${name}: g.weights must be a tensor [m] or an array, got ${describe(weights)}`);
}
