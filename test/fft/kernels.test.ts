// fft_f64, rfft_f64, irfft_f64 and their like in f32 on addresses, with the plans of fft_plan_f64, fft_chirp and rfft_roots_f64: random lengths, blocks and columns against
// direct sums. Plans and workspaces have the bytes that are asked for, and nothing else is written.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fft } from '#src/generated/fft.js';
import { EPSILON, property } from '../support/check.js';
import { bound, direct, distance, drawn } from '../support/fft/direct.js';
import { type Blocks, doubles, floats, withBlocks } from '../support/givens/blocks.js';

type Float = 'f64' | 'f32';
const { exports: kernels } = fft;

const place = (dtype: Float, { f64, f32 }: Blocks, values: ArrayLike<number>) =>
  dtype === 'f64' ? f64(values) : f32(values);
const view = (dtype: Float, at: number, count: number) =>
  Array.from((dtype === 'f64' ? doubles : floats)(at, count));

/** A plan in as many bytes as it says, finished. */
function planOf(dtype: Float, blocks: Blocks, n: number, single: boolean): number {
  const plan = blocks.take(kernels[`fft_plan_${dtype}_work`](n, single));
  kernels[`fft_plan_${dtype}`](plan, n, single);
  const bytes = kernels.fft_chirp_work(plan);
  if (bytes > 0) kernels.fft_chirp(plan, blocks.take(bytes));
  return plan;
}

const problem = fc
  .record({
    // Small ones, and ones whose columns are more than a block of the cache.
    n: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 90 }) }, fc.constantFrom(210, 262)),
    outer: fc.integer({ min: 0, max: 3 }),
    inner: fc.integer({ min: 1, max: 36 }),
    from: fc.nat(),
    count: fc.nat(),
    scale: fc.constantFrom(1, 0.3, -2),
    factor: fc.constantFrom(1, 2),
    side: fc.oneof(fc.constant(0), fc.integer({ min: 7, max: 35 })),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  // Many rows of one column each, which are transformed side by side.
  .map(({ side, ...rest }) => (side > 0 ? { ...rest, outer: side, inner: 1 } : rest))
  .map(({ from, count, ...rest }) => {
    const first = from % rest.inner;
    return { ...rest, first, last: first + 1 + (count % (rest.inner - first)) };
  });

interface Block {
  outer: number;
  inner: number;
  first: number;
  last: number;
}

/** Column c of block o of blocks of n rows. */
const column = (x: ArrayLike<number>, { inner }: Block, n: number, o: number, c: number): number[] =>
  Array.from({ length: n }, (_, j) => x[(o * n + j) * inner + c]);

/** Checks each column that was to be transformed, and that the others still hold 7. */
function checkColumns(
  rows: number,
  block: Block,
  got: readonly number[][],
  limit: number,
  want: (o: number, c: number) => readonly number[][],
): void {
  for (let o = 0; o < block.outer; o++)
    for (let c = 0; c < block.inner; c++) {
      const own = got.map((y) => column(y, block, rows, o, c));
      if (c < block.first || c >= block.last)
        assert.ok(own.flat().every((v) => v === 7), `column ${c} was not asked for`); // biome-ignore format: short
      else {
        const [re, im = []] = want(o, c);
        const error = distance([own[0], own[1] ?? []], [re, im]);
        assert.ok(error <= limit, `column ${c} of block ${o}: ${error} > ${limit}`);
      }
    }
}

