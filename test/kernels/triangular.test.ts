// Symmetric and triangular kernels against plain loops: random sizes, strides and triangles, the other triangle never read.
import fc from 'fast-check';
import { test } from 'uvu';
import { lapack } from '#src/generated/lapack.js';
import * as kernels from '#src/kernels.js';
import { EPSILON, near, numbers, property } from '../support/check.js';
import { type Float, rounded, withRaw } from '../support/raw.js';
import * as twins from '../support/twins/index.js';

const record = fc.record({
  n: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 60, max: 90 })),
  m: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 60, max: 70 })),
  byRows: fc.boolean(),
  sidesByRows: fc.boolean(),
  lower: fc.boolean(),
  unit: fc.boolean(),
  inc: fc.constantFrom(1, 2, 3),
  alpha: fc.constantFrom(1, -0.5),
  beta: fc.constantFrom(0, 1, 0.5),
});

/** Strides of a matrix of these extents. */
const strides = (rows: number, columns: number, byRows: boolean): [number, number] =>
  byRows ? [columns, 1] : [1, rows];
const matrix = (data: number[], [rows, columns]: [number, number]): twins.Matrix => ({
  data,
  offset: 0,
  rows,
  columns,
});
const vector = (data: number[], stride: number): twins.Vector => ({ data, offset: 0, stride });

/** A triangle with a strong diagonal; what may not be read is NaN. */
function triangle(
  n: number,
  rs: number,
  cs: number,
  lower: boolean,
  unit: boolean,
): { stored: number[]; full: number[] } {
  const stored = new Array<number>(n * n).fill(Number.NaN);
  const full = new Array<number>(n * n).fill(0);
  const random = numbers(n * n, 3);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (lower ? j > i : j < i) continue;
      const at = i * rs + j * cs;
      const value = i === j ? 2 + random[at] : random[at] / Math.max(n, 1);
      if (!(unit && i === j)) stored[at] = value;
      full[i * n + j] = unit && i === j ? 1 : value;
    }
  }
  return { stored, full };
}

