// The generator: known answers of Threefry, the normal quantile, determinism, independence, distributions.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { threefry } from '#src/core/random/threefry.js';
import { ArgumentError, DTypeError, random, ShapeError, scope } from '#src/index.js';
import { near, rejects, seed } from '../support/check.js';
import { exactLog, normalQuantile } from '../support/twins/quantile.js';

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../test/fixtures/${name}.json`, import.meta.url), 'utf8'));

/** What seed 42 gave when this was written. */
const GOLDEN = {
  uniform: [0.42672756361231334, 0.015010071389100932, 0.5741444160004048],
  uniform32: [0.7298188805580139, 0.6878002882003784],
  normal: [0.36900429468113816, 0.37087464657258856, 0.23532732109227864],
  integers: [3, -2, -3, -2, 0],
  permutation: [3, 1, 0, 2, 4, 5],
  split: [0.2586408570114487],
};

test('Threefry-2x32-20 gives the known answers of the Random123 distribution', () => {
  const out = new Uint32Array(2);
  const known = [
    [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
    [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3, 0xc4923a9c, 0x483df7a0],
  ];
  for (const [k0, k1, hi, lo, x, y] of known) {
    threefry(k0, k1, hi, lo, out);
    assert.equal([out[0], out[1]], [x, y]);
  }
});

test('the normal quantile agrees with 40-digit values', () => {
  const { p, quantile } = fixture('normal-quantile') as { p: number[]; quantile: number[] };
  near(
    p.map(normalQuantile),
    quantile,
    (i) => 4e-16 * Math.max(1, Math.abs(quantile[i])) + 4e-16 * Math.abs(quantile[i]),
  );
});

test('the logarithm of plain arithmetic is that of the engine, but for its last bits', () => {
  for (let x = 1; x > 1e-16; x *= 0.77)
    near([exactLog(x)], [Math.log(x)], 4e-16 * Math.max(0.01, Math.abs(Math.log(x))));
});

test('same seed, same numbers: these do not change between versions or machines', () => {
  scope(() => {
    const g = random(42);
    assert.equal(g.uniform([3]).toArray(), GOLDEN.uniform);
    assert.equal(g.uniform([2], { dtype: 'f32' }).toArray(), GOLDEN.uniform32);
    assert.equal(g.normal([3]).toArray(), GOLDEN.normal);
    assert.equal(g.integers([5], -3, 4).toArray(), GOLDEN.integers);
    assert.equal(g.permutation(6).toArray(), GOLDEN.permutation);
    assert.equal(g.split().normal([1]).toArray(), GOLDEN.split);
  });
});

test('draws go on where the last one ended; split generators differ from their parent and from each other', () => {
  scope(() => {
    const [one, parts] = [random(7), random(7)];
    assert.equal(one.uniform([6]).toArray(), [
      ...(parts.uniform([2]).toArray() as number[]),
      ...(parts.uniform([4]).toArray() as number[]),
    ]);
    const parent = random(7);
    const drawn = [parent.split(), parent.split(), parent, random(8)].map((g) =>
      String(g.uniform([4]).toArray()),
    );
    assert.is(new Set(drawn).size, 4);
  });
});

test('a draw continues at any point of the counters: parts, odd sizes and both dtypes give the numbers of one draw', () => {
  scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      for (const kind of ['uniform', 'normal'] as const) {
        const whole = random(99)[kind]([4500], { dtype }).toTypedArray();
        const parts = random(99);
        let at = 0;
        for (const n of [0, 1, 2, 3, 5, 7, 4096, 386]) {
          const part = parts[kind]([n], { dtype }).toTypedArray();
          assert.equal(part, whole.subarray(at, at + n), `${kind} ${dtype} at ${at}`);
          at += n;
        }
        assert.is(at, 4500);
      }
    }
  });
});

test('uniform numbers stay in [low, high), whatever the bounds', () => {
  const g = random(seed);
  scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      const largest = dtype === 'f64' ? Number.MAX_VALUE : 3.4028234663852886e38;
      const least = dtype === 'f64' ? Number.MIN_VALUE : 2 ** -149;
      const bounds: [number, number][] = [
        [1000, 1001],
        [-1001, -1000],
        [0.1, 0.3],
        [0.7, 0.70001],
        [-0.3, 0],
        [1, 1 + 2 ** -22],
        [-largest, largest],
        [-0.9 * largest, 0.95 * largest],
        [0, largest],
        [0, least],
        [-least, least],
        [16777215, 16777217],
      ];
      for (const [low, high] of bounds) {
        const x = g.uniform([20_001], { low, high, dtype }).data();
        const out = x.find((v) => !(v >= low && v < high));
        assert.is(out, undefined, `SEED=${seed}: ${dtype} [${low}, ${high})`);
      }
      // All of a wide interval is reached, evenly.
      const wide = g.uniform([20_001], { low: -largest, high: largest, dtype }).data();
      near(
        [Array.from(wide).reduce((sum, v) => sum + v / largest / wide.length, 0)],
        [0],
        6 * Math.sqrt(1 / 3 / 20_001),
      );
      assert.ok(wide.some((v) => v > 0.99 * largest) && wide.some((v) => v < -0.99 * largest));
      // Without a number of the dtype inside, the lower bound.
      for (const [low, high] of [
        [3, 3],
        [0.1, 0.1],
      ])
        assert.equal(
          [...g.uniform([3], { low, high, dtype }).data()],
          Array(3).fill(dtype === 'f64' ? low : Math.fround(low)),
        );
    }
    assert.equal([...g.uniform([3], { low: 1 + 1e-12, high: 1 + 2e-12, dtype: 'f32' }).data()], [1, 1, 1]);
  });
  rejects(() => g.uniform([1], { high: 1e39, dtype: 'f32' }), ArgumentError, /finite in f32/);
  rejects(() => g.uniform([1], { low: Number.NEGATIVE_INFINITY }), ArgumentError, /finite in f64/);
});

test('moments and ranges', () => {
  scope(() => {
    const n = 200_000;
    const mean = (x: ArrayLike<number>, f = (v: number) => v) =>
      Array.from(x, f).reduce((a, b) => a + b, 0) / x.length;
    const z = random(1).normal([n]).data();
    // Six standard errors.
    near([mean(z)], [0], 6 / Math.sqrt(n));
    near([mean(z, (v) => v * v)], [1], 6 * Math.sqrt(2 / n));
    near([mean(z, (v) => v ** 4)], [3], 6 * Math.sqrt(96 / n));
    const u = random(2).uniform([n], { low: -1, high: 3 }).data();
    assert.ok(u.every((v) => v >= -1 && v < 3));
    near([mean(u)], [1], 6 * Math.sqrt(16 / 12 / n));
    const i = random(3).integers([n], 0, 5).data();
    for (let k = 0; k < 5; k++) near([i.filter((v) => v === k).length / n], [0.2], 6 * Math.sqrt(0.16 / n));
    const shifted = random(1).normal([4], { mean: 10, std: 0 });
    assert.equal(shifted.toArray(), [10, 10, 10, 10]);
    const order = random(4).permutation(1000).toArray() as number[];
    assert.equal(
      [...order].sort((a, b) => a - b),
      Array.from({ length: 1000 }, (_, k) => k),
    );
    assert.not.equal(
      order,
      [...order].sort((a, b) => a - b),
    );
    assert.ok(
      random(5)
        .integers([100], -(2 ** 31), 2 ** 31)
        .data()
        .some((v) => v < 0),
    );
  });
});

test('bad arguments', () => {
  rejects(() => random(-1), ArgumentError, /seed/);
  rejects(() => random(0.5), ArgumentError, /got 0.5/);
  rejects(() => random(1).uniform([2], { low: 1, high: 0 }), ArgumentError, /low <= high/);
  rejects(() => random(1).normal([2], { std: -1 }), ArgumentError, /std/);
  rejects(() => random(1).normal([2], { dtype: 'i32' }), DTypeError, /use integers/);
  rejects(() => random(1).integers([2], 3, 3), ArgumentError, /low < high/);
  rejects(() => random(1).permutation(-1), ShapeError, /integer/);
});

test.run();
