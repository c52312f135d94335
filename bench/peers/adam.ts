// A step of each optimiser in place against copies of as many bytes, for 10⁶ parameters; in one process, alternating.
//   node build/bench/peers/adam.js [--seconds 2] [--size 1000000]

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { init, optim } from 'cotangent';
import { asum_f32, asum_f64 } from 'cotangent/kernels';
import { normals, toTensor } from '../cases/operands.js';
import type { BenchDType } from '../row.js';
import { quantile } from '../timing.js';
import { alternate, sorted } from './duel.js';

const { values: flags } = parseArgs({
  options: { seconds: { type: 'string', default: '2' }, size: { type: 'string', default: '1000000' } },
});
const n = Number(flags.size);

/** Arrays that a step reads and that it writes. */
const STREAMS: [optim.Optimizer, number, number][] = [
  [optim.adam({ learningRate: 1e-4 }), 4, 3],
  [optim.adamw({ learningRate: 1e-4 }), 4, 3],
  [optim.adam({ learningRate: 1e-4, amsgrad: true }), 5, 4],
  [optim.rmsprop({ learningRate: 1e-4 }), 3, 2],
  [optim.sgd({ learningRate: 1e-4, momentum: 0.9 }), 3, 2],
  [optim.sgd({ learningRate: 1e-4 }), 2, 1],
];

/**
 * Copies among as many arrays as the step uses, with the same cache behaviour, and sums of arrays that the step only
 * reads.
 */
function copies(dtype: BenchDType, reads: number, writes: number): () => void {
  const arrays = Array.from({ length: reads }, (_, i) => toTensor(normals(n, dtype, i), [n]));
  const sum = dtype === 'f64' ? asum_f64 : asum_f32;
  return () => {
    for (let i = 0; i < writes; i++) arrays[(i + 1) % reads].data().set(arrays[i].data());
    for (let i = writes; i < reads; i++) sum(n, arrays[i].address, 1);
  };
}

const { variant } = await init();
console.log(
  `Node ${process.version}, ${cpus()[0]?.model.trim()}, kernels: ${variant}, one thread, n = ${n}\n`,
);
console.log(
  '| step in place | dtype | ms | GB/s | copies of as many bytes, ms | ratio (middle half) | asked |',
);
console.log('|---|---|--:|--:|--:|--:|---|');
for (const dtype of ['f32', 'f64'] as const) {
  for (const [optimizer, reads, writes] of STREAMS) {
    const [params, grads] = [1, 2].map((seed) => toTensor(normals(n, dtype, seed), [n]));
    const state = optimizer.init(params);
    const times = await alternate(
      [{ run: () => optimizer.step(params, grads, state) }, { run: copies(dtype, reads, writes) }],
      { seconds: Number(flags.seconds), minRounds: 3 },
    );
    const [median, theirs] = times.map((ms) => quantile(sorted(ms), 0.5));
    const ratios = sorted(times[0].map((ms, round) => ms / times[1][round]));
    const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(ratios, q).toFixed(2));
    const rate = ((reads + writes) * n * (dtype === 'f64' ? 8 : 4)) / median / 1e6;
    const more = 'largest' in state ? ', amsgrad' : 'momentum' in state ? ', momentum' : '';
    const asked = optimizer.name === 'adam' && more === '' && dtype === 'f32' ? 'at most 1.5' : '';
    console.log(
      `| ${optimizer.name}${more} | ${dtype} | ${median.toFixed(3)} | ${rate.toFixed(0)} | ${theirs.toFixed(3)} | ${middle} (${low} to ${high}) | ${asked} |`,
    );
  }
}
