// Rotations on the GPU against their WASM twin, givens.apply in f32: odd sizes, both directions, permutations, batches, NaN.
import * as assert from 'uvu/assert';
import { tensor } from '#src/core/create.js';
import { ArgumentError, DTypeError, ShapeError } from '#src/core/errors.js';
import { random } from '#src/core/random/generator.js';
import { memory } from '#src/core/tensor.js';
import { apply, type Product } from '#src/givens/index.js';
import * as gpu from '#src/gpu/index.js';
import { gpuSuite } from './device.js';
import { noise } from './reference.js';

const test = await gpuSuite('gpu rotations');

/** A product of `count` rotations of d rows, with a signed permutation or without. */
function productFor(d: number, count: number, hasOrder: boolean, seed: number): Product {
  const generator = random(seed);
  const draws = (low: number, high: number, n: number): number[] => {
    const drawn = generator.integers([n], low, high);
    const list = Array.from(drawn.data());
    drawn.dispose();
    return list;
  };
  const i = draws(0, d, count);
  const step = draws(1, Math.max(d, 2), count);
  const uniform = generator.uniform([count], { low: -4, high: 4 });
  const angles = Array.from(uniform.data());
  uniform.dispose();
  const j = i.map((row, t) => (row + step[t]) % d);
  if (!hasOrder) return { i, j, angles };
  const order = generator.permutation(d);
  const permutation = Array.from(order.data());
  order.dispose();
  return { i, j, angles, permutation, signs: draws(0, 2, d).map((bit) => (bit === 0 ? 1 : -1)) };
}

const cases: [shape: number[], count: number][] = [
  [[1, 3], 0],
  [[2, 1], 1],
  [[5, 7], 0],
  [[5, 7], 4],
  [[9, 4], 33],
  [[33, 130], 200],
  [[2, 3, 7, 6], 25],
];
for (const [shape, count] of cases) {
  for (const hasOrder of [false, true]) {
    for (const transpose of [false, true]) {
      const name = `${count} rotations of ${shape.join(' x ')}${hasOrder ? ', signed permutation' : ''}${transpose ? ', transposed' : ''}`;
      test(name, async () => {
        const f = productFor(shape[shape.length - 2], count, hasOrder, 7 * count + shape.length);
        const x = tensor(
          noise(
            shape.reduce((a, b) => a * b, 1),
            5,
          ),
          { shape },
        );
        const uploaded = gpu.upload(x);
        const turned = gpu.applyGivens(uploaded, f, { transpose });
        const got = await turned.download();
        const wanted = apply(f, x, { transpose });
        assert.equal(got.shape, wanted.shape);
        // Each wave rounds a row twice; rows keep their length but for that.
        const bound = 1e-6 * (count + 1);
        for (let k = 0; k < wanted.size; k++)
          assert.ok(
            Math.abs(got.data()[k] - wanted.data()[k]) <= bound,
            `${k}: ${got.data()[k]} ${wanted.data()[k]}`,
          );
        for (const t of [x, uploaded, turned, got, wanted]) t.dispose();
      });
    }
  }
}

test('NaN and Infinity stay in the columns and rows that they reach', async () => {
  const x = tensor([1, Number.NaN, Number.POSITIVE_INFINITY, 2, 3, 4, 5, 6, 7, 8, 9, 10], {
    shape: [4, 3],
    dtype: 'f32',
  });
  const f = { i: [0], j: [2], angles: [0.3] };
  const [uploaded, wanted] = [gpu.upload(x), apply(f, x)];
  const turned = gpu.applyGivens(uploaded, f);
  const got = await turned.download();
  for (let k = 0; k < 12; k++) {
    const [a, b] = [got.data()[k], wanted.data()[k]];
    assert.ok(Object.is(a, b) || Math.abs(a - b) <= 1e-6 * Math.abs(b), `${k}: ${a}, not ${b}`);
  }
  for (const t of [x, uploaded, wanted, turned, got]) t.dispose();
});

test('what does not fit is an error, and nothing is left', async () => {
  const x = tensor(noise(12, 1), { shape: [4, 3] });
  const uploaded = gpu.upload(x);
  const before = [memory().tensors, gpu.memory().tensors];
  const f = { i: [0], j: [1], angles: [1] };
  const faults: [new (...args: never[]) => Error, () => unknown][] = [
    [ArgumentError, () => gpu.applyGivens(x as never, f)],
    [ArgumentError, () => gpu.applyGivens(uploaded, { ...f, j: [4] })],
    [ArgumentError, () => gpu.applyGivens(uploaded, { ...f, j: [0] })],
    [
      ArgumentError,
      () => gpu.applyGivens(uploaded, { ...f, permutation: [0, 1, 2, 2], signs: [1, 1, 1, 1] }),
    ],
    [ArgumentError, () => gpu.applyGivens(uploaded, f, { transpose: 1 as never })],
    [ShapeError, () => gpu.applyGivens(uploaded, { ...f, i: [0, 1] })],
    [ShapeError, () => gpu.applyGivens(uploaded, { ...f, permutation: [0], signs: [1] })],
  ];
  for (const [kind, run] of faults)
    assert.throws(run, (error: Error) => error instanceof kind && /gpu\.applyGivens/.test(error.message));
  const whole = tensor([0, 1], { dtype: 'i32' });
  assert.throws(
    () => gpu.applyGivens(uploaded, { ...f, angles: whole }),
    (error: Error) => error instanceof DTypeError,
  );
  whole.dispose();
  const vector = tensor([1, 2], { dtype: 'f32' });
  const row = gpu.upload(vector);
  assert.throws(
    () => gpu.applyGivens(row, f),
    (error: Error) => error instanceof ShapeError,
  );
  for (const t of [vector, row]) t.dispose();
  assert.equal([memory().tensors, gpu.memory().tensors], before);
  for (const t of [x, uploaded]) t.dispose();
});

test('intermediate passes are released', async () => {
  const before = gpu.memory();
  const x = tensor(noise(64, 1), { shape: [16, 4] });
  const uploaded = gpu.upload(x);
  const turned = gpu.applyGivens(uploaded, productFor(16, 100, true, 3));
  assert.is(gpu.memory().tensors, before.tensors + 2);
  for (const t of [x, uploaded, turned]) t.dispose();
  assert.equal(gpu.memory(), before);
});

test.run();
