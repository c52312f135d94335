// The products of constraint layers: rounding errors stay below a bound, whatever the terms are.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { astype, matmul, random, scope, type Tensor, tensor } from '#src/index.js';
import { product } from '#src/nn/layers/constraints/product.js';
import { EPSILON, near, seed } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

const both = (f64: Tensor) => ({ f64, f32: astype(f64, 'f32') });

/** The largest error of a product relative to |z| |M|, against sums in f64 whose terms come in ascending order. */
function errorOf(got: Tensor, z: Tensor, M: Tensor): number {
  const [n, k] = z.shape;
  const d = M.shape[1];
  const [p, q, r] = [z.data(), M.data(), got.data()];
  let most = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < d; j++) {
      const terms = Array.from({ length: k }, (_, l) => p[i * k + l] * q[l * d + j]).sort(
        (a, b) => Math.abs(a) - Math.abs(b),
      );
      const [sum, size] = [terms.reduce((s, v) => s + v, 0), terms.reduce((s, v) => s + Math.abs(v), 0)];
      most = Math.max(most, Math.abs(r[i * d + j] - sum) / size);
    }
  return most;
}

/** One entry, and entries that are lost against it when they are added to it one by one. */
function hard(n: number, k: number): Tensor {
  const lost = 2 ** -25 * 0.999;
  return tensor(
    Float32Array.from({ length: n * k }, (_, i) => (i % k === 0 ? 1 : lost)),
    { shape: [n, k] },
  );
}

for (const [n, k, d] of [
  [1, 300, 5],
  [1, 784, 784],
  [5, 700, 6],
  [40, 1552, 100],
  [3, 4096, 2],
  [2, 5000, 3],
])
  test(`f32 [${n}, ${k}] · [${k}, ${d}] is exact to (64 + k / 64) u where every addition rounds the same way`, () => {
    scope(() => {
      const z = hard(n, k);
      const M = both(tensor(new Float64Array(k * d).fill(1), { shape: [k, d] }));
      const bound = (64 + Math.min(k, 4096) / 64 + 1) * EPSILON.f32;
      assert.ok(bound < 1e-5);
      const error = errorOf(product(z, M), z, M.f64);
      assert.ok(error <= bound, `${error} > ${bound}`);
      const transposed = both(tensor(new Float64Array(k * d).fill(1), { shape: [d, k] }));
      near(product(z, transposed, { transposeB: true }).data(), product(z, M).data(), 2 * bound);
    });
  });

test('the plain product is not', () => {
  scope(() => {
    const z = hard(40, 1552);
    const M = tensor(new Float32Array(1552 * 100).fill(1), { shape: [1552, 100] });
    assert.ok(errorOf(matmul(z, M), z, M) > 1e-5);
  });
});

test('random products, in both dtypes and both orders, and their derivatives', () => {
  scope(() => {
    for (const [n, k, d] of [
      [4, 130, 7],
      [1, 200, 3],
      [0, 200, 3],
      [3, 0, 2],
      [2, 70, 0],
      [3, 600, 2],
      [2, 64, 2],
    ]) {
      const M = both(random(seed).normal([k, d]));
      const T = both(random(seed + 1).normal([d, k]));
      for (const dtype of ['f64', 'f32'] as const) {
        const z = random(seed + 2).normal([n, k], { dtype });
        const bound = 20 * k * EPSILON[dtype];
        near(product(z, M).data(), matmul(z, M[dtype]).data(), bound);
        near(
          product(z, T, { transposeB: true }).data(),
          matmul(z, T[dtype], { transposeB: true }).data(),
          bound,
        );
      }
    }
    const M = both(random(seed).normal([600, 2]));
    checkDerivatives((z: Tensor) => product(z, M), [random(seed + 3).normal([2, 600])]);
  });
});

test.run();
