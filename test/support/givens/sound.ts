// What any factorization must be: shapes and types in order, P a signed permutation, the last error that of the product and the least that P can give.
import * as assert from 'uvu/assert';
import type { givens } from '#src/index.js';
import { distanceToPermutations } from './assignment.js';
import { difference, distance, type Matrix, multiplied, numbersOf, productOf, transposed } from './dense.js';

/** Checks a factorization of u, and returns its matrix. */
export function sound(f: givens.Factorization, u: Matrix, what = '', tolerance = 1e-11): Matrix {
  const d = u.length;
  const N = f.angles.size;
  assert.is(f.d, d, what);
  assert.equal(
    [f.i, f.j, f.angles, f.permutation, f.signs].map((x) => [x.dtype, ...x.shape]),
    [['i32', N], ['i32', N], ['f64', N], ['i32', d], ['f64', d]],
    what,
  ); // biome-ignore format: short
  assert.equal([f.errors.dtype, f.errorsAt.dtype, f.errors.ndim], ['f64', 'i32', 1], what);
  assert.is(f.errors.size, f.errorsAt.size, what);
  const plain = numbersOf(f);
  const { i, j, angles, permutation, signs } = plain as Required<typeof plain>;
  for (let t = 0; t < N; t++) {
    const isPair = i[t] >= 0 && i[t] < d && j[t] >= 0 && j[t] < d && i[t] !== j[t];
    assert.ok(
      isPair && Number.isFinite(angles[t]),
      `${what}: factor ${t} is (${i[t]}, ${j[t]}, ${angles[t]})`,
    );
  }
  assert.equal(
    Array.from(permutation).sort((a, b) => a - b),
    Array.from({ length: d }, (_, k) => k),
    `${what}: P`,
  );
  assert.ok(
    Array.from(signs).every((s) => s === 1 || s === -1),
    `${what}: signs`,
  );
  const at = Array.from(f.errorsAt.data());
  const errors = Array.from(f.errors.data());
  assert.is(at.at(-1), N, `${what}: the last error is that of the result`);
  assert.ok(
    at.every((n, k) => n >= 0 && (k === 0 || n > at[k - 1])),
    `${what}: errorsAt ascend`,
  );
  const product = productOf(d, plain);
  const root = Math.sqrt(Math.max(d, 1));
  const error = distance(u, product) / root;
  assert.ok(
    Math.abs(error - errors[errors.length - 1]) <= tolerance,
    `${what}: the product is off by ${error}, the last error is ${errors.at(-1)}`,
  );
  // Nearer with another P?
  const bare = productOf(d, { i, j, angles });
  const least = distanceToPermutations(multiplied(transposed(bare, d), u)) / root;
  assert.ok(error <= least + tolerance, `${what}: error ${error}, with another P ${least}`);
  assert.ok(
    difference(multiplied(transposed(product, d), product), multiplied(transposed(bare, d), bare)) < 1e-11,
  );
  return product;
}

export const errorsOf = (f: givens.Factorization): number[] => Array.from(f.errors.data());
export const lastError = (f: givens.Factorization): number => f.errors.data()[f.errors.size - 1];
