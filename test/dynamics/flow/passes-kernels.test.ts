// spectrum_spread, spectrum_collect, spectrum_unfold, spectrum_fold, spectrum_linear, complex_product, flow_divergence, flow_correct, flow_transpose and flow_scale (_f64, _f32) on
// addresses: by definition, in the bytes that they say, at odd and even sizes with every cut.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flow } from '#src/generated/flow.js';
import { drawing, seed } from '../../support/check.js';
import { distance } from '../../support/flow/definition.js';
import { type Blocks, doubles, floats, withBlocks } from '../../support/givens/blocks.js';

const { exports: kernels } = flow;
const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 20];
const drawn = (count: number, from = 1): Float64Array => {
  const next = drawing(seed + from);
  return Float64Array.from({ length: count }, () => Math.fround(2 * next()));
};
const around = (i: number, n: number) => ((i % n) + n) % n;

for (const dtype of ['f64', 'f32'] as const) {
  const limit = dtype === 'f64' ? 1e-13 : 4e-5;
  const place = ({ f64, f32 }: Blocks, values: ArrayLike<number>) => (dtype === 'f64' ? f64 : f32)(values);
  const view = (at: number, count: number) =>
    Float64Array.from((dtype === 'f64' ? doubles : floats)(at, count));
  /** Calls a kernel with addresses of inputs and of a result of 7s, which is returned. */
  const called = (
    inputs: readonly ArrayLike<number>[],
    count: number,
    call: (addresses: number[], y: number) => void,
  ): Float64Array => {
    let result = new Float64Array(0);
    withBlocks((blocks) => {
      const at = inputs.map((x) => place(blocks, x));
      const y = place(blocks, new Float64Array(count).fill(7));
      call(at, y);
      inputs.forEach((x, k) => void assert.equal(view(at[k], x.length), Float64Array.from(x), 'only read'));
      result = view(y, count);
    });
    return result;
  };
  const same = (got: Float64Array, want: ArrayLike<number>, what: string) => {
    const error = distance(got, want);
    assert.ok(error <= limit, `${what}: ${error} [SEED=${seed}]`);
  };

  test(`spectrum_spread_${dtype}, spectrum_collect_${dtype}: factors by definition, transposes of each other`, () => {
    for (const n of SIZES)
      for (const cut of [0, 1, 2, 6].filter((k) => 3 * k < n))
        for (const kind of [0, 1]) {
          const [half, wide] = [Math.floor(n / 2) + 1, 2 * cut + 2];
          const w = drawn(2 * n * half, 2);
          const x = called([w], 2 * n * wide, ([a], y) => kernels[`spectrum_spread_${dtype}`](n, cut, kind, a, y)); // biome-ignore format: short
          const want = new Float64Array(2 * n * wide);
          for (let p = -cut; p <= cut; p++)
            for (let q = 0; q <= cut; q++) {
              const k2 = p * p + q * q;
              const share = q === 0 ? 0.5 : 1;
              // g = (p + i q)/k², halved where it stands twice, or μ = (i/4)(p + i q)².
              const [mr, mi] = kind === 0 ? (k2 === 0 ? [0, 0] : [(share * p) / k2, (share * q) / k2]) : [(-p * q) / 2, (p * p - q * q) / 4]; // biome-ignore format: short
              const [a, b] = [w[around(p, n) * half + q], w[(n + around(p, n)) * half + q]];
              const sign = kind === 0 ? -1 : 1;
              const put = (row: number, column: number, re: number, im: number) => {
                want[around(row, n) * wide + column] = re;
                want[(n + around(row, n)) * wide + column] = im;
              };
              put(p, q, mr * a - mi * b, mr * b + mi * a);
              put(-p, cut + 1 + q, sign * (mr * a + mi * b), sign * (mi * a - mr * b));
            }
          same(x, want, `spread n = ${n}, cut = ${cut}, kind ${kind}`);
          const other = drawn(2 * n * wide, 3);
          const back = called([other], 2 * n * half, ([a], y) => kernels[`spectrum_collect_${dtype}`](n, cut, kind, a, y)); // biome-ignore format: short
          const inner = (p: ArrayLike<number>, q: ArrayLike<number>) => Array.from(p).reduce((s, v, i) => s + v * q[i], 0); // biome-ignore format: short
          const [there, again] = [inner(other, x), inner(back, w)];
          assert.ok(
            Math.abs(there - again) <= limit * 400 * (1 + cut) ** 2,
            `transposes: ${there}, ${again}`,
          );
          const isBeyond = (at: number) => {
            const row = Math.floor(at / half) % n;
            return Math.min(row, n - row) > cut || at % half > cut;
          };
          assert.ok(back.every((v, at) => !isBeyond(at) || v === 0), 'nothing beyond the cut'); // biome-ignore format: short
        }
  });

  test(`spectrum_unfold_${dtype}, spectrum_fold_${dtype}`, () => {
    for (const n of SIZES)
      for (const cut of [0, 1, 2, 6].filter((k) => 3 * k < n)) {
        const wide = 2 * cut + 2;
        const x = drawn(2 * n * wide, 4);
        const y = called([x], 2 * n * n, ([a], to) => kernels[`spectrum_unfold_${dtype}`](n, cut, a, to));
        const want = new Float64Array(2 * n * n);
        const z = drawn(2 * n * n, 5);
        const folded = new Float64Array(2 * n * wide);
        for (let part = 0; part < 2; part++)
          for (let i = 0; i < n; i++)
            for (let q = 0; q <= cut; q++)
              for (const [row, column] of [
                [q, q],
                [around(-q, n), cut + 1 + q],
              ]) {
                // biome-ignore format: short
                want[(part * n + row) * n + i] += x[(part * n + i) * wide + column];
                folded[(part * n + i) * wide + column] = z[(part * n + row) * n + i];
              }
        same(y, want, `unfold n = ${n}, cut = ${cut}`);
        const back = called([z], 2 * n * wide, ([a], to) => kernels[`spectrum_fold_${dtype}`](n, cut, a, to));
        same(back, folded, `fold n = ${n}, cut = ${cut}`);
      }
  });

  test(`spectrum_linear_${dtype}`, () => {
    for (const n of SIZES)
      for (const hasBase of [false, true]) {
        const half = Math.floor(n / 2) + 1;
        const size = 2 * n * half;
        const [base, x] = [drawn(size, 6), drawn(size, 7)];
        const y = called([base, x], size, ([a, b], to) =>
          kernels[`spectrum_linear_${dtype}`](n, 0.3, 0.25, 0.5, hasBase ? a : 0, b, to, half - 1, 1.5),
        );
        const want = x.map((v, at) => {
          const [row, q] = [Math.floor(at / half) % n, at % half];
          const p = Math.min(row, n - row);
          const force = at === half - 1 ? 1.5 : 0;
          return 7 + (hasBase ? base[at] : 0) - 0.5 * (0.3 * (p * p + q * q) + 0.25) * v + force;
        });
        same(y, want, `n = ${n}`);
      }
  });

  test(`complex_product_${dtype}: also into its second operand, and of a number by itself`, () => {
    for (const count of [0, 1, 2, 3, 4, 5, 8, 11])
      for (const conjugate of [false, true]) {
        const [a, b] = [drawn(2 * count, 8), drawn(2 * count, 9)];
        const sign = conjugate ? -1 : 1;
        const product = (x: Float64Array, y: Float64Array) => [
          ...Array.from({ length: count }, (_, k) => x[k] * y[k] - sign * x[count + k] * y[count + k]),
          ...Array.from({ length: count }, (_, k) => x[k] * y[count + k] + sign * x[count + k] * y[k]),
        ];
        const run = kernels[`complex_product_${dtype}`];
        same(called([a, b], 2 * count, ([p, q], y) => run(count, conjugate, p, q, y)), product(a, b), 'apart'); // biome-ignore format: short
        withBlocks((blocks) => {
          const [p, q] = [place(blocks, a), place(blocks, b)];
          run(count, conjugate, p, q, q);
          same(view(q, 2 * count), product(a, b), 'into the second');
          run(count, conjugate, p, p, p);
          same(view(p, 2 * count), product(a, a), 'by itself');
        });
      }
  });

  test(`flow_divergence_${dtype}, flow_correct_${dtype}: differences that are adjoint`, () => {
    for (const n of SIZES) {
      const [x, q] = [drawn(2 * n * n, 10), drawn(n * n, 11)];
      const at = (c: number, i: number, j: number) => x[(c * n + around(i, n)) * n + around(j, n)];
      const of = (i: number, j: number) => q[around(i, n) * n + around(j, n)];
      const cells = Array.from({ length: n * n }, (_, k) => [Math.floor(k / n), k % n]);
      same(
        called([x], n * n, ([a], y) => kernels[`flow_divergence_${dtype}`](n, 1.5, a, y)),
        cells.map(([i, j]) => 1.5 * (at(0, i, j) - at(0, i - 1, j) + at(1, i, j) - at(1, i, j - 1))),
        `divergence n = ${n}`,
      );
      same(
        called([q, x], 2 * n * n, ([a, b], y) => kernels[`flow_correct_${dtype}`](n, 1.5, a, b, y)),
        [
          ...cells.map(([i, j]) => at(0, i, j) - 1.5 * (of(i + 1, j) - of(i, j))),
          ...cells.map(([i, j]) => at(1, i, j) - 1.5 * (of(i, j + 1) - of(i, j))),
        ],
        `correct n = ${n}`,
      );
    }
  });

  test(`flow_transpose_${dtype}, flow_scale_${dtype}`, () => {
    for (const rows of [1, 2, 3, 4, 5, 9])
      for (const columns of [1, 2, 3, 4, 7, 8]) {
        const [px, py] = [columns + 1, rows + 2];
        const x = drawn(rows * px, 12);
        const y = called([x], columns * py, ([a], to) =>
          kernels[`flow_transpose_${dtype}`](rows, columns, a, px, to, py),
        );
        const want = new Float64Array(columns * py).fill(7);
        for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) want[c * py + r] = x[r * px + c];
        assert.equal(y, want, 'nothing else is written');
      }
    for (const count of [0, 1, 3, 4, 7, 9])
      for (const planes of [0, 1, 3])
        withBlocks((blocks) => {
          const [factor, x] = [drawn(count, 13), drawn(planes * count, 14)];
          const [f, a] = [place(blocks, factor), place(blocks, x)];
          kernels[`flow_scale_${dtype}`](planes, count, f, a);
          same(view(a, planes * count), x.map((v, k) => v * factor[k % count]), 'scaled'); // biome-ignore format: short
        });
  });
}

test.run();
