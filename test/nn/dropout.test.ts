// Dropout and the random bits behind it: functions of a key, the same eagerly and compiled.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { threefry } from '#src/core/random/threefry.js';
import {
  ArgumentError,
  compile,
  DTypeError,
  grad,
  nn,
  ones,
  random,
  ShapeError,
  scope,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, property, rejects } from '../support/check.js';

const keyOf = (a: number, b: number) => tensor([a, b], { dtype: 'i32' });
const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

test('random bits are the ciphers of 0, 1, … under the key; keys made of keys have counters of their own', () => {
  property(fc.tuple(word, word, fc.integer({ min: 0, max: 9 }), word), ([k0, k1, count, index]) => {
    scope(() => {
      const key = keyOf(k0, k1);
      const block = new Uint32Array(2);
      const want = Array.from({ length: count }, (_, i) => {
        threefry(k0, k1, 0, i >> 1, block);
        return block[i % 2] | 0;
      });
      assert.equal([...nn.randomBits(key, [count]).data()], want);
      threefry(k0, k1, 0x80000000, index, block);
      assert.equal([...nn.foldIn(key, index).data()], [block[0] | 0, block[1] | 0]);
    });
  });
});

test('the published answer of Threefry-2x32-20 for counters and keys of zeros', () => {
  scope(() => {
    assert.equal([...nn.randomBits(zeros([2], { dtype: 'i32' }), [2]).data()], [0x6b200159, 0x99ba4efe | 0]);
  });
});

test('keys of nested layers do not meet: all paths of a tree of indices give keys of their own', () => {
  scope(() => {
    const seen = new Set<string>();
    for (let i = 0; i < 12; i++)
      for (let j = 0; j < 12; j++)
        for (let k = 0; k < 12; k++)
          seen.add(String(nn.foldIn(nn.foldIn(nn.foldIn(keyOf(3, 4), i), j), k).data()));
    assert.is(seen.size, 12 ** 3);
    assert.equal(
      [...nn.foldIn(keyOf(3, 4), tensor(5, { dtype: 'i32' })).data()],
      [...nn.foldIn(keyOf(3, 4), 5).data()],
    );
  });
});

test('a share p of a Bernoulli tensor is 1: within five deviations; p = 0 and 1 are exact', () => {
  property(fc.tuple(word, word, fc.double({ min: 0, max: 1, noNaN: true })), ([a, b, p]) => {
    scope(() => {
      const n = 4000;
      const coins = [...nn.bernoulli(keyOf(a, b), p, [n]).data()];
      const share = coins.reduce((x, y) => x + y, 0) / n;
      assert.ok(Math.abs(share - p) <= 5 * Math.sqrt((p * (1 - p)) / n) + 1 / n, `${share} for ${p}`);
      for (const dtype of ['f32', 'f64'] as const) {
        const same = nn.bernoulli(keyOf(a, b), p, [n], { dtype, value: 0.5 });
        assert.is(same.dtype, dtype);
        near(
          same.data(),
          coins.map((v) => v / 2),
          0,
        );
      }
      assert.is(sum(nn.bernoulli(keyOf(a, b), 0, [n])).item(), 0);
      assert.is(sum(nn.bernoulli(keyOf(a, b), 1, [n])).item(), n);
    });
  });
});

test('in training elements are 0 or divided by 1 - rate, as the key says; the gradient has the same mask', () => {
  scope(() => {
    const layer = nn.dropout(0.25);
    const x = random(1).normal([20, 30]);
    const options = { training: true, key: keyOf(1, 2) };
    const y = layer.apply({}, x, options);
    const kept = [...y.data()].map((v) => (v === 0 ? 0 : 1));
    near(
      y.data(),
      [...x.data()].map((v, i) => (kept[i] * v) / 0.75),
      1e-15,
    );
    const dropped = kept.filter((k) => k === 0).length;
    assert.ok(dropped > 100 && dropped < 200, `${dropped} of 600`);
    const slope = grad((v) => sum(layer.apply({}, v, options)))(x);
    near(
      slope.data(),
      kept.map((k) => k / 0.75),
      1e-15,
    );
    assert.equal([...layer.apply({}, x).data()], [...x.data()]);
    assert.equal([...nn.dropout(0).apply({}, x, { training: true }).data()], [...x.data()]);
  });
});

test('a compiled plan draws anew for each key, the bits of the eager call', () => {
  scope(() => {
    const model = nn.sequential([nn.dropout(0.5), nn.sequential([nn.dropout(0.5), nn.dropout(0.5)])]);
    const x = ones([4, 50], { dtype: 'f32' });
    const params = model.init(random(1), [50]);
    const plan = compile((v, key) => model.apply(params, v, { training: true, key }));
    const draws = [1, 2, 3].map((seed) => {
      const key = keyOf(seed, 0);
      const got = [...plan(x, key).data()];
      assert.equal(got, [...model.apply(params, x, { training: true, key }).data()]);
      return got;
    });
    assert.not.equal(draws[0], draws[1]);
    assert.not.equal(draws[1], draws[2]);
    plan.dispose();
  });
});

test('layers in a row and nested ones drop independently: an eighth of the elements stays', () => {
  scope(() => {
    const model = nn.sequential([nn.dropout(0.5), nn.sequential([nn.dropout(0.5), nn.dropout(0.5)])]);
    const y = model.apply([{}, [{}, {}]], ones([100, 100]), { training: true, key: keyOf(9, 9) });
    const kept = [...y.data()].filter((v) => v !== 0).length;
    assert.ok(Math.abs(kept - 1250) < 5 * Math.sqrt(10000 / 8), `${kept} of 10000`);
  });
});

test('errors: rates, keys, training without a key', () => {
  scope(() => {
    const x = ones([2, 2]);
    for (const rate of [-0.1, 1, Number.NaN])
      rejects(() => nn.dropout(rate), ArgumentError, /dropout: rate must be from 0 up to/);
    rejects(
      () => nn.dropout(0.5).apply({}, x, { training: true }),
      ArgumentError,
      /dropout: training needs a key/,
    );
    const [key, real, long] = [keyOf(1, 2), ones([2]), ones([3], { dtype: 'i32' })];
    const applied = (k: Tensor) => nn.dropout(0.5).apply({}, x, { training: true, key: k });
    rejects(() => applied(real), DTypeError, /key must be i32, got f64/);
    rejects(() => applied(long), ShapeError, /key must be \[2\], got \[3\]/);
    rejects(
      () => nn.bernoulli(key, 0.5, [2], { value: 0.5 }),
      ArgumentError,
      /value must be .* i32, got 0.5/,
    );
    rejects(() => nn.foldIn(key, 0.5), ArgumentError, /foldIn: index must be an integer/);
    rejects(() => nn.foldIn(key, key), ShapeError, /foldIn: index must be a scalar/);
    rejects(() => nn.bernoulli(key, 1.5, [2]), ArgumentError, /bernoulli: p must be from 0 to 1/);
  });
});

test.run();
