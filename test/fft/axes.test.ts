// Axes in every place, batches, crops and zeros, norms: against direct sums and against rows alone, bit for bit; NaN, huge and tiny numbers, empty axes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fft, mul, scope, slice, type Tensor, tensor, transpose, zeros } from '#src/index.js';
import { bitsOf, EPSILON, seed } from '../support/check.js';
import { bound, direct, distance, drawn } from '../support/fft/direct.js';

type Float = 'f64' | 'f32';
const product = (shape: readonly number[]) => shape.reduce((p, q) => p * q, 1);
const T = (shape: number[], from: number, dtype: Float = 'f64') =>
  tensor(drawn(product(shape), seed + from, dtype), { shape, dtype });
const Z = (shape: number[], from: number, dtype: Float = 'f64'): fft.Complex => ({
  re: T(shape, from, dtype),
  im: T(shape, from + 1, dtype),
});
const parts = (y: Tensor | fft.Complex): Tensor[] => ('re' in y ? [y.re, y.im] : [y as Tensor]);
const where = (...words: unknown[]) => `${words.map((w) => JSON.stringify(w)).join(' ')} [SEED=${seed}]`;

/** All numbers along an axis, at a place among the others. */
const along = (x: Tensor, axis: number, o: number, c: number): Float64Array => {
  const inner = product(x.shape.slice(axis + 1));
  const numbers = x.toTypedArray();
  return Float64Array.from({ length: x.shape[axis] }, (_, j) => numbers[(o * x.shape[axis] + j) * inner + c]);
};

/** The transforms of a row of n, of n complex or real numbers or to n real ones. */
const KINDS: Record<string, (x: fft.Complex, axis: number, n: number) => Tensor | fft.Complex> = {
  fft: (x, axis) => fft.fft(x, { axis }),
  ifft: (x, axis) => fft.ifft(x, { axis, norm: 'ortho' }),
  rfft: (x, axis) => fft.rfft(x.re, { axis }),
  irfft: (x, axis, n) => fft.irfft(x, { axis, n }),
};

/** Every column alone has the bits that it has among the others. */
function checkColumns(shape: number[], axis: number, dtype: Float, only?: readonly number[]): void {
  const n = shape[axis];
  const outer = product(shape.slice(0, axis));
  const inner = product(shape.slice(axis + 1));
  for (const [kind, run] of Object.entries(KINDS))
    for (const length of kind === 'irfft' ? [2 * (n - 1), 2 * n - 1] : [n])
      scope(() => {
        if (length < 1) return;
        const x = Z(shape, 3, dtype);
        const all = parts(run(x, axis, length));
        for (let o = 0; o < outer; o++)
          for (const c of only ?? Array.from({ length: inner }, (_, k) => k))
            scope(() => {
              const own = { re: tensor(along(x.re, axis, o, c), { dtype }), im: tensor(along(x.im, axis, o, c), { dtype }) }; // biome-ignore format: short
              parts(run(own, 0, length)).forEach((part, k) => {
                const got = tensor(along(all[k], axis, o, c), { dtype });
                const what = where(kind, shape, axis, dtype, length, o, c);
                // A long row alone is a matrix, with the roundings of one.
                if (length < 8191) assert.ok(bitsOf(got).equals(bitsOf(part)), what);
                else assert.ok(distance([got.data(), []], [part.data(), []]) < bound(length) * EPSILON[dtype], what); // biome-ignore format: short
              });
            });
      });
}

const INNER = [1, 2, 3, 5, 7, 8, 15, 16, 17, 33];

for (const dtype of ['f64', 'f32'] as const) {
  test(`columns among others have the bits of a row alone, ${dtype}`, () => {
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 16, 20, 21, 35])
      for (const inner of INNER) checkColumns([n, inner], 0, dtype);
    for (const n of [18, 23, 64]) for (const inner of [2, 7, 17, 33]) checkColumns([2, n, inner], 1, dtype);
    for (const n of [9, 16, 22]) {
      checkColumns([n, 3, 2], 0, dtype);
      checkColumns([2, 3, n], 2, dtype);
    }
  });

  test(`columns in several blocks of the cache, ${dtype}`, () => {
    // Blocks of 16 columns: the last one may be alone, or two or three of them.
    for (const n of [512, 630, 1031, 4096])
      for (const inner of [17, 18, 19, 33, 35]) checkColumns([n, inner], 0, dtype, [0, 1, 15, 16, inner - 2, inner - 1]); // biome-ignore format: short
  });
}

test('along each axis: direct sums', () =>
  scope(() => {
    const shape = [4, 6, 5];
    const z = Z(shape, 10);
    for (const axis of [0, 1, 2, -1, -2, -3]) {
      const at = (axis + 3) % 3;
      const y = fft.fft(z, { axis });
      for (let o = 0; o < product(shape.slice(0, at)); o++)
        for (let c = 0; c < product(shape.slice(at + 1)); c++) {
          const error = distance([along(y.re, at, o, c), along(y.im, at, o, c)], direct([along(z.re, at, o, c), along(z.im, at, o, c)])); // biome-ignore format: short
          assert.ok(error <= bound(shape[at]) * EPSILON.f64, where(axis, o, c, error));
        }
    }
  }));

