// The Fourier transform on a network: its Laplacian, and the basis of eigenvectors that the transform is made of, exact or approximate.
import { checkOneOf } from '../core/check.js';
import { ArgumentError } from '../core/errors.js';
import { checkOptions, joinNames } from '../core/options.js';
import { scope } from '../core/scope.js';
import { allocate, Tensor } from '../core/tensor.js';
import type { Factorization } from '../givens/factorization.js';
import {
  APPROXIMATE_OPTIONS,
  type ApproximateOptions,
  approximateTransform,
} from './approximate-transform.js';
import { ExactTransform } from './exact-transform.js';
import { LAPLACIAN_KINDS, type LaplacianKind, laplacianOf } from './matrices.js';
import { type Network, networkOf, networkOfMatrix } from './network.js';
import { type SymmetricMatrix, symmetricMatrix } from './symmetric-matrix.js';

/** Options of `fourierTransform`. */
export interface FourierTransformOptions extends ApproximateOptions {
  /** Of the Laplacian of a network: 'combinatorial' (default) or 'normalized'. A Laplacian that is given is taken as it is. */
  kind?: LaplacianKind;
}

/** A Fourier transform on a network of n vertices; U is its basis, exactly orthogonal but for rounding. */
export interface FourierTransform {
  /**
   * Uᵀ x: x [n], [n, k] or [..., n, k], f64 or f32; the result has its shape and dtype. Differentiable in x.
   * @throws ShapeError for another number of vertices; DTypeError for i32; DisposedError.
   */
  gft(x: Tensor): Tensor;
  /** U y, the inverse: igft(gft(x)) = x but for rounding. Otherwise as `gft`. */
  igft(y: Tensor): Tensor;
  /** f64 [n]: eigenvalues, ascending; of an approximate transform diag(Uᵀ L U), column by column. */
  readonly frequencies: Tensor;
  /** A new tensor with U, f64 [n, n]: a column a frequency. */
  basis(): Tensor;
  /** The rotations that make up U; of an approximate transform only. */
  readonly factorization?: Factorization;
  /** How far U is from the eigenvectors, ‖· - U‖_F,sym / √n: 0 for the exact transform. */
  readonly error: number;
  /** Frees the transform and `frequencies`. */
  dispose(): void;
  [Symbol.dispose](): void;
}

const FOURIER_OPTIONS = /* @__PURE__ */ joinNames(APPROXIMATE_OPTIONS, { kind: true });

/**
 * The Fourier transform on a network: products with the eigenvectors of its Laplacian, in order of ascending eigenvalues, which are the
 * frequencies. Without `factors` it is exact, in O(n³) to make and O(n²) for a signal.
 * Source: Shuman, Narang, Frossard, Ortega and Vandergheynst, The emerging field of signal processing on graphs, IEEE Signal Processing
 * Magazine 30 (2013).
 * @param g a network; or a Laplacian: a tensor whose rows sum to 0, but for rounding, or whose diagonal is not 0 is taken as it is. Another
 * tensor is an adjacency matrix.
 * @param options `kind`: of the Laplacian; `factors`: for an approximate transform of at most so many plane rotations, which takes O(1) operations
 * a rotation and signal, with the other options of `givens.factorize`.
 * @returns an object that owns its tensors; free it with `dispose` or `using`.
 * @throws ArgumentError, ShapeError or DTypeError for what is neither a network nor a symmetric matrix; ConvergenceError; OutOfMemoryError.
 * @example
 * const F = graph.fourierTransform(graph.ring(8));
 * F.gft(tensor([1, 1, 1, 1, 1, 1, 1, 1])); // all of it at frequency 0
 */
export function fourierTransform(g: Network, options: FourierTransformOptions = {}): FourierTransform {
  const name = 'fourierTransform';
  checkOptions(name, options, FOURIER_OPTIONS);
  const { kind = 'combinatorial', ...approximate } = options;
  checkOneOf(name, 'kind', kind, LAPLACIAN_KINDS);
  if (approximate.factors === undefined) checkExact(name, approximate);
  return scope(() => {
    const laplacian = laplacianArgument(name, g, kind);
    return approximate.factors === undefined
      ? new ExactTransform(laplacian)
      : approximateTransform(laplacian, approximate);
  });
}

/** Throws for options that only an approximate transform has. */
function checkExact(name: string, options: ApproximateOptions): void {
  const given = Object.entries(options).find(([, value]) => value !== undefined);
  if (given !== undefined)
    throw new ArgumentError(`${name}: ${given[0]} goes with factors; without them the transform is exact`);
}

function laplacianArgument(name: string, g: unknown, kind: LaplacianKind): Tensor {
  if (!(g instanceof Tensor)) return laplacianOf(name, networkOf(name, g), kind);
  const matrix = symmetricMatrix(name, 'g', g);
  if (!isLaplacian(matrix, g.dtype === 'f32' ? 2 ** -23 : 2 ** -52))
    return laplacianOf(name, networkOfMatrix(name, matrix), kind);
  const laplacian = allocate([matrix.n, matrix.n], 'f64', name);
  laplacian.data().set(matrix.entries);
  return laplacian;
}

/** Whether the diagonal is not zero, or all rows sum to 0 but for rounding, with a unit roundoff of epsilon / 2. */
function isLaplacian({ n, entries }: SymmetricMatrix, epsilon: number): boolean {
  for (let i = 0; i < n; i++) if (entries[i * n + i] !== 0) return true;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    let size = 0;
    for (let j = 0; j < n; j++) {
      sum += entries[i * n + j];
      size += Math.abs(entries[i * n + j]);
    }
    if (Math.abs(sum) > n * epsilon * size) return false;
  }
  return true;
}
