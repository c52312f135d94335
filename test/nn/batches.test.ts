// Mini-batches: every row where it belongs, once or at random, in tensors that are made once.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  arange,
  memory,
  nn,
  random,
  reshape,
  ShapeError,
  type Tensor,
  tensor,
} from '#src/index.js';
import { property, rejects } from '../support/check.js';

/** Rows [i, 10 i] in f32 and i in i32. */
const rows = (n: number) => ({
  x: tensor(
    Array.from({ length: 2 * n }, (_, at) => (at % 2 === 0 ? at / 2 : 5 * (at - 1))),
    { shape: [n, 2], dtype: 'f32' },
  ),
  y: arange(0, n, 1, { dtype: 'i32' }),
});
type Data = ReturnType<typeof rows>;
const free = ({ x, y }: Data) => {
  x.dispose();
  y.dispose();
};
/** The rows of a batch, once x and y are known to belong together. */
const taken = ({ x, y }: Data): number[] => {
  assert.equal(
    x.toArray(),
    [...y.data()].map((i) => [i, 10 * i]),
  );
  return [...y.data()];
};

test('a pass has every row once, in order or shuffled, in batches of the size but the last', () => {
  const sizes = fc.record({ n: fc.nat(30), size: fc.integer({ min: 1, max: 12 }), seed: fc.nat() });
  property(
    fc.record({ sizes, shuffled: fc.boolean(), dropLast: fc.boolean(), copy: fc.boolean() }),
    (given) => {
      const { n, size, seed } = given.sizes;
      const data = rows(n);
      const before = memory().tensors;
      const shuffle = given.shuffled ? random(seed) : undefined;
      const batches = nn.batches(data, { size, shuffle, dropLast: given.dropLast, copy: given.copy });
      const all: number[] = [];
      const lengths: number[] = [];
      for (const batch of batches) {
        const part = taken(batch);
        all.push(...part);
        lengths.push(part.length);
        if (given.copy) free(batch);
      }
      const count = given.dropLast ? Math.floor(n / size) : Math.ceil(n / size);
      assert.is(batches.length, count);
      assert.equal(
        lengths,
        Array.from({ length: count }, (_, i) => Math.min(size, n - i * size)),
      );
      if (!given.shuffled) assert.equal(all, [...all.keys()]);
      else assert.is(new Set(all).size, all.length);
      if (!given.dropLast) assert.is(all.length, n);
      assert.is(memory().tensors, before);
      free(data);
    },
  );
});

test('every pass is shuffled anew; the same seed gives the same order', () => {
  const data = rows(50);
  const orders = (seed: number) => {
    const batches = nn.batches(data, { size: 7, shuffle: random(seed) });
    return [1, 2].map(() => [...collect(batches)]);
  };
  function* collect(batches: Iterable<Data>) {
    for (const batch of batches) yield* taken(batch);
  }
  const [one, two] = orders(1);
  assert.not.equal(one, two);
  assert.equal(orders(1), [one, two]);
  free(data);
});

test('with replacement: full batches of independent rows, all alike often', () => {
  const n = 20;
  const data = rows(n);
  const counts = new Array<number>(n).fill(0);
  let repeats = 0;
  const batches = nn.batches(data, { size: 8, shuffle: random(3), replacement: true });
  assert.is(batches.length, 3);
  for (let pass = 0; pass < 500; pass++) {
    for (const batch of batches) {
      const part = taken(batch);
      assert.is(part.length, 8);
      for (const i of part) counts[i]++;
      if (new Set(part).size < 8) repeats++;
    }
  }
  // 12000 draws: 600 each, standard deviation 24. Without replacement no batch would repeat; 8 of 20 do in 80 % of the batches.
  assert.ok(
    counts.every((count) => Math.abs(count - 600) < 5 * 24),
    `${counts}`,
  );
  assert.ok(repeats > 1100 && repeats < 1300, `${repeats}`);
  free(data);
});

test('the tensors of a pass are the same ones, gone after the loop, also after a break', () => {
  const data = rows(10);
  const before = memory().tensors;
  const seen = new Set<Tensor>();
  let kept: Tensor | undefined;
  for (const { x } of nn.batches(data, { size: 2 })) {
    seen.add(x);
    kept = x;
    assert.is(memory().tensors, before + 2);
  }
  assert.is(seen.size, 1);
  assert.ok(kept?.isDisposed);
  for (const _ of nn.batches(data, { size: 3 })) break;
  assert.throws(() => {
    for (const _ of nn.batches(data, { size: 4 })) throw new Error('mine');
  }, /mine/);
  assert.is(memory().tensors, before);
  free(data);
});

test('`rows` restricts; images keep their shape; a bare tensor is a tree', () => {
  const data = rows(6);
  assert.equal(
    [...nn.batches(data, { size: 4, rows: [5, 1, 1], copy: true })].map((batch) => {
      const part = taken(batch);
      free(batch);
      return part;
    }),
    [[5, 1, 1]],
  );
  const images = reshape(arange(0, 24), [2, 3, 2, 2]);
  for (const [i, image] of [...nn.batches(images, { size: 1, copy: true })].entries()) {
    assert.equal(
      image.toArray(),
      (images.toArray() as number[][])[i] && [(images.toArray() as number[][])[i]],
    );
    image.dispose();
  }
  images.dispose();
  free(data);
});

test('errors', () => {
  const data = rows(6);
  const bad = (options: object, message: RegExp, of: unknown = data, kind = ArgumentError) =>
    rejects(() => nn.batches(of, { size: 2, ...options }), kind, message);
  bad({ size: 0 }, /size must be a whole number of at least 1, got 0/);
  bad({ shuffle: 3 }, /shuffle must be a generator/);
  bad({ replacement: true }, /replacement needs a generator/);
  bad({ rows: [6] }, /rows must be whole numbers from 0 to 5, got 6/);
  bad({}, /must be a tensor or a tree of tensors, got 3/, 3);
  const other = arange(0, 5);
  bad({}, /the same first extent, got \[6, 2\] and \[5\]/, { x: data.x, other }, ShapeError);
  other.dispose();
  free(data);
});

test.run();
