// npm run bench:proxprop: a step of proximal backpropagation against one of backpropagation; in one process,
// alternating.
//   node build/bench/peers/proxprop.js [--sizes 3072,4000,1000,4000,10] [--batch 500] [--only exact,cg3] [--threads 2] [--seconds 20]

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { nn as networks } from 'cotangent';
import * as ct from 'cotangent';
import { quantile } from '../timing.js';
import { alternate, sorted } from './duel.js';

const { values: flags } = parseArgs({
  options: {
    sizes: { type: 'string', default: '3072,4000,1000,4000,10' },
    batch: { type: 'string', default: '500' },
    only: { type: 'string', default: 'exact,cg1,cg3,cg5,cg10,diagonal,convolution' },
    threads: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '20' },
  },
});
const sizes = flags.sizes.split(',').map(Number);
const batch = Number(flags.batch);
const chosen = flags.only.split(',');
const { nn, optim } = ct;
const MIB = 2 ** 20;

/** Direction and optimizer step, with the program's memory. */
interface Stepper {
  run(): void;
  bytes(): number;
  dispose(): void;
}

type Direction = (params: unknown, x: ct.Tensor, labels: ct.Tensor) => unknown;

function stepper(model: networks.Layer, x: ct.Tensor, labels: ct.Tensor, direction: Direction): Stepper {
  const plan = ct.compile(direction);
  const params = model.init(ct.random(1), x.shape.slice(1));
  const optimizer = optim.sgd({ learningRate: 1e-6 });
  const state = optimizer.init(params);
  return {
    run: () => optimizer.step(params, plan(params, x, labels), state),
    bytes: () => plan.bytes,
    dispose() {
      plan.dispose();
      free([params, state]);
    },
  };
}

/** Disposes of every tensor in a tree. */
function free(tree: unknown): void {
  if (tree instanceof ct.Tensor) tree.dispose();
  else if (typeof tree === 'object' && tree !== null) Object.values(tree).forEach(free);
}

const backpropagation =
  (model: networks.Layer): Direction =>
  (params, x, labels) =>
    ct.grad((p: unknown) => nn.crossEntropy(model.apply(p, x), labels))(params);

function methods(model: networks.Layer): Record<string, Direction> {
  const of =
    ({ directionOf }: networks.Layerwise): Direction =>
    (params, x, labels) =>
      directionOf(params, x, labels).direction;
  const cg = (k: number) => of(nn.proxprop(model, { mode: { cg: k }, tauTheta: 1 }));
  return {
    exact: of(nn.proxprop(model, { mode: 'exact', tauTheta: 0.05 })),
    ...{ cg1: cg(1), cg3: cg(3), cg5: cg(5), cg10: cg(10) },
    diagonal: of(nn.diagonalStep(model)),
  };
}

const ASKED: Record<string, string> = { exact: 'at most 2', cg3: 'at most 3' };

async function compare(what: string, model: networks.Layer, shape: number[]): Promise<void> {
  const x = ct.random(2).normal([batch, ...shape], { dtype: 'f32' });
  const labels = ct.random(3).integers([batch], 0, 10);
  for (const [name, direction] of Object.entries(methods(model))) {
    if (!chosen.includes(name)) continue;
    const [plain, ours] = [backpropagation(model), direction].map((d) => stepper(model, x, labels, d));
    const times = await alternate([ours, plain], { seconds: Number(flags.seconds), minRounds: 3 });
    const [mine, theirs] = times.map((ms) => quantile(sorted(ms), 0.5));
    const ratios = sorted(times[0].map((ms, round) => ms / times[1][round]));
    const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(ratios, q).toFixed(2));
    const memory = [ours, plain].map((side) => (side.bytes() / MIB).toFixed(0)).join(' and ');
    console.log(
      `| ${what}, ${name} | ${mine.toFixed(0)} | ${theirs.toFixed(0)} | ${middle} (${low} to ${high}) | ${(shape.length === 1 && ASKED[name]) || ''} | ${memory} |`,
    );
    for (const side of [ours, plain]) side.dispose();
  }
}

const { variant } = await ct.init({ threads: Number(flags.threads) });
console.log(
  `Node ${process.version}, ${cpus()[0]?.model.trim()}, kernels: ${variant}, ${flags.threads} thread(s), f32, batch ${batch}\n`,
);
console.log(
  '| step | ms | backpropagation, ms | ratio (middle half) | asked | MiB of both programs |\n|---|--:|--:|--:|---|--:|',
);
const dense = sizes
  .slice(1)
  .flatMap((out, l) => [nn.dense(out), ...(l < sizes.length - 2 ? [nn.activation('relu')] : [])]);
await compare(sizes.join('-'), nn.sequential(dense as networks.Layer<never>[]), [sizes[0]]);
if (chosen.includes('convolution')) {
  const block = (channels: number) => [
    nn.conv(channels, [5, 5], { padding: 'same' }),
    nn.activation('relu'),
    nn.maxPool(2),
  ];
  const layers = [...block(16), ...block(20), ...block(20), nn.flatten(), nn.dense(10)];
  await compare(
    'convolutional network, 32 x 32',
    nn.sequential(layers as networks.Layer<never>[]),
    [3, 32, 32],
  );
}
