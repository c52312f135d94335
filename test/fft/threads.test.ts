// Threads: the same bits for every number of them, whether batches or columns are shared.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relaxedSimdIsSupported } from '#src/core/wasm/features.js';
import { program } from '../support/program.js';

for (const variant of relaxedSimdIsSupported() ? ['simd', 'relaxed'] : ['simd'])
  test(`transforms have the same bits for every number of threads (${variant})`, () => {
    const { threads, digests } = program<{ threads: number[]; digests: number[][] }>(`
      const { fft, compile } = cotangent;
      const hash = (x) => new Int32Array(x.toTypedArray().buffer).reduce((h, v) => (Math.imul(h, 31) + v) | 0, 7);
      const both = (y) => 're' in y ? [hash(y.re), hash(y.im)] : [hash(y)];
      const run = (dtype) => scope(() => {
        const x = (...shape) => random(shape.length).normal(shape, { dtype }), z = (...shape) => ({ re: x(...shape), im: random(9).normal(shape, { dtype }) });
        const plan = compile((y) => fft.rfft2(y));
        const results = [
          fft.fft(z(200, 1024)), fft.fft(z(1024, 200), { axis: 0 }), fft.ifft(z(1, 997, 203), { axis: 1 }), fft.fft(z(3, 30011)), fft.fft(z(2, 65536)),
          fft.rfft(x(300, 1000)), fft.rfft(x(1001, 301), { axis: 0 }), fft.irfft(z(300, 501)), fft.irfft(z(501, 301), { axis: 0, n: 1001 }),
          fft.fft(z(262144)), fft.rfft2(x(512, 500)), fft.irfftn(z(50, 60, 40)), plan(x(512, 500)),
        ].flatMap(both);
        plan.dispose();
        return results;
      });
      const threads = [], digests = [];
      for (const n of [2, 3, 1]) {
        threads.push((await init({ threads: n, variant: '${variant}' })).threads);
        digests.push([...run('f64'), ...run('f32')]);
      }
      report({ threads, digests });`);
    assert.equal(threads, [2, 3, 1]);
    assert.equal(digests[0], digests[2]);
    assert.equal(digests[1], digests[2]);
  });

test.run();
