// The object that keeps a factored stack: every kind has the same verbs.
import { DisposedError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { reshape } from '../../ops/layout.js';
import { apply, type Op } from '../../ops/op.js';
import { unbroadcast } from '../../ops/rules.js';
import { sidesOf } from '../dense/right-sides.js';
import { asColumn } from '../rules/matrix.js';
import { checkFloat } from '../stack.js';
import {
  determinantWith,
  type Factorization,
  inverseWith,
  rcondWith,
  reconstructWith,
  solveWithInto,
} from './verbs.js';

/**
 * A factored matrix, or a stack of them, to be used again and again. Give it back with `dispose` or `using`; after that every
 * method throws DisposedError. What a method gives belongs to the caller.
 */
export interface Factor {
  /**
   * X with A X = b.
   * Differentiable in b.
   * @param b a vector [n] or [..., n, k] of the dtype of A; leading axes broadcast with those of A.
   * @throws SingularMatrixError with `.index`, a pivot that is exactly zero; ShapeError, DTypeError.
   */
  solve(b: Tensor): Tensor;
  /** X with Aᵀ X = b; otherwise as `solve`. */
  solveTranspose(b: Tensor): Tensor;
  /** A⁻¹, [..., n, n]; symmetric to the last bit for 'cholesky' and 'ldlt'. Throws SingularMatrixError. */
  inverse(): Tensor;
  /** det A, of the shape of the batch; overflows only where det A itself does. */
  det(): Tensor;
  /** ln |det A|, of the shape of the batch; -Infinity where A is singular. */
  logAbsDet(): Tensor;
  /** The sign of det A (0 where A is singular), of the shape of the batch. */
  signDet(): Tensor;
  /**
   * An estimate of 1 / cond_1(A) = 1 / (||A||_1 ||A⁻¹||_1), of the shape of the batch, in O(n²); rarely above three times the
   * truth and, but for rounding, never below it. 0 where A is singular or A⁻¹ overflows, NaN where A holds one, Infinity for n = 0.
   */
  rcond(): Tensor;
  /** A again, [..., n, n], from its factors: the difference shows what factoring has cost. */
  reconstruct(): Tensor;
  dispose(): void;
  [Symbol.dispose](): void;
}

/** The object, and a guard for further methods of the same life. Owns the factors and the norms. */
export function keepFactor(
  f: Factorization,
  norms: Tensor,
): { factor: Factor; alive<T>(name: string, work: () => T): T } {
  let disposed = false;
  const alive = <T>(name: string, work: () => T): T => {
    if (disposed) throw new DisposedError(`${name}: the factorization has been disposed`);
    return work();
  };
  const dispose = () => {
    disposed = true;
    for (const t of [...f.tensors, norms]) t.dispose();
  };
  const forward = solveRow('solve', f, false);
  const backward = solveRow('solveTranspose', f, true);
  const factor: Factor = {
    solve: (b) => alive('solve', () => apply(forward, [checkFloat('solve', 'b', b)], undefined)),
    solveTranspose: (b) =>
      alive('solveTranspose', () => apply(backward, [checkFloat('solveTranspose', 'b', b)], undefined)),
    inverse: () => alive('inverse', () => inverseWith('inverse', f)),
    det: () => alive('det', () => determinantWith('det', f, 'value')),
    logAbsDet: () => alive('logAbsDet', () => determinantWith('logAbsDet', f, 'log')),
    signDet: () => alive('signDet', () => determinantWith('signDet', f, 'sign')),
    rcond: () => alive('rcond', () => rcondWith('rcond', f, norms)),
    reconstruct: () => alive('reconstruct', () => reconstructWith('reconstruct', f)),
    dispose,
    [Symbol.dispose]: dispose,
  };
  return { factor, alive };
}

/** X = A⁻¹ b or A⁻ᵀ b as an operation, linear in b. */
function solveRow(name: string, f: Factorization, transpose: boolean): Op {
  return {
    name,
    shape: ([b]) => ({ shape: sidesOf(name, f.stack, b).shape, dtype: b.dtype }),
    prepare:
      ([x], [b]) =>
      () =>
        solveWithInto(name, f, x, b, transpose),
    linear: true,
    vjp([ct], { inputs: [b] }) {
      const [c, shape] = b.ndim === 1 ? [asColumn(ct as Tensor), [b.size, 1]] : [ct as Tensor, b.shape];
      const back = apply(solveRow(name, f, !transpose), [c], undefined);
      return [reshape(unbroadcast(back, shape), b.shape)];
    },
  };
}
