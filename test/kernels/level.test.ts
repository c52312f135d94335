// Level-1 and level-2 kernels against their twins: strides of either sign, sizes 0 to several blocks, extreme values.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as kernels from '#src/kernels.js';
import { EPSILON, near, numbers, property } from '../support/check.js';
import { type Float, type Raw, rounded, withRaw } from '../support/raw.js';
import * as twins from '../support/twins/index.js';

/** A vector of n elements with this stride; for a negative one the first element lies at the end. */
function vector(dtype: Float, n: number, stride: number, seed: number): twins.Vector {
  const length = n === 0 ? 0 : (n - 1) * Math.abs(stride) + 1;
  return {
    data: rounded(dtype, numbers(length, seed)),
    offset: stride < 0 ? Math.max(0, length - 1) : 0,
    stride,
  };
}
const addressOf = (raw: Raw, v: { offset: number }) => raw.address + v.offset * raw.data.BYTES_PER_ELEMENT;
const magnitude = (v: twins.Vector): twins.Vector => ({ ...v, data: v.data.map(Math.abs) });

const size = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 250, max: 2300 }));
const stride = fc.constantFrom(1, 1, 2, -1, 3);
const twoVectors = fc.record({ n: size, incx: stride, incy: stride, alpha: fc.constantFrom(0, 1, -1.25) });

