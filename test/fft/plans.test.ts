// Plans of lengths: compiled functions replay without the heap, whatever lengths have come and gone; the cache is bounded, and what is in use stays.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runtime } from '#src/core/runtime.js';
import { compile, fft, grad, memory, scope, square, sum, type Tensor, tensor } from '#src/index.js';
import { bitsOf } from '../support/check.js';
import { drawn } from '../support/fft/direct.js';
import { heapUse } from '../support/heap.js';
import { disposeAll } from '../support/results.js';

/** Bytes that unused plans may hold. */
const SPARE = 4 * 2 ** 20;
const used = () => runtime().heap.used;
/** Plans, and what the library keeps for itself. */
const beside = () => used() - memory().bytes;
const T = (shape: number[], seed = 1, dtype: 'f64' | 'f32' = 'f64') =>
  tensor(drawn(shape.reduce((p, q) => p * q, 1), seed, dtype), { shape, dtype }); // biome-ignore format: short

/** Transforms so many lengths from n on that all plans which nobody uses have gone, but the last. */
function refill(from = 20000): void {
  for (let k = 0; k < 20; k++) scope(() => void fft.fft(T([from + 2 * k + 1, 1], 1, 'f32'), { axis: 0 }));
}

test('500 lengths of both dtypes leave no more than the cache holds', () => {
  let most = 0;
  for (let n = 1; n <= 500; n++) {
    scope(() => {
      fft.fft(T([n]));
      fft.irfft({ re: T([n, 2]), im: T([n, 2]) }, { n: 4 * n, axis: 0 });
      fft.rfft(T([17 * n], 1, 'f32'));
    });
    most = Math.max(most, beside());
  }
  // An allocation has a header and is rounded up.
  assert.ok(most <= SPARE + 200_000, `${most} bytes`);
  assert.ok(beside() >= SPARE / 2, `plans are kept: ${beside()} bytes`);
});

test('a plan of a length is made once, and twice if it had to go', () => {
  const call = () => fft.rfft(x);
  const x = T([360]);
  disposeAll(call());
  const { calls } = heapUse(call);
  assert.is(heapUse(call).calls, calls);
  const before = used();
  disposeAll(call());
  assert.is(used(), before);
  refill();
  assert.ok(heapUse(call).calls > calls, 'it had gone');
  assert.is(heapUse(call).calls, calls);
  x.dispose();
});

test('a plan that is larger than the cache goes at once', () => {
  const x = T([100003]);
  scope(() => void fft.fft(x));
  const before = used();
  for (let k = 0; k < 3; k++) scope(() => void fft.fft(x));
  assert.is(used(), before);
  x.dispose();
});

const shapes: [string, (x: Tensor) => unknown, number[]][] = [
  ['fft', (x) => fft.fft({ re: x, im: square(x) }), [60]],
  ['a row of prime length', (x) => fft.fft(x), [997]],
  ['columns', (x) => fft.ifft(x, { axis: 0 }), [45, 17]],
  ['a long row', (x) => fft.irfft(fft.rfft(x)), [2 ** 15]],
  ['rfft2', (x) => fft.rfft2(x), [12, 14]],
  ['irfft', (x) => fft.irfft({ re: x, im: x }, { n: 101 }), [51]],
  ['a gradient', grad((x: Tensor) => sum(square(fft.rfft2(x, { s: [20, 21] }).re))), [9, 10]],
];

for (const [name, f, shape] of shapes)
  test(`compiled, ${name}: the same bits, nothing from the heap, also after all other plans have gone`, () => {
    const x = T(shape, 3);
    const want = scope(() => ({ bits: flat(f(x)).map((t) => bitsOf(t).toString('hex')) })).bits;
    const plan = compile(f);
    const first = flat(plan(x)).map((t) => bitsOf(t).toString('hex'));
    assert.equal(first, want);
    for (let round = 0; round < 2; round++) {
      let result: unknown;
      assert.is(heapUse(() => void (result = plan(x))).calls, 0, `round ${round}`);
      assert.equal(flat(result).map((t) => bitsOf(t).toString('hex')), want); // biome-ignore format: short
      refill(20000 + 1000 * round);
    }
    plan.dispose();
    x.dispose();
  });

const flat = (y: unknown): Tensor[] =>
  typeof y === 'object' && y !== null && 're' in y
    ? [(y as fft.Complex).re, (y as fft.Complex).im]
    : [y as Tensor];

test('plans in use are disposed of in any order, and then they may go', () => {
  const before = memory();
  // Chirps of such lengths take more than the cache holds, together.
  const lengths = [20011, 20021, 20023, 20029, 20047];
  const level = () => {
    refill();
    return used();
  };
  const start = level();
  for (const order of [
    [0, 1, 2, 3, 4],
    [4, 3, 2, 1, 0],
    [2, 0, 4, 1, 3],
  ]) {
    // biome-ignore format: short
    const inputs = lengths.map((n) => T([n]));
    const plans = inputs.map((x) => {
      const plan = compile((y: Tensor) => fft.fft(y));
      plan(x);
      return plan;
    });
    // Two that use one length.
    const twin = compile((y: Tensor) => fft.ifft({ re: y, im: y }));
    const bits = () => flat(twin(inputs[0])).map((t) => bitsOf(t).toString('hex'));
    const want = bits();
    assert.ok(level() > start + lengths.length * 1e6, 'those in use stay');
    for (const k of order) {
      plans[k].dispose();
      plans[k].dispose();
    }
    refill();
    assert.is(heapUse(() => void twin(inputs[0])).calls, 0, 'the twin works on');
    assert.equal(bits(), want, 'with the plan that it had');
    twin.dispose();
    for (const x of inputs) x.dispose();
    assert.is(level(), start);
  }
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test.run();
