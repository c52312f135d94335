// gemm against its twin: strides, sizes around every block, alpha and beta, NaN, both types, within Higham's bound.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as kernels from '#src/kernels.js';
import { EPSILON, near, numbers, property } from '../support/check.js';
import { type Float, rounded, withRaw } from '../support/raw.js';
import * as twins from '../support/twins/index.js';

interface Case {
  m: number;
  n: number;
  k: number;
  alpha: number;
  beta: number;
  /** Row-major, column-major, with gaps between rows, or with gaps everywhere. */
  layouts: [Layout, Layout, Layout];
  packed?: boolean;
}
type Layout = 'rows' | 'columns' | 'gaps' | 'strided';
const LAYOUTS: Layout[] = ['rows', 'columns', 'gaps', 'strided'];

function strides(layout: Layout, rows: number, columns: number): { rs: number; cs: number; length: number } {
  const [rs, cs] = {
    rows: [columns, 1],
    columns: [1, rows],
    gaps: [columns + 3, 1],
    strided: [2 * columns + 1, 2],
  }[layout];
  return { rs, cs, length: rows * columns === 0 ? 0 : (rows - 1) * rs + (columns - 1) * cs + 1 };
}

/** |C - twin| <= gamma |alpha| |A| |B| + a few roundings of the result, elementwise (Higham, 2002, section 3.5). */
function check(dtype: Float, { m, n, k, alpha, beta, layouts, packed }: Case): void {
  const a = strides(layouts[0], m, k);
  const b = strides(layouts[1], k, n);
  const c = strides(layouts[2], m, n);
  const A = rounded(dtype, numbers(a.length, 1));
  const B = rounded(dtype, numbers(b.length, 2));
  const C = rounded(dtype, numbers(c.length, 3));
  [alpha, beta] = rounded(dtype, [alpha, beta]);
  const want = [...C];
  const bound = C.map(Math.abs);
  const matrix = (data: number[], s: { rs: number; cs: number }) => ({
    data,
    offset: 0,
    rows: s.rs,
    columns: s.cs,
  });
  twins.gemm(m, n, k, alpha, matrix(A, a), matrix(B, b), beta, matrix(want, c));
  const abs = (x: number[]) => x.map(Math.abs);
  twins.gemm(
    m,
    n,
    k,
    Math.abs(alpha),
    matrix(abs(A), a),
    matrix(abs(B), b),
    Math.abs(beta),
    matrix(bound, c),
  );
  withRaw(dtype, (place) => {
    const [x, y, z] = [place(A), place(B), place(C)];
    const work = kernels.alloc(kernels[`gemm_${dtype}_work`](m, n, k));
    const gemm = packed ? kernels[`gemm_packed_${dtype}`] : kernels[`gemm_${dtype}`];
    gemm(
      ...([
        m,
        n,
        k,
        alpha,
        x.address,
        a.rs,
        a.cs,
        y.address,
        b.rs,
        b.cs,
        beta,
        z.address,
        c.rs,
        c.cs,
        work,
      ] as const),
    );
    kernels.free(work);
    near(
      z.data,
      want,
      (i) => (k + 4) * EPSILON[dtype] * bound[i],
      `${dtype} ${m}x${n}x${k} ${layouts} ${alpha} ${beta}`,
    );
  });
}

const extent = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 60, max: 140 }));
const arbitrary: fc.Arbitrary<Case> = fc.record({
  m: extent,
  n: extent,
  k: extent,
  alpha: fc.constantFrom(1, 0, -1, 0.75),
  beta: fc.constantFrom(0, 1, -0.5),
  layouts: fc.tuple(fc.constantFrom(...LAYOUTS), fc.constantFrom(...LAYOUTS), fc.constantFrom(...LAYOUTS)),
  packed: fc.boolean(),
});

