// The kernel of convolution by minimal filtering against loops over single elements: any windows of stride 1, odd sizes, sizes beyond
// the blocks, panels that are not full; and how much it rounds.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { conv } from '#src/generated/conv.js';
import * as kernels from '#src/kernels.js';
import { EPSILON, near, numbers, property } from '../support/check.js';
import { type Float, rounded, withRaw } from '../support/raw.js';
import { eachProduct, product, type Windows, wordsOf } from '../support/windows.js';

interface Axis {
  kernel: number;
  outputs: number;
  before: number;
  /** What the windows leave over of the extent, or reach beyond it. */
  rest: number;
  periodic: boolean;
}

const axis = (outputs: number, kernel: number) =>
  fc.record({
    kernel: fc.integer({ min: 1, max: kernel }),
    outputs: fc.integer({ min: 1, max: outputs }),
    before: fc.constantFrom(0, 0, 1, 3, 9, -1, -2),
    rest: fc.integer({ min: -2, max: 2 }),
    periodic: fc.boolean(),
  });

const one: Axis = { kernel: 1, outputs: 1, before: 0, rest: 0, periodic: false };

function windowsOf(axes: Axis[]): Windows {
  const of = <K extends keyof Axis>(name: K) => axes.map((a) => a[name]);
  return {
    extents: axes.map((a) => Math.max(1, a.outputs + a.kernel - 1 - a.before + a.rest)),
    kernel: of('kernel'),
    output: of('outputs'),
    stride: [1, 1, 1],
    dilation: [1, 1, 1],
    before: of('before'),
    periodic: of('periodic'),
  };
}

type Counts = readonly [images: number, channels: number, outs: number];

/** y as the kernel gives it; it holds NaN before, and so does the workspace: neither may be read first. */
function filtered(
  dtype: Float,
  adjoint: boolean,
  g: Windows,
  [images, channels, outs]: Counts,
  x: number[],
  w: number[],
): number[] {
  const [, oh, ow] = g.output;
  const [kd, kh, kw] = g.kernel;
  const bytes = conv.exports[`winograd_${dtype}_work`](images, channels, outs, kd, kh, kw, oh, ow);
  const geometry = kernels.alloc(84);
  kernels.i32(geometry, 21).set(wordsOf(g));
  let result: number[] = [];
  withRaw(dtype, (place) => {
    const [from, weights] = [place(x), place(w)];
    const to = place(new Array(images * outs * product(g.output)).fill(Number.NaN));
    const work = place(new Array(bytes / (dtype === 'f64' ? 8 : 4)).fill(Number.NaN));
    const addresses = [from, weights, to, work].map((raw) => raw.address) as [number, number, number, number];
    conv.exports[`winograd_${dtype}`](adjoint, images, channels, outs, outs, geometry, ...addresses);
    assert.equal([...from.data], x);
    result = [...to.data];
  });
  kernels.free(geometry);
  return result;
}

/** Taps of a block and what rounding is multiplied by at most: the largest entry of |Aᵀ| |G| |Bᵀ| at its points. */
const block = (kw: number) =>
  8 * Math.ceil(kw / 5) < 6 * Math.ceil(kw / 3) ? { taps: 5, growth: 43 / 3 } : { taps: 3, growth: 6 };

/** Both ways against the definition. What is asked: |error| <= (depth + 20) u · growth · Σ |w| |x| over all that a tile reads. */
function check(dtype: Float, g: Windows, counts: Counts): void {
  const [images, channels, outs] = counts;
  const [taps, positions] = [product(g.kernel), product(g.output)];
  const x = rounded(dtype, numbers(images * channels * product(g.extents), 1));
  const w = rounded(dtype, numbers(outs * channels * taps, 2));
  const flipped = (iw: number) => {
    const [k, c, o] = [iw % taps, Math.floor(iw / taps) % channels, Math.floor(iw / taps / channels)];
    return (c * outs + o) * taps + taps - 1 - k;
  };
  const wants = [0, 1].map(() => new Array<number>(images * outs * positions).fill(0));
  eachProduct(g, counts, (iy, iw, ix) => {
    wants[0][iy] += w[iw] * x[ix];
    wants[1][iy] += w[flipped(iw)] * x[ix];
  });
  const { taps: some, growth } = block(g.kernel[2]);
  const depth = channels * g.kernel[0] * g.kernel[1] * Math.ceil(g.kernel[2] / some);
  const largest = x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const sums = [0, 1].map(() => new Array<number>(outs).fill(0));
  w.forEach((_, iw) => {
    sums[0][Math.floor(iw / taps / channels)] += Math.abs(w[iw]);
    sums[1][Math.floor(iw / taps / channels)] += Math.abs(w[flipped(iw)]);
  });
  for (const adjoint of [false, true]) {
    const which = Number(adjoint);
    const bound = (i: number) =>
      (depth + 20) *
      EPSILON[dtype] *
      growth *
      (some + 3) *
      largest *
      sums[which][Math.floor(i / positions) % outs];
    near(filtered(dtype, adjoint, g, counts, x, w), wants[which], bound, adjoint ? 'adjoint' : 'forward');
  }
}

