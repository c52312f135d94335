// npm run bench:nn: training steps of dense networks against their matrix products, and convolutions against other
// libraries; in one process, alternating.
//   node build/bench/peers/nn.js [--only dense,conv,network] [--layers 0,1] [--peers tfjs,jax] [--seconds 2]

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { nn as networks } from 'cotangent';
import * as ct from 'cotangent';
import { quantile } from '../timing.js';
import {
  type Convolution,
  type ConvolutionSide,
  describe,
  jaxConvolution,
  looked,
  ourConvolution,
  tfConvolution,
} from './convolution.js';
import { alternate, type DuelOptions, sorted } from './duel.js';
import { installPeers } from './install.js';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'dense,conv,network' },
    layers: { type: 'string', default: '0,1,2,3' },
    peers: { type: 'string', default: 'tfjs,jax' },
    seconds: { type: 'string', default: '2' },
  },
});
const groups = flags.only.split(',');
const options: DuelOptions = { seconds: Number(flags.seconds), minRounds: 3 };
const { nn, optim } = ct;
const MIB = 2 ** 20;

/**
 * Measures two sides alternately and prints a row; the ratio is the second's time to the first's, with `invert` the
 * inverse.
 */
async function row(
  what: string,
  mine: () => unknown,
  other: { name: string; run: () => unknown },
  asked: string,
  { invert = false, rate = 0, note = '' } = {},
): Promise<void> {
  const times = await alternate(
    [mine, other.run].map((run) => ({ run: () => void run() })),
    options,
  );
  const [ms, theirs] = times.map((list) => quantile(sorted(list), 0.5));
  const ratios = sorted(
    times[0].map((first, round) => (invert ? first / times[1][round] : times[1][round] / first)),
  );
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(ratios, q).toFixed(2));
  const gflops = rate > 0 ? (rate / ms / 1e6).toFixed(1) : '';
  console.log(
    `| ${what} | ${ms.toFixed(2)} | ${gflops} | ${other.name} | ${theirs.toFixed(2)} | ${middle} (${low} to ${high}) | ${asked} | ${note} |`,
  );
}

const relu = () => nn.activation('relu');

/** Dense layers with ReLU between them. */
const perceptron = (sizes: readonly number[]): networks.Layer =>
  nn.sequential(
    sizes
      .slice(1)
      .flatMap((out, l) => [...(l > 0 ? [relu()] : []), nn.dense(out)]) as networks.Layer<never>[],
  );

/** Loss, gradient and a step of sgd, as `fit` does them. */
function training(model: networks.Layer, shape: number[], batch: number): { run(): void; bytes(): number } {
  const params = model.init(ct.random(1), shape);
  const x = ct.random(2).normal([batch, ...shape], { dtype: 'f32' });
  const labels = ct.random(3).integers([batch], 0, 10);
  const plan = ct.compile(
    ct.valueAndGrad((p: unknown, z: ct.Tensor, y: ct.Tensor) => nn.crossEntropy(model.apply(p, z), y)),
  );
  const optimizer = optim.sgd({ learningRate: 1e-4 });
  const state = optimizer.init(params);
  return {
    run: () => optimizer.step(params, (plan(params, x, labels) as { grad: unknown }).grad, state),
    bytes: () => plan.bytes,
  };
}

/**
 * The matrix products that a step of a dense network needs: forward, in the weights, and in the inputs except the
 * first.
 */
function products(sizes: readonly number[], batch: number): { run(): void; rate: number } {
  const normal = (shape: number[], i: number) => ct.random(i).normal(shape, { dtype: 'f32' });
  const a = sizes.map((n, l) => normal([batch, n], l));
  const w = sizes.slice(1).map((out, l) => normal([out, sizes[l]], 10 + l));
  const plan = ct.compile((inputs: ct.Tensor[], weights: ct.Tensor[]) =>
    weights.map((weight, l) => [
      ct.matmul(inputs[l], weight, { transposeB: true }),
      ct.matmul(inputs[l + 1], inputs[l], { transposeA: true }),
      ...(l > 0 ? [ct.matmul(inputs[l + 1], weight)] : []),
    ]),
  );
  const rate = w.reduce((total, { size }, l) => total + (l > 0 ? 6 : 4) * batch * size, 0);
  return { run: () => void plan(a, w), rate };
}