for (const dtype of ['f64', 'f32'] as const satisfies readonly Float[]) {
  const eps = EPSILON[dtype];

  test(`syrk_${dtype}: sizes around its blocks, rows and columns; above the diagonal nothing is written`, () => {
    const k = lapack.exports;
    for (const [n, m, beta] of [
      [255, 30, 0],
      [257, 9, 1],
      [300, 33, -0.5],
      [66, 515, 1],
      [518, 5, 1],
    ]) {
      for (const [sa, sb] of [
        [strides(n, n, true), strides(n, m, true)],
        [strides(n, n, false), strides(n, m, false)],
        [strides(n, n, true), strides(n, m, false)],
      ]) {
        const [A, B] = [rounded(dtype, numbers(n * n, 1)), rounded(dtype, numbers(n * m, 2))];
        const want = [...A];
        const transposed: twins.Matrix = { data: B, offset: 0, rows: sb[1], columns: sb[0] };
        twins.gemm(n, n, m, 1, matrix(B, sb), transposed, beta, matrix(want, sa));
        const [sizes, bound] = [B.map(Math.abs), A.map(Math.abs)];
        const other = { ...transposed, data: sizes };
        twins.gemm(n, n, m, 1, matrix(sizes, sb), other, Math.abs(beta), matrix(bound, sa));
        for (let i = 0; i < n; i++)
          for (let j = i + 1; j < n; j++) want[i * sa[0] + j * sa[1]] = A[i * sa[0] + j * sa[1]];
        withRaw(dtype, (place) => {
          const [a, b] = [place(A), place(B)];
          const work = kernels.alloc(k[`level3_${dtype}_work`](n, n, m));
          k[`syrk_${dtype}`](n, m, 1, b.address, ...sb, beta, a.address, ...sa, work);
          near(a.data, want, (i) => (m + 4) * eps * bound[i], `${n} x ${m}`);
          kernels.free(work);
        });
      }
    }
  });

  test(`symm, symv, syr, syr2, syrk in ${dtype}: of A only the lower triangle is read or written`, () =>
    property(
      record,
      ({ n, m, byRows, sidesByRows, inc, alpha, beta }) => {
        const k = lapack.exports;
        const [sa, sb] = [strides(n, n, byRows), strides(n, m, sidesByRows)];
        const stored = rounded(dtype, numbers(n * n, 1));
        const full: number[] = new Array(n * n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            full[i * n + j] = stored[Math.max(i, j) * sa[0] + Math.min(i, j) * sa[1]];
            if (j > i) stored[i * sa[0] + j * sa[1]] = Number.NaN;
          }
        }
        const lowerOf = (data: ArrayLike<number>) =>
          Array.from({ length: n }, (_, i) =>
            Array.from({ length: i + 1 }, (_, j) => data[i * sa[0] + j * sa[1]]),
          ).flat();
        const [B, C] = [rounded(dtype, numbers(n * m, 2)), rounded(dtype, numbers(n * m, 4))];
        const vectors = [5, 6].map((seed) => rounded(dtype, numbers(n === 0 ? 0 : (n - 1) * inc + 1, seed)));
        const [x, y] = vectors;
        withRaw(dtype, (place) => {
          const [a, b, c, px, py] = [place(stored), place(B), place(C), place(x), place(y)];
          const work = kernels.alloc(k[`symm_${dtype}_work`](n, m) + k[`level3_${dtype}_work`](n, n, m));
          k[`symm_${dtype}`](n, m, alpha, a.address, ...sa, b.address, ...sb, beta, c.address, ...sb, work);
          const product = [...C];
          twins.gemm(n, m, n, alpha, matrix(full, [n, 1]), matrix(B, sb), beta, matrix(product, sb));
          near(c.data, product, 8 * (n + 4) * eps, 'symm');

          k[`symv_${dtype}`](n, alpha, a.address, ...sa, px.address, inc, beta, py.address, inc);
          const sum = [...y];
          twins.gemv(n, n, alpha, matrix(full, [n, 1]), vector(x, inc), beta, vector(sum, inc));
          near(py.data, sum, 8 * (n + 4) * eps, 'symv');

          py.data.set(y);
          const whole = matrix([...stored], sa);
          k[`syr_${dtype}`](n, alpha, px.address, inc, a.address, ...sa);
          twins.ger(n, n, alpha, vector(x, inc), vector(x, inc), whole);
          k[`syr2_${dtype}`](n, beta, px.address, inc, py.address, inc, a.address, ...sa);
          twins.ger(n, n, beta, vector(x, inc), vector(y, inc), whole);
          twins.ger(n, n, beta, vector(y, inc), vector(x, inc), whole);
          near(lowerOf(a.data), lowerOf(whole.data), 16 * eps, 'syr and syr2');

          k[`syrk_${dtype}`](n, m, alpha, b.address, ...sb, beta, a.address, ...sa, work);
          const transposed: twins.Matrix = { data: B, offset: 0, rows: sb[1], columns: sb[0] };
          twins.gemm(n, n, m, alpha, matrix(B, sb), transposed, beta, whole);
          near(lowerOf(a.data), lowerOf(whole.data), 8 * (m + 8) * eps, 'syrk');
          kernels.free(work);
        });
      },
      120,
    ));

  test(`trsm, trmm, trsv, trmv in ${dtype} undo each other, and multiply as the full matrix does`, () =>
    property(
      record,
      ({ n, m, byRows, sidesByRows, lower, unit, inc }) => {
        const k = lapack.exports;
        const [st, sb] = [strides(n, n, byRows), strides(n, m, sidesByRows)];
        const { stored, full } = triangle(n, ...st, lower, unit);
        const T = rounded(dtype, stored);
        const B = rounded(dtype, numbers(n * m, 2));
        const x = rounded(dtype, numbers(n === 0 ? 0 : (n - 1) * inc + 1, 5));
        const flags = [Number(lower), Number(unit)] as const;
        withRaw(dtype, (place) => {
          const [t, b, px] = [place(T), place(B), place(x)];
          const work = kernels.alloc(k[`level3_${dtype}_work`](n, m, n));
          k[`trmm_${dtype}`](...flags, n, m, t.address, ...st, b.address, ...sb, work);
          const want = new Array<number>(n * m).fill(0);
          twins.gemm(n, m, n, 1, matrix(rounded(dtype, full), [n, 1]), matrix(B, sb), 0, matrix(want, sb));
          const scale = new Array<number>(n * m).fill(0);
          const sizes = (data: number[]) => data.map(Math.abs);
          twins.gemm(n, m, n, 1, matrix(sizes(full), [n, 1]), matrix(sizes(B), sb), 0, matrix(scale, sb));
          near(b.data, want, (i) => (n + 4) * eps * scale[i], 'trmm');
          k[`trsm_${dtype}`](...flags, n, m, t.address, ...st, b.address, ...sb, work);
          // Off-diagonal entries sum to at most 1 and the diagonal is at least 1: nothing grows by more than e on the way.
          near(b.data, B, 16 * (n + 4) * eps, 'trsm');

          k[`trmv_${dtype}`](...flags, n, t.address, ...st, px.address, inc);
          const y = [...x];
          twins.gemv(n, n, 1, matrix(rounded(dtype, full), [n, 1]), vector(x, inc), 0, vector(y, inc));
          near(px.data, y, 4 * (n + 4) * eps, 'trmv');
          k[`trsv_${dtype}`](...flags, n, t.address, ...st, px.address, inc);
          near(px.data, x, 16 * (n + 4) * eps, 'trsv');
          kernels.free(work);
        });
      },
      150,
    ));
}

test.run();
