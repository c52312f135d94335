// Random problems for the tests of optimal transport.
import { type Tensor, tensor } from '#src/index.js';
import { numbers } from '../support/check.js';

export const noise = (shape: number[], seed: number, scale = 1) =>
  tensor(
    numbers(
      shape.reduce((p, q) => p * q, 1),
      seed,
    ).map((v) => scale * v),
    { shape },
  );
export const masses = (n: number, seed: number) => {
  const x = numbers(n, seed).map((v) => 1.2 + v);
  const total = x.reduce((p, q) => p + q, 0);
  return tensor(x.map((v) => v / total));
};
export const list = (x: Tensor) => Array.from(x.toTypedArray());

/** Sums along rows or columns. */
export const sums = (P: number[], m: number, n: number) => ({
  rows: Array.from({ length: m }, (_, i) => P.slice(i * n, (i + 1) * n).reduce((p, v) => p + v, 0)),
  columns: Array.from({ length: n }, (_, j) => P.filter((_, k) => k % n === j).reduce((p, v) => p + v, 0)),
});
