// Factor: the object that keeps a factored stack; every kind has the same methods.
import { disposable } from '../../core/disposable.js';
import { DisposedError } from '../../core/errors.js';
import { owned } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { apply, applyAll, type Op } from '../../ops/op.js';
import { retain } from '../../ops/ownership.js';
import { Tracer } from '../../ops/tracer.js';
import { checkFloat, checkSquare } from '../stack.js';
import type { FactorRows } from './rows.js';

/**
 * A factored matrix, or a stack of them, for repeated use. Free it with `dispose` or `using`; after that every method
 * throws DisposedError. The caller owns the results of methods. `scope` keeps the factors of an object that is
 * returned.
 *
 * Derivatives go through every method except `rcond` (an ArgumentError) and `signDet` (a constant): to b, and to A if A
 * was traced when it was factored, without factoring again. Those of `det` and `logAbsDet` need a regular A.
 */
export interface Factor {
  /**
   * X with A X = b.
   * @param b a vector [n] or [..., n, k] of the dtype of A; leading axes broadcast with those of A.
   * @throws SingularMatrixError with `.index`, a pivot that is exactly zero; ShapeError, DTypeError.
   */
  solve(b: Tensor): Tensor;
  /** X with Aᵀ X = b; otherwise as `solve`. */
  solveTranspose(b: Tensor): Tensor;
  /** A⁻¹, [..., n, n]; exactly symmetric for 'cholesky' and 'ldlt'. Throws SingularMatrixError. */
  inverse(): Tensor;
  /** det A, with the shape of the batch; overflows only if det A itself does. */
  det(): Tensor;
  /** ln |det A|, with the shape of the batch; -Infinity for a singular A. */
  logAbsDet(): Tensor;
  /** The sign of det A (0 for a singular A), with the shape of the batch. */
  signDet(): Tensor;
  /**
   * An estimate of 1 / cond_1(A) = 1 / (||A||_1 ||A⁻¹||_1), with the shape of the batch, in O(n²); rarely above three
   * times the true value and, except for rounding, never below it. 0 if A is singular or A⁻¹ overflows, NaN if A holds
   * NaN, Infinity for n = 0.
   */
  rcond(): Tensor;
  /** A, [..., n, n], multiplied from its factors: the difference to A shows the rounding error of the factorization. */
  reconstruct(): Tensor;
  dispose(): void;
  [Symbol.dispose](): void;
}

/** The factors as tensors, and the rows that read them. */
export class KeptFactor implements Factor {
  readonly #rows: FactorRows;
  /** The first input of the rows (see rows.ts): A if a transformation traces it, else the packed factors. */
  readonly #a: Tensor;
  readonly #ownsA: boolean;
  readonly #parts: readonly Tensor[];
  readonly #norms: Tensor;
  #disposed = false;

  /** Factors `a`; errors name `user`. */
  constructor(user: string, rows: FactorRows, a: Tensor) {
    checkSquare(user, 'a', a);
    const parts = applyAll(rows.factor, [a], { user });
    this.#norms = parts.pop() as Tensor;
    this.#parts = parts;
    this.#rows = rows;
    // A tensor that is not traced is not kept: it may change or be disposed.
    this.#a = a instanceof Tracer ? retain(a) : parts[0];
    this.#ownsA = a instanceof Tracer && this.#a !== a;
    disposable(this);
    // Not as a method: a name that is computed when the class is made counts as an effect, which bundlers keep.
    Object.defineProperty(this, owned, { value: () => this.#held() });
  }

  solve(b: Tensor): Tensor {
    return this.#solve('solve', b, false);
  }

  solveTranspose(b: Tensor): Tensor {
    return this.#solve('solveTranspose', b, true);
  }

  inverse(): Tensor {
    return this.#apply('inverse', this.#rows.inverse, { user: 'inverse' });
  }

  det(): Tensor {
    return this.#apply('det', this.#rows.determinant, { user: 'det', form: 'value' });
  }

  logAbsDet(): Tensor {
    return this.#apply('logAbsDet', this.#rows.determinant, { user: 'logAbsDet', form: 'log' });
  }

  signDet(): Tensor {
    return this.#apply('signDet', this.#rows.determinant, { user: 'signDet', form: 'sign' });
  }

  rcond(): Tensor {
    return this.#apply('rcond', this.#rows.rcond, { user: 'rcond' }, [this.#norms]);
  }

  reconstruct(): Tensor {
    return this.#apply('reconstruct', this.#rows.reconstruct, { user: 'reconstruct' });
  }

  dispose(): void {
    for (const tensor of this.#held()) tensor.dispose();
    this.#disposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The tensors that `scope` keeps with it. */
  #held(): Tensor[] {
    if (this.#disposed) return [];
    return [...this.#parts, this.#norms, ...(this.#ownsA ? [this.#a] : [])];
  }

  /** The factors, for further methods of a kind. */
  protected partsFor(method: string): readonly Tensor[] {
    if (this.#disposed) throw new DisposedError(`${method}: the factorization has been disposed`);
    return this.#parts;
  }

  #solve(method: string, b: Tensor, transpose: boolean): Tensor {
    const parts = this.partsFor(method);
    const inputs = [this.#a, checkFloat(method, 'b', b), ...parts];
    return apply(this.#rows.solve, inputs, { user: method, transpose });
  }

  #apply<P>(method: string, row: Op<P>, params: P, more: readonly Tensor[] = []): Tensor {
    const parts = this.partsFor(method);
    return apply(row, [this.#a, ...parts, ...more], params);
  }
}
