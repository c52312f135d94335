// Memory that ends in the middle of a call, at every allocation, also while plans of lengths are made: nothing is left, and the next call is right.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runtime } from '#src/core/runtime.js';
import { compile, fft, grad, memory, OutOfMemoryError, scope, square, sum, type Tensor, tensor } from '#src/index.js'; // biome-ignore format: short
import { seed } from '../support/check.js';
import { failEvery, firstCall, none, withFailingAllocation } from '../support/faults.js';
import { distance, drawn } from '../support/fft/direct.js';
import { disposeAll } from '../support/results.js';

const T = (shape: number[], from = 1) =>
  tensor(drawn(shape.reduce((p, q) => p * q, 1), from), { shape }); // biome-ignore format: short
const x = T([4, 6]);
const z = { re: T([3, 5], 2), im: T([3, 5], 3) };

const CALLS: Record<string, () => unknown> = {
  fft: () => fft.fft(z),
  'fft of real numbers': () => fft.fft(x),
  'rfft with zeros': () => fft.rfft(x, { n: 11 }),
  'irfft cut': () => fft.irfft(z, { n: 7, axis: 0 }),
  rfftn: () => fft.rfftn(x, { s: [5, 5] }),
  irfft2: () => fft.irfft2(z),
  fftshift: () => fft.fftshift(z),
  interleave: () => fft.interleave(z),
  deinterleave: () => fft.deinterleave(T2),
  fftfreq: () => fft.fftfreq(9),
  'a gradient': () => grad((y: Tensor) => sum(square(fft.rfft2(y).re)))(x),
};
const T2 = T([3, 2]);

for (const [name, run] of Object.entries(CALLS))
  test(name, async () => {
    const failures: string[] = [];
    await failEvery(name, { run }, failures);
    none(failures, seed);
  });

test('a compiled transform', async () => {
  const failures: string[] = [];
  await failEvery('plan', firstCall((y: Tensor) => fft.rfft2(y), [x]), failures); // biome-ignore format: short
  none(failures, seed);
});

test('while the plans of a length are made', () => {
  const held = () => [memory().tensors, memory().bytes];
  /** Lengths that nothing has asked for before. */
  let n = 3000;
  for (const kind of ['fft', 'rfft', 'irfft'] as const)
    for (const compiles of [false, true])
      for (let k = 1; k <= 12; k++) {
        n += 2;
        for (const odd of [0, 1]) {
          const row = T([n + odd]);
          const pair = { re: row, im: row };
          const call = (re: Tensor) => (kind === 'fft' ? fft.fft(re) : kind === 'rfft' ? fft.rfft(re) : fft.irfft({ re, im: re })); // biome-ignore format: short
          const before = held();
          withFailingAllocation(k, () => {
            const plan = compiles ? compile(call) : undefined;
            try {
              const result = (plan ?? call)(row);
              if (!compiles) disposeAll(result);
            } catch (error) {
              assert.instance(error, OutOfMemoryError, `${kind} ${n} ${k}`);
            }
            plan?.dispose();
          });
          assert.equal(held(), before, `${kind} of ${n + odd}, allocation ${k}`);
          scope(() => {
            const back = fft.ifft(fft.fft(pair));
            assert.ok(distance([back.re.data(), back.im.data()], [row.data(), row.data()]) < 1e-14);
          });
          row.dispose();
        }
      }
  // No plan counts as used any more: a few large ones push all others out.
  const level = () => {
    for (let m = 20001; m < 20021; m += 2) scope(() => void fft.fft(T([m, 1]), { axis: 0 }));
    return runtime().heap.used;
  };
  const first = level();
  assert.ok(first - memory().bytes < 5 * 2 ** 20, `${first - memory().bytes} bytes beside tensors`);
});

test.run();
