// A product of rotations as users give it, checked and as tensors.
import { tensor } from '../core/create.js';
import { describe } from '../core/describe.js';
import type { DType } from '../core/dtype.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import {
  checkVector,
  type Indices,
  type Numbers,
  planeError,
  readNumbers,
  readPlanes,
  readSignedPermutation,
  type SignedPermutation,
} from '../core/rotation-list.js';
import { allocate, Tensor } from '../core/tensor.js';
import { givens } from '../generated/givens.js';
import { checkFloat } from '../linalg/stack.js';
import type { Rotations } from '../linalg/structured/givens.js';
import { Tracer } from '../ops/tracer.js';

/** G_1 … G_N P: a factorization, or planes and angles with or without P. */
export interface Product extends Rotations {
  /** i32 [d]: P[permutation[c], c] = signs[c]; together with signs. */
  permutation?: Indices;
  /** [d], 1 or -1. */
  signs?: Numbers;
  /** The number of rows, which a factorization knows. */
  d?: number;
}

/** A product whose arguments have been checked, as tensors. */
export interface CheckedProduct {
  readonly pairs: Tensor;
  readonly angles: Tensor;
  /** The permutation, signs, and the inverse permutation; or nothing. */
  readonly order: readonly Tensor[];
  /** Disposes what was made for this call. */
  release(): void;
}

/** Checks a product for d rows, which `what` has. */
export function productOf(name: string, f: Product, d: number, what: () => string): CheckedProduct {
  if (f.d !== undefined && f.d !== d)
    throw new ShapeError(`${name}: ${what()} does not fit a factorization of ${describe(f.d)} rows`);
  const made: Tensor[] = [];
  const own = (x: Tensor): Tensor => {
    made.push(x);
    return x;
  };
  const release = (): void => {
    for (const x of made) x.dispose();
  };
  try {
    const angles =
      f.angles instanceof Tensor
        ? checkVector(name, 'angles', checkFloat(name, 'angles', f.angles))
        : own(tensor(readNumbers(name, 'angles', f.angles)));
    const pairs = own(allocate([angles.size, 2], 'i32', name));
    writePlanes(name, f, d, pairs);
    const order = f.permutation === undefined && f.signs === undefined ? [] : orderOf(name, f, d, own);
    return { pairs, angles, order, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Writes planes as pairs (i, j): by a kernel where they are tensors, as those of a factorization are. */
function writePlanes(name: string, { i, j }: Product, d: number, pairs: Tensor): void {
  const [count] = pairs.shape;
  if (!isVector(i, 'i32', count) || !isVector(j, 'i32', count)) {
    pairs.data().set(readPlanes(name, i, j, count, d));
    return;
  }
  const wrong = givens.exports.join_planes(count, d, i.address, j.address, pairs.address);
  if (wrong >= 0) throw planeError(name, wrong, i.data()[wrong], j.data()[wrong], d);
}

/** The permutation, signs, and the inverse permutation: by a kernel where they are tensors, as those of a factorization are. */
function orderOf(
  name: string,
  { permutation, signs }: Product,
  d: number,
  own: (x: Tensor) => Tensor,
): Tensor[] {
  const order = own(allocate([d], 'i32', name));
  const factors = own(allocate([d], 'f64', name));
  const places = own(allocate([d], 'i32', name));
  const isTensor = isVector(permutation, 'i32', d) && isVector(signs, 'f64', d);
  const isRead =
    isTensor &&
    givens.exports.join_order(
      ...([d, permutation.address, signs.address, order.address, factors.address, places.address] as const),
    ) < 0;
  if (!isRead) {
    // Where the kernel has refused them, this throws.
    const P = readSignedPermutation(name, permutation, signs, d) as SignedPermutation;
    order.data().set(P.permutation);
    factors.data().set(P.signs);
    places.data().set(P.places);
  }
  return [order, factors, places];
}

/** Whether x is a vector of n elements whose values are known. */
function isVector(x: unknown, dtype: DType, n: number): x is Tensor {
  return x instanceof Tensor && !(x instanceof Tracer) && x.dtype === dtype && x.ndim === 1 && x.size === n;
}

/** The number of rows of a product, its own or the one that is given. */
export function rowsOf(name: string, f: Product, d: unknown): number {
  if (d !== undefined && f.d !== undefined && d !== f.d)
    throw new ArgumentError(`${name}: d must be that of the factorization, ${f.d}, got ${describe(d)}`);
  const rows = d ?? f.d ?? (f.permutation instanceof Tensor ? f.permutation.size : f.permutation?.length);
  if (!Number.isInteger(rows) || (rows as number) < 0)
    throw new ArgumentError(
      `${name}: d, the number of rows, must be a whole number of at least 0, got ${describe(rows)}`,
    );
  return rows as number;
}
