// The object that keeps a factored stack: every kind has the same verbs.
import { DisposedError } from '../../core/errors.js';
import { owned } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { apply, applyAll, type Op } from '../../ops/op.js';
import { retain } from '../../ops/ownership.js';
import { Tracer } from '../../ops/tracer.js';
import { checkFloat, checkSquare } from '../stack.js';
import type { FactorRows } from './rows.js';

/**
 * A factored matrix, or a stack of them, to be used again and again. Give it back with `dispose` or `using`; after that every
 * method throws DisposedError. What a method gives belongs to the caller. `scope` keeps the factors of an object that is returned.
 *
 * Derivatives go through every method but `rcond` (an ArgumentError) and `signDet` (a constant): in b, and in A where A was followed
 * when it was factored, without another factorization. Those of `det` and `logAbsDet` want a regular A.
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

/** The factors as tensors, and the rows that read them. */
export class KeptFactor implements Factor {
  readonly #rows: FactorRows;
  /** The first input of the rows (see rows.ts): A where a transformation follows it, or else the packed factors. */
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
    // Of a tensor that is not followed nothing is kept: it may change or go.
    this.#a = a instanceof Tracer ? retain(a) : parts[0];
    this.#ownsA = a instanceof Tracer && this.#a !== a;
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
    for (const tensor of this[owned]()) tensor.dispose();
    this.#disposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal What `scope` keeps with it. */
  [owned](): Tensor[] {
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
