// The kernels of convolution and pooling against loops over single elements: any windows, odd sizes, sizes beyond the blocks.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { conv } from '#src/generated/conv.js';
import * as kernels from '#src/kernels.js';
import { EPSILON, near, numbers, property } from '../support/check.js';
import { type Float, rounded, withRaw } from '../support/raw.js';
import { eachProduct, product, source, type Windows, wordsOf } from '../support/windows.js';

interface Axis {
  kernel: number;
  outputs: number;
  stride: number;
  dilation: number;
  before: number;
  /** What the windows leave over of the extent, or reach beyond it. */
  rest: number;
  periodic: boolean;
}

const axis = (outputs: number, kernel = 3) =>
  fc.record({
    kernel: fc.integer({ min: 1, max: kernel }),
    outputs: fc.integer({ min: 1, max: outputs }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    before: fc.constantFrom(0, 0, 1, 3),
    rest: fc.integer({ min: -2, max: 2 }),
    periodic: fc.boolean(),
  });

const one: Axis = { kernel: 1, outputs: 1, stride: 1, dilation: 1, before: 0, rest: 0, periodic: false };

function windowsOf(axes: Axis[]): Windows {
  const of = <K extends keyof Axis>(name: K) => axes.map((a) => a[name]);
  const reach = ({ outputs, stride, kernel, dilation }: Axis) =>
    (outputs - 1) * stride + (kernel - 1) * dilation + 1;
  return {
    extents: axes.map((a) => Math.max(1, reach(a) - a.before + a.rest)),
    kernel: of('kernel'),
    output: of('outputs'),
    stride: of('stride'),
    dilation: of('dilation'),
    before: of('before'),
    periodic: of('periodic'),
  };
}

/** What the windows reach over, as `conv_T_work` wants it. */
const reached = (g: Windows): number =>
  product(
    g.output.map((o, a) => {
      const reach = (o - 1) * g.stride[a] + (g.kernel[a] - 1) * g.dilation[a] + 1;
      return a === 2 ? Math.ceil(reach / g.stride[a]) * g.stride[a] : reach;
    }),
  );

/** The geometry in linear memory. */
function withGeometry(g: Windows, body: (address: number) => void): void {
  const address = kernels.alloc(84);
  try {
    kernels.i32(address, 21).set(wordsOf(g));
    body(address);
  } finally {
    kernels.free(address);
  }
}

/** All three forms, each with the other two operands given. */
function checkForms(dtype: Float, g: Windows, counts: readonly [number, number, number]): void {
  const [images, channels, outs] = counts;
  const [taps, positions] = [product(g.kernel), product(g.output)];
  const sizes = [images * channels * product(g.extents), outs * channels * taps, images * outs * positions];
  const values = sizes.map((size, i) => rounded(dtype, numbers(size, i + 1)));
  const [x, w, y] = values;
  const wants = [w, x, y].map((like) => new Array<number>(like.length).fill(0));
  const sums = wants.map((want) => [...want]);
  const [wantW, wantX, wantY] = wants;
  eachProduct(g, counts, (iy, iw, ix) => {
    wantY[iy] += w[iw] * x[ix];
    wantX[ix] += y[iy] * w[iw];
    wantW[iw] += y[iy] * x[ix];
    sums[2][iy] += Math.abs(w[iw] * x[ix]);
    sums[1][ix] += Math.abs(y[iy] * w[iw]);
    sums[0][iw] += Math.abs(y[iy] * x[ix]);
  });
  const { exports } = conv;
  const bytes = exports[`conv_${dtype}_work`](images, channels, outs, taps, positions, reached(g));
  withGeometry(g, (geometry) => {
    for (const [form, written] of [2, 0, 1].entries()) {
      withRaw(dtype, (place) => {
        // What is written holds NaN before, and so does the workspace: neither may be read first.
        const given = values.map((list, i) => place(i === written ? list.map(() => Number.NaN) : list));
        const work = place(new Array(bytes / (dtype === 'f64' ? 8 : 4)).fill(Number.NaN));
        const [ax, aw, ay] = given.map((raw) => raw.address);
        exports[`conv_${dtype}`](form, ...counts, outs, geometry, ax, aw, ay, work.address);
        const [want, sum] = [wants, sums].map((lists) => lists[[1, 0, 2][written]]);
        const terms = Math.max(channels * taps, images * positions, outs * taps) + 2;
        near(given[written].data, want, (i) => terms * EPSILON[dtype] * sum[i], `form ${form}`);
      });
    }
  });
}

for (const dtype of ['f64', 'f32'] as const satisfies readonly Float[]) {
  test(`conv_${dtype}: the convolution and both adjoints are sums over windows, of any kind, and write nothing else`, () => {
    const records = fc.record({
      axes: fc.oneof(
        fc.tuple(fc.constant(one), fc.constant(one), axis(40, 7)),
        fc.tuple(fc.constant(one), axis(6), axis(11)),
        fc.tuple(axis(3, 2), axis(4, 2), axis(9)),
      ),
      images: fc.integer({ min: 1, max: 4 }),
      channels: fc.integer({ min: 1, max: 5 }),
      outs: fc.integer({ min: 1, max: 9 }),
    });
    property(
      records,
      ({ axes, images, channels, outs }) => checkForms(dtype, windowsOf(axes), [images, channels, outs]),
      80,
    );
  });

  test(`conv_${dtype}: products longer than the blocks of every dimension`, () => {
    const long = (outputs: number, kernel: number): Axis => ({ ...one, outputs, kernel, before: 1 });
    // Taps, outputs and positions beyond the depth, the rows and the columns of a block; images in groups that do not come out even.
    checkForms(dtype, windowsOf([one, one, long(1100, 30)]), [1, 18, 3]);
    checkForms(dtype, windowsOf([one, long(7, 3), long(9, 3)]), [19, 5, 53]);
    checkForms(dtype, windowsOf([one, one, long(3, 2)]), [2, 2, 530]);
  });

  test(`unfold_${dtype} takes windows apart, fold_${dtype} adds them up again`, () => {
    property(
      fc.tuple(axis(3, 2), axis(4), axis(9)),
      (axes) => {
        const g = windowsOf(axes);
        const [planes, taps, positions] = [3, product(g.kernel), product(g.output)];
        const x = rounded(dtype, numbers(planes * product(g.extents), 1));
        const columns = rounded(dtype, numbers(planes * taps * positions, 2));
        const [wantColumns, wantX, counts] = [columns.map(() => 0), x.map(() => 0), x.map(() => 0)];
        columns.forEach((value, i) => {
          const [plane, k] = [Math.floor(i / (taps * positions)), Math.floor(i / positions) % taps];
          const from = source(g, i % positions, k);
          if (from < 0) return;
          const at = plane * product(g.extents) + from;
          wantColumns[i] = x[at];
          wantX[at] += value;
          counts[at]++;
        });
        withGeometry(g, (geometry) =>
          withRaw(dtype, (place) => {
            const [image, windows] = [place(x), place(columns.map(() => Number.NaN))];
            conv.exports[`unfold_${dtype}`](1, planes, geometry, image.address, windows.address);
            assert.equal([...windows.data], wantColumns);
            const [sum, given] = [place(x.map(() => Number.NaN)), place(columns)];
            conv.exports[`fold_${dtype}`](1, planes, geometry, sum.address, given.address);
            near(sum.data, wantX, (i) => EPSILON[dtype] * counts[i] ** 2);
          }),
        );
      },
      60,
    );
  });

  test(`max_pool_${dtype} finds the first largest, or a NaN; gather and scatter follow its places`, () => {
    const inside = (outputs: number) =>
      axis(outputs).map((a) => ({ ...a, before: 0, rest: Math.abs(a.rest), periodic: false }));
    property(
      fc.tuple(inside(3), inside(4), inside(13)),
      (axes) => {
        const g = windowsOf(axes);
        const [planes, extent, positions] = [2, product(g.extents), product(g.output)];
        // Few values, so that many are equal.
        const x = numbers(planes * extent, extent).map((v) => (v > 0.97 ? Number.NaN : Math.round(4 * v)));
        const places: number[] = [];
        for (let i = 0; i < planes * positions; i++) {
          const plane = x.slice(Math.floor(i / positions) * extent);
          const window = Array.from({ length: product(g.kernel) }, (_, k) => source(g, i % positions, k));
          const undefinedOnes = window.filter((at) => Number.isNaN(plane[at]));
          // Of several NaN the last.
          const best = window.reduce((b, at) => (plane[at] > plane[b] ? at : b));
          places.push(undefinedOnes.at(-1) ?? best);
        }
        const planeOf = (i: number) => Math.floor(i / positions) * extent;
        const address = kernels.alloc(4 * places.length);
        const { exports } = conv;
        withGeometry(g, (geometry) =>
          withRaw(dtype, (place) => {
            const [image, largest] = [place(x), place(places)];
            exports[`max_pool_${dtype}`](planes, geometry, image.address, largest.address, address);
            assert.equal([...kernels.i32(address, places.length)], places);
            assert.equal(
              [...largest.data],
              places.map((at, i) => x[planeOf(i) + at]),
            );
            const values = numbers(x.length, 5).map(Math.fround);
            const [from, to] = [place(values), place(places.map(() => 0))];
            exports[`pool_gather_${dtype}`](planes, extent, positions, from.address, to.address, address);
            assert.equal(
              [...to.data],
              places.map((at, i) => values[planeOf(i) + at]),
            );
            const ones = [place(x.map(() => Number.NaN)), place(places.map(() => 1))];
            exports[`pool_scatter_${dtype}`](
              planes,
              extent,
              positions,
              ones[0].address,
              ones[1].address,
              address,
            );
            const counts = x.map(() => 0);
            places.forEach((at, i) => void counts[planeOf(i) + at]++);
            assert.equal([...ones[0].data], counts);
          }),
        );
        kernels.free(address);
      },
      60,
    );
  });
}

test.run();
