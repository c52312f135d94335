// Constraints A x = b as an argument: checked, in f64, without rows that depend on others.
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { view } from '../../linalg/blas/addresses.js';
import { checkFloat, type Float } from '../../linalg/stack.js';
import { untraced } from '../../ops/untraced.js';
import type { Equalities } from './constrained-newton.js';
import { independentRows } from './independent-rows.js';
import { array } from './program.js';

/** Independent rows, their positions among the caller's rows, and a contradiction among them, if any. */
export interface CheckedEqualities extends Equalities {
  rows: number[];
  /** The number of the caller's rows. */
  count: number;
  /** Aᵀν = 0 and bᵀν = -1. */
  contradiction?: Float64Array;
}

/** Equality tolerance, relative, times the number of unknowns. */
const ROUNDING = { f64: 2 ** -45, f32: 2 ** -18 } as const;

/**
 * Checks shapes and dtypes of A and b, which may both be missing, for n unknowns of a dtype; returns the number of
 * rows.
 */
export function checkEqualityParts(
  name: string,
  { A, b }: { A?: Tensor; b?: Tensor },
  n: number,
  dtype: Float,
): number {
  if (A === undefined && b === undefined) return 0;
  if (A === undefined || b === undefined) {
    const [missing, there] = A === undefined ? ['A', 'b'] : ['b', 'A'];
    throw new ArgumentError(`${name}: ${missing} must be given with ${there}, got undefined`);
  }
  for (const [argument, x] of [
    ['A', A],
    ['b', b],
  ] as const) {
    checkFloat(name, argument, x);
    if (x.dtype !== dtype) {
      throw new DTypeError(
        `${name}: ${argument} must have the dtype of x0, ${dtype}, got ${x.dtype} (convert with astype)`,
      );
    }
  }
  if (A.ndim !== 2 || A.shape[1] !== n)
    throw new ShapeError(
      `${name}: A must have shape [rows, ${n}], as x0 holds ${n} numbers, got ${show(A.shape)}`,
    );
  const count = A.shape[0];
  if (b.ndim !== 1 || b.size !== count)
    throw new ShapeError(`${name}: b must have shape [${count}], got ${show(b.shape)}`);
  return count;
}

/** The same, with the numbers, which must be finite. */
export function checkEqualities(
  name: string,
  { A, b }: { A?: Tensor; b?: Tensor },
  n: number,
  dtype: Float,
): CheckedEqualities {
  const count = checkEqualityParts(name, { A, b }, n, dtype);
  if (A === undefined || b === undefined) {
    return { A: array(name, [0, n]), b: array(name, [0]), rows: [], count: 0 };
  }
  for (const [argument, x] of [
    ['A', A],
    ['b', b],
  ] as const) {
    const at = untraced(name, argument, x)
      .data()
      .findIndex((value) => !Number.isFinite(value));
    if (at >= 0)
      throw new ArgumentError(
        `${name}: ${argument} must hold finite numbers, got ${x.data()[at]} at element ${at}`,
      );
  }
  const whole = array(name, [count, n], A);
  const right = Float64Array.from(b.data());
  const { rows, nu } = scope(() => independentRows(name, whole, right, ROUNDING[dtype]));
  const kept = array(name, [rows.length, n]);
  const [from, to] = [view(whole), view(kept)];
  rows.forEach((row, i) => {
    to.set(from.subarray(row * n, (row + 1) * n), i * n);
  });
  return {
    A: kept,
    b: array(
      name,
      [rows.length],
      rows.map((row) => right[row]),
    ),
    ...{ rows, count },
    ...(nu && { contradiction: nu }),
  };
}
