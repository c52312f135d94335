// Eigenvalues and eigenvectors of the symmetric part of X, all or some of them, differentiable in X.
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { eighOp } from '../../linalg/dense/eigh.js';
import type { Derivative, Linearization } from '../../ops/op.js';
import { type Batch, batchOf } from '../problems/batch.js';
import { callNode } from '../problems/node-row.js';
import { checkReporter, type ReportOptions } from '../problems/report.js';
import { choose, chosenCotangent, spreadCotangents } from './chosen.js';
import { EIGEN_PARAMS, solveEigen } from './solve.js';

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
 * vectors alone do not say the derivative. `linalg.symmetricFunction` is right there.
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
    const [values, vectors] =
      indices === undefined
        ? callAll(batch, options)
        : callChosen(batch, positionsOf(batch, indices), options);
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

/** The rules are those of linear algebra's row. */
const tangentsOf = (
  tangents: readonly Derivative[],
  { inputs, wanted }: Linearization<undefined>,
  outputs: readonly Tensor[],
) => eighOp.jvp?.(tangents, { inputs, wanted, outputs, params: EIGEN_PARAMS }) as readonly Derivative[];

const cotangentOf = (
  cotangents: readonly Derivative[],
  { inputs, wanted }: Linearization<undefined>,
  outputs: readonly Tensor[],
) => eighOp.vjp?.(cotangents, { inputs, wanted, outputs, params: EIGEN_PARAMS }) as readonly Derivative[];

function callAll(batch: Batch, options: ReportOptions): Tensor[] {
  return callNode({
    batch,
    options,
    outputs: specsOf(batch, batch.sizes.n),
    results: 2,
    run: (outputs, [X]) => solveEigen(batch, outputs, X, options),
    jvp: (tangents, point) => tangentsOf(tangents, point, point.outputs.slice(0, 2)),
    vjp: (cotangents, point) => cotangentOf(cotangents, point, point.outputs.slice(0, 2)),
  });
}

/** Behind what is chosen, all values and vectors: the rules are written with them, so that they have derivatives, too. */
function callChosen(batch: Batch, indices: readonly number[], options: ReportOptions): Tensor[] {
  const { n } = batch.sizes;
  const wholeOf = ({ outputs }: Linearization<undefined>) => outputs.slice(2, 4);
  return callNode({
    batch,
    options,
    outputs: [...specsOf(batch, indices.length), ...specsOf(batch, n)],
    results: 2,
    run(outputs, [X]) {
      const whole = outputs.slice(2);
      const solved = solveEigen(batch, whole, X, options);
      choose(whole, indices).forEach((x, i) => void outputs[i].data().set((x as Tensor).data()));
      return solved;
    },
    jvp(tangents, point) {
      const whole = tangentsOf(tangents, point, wholeOf(point));
      return [...choose(whole, indices), ...whole];
    },
    vjp(cotangents, point) {
      const [chosen, whole] = [cotangents.slice(0, 2), cotangents.slice(2)];
      if (whole.every((ct) => ct === undefined)) return [chosenCotangent(chosen, point.outputs, indices)];
      return cotangentOf(spreadCotangents(chosen, whole, indices, n), point, wholeOf(point));
    },
  });
}
