// A product of rotations as users give it, checked and as tensors.
import { tensor } from '../core/create.js';
import { describe } from '../core/describe.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import {
  checkVector,
  type Indices,
  type Numbers,
  planeError,
  readNumbers,
  readPlanes,
  readSignedPermutation,
} from '../core/rotation-list.js';
import { allocate, Tensor } from '../core/tensor.js';
import { givens } from '../generated/givens.js';
import { checkFloat } from '../linalg/stack.js';
import type { Rotations } from '../linalg/structured/givens.js';

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
export function productOf(name: string, f: Product, d: number, what: string): CheckedProduct {
  if (f.d !== undefined && f.d !== d)
    throw new ShapeError(`${name}: ${what} does not fit a factorization of ${describe(f.d)} rows`);
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
    const P = readSignedPermutation(name, f.permutation, f.signs, d);
    const order = P === undefined ? [] : [P.permutation, P.signs, P.places].map((part) => own(tensor(part)));
    return { pairs, angles, order, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Writes planes as pairs (i, j): by a kernel where they are tensors, as those of a factorization are. */
function writePlanes(name: string, { i, j }: Product, d: number, pairs: Tensor): void {
  const [count] = pairs.shape;
  const isTensor = i instanceof Tensor && i.dtype === 'i32' && j instanceof Tensor && j.dtype === 'i32';
  if (!isTensor || i.ndim !== 1 || i.size !== count || j.ndim !== 1 || j.size !== count) {
    pairs.data().set(readPlanes(name, i, j, count, d));
    return;
  }
  const wrong = givens.exports.join_planes(count, d, i.address, j.address, pairs.address);
  if (wrong >= 0) throw planeError(name, wrong, i.data()[wrong], j.data()[wrong], d);
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
