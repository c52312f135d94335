// z M with a bound on rounding errors: what a constraint allows is a fixed share of the sum of |z|, however many terms there are.

import { scope } from '../../../core/scope.js';
import type { Tensor } from '../../../core/tensor.js';
import { astype } from '../../../ops/cast.js';
import { type MatmulOptions, matmul, matmulInBlocks } from '../../../ops/matmul.js';

/** A matrix that does not change, in both dtypes. */
export interface Matrix {
  readonly f64: Tensor;
  readonly f32: Tensor;
}

/** Terms that are added up one after the other: the error is then (64 + k / 64) u for k terms. */
const BLOCK = 64;
/** Terms up to which f32 keeps to that. */
const NARROW = 4096;
/** Terms of a block in f64. */
const WIDE = 512;

/**
 * z M (or z Mᵀ), off by at most (64 + k / 64) 2^-24 in f32, which for up to 4096 terms is 7.7e-6, and (512 + k / 512) 2^-53 in
 * f64, relative to |z| |M|.
 */
export function product(z: Tensor, M: Matrix, options: MatmulOptions = {}): Tensor {
  const terms = z.shape[1];
  if (z.dtype === 'f64') return matmulInBlocks(z, M.f64, WIDE, options);
  if (terms <= NARROW) return matmulInBlocks(z, M.f32, BLOCK, options);
  return scope(() => astype(matmul(astype(z, 'f64'), M.f64, options), 'f32'));
}
