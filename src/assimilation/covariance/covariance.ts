// A covariance C: what is done with it, and what all kinds of it share.

import { describe } from '../../core/describe.js';
import { disposable } from '../../core/disposable.js';
import { ArgumentError, DisposedError, DTypeError, ShapeError } from '../../core/errors.js';
import { owned, scope } from '../../core/scope.js';
import { type Shape, sameShape, show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { checkFloat } from '../../linalg/stack.js';
import { mul } from '../../ops/arithmetic.js';
import type { TensorSpec } from '../../ops/op.js';
import { aliasOf } from '../../ops/ownership.js';
import { sum } from '../../ops/sum.js';
import { Tracer } from '../../ops/tracer.js';

/**
 * A covariance C of vectors, which may have any axes; x is [...batch, ...vector], and so is every result. All are linear in x and differentiable in it.
 * It owns tensors: `dispose` frees them, a second call does nothing.
 */
export interface Covariance {
  /** C⁻¹ x. */
  solve(x: Tensor): Tensor;
  /** L x for a root L of C, L Lᵀ = C: vectors of the covariance C from such of the covariance I. */
  sqrt(x: Tensor): Tensor;
  /** Lᵀ x. */
  sqrtTranspose(x: Tensor): Tensor;
  /** C x. */
  apply(x: Tensor): Tensor;
  dispose(): void;
  [Symbol.dispose](): void;
}

/** What a kind of covariance is made of; its functions get what `check` has accepted. */
export interface CovarianceParts {
  /** In messages: 'covariance.dense'. */
  readonly kind: string;
  /** Numbers in a vector, where C says so. */
  readonly size?: number;
  /** Throws unless vectors of this shape and dtype are vectors of C. */
  check(name: string, argument: string, vector: TensorSpec): void;
  solve(x: Tensor): Tensor;
  sqrt(x: Tensor): Tensor;
  sqrtTranspose(x: Tensor): Tensor;
  apply(x: Tensor): Tensor;
  /** L⁻¹ x; default Lᵀ C⁻¹ x, which loses as many digits again as C⁻¹ has lost. */
  readonly inverseSqrt?: (x: Tensor) => Tensor;
  /** xᵀ C⁻¹ x over the last axes; default from `solve`. */
  readonly energy?: (x: Tensor, axes: readonly number[]) => Tensor;
  /** 1 / variances, if C is diagonal. */
  readonly precision?: number | Tensor;
  readonly owned: readonly Tensor[];
}

/** What covariances are made of; a user sees `Covariance`. */
const parts = new WeakMap<object, CovarianceParts>();

/** A covariance of these parts. */
export function covarianceOf(own: CovarianceParts): Covariance {
  const method = (what: 'solve' | 'sqrt' | 'sqrtTranspose' | 'apply') => (x: Tensor) => {
    const name = `${own.kind}.${what}`;
    checkFloat(name, 'x', x);
    checkAlive(name, own);
    own.check(name, 'x', x);
    return scope(() => {
      const y = own[what](x);
      return y === x ? aliasOf(x) : y;
    });
  };
  const covariance = disposable({
    solve: method('solve'),
    sqrt: method('sqrt'),
    sqrtTranspose: method('sqrtTranspose'),
    apply: method('apply'),
    dispose: () => {
      for (const x of own.owned) x.dispose();
    },
    [owned]: () => own.owned,
  });
  parts.set(covariance, own);
  return covariance as Covariance;
}

function checkAlive(name: string, { kind, owned: held }: CovarianceParts): void {
  if (held.some(isGone)) throw new DisposedError(`${name}: the ${kind} has been disposed`);
}

/** Whether a tensor that is not traced has been disposed. */
export function isGone(x: Tensor): boolean {
  return !(x instanceof Tracer) && x.isDisposed;
}

/** The parts of a covariance: of one that this library made, or of an object with its methods. */
export function checkCovariance(name: string, argument: string, value: unknown): CovarianceParts {
  const own = typeof value === 'object' && value !== null ? parts.get(value) : undefined;
  if (own !== undefined) {
    checkAlive(name, own);
    return own;
  }
  const other = value as Partial<Covariance> | null | undefined;
  if (typeof other !== 'object' || other === null || typeof other.solve !== 'function')
    throw new ArgumentError(
      `${name}: ${argument} must be a covariance, as assimilation.covariance makes them, got ${describe(value)}`,
    );
  return fromFunctions(`the covariance ${argument}`, other as CovarianceFunctions);
}

/** The functions of `covariance.operators`. */
export interface CovarianceFunctions {
  /** C⁻¹ x. */
  solve(x: Tensor): Tensor;
  /** L x, with L Lᵀ = C. */
  sqrt?(x: Tensor): Tensor;
  /** Lᵀ x. */
  sqrtTranspose?(x: Tensor): Tensor;
  /** C x. */
  apply?(x: Tensor): Tensor;
  /** L⁻¹ x. */
  inverseSqrt?(x: Tensor): Tensor;
}

/** A covariance of a user's functions. */
export function fromFunctions(kind: string, given: CovarianceFunctions): CovarianceParts {
  const call = (what: keyof CovarianceFunctions) => (x: Tensor) => {
    const f = given[what];
    if (f === undefined)
      throw new ArgumentError(
        `${kind}: ${what} is wanted here, and is not given (give it to covariance.operators)`,
      );
    const y: unknown = f.call(given, x);
    if (!(y instanceof Tensor))
      throw new ArgumentError(`${kind}: ${what} must return a tensor, got ${describe(y)}`);
    if (!sameShape(y.shape, x.shape))
      throw new ShapeError(
        `${kind}: ${what} must return the shape of x, ${show(x.shape)}, got ${show(y.shape)}`,
      );
    if (y.dtype !== x.dtype)
      throw new DTypeError(`${kind}: ${what} must return the dtype of x, ${x.dtype}, got ${y.dtype}`);
    return y;
  };
  const [solve, sqrt, sqrtTranspose] = [call('solve'), call('sqrt'), call('sqrtTranspose')];
  const apply =
    given.apply === undefined && given.sqrt !== undefined && given.sqrtTranspose !== undefined
      ? (x: Tensor) => sqrt(sqrtTranspose(x))
      : call('apply');
  const inverseSqrt = given.inverseSqrt && call('inverseSqrt');
  const own = { kind, check: () => {}, solve, sqrt, sqrtTranspose, apply, owned: [] };
  return inverseSqrt === undefined ? own : { ...own, inverseSqrt };
}

/** xᵀ C⁻¹ x over these axes, the last ones of x. */
export function energyOf(own: CovarianceParts, x: Tensor, axes: readonly number[]): Tensor {
  return own.energy?.(x, axes) ?? sum(mul(x, own.solve(x)), { axis: axes });
}

/** The last `count` of `ndim` axes. */
export function lastAxes(ndim: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => ndim - count + i);
}

