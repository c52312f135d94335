// Matrices of networks: A with a_uv = a_vu the weight of the edge, D = diag(A 1), L = D - A.
import { checkOneOf } from '../core/check.js';
import type { TypedArray } from '../core/dtype.js';
import { ArgumentError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { checkSize } from '../core/shape.js';
import { allocate, type Tensor } from '../core/tensor.js';
import { type CheckedNetwork, type Network, networkOf } from './network.js';

/** D - A, or I - D^-1/2 A D^-1/2. */
export type LaplacianKind = 'combinatorial' | 'normalized';

/** Options of `laplacian`. */
export interface LaplacianOptions {
  /** 'combinatorial' (default): D - A; 'normalized': I - D^-1/2 A D^-1/2. */
  kind?: LaplacianKind;
}

/** The names of both kinds. */
export const LAPLACIAN_KINDS: readonly LaplacianKind[] = ['combinatorial', 'normalized'];

const LAPLACIAN_OPTIONS: OptionNames<LaplacianOptions> = { kind: true };

/**
 * The adjacency matrix A: a_uv = a_vu is the weight of the edge between u and v, 1 where there are no weights; 0 where there is no edge.
 * @returns f64 [n, n].
 * @throws ArgumentError, ShapeError or DTypeError for what is no network; OutOfMemoryError.
 * @example
 * graph.adjacency(graph.path(3)); // [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
 */
export function adjacency(g: Network): Tensor {
  const network = networkOf('adjacency', g);
  const matrix = zeroMatrix('adjacency', network.n);
  writeEdges(matrix, network, (weight) => weight);
  return matrix;
}

/**
 * The degrees of the vertices: sums of the weights of their edges, so that without weights they are counts of neighbours.
 * @returns f64 [n].
 * @throws ArgumentError, ShapeError or DTypeError for what is no network; OutOfMemoryError.
 * @example
 * graph.degrees(graph.path(3)); // [1, 2, 1]
 */
export function degrees(g: Network): Tensor {
  const network = networkOf('degrees', g);
  const result = allocate([network.n], 'f64', 'degrees');
  addDegrees(network, result.data().fill(0));
  return result;
}

/**
 * The Laplacian of a network: combinatorial D - A, whose rows sum to 0, or normalized I - D^-1/2 A D^-1/2, whose rows of vertices
 * without edges are zero. Symmetric, and positive semidefinite where no weight is negative.
 * Source: Chung, Spectral Graph Theory (1997), section 1.2; Shuman and others, The emerging field of signal processing on graphs,
 * IEEE Signal Processing Magazine 30 (2013).
 * @param options `kind`: 'combinatorial' (default) or 'normalized'.
 * @returns f64 [n, n].
 * @throws ArgumentError, ShapeError or DTypeError for what is no network; ArgumentError for an unknown kind, and where 'normalized' meets
 * a vertex with edges whose degree is not positive, which negative weights can do; OutOfMemoryError.
 * @example
 * graph.laplacian(graph.path(3)); // [[1, -1, 0], [-1, 2, -1], [0, -1, 1]]
 */
export function laplacian(g: Network, options: LaplacianOptions = {}): Tensor {
  checkOptions('laplacian', options, LAPLACIAN_OPTIONS);
  const { kind = 'combinatorial' } = options;
  checkOneOf('laplacian', 'kind', kind, LAPLACIAN_KINDS);
  return laplacianOf('laplacian', networkOf('laplacian', g), kind);
}

/** The Laplacian of a network that has been checked. */
export function laplacianOf(name: string, network: CheckedNetwork, kind: LaplacianKind): Tensor {
  const { n } = network;
  checkSize(name, [n, n]);
  const degree = new Float64Array(n);
  addDegrees(network, degree);
  const roots = kind === 'normalized' ? degreeRoots(name, network, degree) : undefined;
  const matrix = zeroMatrix(name, n);
  // Roots one by one: their product neither overflows nor underflows.
  writeEdges(matrix, network, (weight, u, v) => -(roots ? weight / roots[u] / roots[v] : weight));
  const data = matrix.data();
  for (let v = 0; v < n; v++) data[v * n + v] = roots ? Math.sign(degree[v]) : degree[v];
  return matrix;
}

function addDegrees({ us, vs, weights }: CheckedNetwork, degree: TypedArray): void {
  for (let k = 0; k < us.length; k++) {
    const weight = weights?.[k] ?? 1;
    degree[us[k]] += weight;
    degree[vs[k]] += weight;
  }
}

/** Square roots of degrees; 1 for vertices without edges, or with edges of weight 0 alone. */
function degreeRoots(name: string, { us, vs, weights }: CheckedNetwork, degree: Float64Array): Float64Array {
  const joined = new Uint8Array(degree.length);
  for (let k = 0; k < us.length; k++) if (weights?.[k] !== 0) joined[us[k]] = joined[vs[k]] = 1;
  return degree.map((d, v) => {
    if (joined[v] === 0) return 1;
    if (!(d > 0))
      throw new ArgumentError(
        `${name}: kind 'normalized' needs vertices of positive degree, got ${d} at vertex ${v} (negative weights: 'combinatorial')`,
      );
    return Math.sqrt(d);
  });
}

function zeroMatrix(name: string, n: number): Tensor {
  checkSize(name, [n, n]);
  const matrix = allocate([n, n], 'f64', name);
  matrix.data().fill(0);
  return matrix;
}

/** Writes an entry of each edge, in both places. */
function writeEdges(
  matrix: Tensor,
  { n, us, vs, weights }: CheckedNetwork,
  entry: (weight: number, u: number, v: number) => number,
): void {
  const data = matrix.data();
  for (let k = 0; k < us.length; k++) {
    const [u, v] = [us[k], vs[k]];
    // + 0: an edge of weight 0 leaves no -0.
    data[u * n + v] = data[v * n + u] = entry(weights?.[k] ?? 1, u, v) + 0;
  }
}
