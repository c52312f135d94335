// Eigenvalues and eigenvectors of the symmetric part of X, all or some of them, differentiable in X.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { plus } from '../../ops/arithmetic.js';
import { type Batch, batchOf } from '../problems/batch.js';
import { callNode } from '../problems/node-row.js';
import { checkReporter, type ReportOptions } from '../problems/report.js';
import { chosenOf, type Indices, spread } from './chosen.js';
import { chosenCotangent, tangents, wholeCotangent } from './derivatives.js';
import { solveEigen } from './solve.js';

/** Options of `nodes.eigh`. */
export interface EigenOptions extends ReportOptions {
  /** Which of the ascending values, negative from the end; default: all. */
  indices?: readonly number[];
}

/** The result of `nodes.eigh`. */
export interface EigenResult {
  /** [..., k]: ascending, or in the order of `indices`. */
  values: Tensor;
  /** [..., n, k]: orthonormal columns, of which column j belongs to value j. */
  vectors: Tensor;
}

const EIGEN_OPTIONS: OptionNames<EigenOptions> = { indices: true, onSolve: true };

/**
 * Eigenvalues and eigenvectors of the symmetric part of X: S V = V diag(λ), VᵀV = I, S = (X + Xᵀ)/2. The component of
 * largest magnitude of each vector (the first, if several are equal) is positive.
 * The gradient is symmetric; with k `indices` it takes O(n² k) operations. Where eigenvalues are equal (gap at most
 * max(10, n) eps |λ|max), terms between them are left out if the cotangents within their space cancel, as those of
 * projections onto it and of symmetric functions of its values do; else those entries are NaN, because values and
 * vectors alone do not say the derivative. `linalg.symmetricFunction` is right there. Forward mode, which does not see
 * what the vectors are used for, always leaves those terms out; that is right for what does not depend on the choice of
 * a basis, and nothing else has a derivative.
 * @param X [..., n, n], f64 or f32.
 * @param options `indices`; `onSolve`; residuals: `stationarity`, `orthogonality`.
 * @returns values [..., k] and vectors [..., n, k]; k = n without `indices`.
 * @throws ArgumentError for NaN, infinities, an index out of range; ShapeError, DTypeError.
 * Source: Magnus, On differentiating eigenvalues and eigenvectors (1985); (167) of the notes on differentiable
 * optimisation.
 * @example
 * nodes.eigh(tensor([[2, 1], [1, 2]])).values; // [1, 3]
 */
export function eigh(X: Tensor, options: EigenOptions = {}): EigenResult {
  const name = 'eigh';
  checkOptions(name, options, EIGEN_OPTIONS);
  const { indices, onSolve } = options;
  checkReporter(name, onSolve);
  return scope(() => {
    const batch = batchOf(name, { X: [X, 'n', 'n'] });
    const positions = indices === undefined ? undefined : positionsOf(batch, indices);
    const once = positions && [...new Set(positions)];
    const found = callRow(batch, once, options);
    const [values, vectors] =
      once?.length === positions?.length
        ? found
        : found.map((x) =>
            chosenOf(
              x,
              positions?.map((i) => (once as number[]).indexOf(i)),
            ),
          );
    return { values, vectors };
  });
}

/** The indices counted from 0. */
function positionsOf({ name, sizes: { n } }: Batch, indices: unknown): number[] {
  if (!Array.isArray(indices))
    throw new ArgumentError(`${name}: indices must be an array of integers, got ${describe(indices)}`);
  return Array.from(indices, (i: unknown) => {
    if (typeof i === 'number' && Number.isInteger(i) && i >= -n && i < n) return i < 0 ? i + n : i;
    throw new ArgumentError(`${name}: indices must be integers from ${-n} to ${n - 1}, got ${describe(i)}`);
  });
}

const specsOf = ({ count, dtype, sizes: { n } }: Batch, k: number) => [
  { shape: [count, k], dtype },
  { shape: [count, n, k], dtype },
];

/** What is chosen comes first, then all values and vectors and their blocks, which the rules are written with. */
function callRow(batch: Batch, indices: Indices, options: ReportOptions): Tensor[] {
  const { count, dtype, sizes } = batch;
  const { n } = sizes;
  const chosenSpecs = indices === undefined ? [] : specsOf(batch, indices.length);
  const at = chosenSpecs.length;
  const systemOf = (outputs: readonly Tensor[]) => outputs.slice(at, at + 3);
  return callNode({
    batch,
    options,
    outputs: [...chosenSpecs, ...specsOf(batch, n), { shape: [count, n, n], dtype }],
    results: 2,
    run(outputs, [X]) {
      const [values, vectors, blocks] = systemOf(outputs);
      const whole = [values, vectors];
      const solved = solveEigen(batch, whole, X, options);
      for (let i = 0; i < at; i++) outputs[i].data().set(chosenOf(whole[i], indices).data());
      // Only its derivatives are used.
      blocks.data().fill(0);
      return solved;
    },
    jvp: ([t], { outputs }) => tangents(t as Tensor, systemOf(outputs), indices),
    vjp(cotangents, { outputs }) {
      const [chosen, whole] = [cotangents.slice(0, at), cotangents.slice(at)];
      const system = systemOf(outputs);
      if (indices !== undefined && whole.every((ct) => ct === undefined))
        return [chosenCotangent(chosen, system, indices)];
      const all = whole.map((ct, i) => plus(ct, chosen[i] && spread(chosen[i], indices, n)));
      return [wholeCotangent(all, system)];
    },
  });
}