test('several axes are one after the other, in any order; a transposed tensor is transformed as it is seen', () =>
  scope(() => {
    const z = Z([3, 8, 5], 20);
    const same = (a: Tensor | fft.Complex, b: Tensor | fft.Complex, what: string) => {
      const [p, q] = [parts(a), parts(b)].map((list) => list.map((t) => t.toTypedArray()));
      p.forEach((_, k) => void assert.equal(parts(a)[k].shape, parts(b)[k].shape, what));
      const error = distance([p[0], p[1] ?? []], [q[0], q[1] ?? []]);
      assert.ok(error <= 20 * EPSILON.f64, where(what, error));
    };
    const step = (x: fft.Complex | Tensor, ...axes: number[]) => axes.reduce((y, axis) => fft.fft(y, { axis }), x) as fft.Complex; // biome-ignore format: short
    const back = (x: fft.Complex | Tensor, ...axes: number[]) => axes.reduce((y, axis) => fft.ifft(y, { axis }), x) as fft.Complex; // biome-ignore format: short
    same(fft.fftn(z), step(z, 0, 1, 2), 'fftn');
    same(fft.fftn(z.re), step(z.re, 1, 0, 2), 'fftn of real numbers');
    same(fft.ifftn(z, { axes: [2, 0] }), back(z, 0, 2), 'ifftn');
    same(fft.ifftn(z.re), back(z.re, 0, 1, 2), 'ifftn of real numbers');
    same(fft.fft2(z), step(z, 1, 2), 'fft2');
    same(fft.ifft2(z, { axes: [0, -1] }), back(z, 2, 0), 'ifft2');
    same(fft.rfft2(z.re), step(fft.rfft(z.re), 1), 'rfft2');
    same(fft.rfftn(z.re, { axes: [2, 0, 1] }), step(fft.rfft(z.re, { axis: 1 }), 0, 2), 'rfftn');
    same(fft.irfft2(z, { s: [8, 9] }), fft.irfft(back(z, 1), { n: 9 }), 'irfft2');
    same(fft.irfftn(z, { axes: [1, 0] }), fft.irfft(back(z, 1), { axis: 0 }), 'irfftn');
    // s alone: the last axes; with zeros and crops; in the order of axes.
    same(fft.fftn(z, { s: [9, 4] }), fft.fft(fft.fft(z, { axis: 1, n: 9 }), { n: 4 }), 's');
    same(
      fft.fftn(z, { s: [9, 4], axes: [2, 0] }),
      fft.fft(fft.fft(z, { n: 9 }), { axis: 0, n: 4 }),
      's of axes',
    );
    same(fft.irfftn(fft.rfftn(z.re, { s: [7, 6] }), { s: [7, 6] }), slice(zeroed(z.re), [0, 0, 0], [3, 7, 6]), 's and back'); // biome-ignore format: short
    const turned = { re: transpose(z.re, [2, 0, 1]), im: transpose(z.im, [2, 0, 1]) };
    const got = fft.fft(turned, { axis: 0 });
    same({ re: transpose(got.re, [1, 2, 0]), im: transpose(got.im, [1, 2, 0]) }, fft.fft(z), 'transposed');
  }));

/** [3, 8, 5] with a zero behind each row. */
function zeroed(x: Tensor): Tensor {
  const rows = x.toArray() as number[][][];
  return tensor(rows.map((block) => block.map((row) => [...row, 0])));
}