for (const dtype of ['f64', 'f32'] as const satisfies readonly Float[]) {
  test(`winograd_${dtype}: sums over windows, of any kind with stride 1, and writes nothing else`, () => {
    const records = fc.record({
      axes: fc.oneof(
        fc.tuple(fc.constant(one), fc.constant(one), axis(80, 16)),
        fc.tuple(fc.constant(one), axis(9, 5), axis(19, 7)),
        fc.tuple(axis(4, 3), axis(5, 3), axis(9, 5)),
      ),
      images: fc.integer({ min: 1, max: 4 }),
      channels: fc.integer({ min: 1, max: 5 }),
      outs: fc.integer({ min: 1, max: 9 }),
    });
    property(
      records,
      ({ axes, images, channels, outs }) => check(dtype, windowsOf(axes), [images, channels, outs]),
      120,
    );
  });

  test(`winograd_${dtype}: beyond the blocks of channels, outs, rows and lanes; more channels than lines laid out at once`, () => {
    const long = (outputs: number, kernel: number): Axis => ({ ...one, outputs, kernel, before: 1 });
    check(dtype, windowsOf([one, one, long(300, 3)]), [3, 530, 5]);
    check(dtype, windowsOf([one, long(7, 5), long(9, 5)]), [3, 120, 70]);
    check(dtype, windowsOf([one, long(70, 3), long(5, 4)]), [2, 19, 6]);
    check(dtype, windowsOf([long(5, 3), long(6, 3), long(6, 3)]), [2, 67, 9]);
  });

  test(`winograd_${dtype}: nothing of nothing, zeros without channels`, () => {
    const g = windowsOf([one, { ...one, outputs: 3, kernel: 2 }, { ...one, outputs: 4, kernel: 3 }]);
    assert.equal(filtered(dtype, false, g, [0, 2, 3], [], numbers(36, 1).map(Math.fround)), []);
    assert.equal(filtered(dtype, false, g, [2, 0, 3], [], []), new Array(72).fill(0));
    assert.equal(filtered(dtype, false, g, [1, 1, 0], numbers(24, 1).map(Math.fround), []), []);
  });

  test(`winograd_${dtype}: every image of a batch has the bits that it has alone`, () => {
    const g = windowsOf([
      one,
      { ...one, outputs: 13, kernel: 3, before: 1 },
      { ...one, outputs: 11, kernel: 5, before: 2 },
    ]);
    const size = 7 * product(g.extents);
    const [x, w] = [6 * size, 9 * 7 * 15].map((count, i) => rounded(dtype, numbers(count, i + 1)));
    const all = filtered(dtype, false, g, [6, 7, 9], x, w);
    const each = [0, 1, 2, 3, 4, 5].flatMap((i) =>
      filtered(dtype, false, g, [1, 7, 9], x.slice(i * size, (i + 1) * size), w),
    );
    assert.equal(all, each);
  });

  test(`winograd_${dtype} rounds at most ten times as much as the direct sum of products, relative to Σ |w| |x|`, () => {
    for (const [kw, channels] of [
      [3, 4],
      [3, 64],
      [5, 3],
      [5, 64],
      [9, 16],
    ]) {
      const g = windowsOf([one, { ...one, outputs: 12, kernel: 3 }, { ...one, outputs: 40, kernel: kw }]);
      const counts: Counts = [2, channels, 8];
      const [x, w] = [2 * channels * product(g.extents), 8 * channels * 3 * kw].map((count, i) =>
        rounded(dtype, numbers(count, i + 1)),
      );
      const want = new Array<number>(16 * product(g.output)).fill(0);
      const [rest, sums, direct] = [want.map(() => 0), want.map(() => 0), want.map(() => 0)];
      const round = dtype === 'f32' ? Math.fround : (value: number) => value;
      eachProduct(g, counts, (iy, iw, ix) => {
        const term = w[iw] * x[ix];
        // Compensated, so that f64 has a reference, too.
        const [low, total] = [term - rest[iy], want[iy] + (term - rest[iy])];
        rest[iy] = total - want[iy] - low;
        want[iy] = total;
        sums[iy] += Math.abs(term);
        direct[iy] = round(direct[iy] + round(term));
      });
      const worst = (got: readonly number[]) =>
        got.reduce((most, value, i) => Math.max(most, Math.abs(value - want[i]) / sums[i]), 0);
      const [ours, plain] = [worst(filtered(dtype, false, g, counts, x, w)), worst(direct)];
      if (process.env.VERBOSE) console.log(dtype, kw, channels, ours, plain, ours / plain);
      assert.ok(ours <= 10 * plain, `kernel ${kw}, ${channels} channels: ${ours} against ${plain}`);
    }
  });
}

test.run();
