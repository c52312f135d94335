// apply beyond one tile of columns and one run of rotations: the same as rotations of plain rows, one after the other.
import { test } from 'uvu';
import { givens, scope, tensor, transpose } from '#src/index.js';
import { EPSILON, near, numbers } from '../support/check.js';
import { randomOrder, rotations } from '../support/givens/matrices.js';

/** Û x, or Ûᵀ x, of x [d, m] as one list. */
function rotated(
  x: Float64Array,
  d: number,
  m: number,
  f: ReturnType<typeof rotations>,
  P: ReturnType<typeof randomOrder>,
  inverse: boolean,
): Float64Array {
  let y = new Float64Array(x);
  const ordered = (from: (c: number) => number, to: (c: number) => number) => {
    const out = new Float64Array(d * m);
    for (let c = 0; c < d; c++)
      for (let k = 0; k < m; k++) out[to(c) * m + k] = P.signs[c] * y[from(c) * m + k];
    y = out;
  };
  if (!inverse) ordered((c) => c, (c) => P.permutation[c]); // biome-ignore format: short
  const count = f.angles.length;
  for (let step = 0; step < count; step++) {
    const t = inverse ? step : count - 1 - step;
    const [p, q, c] = [f.i[t] * m, f.j[t] * m, Math.cos(f.angles[t])];
    const s = inverse ? -Math.sin(f.angles[t]) : Math.sin(f.angles[t]);
    for (let k = 0; k < m; k++)
      [y[p + k], y[q + k]] = [c * y[p + k] + s * y[q + k], c * y[q + k] - s * y[p + k]];
  }
  if (inverse) ordered((c) => P.permutation[c], (c) => c); // biome-ignore format: short
  return y;
}

for (const dtype of ['f64', 'f32'] as const)
  for (const [d, m, count] of [[1000, 70, 1300], [4200, 21, 513], [300, 1, 1537], [70, 1000, 600]]) // biome-ignore format: short
    test(`${d} rows, ${m} columns, ${count} rotations, in ${dtype}`, () =>
      scope(() => {
        const f = rotations(d, count, d);
        const P = randomOrder(d, m);
        const x = tensor(Float64Array.from(numbers(d * m, count)), { shape: [d, m], dtype });
        const plain = Float64Array.from(x.data());
        const bound = 40 * EPSILON[dtype];
        for (const inverse of [false, true]) {
          const want = rotated(plain, d, m, f, P, inverse);
          const got = givens.apply({ ...f, ...P }, x, { transpose: inverse });
          near(got.data(), want, bound, `transpose ${inverse}`);
          const right = givens.apply({ ...f, ...P }, transpose(x), { side: 'right', transpose: !inverse });
          near(transpose(right).data(), got.data(), 0, 'rows');
        }
      }));

test.run();