for (const dtype of ['f64', 'f32'] as const) {
  const eps = EPSILON[dtype];

  test(`dot, axpy, scal, asum, nrm2, iamax in ${dtype}: random sizes and strides`, () =>
    property(twoVectors, ({ n, incx, incy, alpha }) => {
      const [x, y] = [vector(dtype, n, incx, 1), vector(dtype, n, incy, 2)];
      withRaw(dtype, (place) => {
        const [rx, ry] = [place(x.data), place(y.data)];
        const [px, py] = [addressOf(rx, x), addressOf(ry, y)];
        const tolerance = 16 * eps * twins.dot(n, magnitude(x), magnitude(y));
        near([kernels[`dot_${dtype}`](n, px, incx, py, incy)], [twins.dot(n, x, y)], tolerance, 'dot');
        near(
          [kernels[`asum_${dtype}`](n, px, incx)],
          [twins.asum(n, x)],
          140 * eps * twins.asum(n, x),
          'asum',
        );
        near(
          [kernels[`nrm2_${dtype}`](n, px, incx)],
          [twins.nrm2(n, x)],
          16 * eps * twins.nrm2(n, x),
          'nrm2',
        );
        assert.is(kernels[`iamax_${dtype}`](n, px, incx), twins.iamax(n, x), 'iamax');
        kernels[`axpy_${dtype}`](n, alpha, px, incx, py, incy);
        twins.axpy(n, alpha, x, y);
        near(ry.data, y.data, 8 * eps, 'axpy');
        kernels[`scal_${dtype}`](n, alpha, px, incx);
        twins.scal(n, alpha, x);
        near(rx.data, x.data, 2 * eps, 'scal');
      });
    }));

  const matrixCase = fc.record({
    m: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 30, max: 70 })),
    n: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 250, max: 530 })),
    order: fc.constantFrom('rows', 'columns', 'strided'),
    incx: stride,
    incy: stride,
    alpha: fc.constantFrom(0, 1, -1.25),
    beta: fc.constantFrom(0, 1, 0.5),
  });
  test(`gemv and ger in ${dtype}: random shapes, orders and strides`, () =>
    property(matrixCase, ({ m, n, order, incx, incy, alpha, beta }) => {
      const [rows, columns] = order === 'rows' ? [n, 1] : order === 'columns' ? [1, m] : [2 * n + 1, 2];
      const length = m * n === 0 ? 0 : (m - 1) * rows + (n - 1) * columns + 1;
      const a: twins.Matrix = { data: rounded(dtype, numbers(length, 3)), offset: 0, rows, columns };
      const [x, y] = [vector(dtype, n, incx, 4), vector(dtype, m, incy, 5)];
      const bound = magnitude(y);
      twins.gemv(
        m,
        n,
        Math.abs(alpha),
        { ...a, data: a.data.map(Math.abs) },
        magnitude(x),
        Math.abs(beta),
        bound,
      );
      withRaw(dtype, (place) => {
        const [ra, rx, ry] = [place(a.data), place(x.data), place(y.data)];
        const work = kernels.alloc(kernels.gemv_work());
        const [px, py] = [addressOf(rx, x), addressOf(ry, y)];
        kernels[`gemv_${dtype}`](m, n, alpha, ra.address, rows, columns, px, incx, beta, py, incy, work);
        kernels.free(work);
        twins.gemv(m, n, alpha, a, x, beta, y);
        near(ry.data, y.data, (i) => (n / 4 + 16) * eps * bound.data[i], 'gemv');
        y.data = Array.from(ry.data);
        kernels[`ger_${dtype}`](m, n, alpha, py, incy, px, incx, ra.address, rows, columns);
        twins.ger(m, n, alpha, y, x, a);
        near(ra.data, a.data, (i) => 4 * eps * (Math.abs(a.data[i]) + 2 * n), 'ger');
      });
    }));

  test(`nrm2_${dtype} neither overflows nor underflows, and shows NaN and Inf`, () => {
    const [huge, tiny] = dtype === 'f64' ? [1e200, 1e-200] : [1e30, 1e-30];
    const norm = (values: number[]) => {
      let result = 0;
      withRaw(dtype, (place) => {
        result = kernels[`nrm2_${dtype}`](values.length, place(values).address, 1);
      });
      return result;
    };
    near([norm([3 * huge, 4 * huge])], [5 * huge], 8 * eps * 5 * huge);
    near([norm([3 * tiny, 4 * tiny, 0])], [5 * tiny], 8 * eps * 5 * tiny);
    assert.is(norm([]), 0);
    assert.is(norm([0, -0]), 0);
    assert.is(norm([1, Number.NEGATIVE_INFINITY]), Number.POSITIVE_INFINITY);
    assert.ok(Number.isNaN(norm([1, Number.NaN, Number.POSITIVE_INFINITY])));
    const smallest = dtype === 'f64' ? 5e-324 : 2 ** -149;
    assert.is(norm([smallest]), smallest);
  });

  test(`iamax_${dtype} finds the first NaN and the first of equals`, () =>
    withRaw(dtype, (place) => {
      const find = (values: number[]) => kernels[`iamax_${dtype}`](values.length, place(values).address, 1);
      assert.is(find([1, -3, 3]), 1);
      assert.is(find([9, Number.NaN, 10]), 1);
      assert.is(find([0, 0]), 0);
      assert.is(find([]), -1);
    }));

  const places = fc.record({
    n: fc.integer({ min: 1, max: 1700 }),
    marks: fc.array(fc.tuple(fc.nat(1699), fc.constantFrom(9, -9, Number.NaN, Infinity)), { maxLength: 3 }),
  });
  test(`iamax_${dtype} of long vectors: the largest, the first of equals and the first NaN wherever they are`, () =>
    property(places, ({ n, marks }) =>
      withRaw(dtype, (place) => {
        const data = rounded(dtype, numbers(n, 6));
        for (const [i, value] of marks) data[i % n] = value;
        const want = twins.iamax(n, { data, offset: 0, stride: 1 });
        assert.is(kernels[`iamax_${dtype}`](n, place(data).address, 1), want);
      }),
    ));

  test(`axpy_dot, minus and plus_scaled in ${dtype}: an axpy and then a dot product; a difference; a sum`, () =>
    property(fc.record({ n: size, alpha: fc.constantFrom(0, 1, -1.25) }), ({ n, alpha }) =>
      withRaw(dtype, (place) => {
        const [x, y, z] = [7, 8, 9].map((seed) => vector(dtype, n, 1, seed));
        const [rx, ry, rz] = [x, y, z].map(({ data }) => place(data));
        kernels[`minus_${dtype}`](n, rx.address, ry.address, rz.address);
        near(
          rz.data,
          rounded(
            dtype,
            x.data.map((v, i) => v - y.data[i]),
          ),
          0,
          'minus',
        );
        kernels[`plus_scaled_${dtype}`](n, alpha, ry.address, rx.address, rz.address);
        near(
          rz.data,
          x.data.map((v, i) => y.data[i] + alpha * v),
          8 * eps,
          'plus_scaled',
        );
        rz.data.set(z.data);
        const product = kernels[`axpy_dot_${dtype}`](n, alpha, rx.address, ry.address, rz.address);
        twins.axpy(n, alpha, x, y);
        near(ry.data, y.data, 8 * eps, 'axpy');
        near(
          [product],
          [twins.dot(n, z, y)],
          20 * eps * (twins.dot(n, magnitude(z), magnitude(y)) + 1),
          'dot',
        );
        // The third vector may be the second.
        const square = kernels[`axpy_dot_${dtype}`](n, alpha, rx.address, ry.address, ry.address);
        twins.axpy(n, alpha, x, y);
        near([square], [twins.dot(n, y, y)], 40 * eps * (twins.dot(n, y, y) + 1), 'square');
      }),
    ));

  test(`axpby_dot_${dtype}: a sum of multiples and then a dot product, also in place`, () =>
    property(
      fc.record({ n: size, alpha: fc.constantFrom(0, 1, -1.25), beta: fc.constantFrom(1, 0.75) }),
      ({ n, alpha, beta }) =>
        withRaw(dtype, (place) => {
          const [x, y, z] = [7, 8, 9].map((seed) => vector(dtype, n, 1, seed));
          const [rx, ry, rz, out] = [x, y, z, z].map(({ data }) => place(data));
          const run = kernels[`axpby_dot_${dtype}`];
          const product = run(n, alpha, rx.address, beta, ry.address, out.address, rz.address);
          const sum = { ...x, data: Array.from(x.data, (v, i) => alpha * v + beta * y.data[i]) };
          near(out.data, sum.data, 8 * eps, 'sum');
          near(
            [product],
            [twins.dot(n, z, sum)],
            20 * eps * (twins.dot(n, magnitude(z), magnitude(sum)) + 1),
            'dot',
          );
          const square = run(n, alpha, rx.address, beta, ry.address, ry.address, ry.address);
          near(ry.data, out.data, 0, 'in place');
          near([square], [twins.dot(n, sum, sum)], 40 * eps * (twins.dot(n, sum, sum) + 1), 'square');
        }),
    ));

  test(`copy_dot_${dtype}: a copy and a dot product`, () =>
    property(size, (n) =>
      withRaw(dtype, (place) => {
        const [x, y, z] = [7, 8, 9].map((seed) => vector(dtype, n, 1, seed));
        const [rx, ry, rz] = [x, y, z].map(({ data }) => place(data));
        const product = kernels[`copy_dot_${dtype}`](n, rx.address, ry.address, rz.address);
        near(ry.data, x.data, 0, 'copy');
        near([product], [twins.dot(n, x, z)], 40 * eps * (twins.dot(n, magnitude(x), magnitude(z)) + 1));
      }),
    ));

  test(`curvature_${dtype}: both differences, and products as dot gives them`, () =>
    property(size, (n) =>
      withRaw(dtype, (place) => {
        const [x, x0, g, g0] = [1, 2, 3, 4].map((seed) => place(vector(dtype, n, 1, seed).data));
        const [s, y, s2, y2] = Array.from({ length: 4 }, () => place(vector(dtype, n, 1, 5).data));
        const out = place([7, 7]);
        kernels[`curvature_${dtype}`](
          n,
          x.address,
          x0.address,
          g.address,
          g0.address,
          s.address,
          y.address,
          out.address,
        );
        kernels[`minus_${dtype}`](n, x.address, x0.address, s2.address);
        kernels[`minus_${dtype}`](n, g.address, g0.address, y2.address);
        near(s.data, s2.data, 0, 's');
        near(y.data, y2.data, 0, 'y');
        const dot = kernels[`dot_${dtype}`];
        const want = [dot(n, s.address, 1, y.address, 1), dot(n, y.address, 1, y.address, 1)];
        near(out.data, want, 40 * eps * (want[1] + dot(n, s.address, 1, s.address, 1) + eps));
      }),
    ));

  test(`largest_${dtype}: the entry that iamax finds, wherever it is`, () =>
    property(places, ({ n, marks }) =>
      withRaw(dtype, (place) => {
        const data = rounded(dtype, numbers(n, 6));
        for (const [i, value] of marks) data[i % n] = value;
        const at = twins.iamax(n, { data, offset: 0, stride: 1 });
        assert.equal(kernels[`largest_${dtype}`](n, place(data).address), Math.abs(data[at]));
        assert.is(kernels[`largest_${dtype}`](0, place(data).address), 0);
      }),
    ));

  test(`dot_${dtype} is pairwise: the error of a long sum stays at a few roundings`, () =>
    withRaw(dtype, (place) => {
      const n = 100_003;
      const x = place(new Array(n).fill(0.1));
      const one = place(new Array(n).fill(1));
      const exact = n * x.data[0];
      near([kernels[`dot_${dtype}`](n, x.address, 1, one.address, 1)], [exact], 40 * eps * exact);
    }));
}

test.run();
