// The arguments of factorizations: orthogonal and symmetric matrices, and options.
import { checkAtLeast, checkCount, checkFlag, checkFunction, checkOneOf } from '../core/check.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkFloat } from '../linalg/stack.js';
import { astype } from '../ops/cast.js';
import { matmul } from '../ops/matmul.js';
import { untraced } from '../ops/untraced.js';
import type { SearchSettings } from './search/settings.js';

/** How factors are chosen. */
export type FactorizationMethod = 'l1' | 'greedy' | 'elimination' | 'jacobi';

/** Options of `factorize`. */
export interface FactorizeOptions {
  /**
   * 'l1' (default): the rotation that lowers Σ |u_ij| most; 'greedy': the one that raises the trace most; 'elimination': zeros below the
   * diagonal, column by column; 'jacobi': those that diagonalize a symmetric matrix, which is then the argument.
   */
  method?: FactorizationMethod;
  /** At most so many factors; default d(d - 1)/2. */
  factors?: number;
  /** Ends at the first number of factors with an error below; default 0: never. */
  tolerance?: number;
  /** error(N) is recorded at N = 0, p, 2p, … and at the end; default 1. With 0 at the end only, which costs nothing on the way. */
  errorPeriod?: number;
  /** 'l1' and 'greedy': chains of factors side by side, of which that of plain descent is always one; default 1. */
  beam?: number;
  /** 'l1' and 'greedy': sweeps behind the search that choose each angle anew for ‖U - Û‖_F with all else fixed; default 0. */
  refine?: number;
  /** 'l1' and 'greedy': up to d/2 pairs without a row in common from one evaluation; another sequence. Default false. */
  parallel?: boolean;
  /** 'jacobi': the orthogonal matrix [d, d] that errors and P refer to; default `linalg.eigh(S).vectors`. */
  basis?: Tensor;
  /** Called after each factor. */
  onProgress?: (progress: { factors: number; of: number }) => void;
}

/** Options with their defaults. */
export interface Settings extends SearchSettings {
  readonly method: FactorizationMethod;
  readonly beam: number;
  readonly refine: number;
  readonly parallel: boolean;
  readonly basis?: Tensor;
}

const NAME = 'factorize';

/** Their names. */
export const FACTORIZE_OPTIONS: OptionNames<FactorizeOptions> = {
  method: true,
  factors: true,
  tolerance: true,
  errorPeriod: true,
  beam: true,
  refine: true,
  parallel: true,
  basis: true,
  onProgress: true,
};

const METHODS: readonly FactorizationMethod[] = ['l1', 'greedy', 'elimination', 'jacobi'];

/** What |UᵀU - I| may be at most. */
const ORTHOGONAL = 1e-6;
/** What |S - Sᵀ| may be at most, beside the largest entry. */
const SYMMETRIC = 1e-9;

/** Checks the options for a d x d matrix. */
export function settingsOf(d: number, options: FactorizeOptions): Settings {
  checkOptions(NAME, options, FACTORIZE_OPTIONS);
  const { method = 'l1', tolerance = 0, errorPeriod = 1, beam = 1, refine = 0, parallel = false } = options;
  const { factors = (d * (d - 1)) / 2, basis, onProgress } = options;
  checkOneOf(NAME, 'method', method, METHODS);
  checkCount(NAME, 'factors', factors);
  checkAtLeast(NAME, 'tolerance', tolerance, 0);
  checkCount(NAME, 'errorPeriod', errorPeriod);
  checkCount(NAME, 'beam', beam, 1);
  checkCount(NAME, 'refine', refine);
  checkFlag(NAME, 'parallel', parallel);
  if (onProgress !== undefined) checkFunction(NAME, 'onProgress', onProgress);
  if (method === 'elimination' || method === 'jacobi') {
    for (const [option, isDefault] of [
      ['beam', beam === 1],
      ['refine', refine === 0],
      ['parallel', !parallel],
    ] as const) {
      if (!isDefault)
        throw new ArgumentError(
          `${NAME}: ${option} belongs to the methods 'l1' and 'greedy', not to '${method}'`,
        );
    }
  }
  if (method !== 'jacobi' && basis !== undefined)
    throw new ArgumentError(`${NAME}: basis belongs to the method 'jacobi', not to '${method}'`);
  if (parallel && beam > 1)
    throw new ArgumentError(`${NAME}: beam must be 1 with parallel: true, got ${beam}`);
  return { method, factors, tolerance, errorPeriod, beam, refine, parallel, basis, onProgress };
}

/** A square matrix of finite numbers in f64: `x` itself, or a copy that the caller disposes. */
export function squareMatrix(name: string, argument: string, x: unknown): Tensor {
  const given = checkFloat(name, argument, x);
  untraced(name, argument, given);
  const { shape } = given;
  if (shape.length !== 2 || shape[0] !== shape[1])
    throw new ShapeError(`${name}: ${argument} must be one square matrix, got shape ${show(shape)}`);
  const list = given.data();
  for (let k = 0; k < list.length; k++) {
    if (!Number.isFinite(list[k]))
      throw new ArgumentError(
        `${name}: ${argument} must have finite entries, got ${list[k]} in row ${Math.floor(k / shape[0])}, column ${k % shape[0]}`,
      );
  }
  return given.dtype === 'f64' ? given : astype(given, 'f64');
}

/** Throws unless UᵀU is the identity, to single precision. */
export function checkOrthogonal(name: string, argument: string, U: Tensor): void {
  const d = U.shape[0];
  const gram = matmul(U, U, { transposeA: true });
  let worst = 0;
  const list = gram.data();
  for (let k = 0; k < list.length; k++)
    worst = Math.max(worst, Math.abs(list[k] - (k % (d + 1) === 0 ? 1 : 0)));
  gram.dispose();
  // NaN comes of products that overflow.
  if (!(worst <= ORTHOGONAL))
    throw new ArgumentError(
      `${name}: ${argument} must be orthogonal: an entry of UᵀU differs from the identity by ${worst} (linalg.qr gives an orthogonal basis)`,
    );
}

/** Throws unless S is symmetric; returns its largest entry in absolute value. */
export function checkSymmetric(name: string, argument: string, S: Tensor): number {
  const d = S.shape[0];
  const list = S.data();
  let [largest, worst] = [0, 0];
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      const [a, b] = [list[i * d + j], list[j * d + i]];
      largest = Math.max(largest, Math.abs(a), Math.abs(b));
      worst = Math.max(worst, Math.abs(a - b));
    }
  }
  if (!(worst <= SYMMETRIC * largest))
    throw new ArgumentError(
      `${name}: ${argument} must be symmetric, but differs from its transpose by up to ${worst}`,
    );
  return largest;
}