for (const dtype of ['f64', 'f32'] as const) {
  const limitOf = (n: number) => 2 * bound(n) * EPSILON[dtype];

  test(`fft_${dtype}: columns of blocks, forward and backward`, () =>
    property(
      problem,
      ({ n, outer, inner, first, last, scale, seed }) =>
        withBlocks((blocks) => {
          const size = outer * n * inner;
          const [re, im] = [drawn(size, seed, dtype), drawn(size, seed + 1, dtype)];
          const [x, xi] = [place(dtype, blocks, re), place(dtype, blocks, im)];
          const sevens = new Float64Array(size).fill(7);
          const [y, yi, z, zi] = [0, 0, 0, 0].map(() => place(dtype, blocks, sevens));
          const plan = planOf(dtype, blocks, n, inner === 1);
          const work = blocks.take(kernels[`fft_${dtype}_work`](plan, inner));
          kernels[`fft_${dtype}`](plan, outer, inner, first, last, x, xi, y, yi, scale, work);
          kernels[`fft_${dtype}`](plan, outer, inner, first, last, xi, x, zi, z, scale, work);
          const block = { outer, inner, first, last };
          for (const [sign, a, b] of [[-1, y, yi], [1, z, zi]] as const) // biome-ignore format: short
            checkColumns(n, block, [view(dtype, a, size), view(dtype, b, size)], limitOf(n), (o, c) =>
              direct([column(re, block, n, o, c), column(im, block, n, o, c)], sign).map((p) =>
                p.map((v) => scale * v),
              ),
            );
          assert.equal([view(dtype, x, size), view(dtype, xi, size)], [[...re], [...im]], 'x is only read');
        }),
      60,
    ));

  test(`rfft_${dtype} and irfft_${dtype}: columns of blocks, with factors of all but the ends`, () =>
    property(
      problem,
      ({ n, outer, inner, first, last, scale, factor, seed }) =>
        withBlocks((blocks) => {
          const half = Math.floor(n / 2) + 1;
          const [size, least] = [outer * n * inner, outer * half * inner];
          const [real, re, im] = [size, least, least].map((s, k) => drawn(s, seed + k, dtype));
          const [x, zr, zi] = [real, re, im].map((values) => place(dtype, blocks, values));
          const [y, yi, back] = [least, least, size].map((s) => place(dtype, blocks, new Float64Array(s).fill(7))); // biome-ignore format: short
          const plan = planOf(dtype, blocks, kernels.rfft_length(n), inner === 1);
          const roots = blocks.take(kernels[`rfft_roots_${dtype}_work`](n));
          kernels[`rfft_roots_${dtype}`](roots, n);
          const work = blocks.take(kernels[`rfft_${dtype}_work`](plan, inner));
          const columns = [plan, roots, n, outer, inner, first, last] as const;
          kernels[`rfft_${dtype}`](...columns, x, y, yi, scale, factor, work);
          kernels[`irfft_${dtype}`](...columns, zr, zi, back, scale, factor, work);
          const block = { outer, inner, first, last };
          const isEnd = (k: number) => k === 0 || 2 * k === n;
          checkColumns(half, block, [view(dtype, y, least), view(dtype, yi, least)], limitOf(n), (o, c) => {
            const own = column(real, block, n, o, c);
            return direct([own, own.map(() => 0)]).map((p) =>
              p.slice(0, half).map((v, k) => scale * v * (isEnd(k) ? 1 : factor)),
            );
          });
          checkColumns(n, block, [view(dtype, back, size)], limitOf(n), (o, c) => {
            // Σ f_k (re_k cos - im_k sin): the real part of the transform of numbers of which the rest is 0.
            const parts = [re, im].map((v, p) =>
              Array.from({ length: n }, (_, k) =>
                k >= half || (p === 1 && isEnd(k))
                  ? 0
                  : v[(o * half + k) * inner + c] * (isEnd(k) ? 1 : factor),
              ),
            );
            return [direct(parts as [number[], number[]], 1)[0].map((v) => scale * v)];
          });
        }),
      60,
    ));

  test(`fft_${dtype} of a long row: a matrix with tiles that are not full, in the bytes that it asks for`, () => {
    for (const n of [3 ** 9 * 3, 17010, 24576])
      withBlocks((blocks) => {
        const [re, im] = [drawn(n, n, dtype), drawn(n, n + 1, dtype)];
        const [x, xi] = [place(dtype, blocks, re), place(dtype, blocks, im)];
        const [y, yi, z, zi] = [0, 0, 0, 0].map(() => place(dtype, blocks, new Float64Array(n)));
        const plan = planOf(dtype, blocks, n, true);
        const work = blocks.take(kernels[`fft_${dtype}_work`](plan, 1));
        kernels[`fft_${dtype}`](plan, 1, 1, 0, 1, x, xi, y, yi, 1, work);
        // The same length in stages.
        const stages = planOf(dtype, blocks, n, false);
        const own = blocks.take(kernels[`fft_${dtype}_work`](stages, 1));
        kernels[`fft_${dtype}`](stages, 1, 1, 0, 1, x, xi, z, zi, 1, own);
        const error = distance(
          [view(dtype, y, n), view(dtype, yi, n)],
          [view(dtype, z, n), view(dtype, zi, n)],
        );
        assert.ok(error <= limitOf(n), `${n}: ${error}`);
      });
  });
}

test('work that is too large for the address space is refused as bytes, not wrapped', () => {
  for (const n of [2 ** 31 - 1, 2 ** 31 - 19])
    assert.ok(kernels.fft_plan_f64_work(n, true) >>> 0 >= 2 ** 31, `${n}`);
});

test.run();