async function denseSteps(): Promise<void> {
  for (const [sizes, batch] of [
    [[784, 256, 128, 10], 128],
    [[3072, 1000, 500, 10], 500],
  ] as const) {
    const step = training(perceptron(sizes), [sizes[0]], batch);
    const gemms = products(sizes, batch);
    step.run();
    await row(
      `training step, ${sizes.join('-')}, batch ${batch}`,
      step.run,
      { name: 'its products alone', run: gemms.run },
      'at most 1.3',
      { invert: true, rate: gemms.rate, note: `${(step.bytes() / MIB).toFixed(1)} MiB` },
    );
  }
}

const LAYERS: Convolution[] = [
  { batch: 32, channels: 16, outs: 32, extents: [32, 32], kernel: [5, 5] },
  { batch: 32, channels: 3, outs: 16, extents: [32, 32], kernel: [5, 5] },
  { batch: 32, channels: 32, outs: 32, extents: [16, 16], kernel: [3, 3] },
  { batch: 32, channels: 16, outs: 32, extents: [1024], kernel: [9] },
];

/** Throws if two sides compute different numbers. */
function agree(what: string, ours: () => Float32Array, theirs: () => Float32Array): void {
  const [a, b] = [looked(ours), looked(theirs)];
  const size = b.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  const worst = a.reduce((m, v, i) => Math.max(m, Math.abs(v - b[i])), 0);
  if (!(a.length === b.length && worst <= 1e-4 * size))
    throw new Error(`${what}: the results differ by ${worst} of ${size}`);
}

async function convolutions(): Promise<void> {
  const contestants = { tfjs: tfConvolution, jax: jaxConvolution };
  for (const c of flags.layers.split(',').map((i) => LAYERS[Number(i)])) {
    const ours = ourConvolution(c);
    const product = (list: readonly number[]) => list.reduce((p, q) => p * q, 1);
    const flops = 2 * c.batch * c.channels * c.outs * product(c.extents) * product(c.kernel);
    for (const name of flags.peers.split(',') as (keyof typeof contestants)[]) {
      const side: ConvolutionSide = await contestants[name](c);
      for (const what of ['forward', 'image', 'weight'] as const) {
        const theirs = side[what];
        if (theirs === undefined) continue;
        const mine = ours[what] as () => Float32Array;
        agree(`${describe(c)}, ${what}, ${side.name}`, mine, theirs);
        const label = what === 'forward' ? 'forward' : `forward and gradient in the ${what}`;
        await row(`${describe(c)}: ${label}`, mine, { name: side.name, run: theirs }, 'at least 1.5', {
          rate: what === 'forward' ? flops : 2 * flops,
          note: `${(ours.bytes[what] / MIB).toFixed(1)} MiB`,
        });
      }
      side.dispose();
    }
    ours.dispose();
  }
}

async function network(): Promise<void> {
  const block = (channels: number) => [nn.conv(channels, [5, 5], { padding: 'same' }), relu(), nn.maxPool(2)];
  const layers = [...block(16), ...block(20), ...block(20), nn.flatten(), nn.dense(10)];
  const step = training(nn.sequential(layers as networks.Layer<never>[]), [3, 32, 32], 32);
  // The products of the same sizes, as one matrix each.
  const parts = [
    [16, 75, 32 * 1024, 2],
    [20, 400, 32 * 256, 3],
    [20, 500, 32 * 64, 3],
  ];
  const normal = (shape: number[], i: number) => ct.random(i).normal(shape, { dtype: 'f32' });
  const operands = parts.map(([m, k, n], i) => [normal([m, k], i), normal([k, n], i)]);
  const gemms = ct.compile((list: ct.Tensor[][]) => list.map(([a, b]) => ct.matmul(a, b)));
  const counts = parts.map(([m, k, n, times]) => 2 * m * k * n * times);
  step.run();
  await row(
    'training step, convolutional network, 32 x 32, batch 32',
    step.run,
    { name: 'products of its convolutions, forward only', run: () => gemms(operands) },
    '',
    {
      invert: true,
      rate: counts.reduce((p, q) => p + q, 0),
      note: `${(step.bytes() / MIB).toFixed(1)} MiB`,
    },
  );
}

const { variant } = await ct.init();
console.log(
  `Node ${process.version}, ${cpus()[0]?.model.trim()}, kernels: ${variant}, f32, one thread each\n`,
);
console.log('| what | ms | GFLOP/s | against | ms | ratio (middle half) | asked | MiB of the program |');
console.log('|---|--:|--:|---|--:|--:|---|--:|');
if (groups.includes('dense')) await denseSteps();
if (groups.includes('network')) await network();
if (groups.includes('conv')) {
  installPeers();
  await convolutions();
}