test('n cuts off or appends zeros; norms', () =>
  scope(() => {
    const z = Z([2, 6], 30);
    const values = (y: Tensor | fft.Complex) => parts(y).flatMap((t) => [...t.toTypedArray()]);
    const row = (t: Tensor, n: number) => {
      const list = t.toArray() as number[][];
      return tensor(list.map((r) => Array.from({ length: n }, (_, j) => r[j] ?? 0)));
    };
    for (const n of [1, 2, 5, 6, 7, 11, 16]) {
      const cut = { re: row(z.re, n), im: row(z.im, n) };
      assert.equal(values(fft.fft(z, { n })), values(fft.fft(cut)), `fft ${n}`);
      assert.equal(values(fft.ifft(z, { n })), values(fft.ifft(cut)), `ifft ${n}`);
      assert.equal(values(fft.rfft(z.re, { n })), values(fft.rfft(cut.re)), `rfft ${n}`);
      const half = Math.floor(n / 2) + 1;
      const entries = { re: row(z.re, half), im: row(z.im, half) };
      assert.equal(values(fft.irfft(z, { n })), values(fft.irfft(entries, { n })), `irfft ${n}`);
      const column = { axis: 0, n } as const;
      const flipped = fft.fft({ re: transpose(z.re), im: transpose(z.im) }, column);
      assert.equal(
        values({ re: transpose(flipped.re), im: transpose(flipped.im) }),
        values(fft.fft(z, { n })),
      );
    }
    assert.is(fft.irfft(z).shape[1], 10);
    for (const [norm, there, back] of [
      ['backward', 1, 1 / 48],
      ['ortho', 1 / Math.sqrt(48), 1 / Math.sqrt(48)],
      ['forward', 1 / 48, 1],
    ] as const) {
      // biome-ignore format: short
      const s = [6, 8];
      const x = Z([6, 8], 40);
      const sums = fft.fftn(x);
      const near = (a: Tensor | fft.Complex, b: Tensor | fft.Complex, factor: number, what: string) => {
        const [p, q] = [values(a), values(b)];
        assert.ok(distance([p, []], [q.map((v) => v * factor), []]) < 1e-15 * 8, `${what} ${norm}`);
      };
      const backward = fft.ifftn(x, { norm: 'forward' });
      near(fft.fftn(x, { norm }), sums, there, 'fftn');
      near(fft.fft2(x.re, { norm }), fft.fft2(x.re), there, 'fft2');
      near(fft.ifftn(x, { norm }), backward, back, 'ifftn');
      near(fft.ifft2(x.re, { norm }), fft.ifft2(x.re, { norm: 'forward' }), back, 'ifft2');
      near(fft.rfftn(x.re, { norm }), fft.rfftn(x.re), there, 'rfftn');
      near(fft.irfft2(fft.rfft2(x.re, { norm }), { norm, s }), x.re, 1, 'irfft2');
      near(fft.irfft(fft.rfft(x.re, { norm, axis: 0 }), { norm, axis: 0 }), x.re, 1, 'irfft');
      near(fft.ifft(fft.fft(x, { norm }), { norm }), x, 1, 'ifft');
    }
  }));

test('NaN and Infinity stay in their own transform', () => {
  for (const dtype of ['f64', 'f32'] as const)
    for (const [n, inner] of [[8, 3], [5, 5], [16, 7], [12, 17], [22, 9], [512, 19], [7, 1]]) // biome-ignore format: short
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
        for (const at of new Set([0, 1, inner - 2, inner - 1].filter((c) => c >= 0 && c < inner)))
          scope(() => {
            const [clean, dirty] = [Z([2, n, inner], 50, dtype), Z([2, n, inner], 50, dtype)];
            dirty.re.data()[(n + 1) * inner + at] = bad;
            for (const [kind, run] of Object.entries(KINDS)) {
              const [a, b] = [clean, dirty].map((z) => parts(run(z, 1, 2 * n - 1)));
              for (const o of [0, 1])
                for (let c = 0; c < inner; c++) {
                  const [p, q] = [a, b].map((list) => list.map((part) => along(part, 1, o, c)));
                  const what = where(kind, dtype, n, inner, at, o, c);
                  // Of Infinity one part of an entry may be finite, where the other has all of it.
                  if (o === 1 && c === at)
                    q[0].forEach((v, j) => void assert.not(q.every((part) => Number.isFinite(part[j])), `${what} ${v}`)); // biome-ignore format: short
                  else assert.equal(q, p, what);
                }
            }
          });
});

test('huge and tiny numbers', () =>
  scope(() => {
    for (const n of [8, 12, 45, 97])
      for (const factor of [2 ** 990, 2 ** -990]) {
        const z = Z([n], 60);
        const scaled = { re: mul(z.re, factor), im: mul(z.im, factor) };
        for (const [kind, run] of Object.entries(KINDS)) {
          const want = parts(run(z, 0, 2 * n - 1)).flatMap((t) => Array.from(t.data(), (v) => v * factor));
          const got = parts(run(scaled, 0, 2 * n - 1)).flatMap((t) => [...t.data()]);
          // A power of two changes no digit.
          assert.equal(got, want, where(kind, n, factor));
        }
      }
  }));

test('empty axes beside the one that is transformed', () =>
  scope(() => {
    const empty = { re: zeros([0, 8]), im: zeros([0, 8]) };
    assert.equal(fft.fft(empty).re.shape, [0, 8]);
    assert.equal(fft.rfft(empty.re).im.shape, [0, 5]);
    assert.equal(fft.irfft(empty, { n: 9 }).shape, [0, 9]);
    assert.equal(fft.ifft(empty, { n: 11 }).im.shape, [0, 11]);
    assert.equal(fft.rfft(zeros([4, 8, 0]), { axis: 1 }).re.shape, [4, 5, 0]);
    assert.equal(fft.fft2(zeros([0, 3, 11])).re.shape, [0, 3, 11]);
    assert.equal(fft.fft(zeros([0, 20000])).im.shape, [0, 20000]);
  }));

test.run();