/** The error for a dtype that is not that of C. */
export function checkSameDType(
  name: string,
  argument: string,
  kind: string,
  vector: TensorSpec,
  dtype: TensorSpec['dtype'],
): void {
  if (vector.dtype !== dtype)
    throw new DTypeError(
      `${name}: ${argument} must be ${dtype}, as ${kind} is, got ${vector.dtype} (convert with astype)`,
    );
}

/** Where the m numbers of a vector begin among the axes of x: the last ones whose extents multiply to m. */
export function vectorAxis(shape: Shape, m: number): number | undefined {
  let [axis, size] = [shape.length, 1];
  while (axis > 0 && size < m) size *= shape[--axis];
  while (axis > 0 && m === 0 && size !== 0) size *= shape[--axis];
  return size === m ? axis : undefined;
}

/** Throws unless the last axes hold the m numbers of a vector, of the dtype of C. */
export function checkVector(
  name: string,
  argument: string,
  kind: string,
  vector: TensorSpec,
  m: number,
  dtype: TensorSpec['dtype'],
): void {
  if (vectorAxis(vector.shape, m) === undefined)
    throw new ShapeError(
      `${name}: ${argument} must end in the ${m} numbers of a vector of ${kind}, got shape ${show(vector.shape)}`,
    );
  checkSameDType(name, argument, kind, vector, dtype);
}