for (const dtype of ['f64', 'f32'] as const) {
  test(`gemm_${dtype}: random shapes, strides, alpha and beta`, () =>
    property(arbitrary, (c) => check(dtype, c), 300));

  test(`gemm_${dtype}: sizes around the tile, the direct path and every block`, () => {
    const sizes = [
      ...[
        [1, 1, 1],
        [4, 8, 1],
        [5, 9, 3],
        [63, 65, 64],
        [64, 64, 65],
        [96, 16, 256],
        [97, 17, 513],
        [49, 1030, 515],
        [100, 20, 511],
      ],
      ...[
        [193, 8, 513],
        [8, 1024, 9],
        [7, 1025, 8],
        [3, 2050, 5],
        [255, 257, 130],
        [1, 300, 700],
        [300, 1, 700],
        [8, 512, 20],
        [5, 1024, 17],
      ],
    ];
    for (const [m, n, k] of sizes) {
      for (const layouts of [
        ['rows', 'rows', 'rows'],
        ['columns', 'columns', 'rows'],
        ['rows', 'columns', 'columns'],
      ]) {
        check(dtype, { m, n, k, alpha: 1, beta: 0, layouts: layouts as Case['layouts'] });
      }
    }
  });

  test(`gemm_${dtype}: with beta 0, NaN in C is overwritten; with alpha 0, NaN in A is not read`, () => {
    for (const n of [3, 70]) {
      withRaw(dtype, (place) => {
        const nan = place(new Array(n * n).fill(Number.NaN));
        const one = place(new Array(n * n).fill(1));
        const c = place(new Array(n * n).fill(Number.NaN));
        const work = kernels.alloc(kernels[`gemm_${dtype}_work`](n, n, n));
        const gemm = kernels[`gemm_${dtype}`];
        gemm(n, n, n, 1, one.address, n, 1, one.address, n, 1, 0, c.address, n, 1, work);
        assert.ok(c.data.every((x) => x === n));
        gemm(n, n, n, 0, nan.address, n, 1, one.address, n, 1, 2, c.address, n, 1, work);
        assert.ok(c.data.every((x) => x === 2 * n));
        gemm(n, n, n, 1, nan.address, n, 1, one.address, n, 1, 0, c.address, n, 1, work);
        assert.ok(c.data.every(Number.isNaN), 'NaN in A reaches C');
        kernels.free(work);
      });
    }
  });

  test(`gemm_batched_${dtype}: a batch is its products one by one, with operands repeated by stride 0`, () => {
    const [batch, m, n, k] = [5, 7, 9, 6];
    const A = rounded(dtype, numbers(batch * m * k, 4));
    const B = rounded(dtype, numbers(k * n, 5));
    withRaw(dtype, (place) => {
      const [a, b, c, single] = [
        place(A),
        place(B),
        place(numbers(batch * m * n, 6)),
        place(numbers(m * n, 7)),
      ];
      const work = kernels.alloc(kernels[`gemm_${dtype}_work`](m, n, k));
      kernels[`gemm_batched_${dtype}`](
        ...([
          batch,
          m,
          n,
          k,
          1,
          a.address,
          m * k,
          k,
          1,
          b.address,
          0,
          n,
          1,
          0,
          c.address,
          m * n,
          n,
          1,
          work,
        ] as const),
      );
      for (let i = 0; i < batch; i++) {
        const at = a.address + i * m * k * a.data.BYTES_PER_ELEMENT;
        kernels[`gemm_${dtype}`](m, n, k, 1, at, k, 1, b.address, n, 1, 0, single.address, n, 1, work);
        assert.equal(c.data.slice(i * m * n, (i + 1) * m * n), single.data.slice());
      }
      kernels.free(work);
    });
  });

  test(`gemm_${dtype}: the workspace is bounded by the blocking, not by n`, () => {
    const width = dtype === 'f64' ? 8 : 4;
    const query = kernels[`gemm_${dtype}_work`];
    assert.is(query(20000, 20000, 20000), query(4000, 4000, 4000));
    assert.ok(query(20000, 20000, 20000) <= 48 * 512 * width + 2 * 2 ** 20 + 256);
    assert.ok(query(8, 8, 8) < 4096);
  });
}

test('gemm_f64: huge and tiny entries keep their scale', () => {
  for (const scale of [2 ** 1000, 2 ** -1000, 2 ** -1074]) {
    withRaw('f64', (place) => {
      const a = place(new Array(64).fill(scale));
      const b = place(new Array(64).fill(1));
      const c = place(new Array(64).fill(0));
      const work = kernels.alloc(kernels.gemm_f64_work(8, 8, 8));
      kernels.gemm_f64(8, 8, 8, 1, a.address, 8, 1, b.address, 8, 1, 0, c.address, 8, 1, work);
      kernels.free(work);
      assert.ok(c.data.every((x) => x === 8 * scale));
    });
  }
});

test.run();
