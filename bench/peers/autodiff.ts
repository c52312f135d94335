// npm run bench:autodiff: gradients and compiled programs, against other libraries and against themselves; one process, in turn.
//   node build/bench/peers/autodiff.js [--only network,hessian,own] [--seconds 2]

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import * as ct from 'cotangent';
import { normals, toTensor } from '../cases/operands.js';
import { quantile } from '../timing.js';
import { alternate, type DuelOptions, sorted } from './duel.js';
import { installPeers } from './install.js';
import { load, type Peer, version } from './others.js';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'network,hessian,own' },
    seconds: { type: 'string', default: '2' },
  },
});
const groups = flags.only.split(',');
const options: DuelOptions = { seconds: Number(flags.seconds), minRounds: 3 };

/** One contestant: what it runs, and a number by which its result is compared. */
interface Side {
  name: string;
  run(): unknown;
}

/** Measures the first side and each of the others in turn, prints a row for each pair, and gives the medians in ms. */
async function compare(
  what: string,
  sides: readonly Side[],
  asked: string,
  invert = false,
): Promise<number[]> {
  const medians: number[] = [];
  for (const other of sides.slice(1)) {
    const times = await alternate(
      [sides[0], other].map(({ run }) => ({ run: () => void run() })),
      options,
    );
    const [mine, theirs] = times.map((ms) => quantile(sorted(ms), 0.5));
    const ratios = sorted(
      times[0].map((ms, round) => (invert ? ms / times[1][round] : times[1][round] / ms)),
    );
    const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(ratios, q).toFixed(2));
    console.log(
      `| ${what} | ${mine.toFixed(3)} | ${other.name} | ${theirs.toFixed(3)} | ${middle} (${low} to ${high}) | ${asked} |`,
    );
    if (medians.length === 0) medians.push(mine);
    medians.push(theirs);
  }
  return medians;
}

/** 784-256-128-10, ReLU, softmax cross-entropy, batch 128: the weights, the batch, the labels. */
function networkData() {
  const sizes = [784, 256, 128, 10];
  const batch = 128;
  const layers = sizes.slice(1).map((out, l) => ({
    // Ours is [out, in], as PyTorch has it; the others get [in, out], which spares them a transpose.
    weight: normals(out * sizes[l], 'f32', l + 1).map((x) => x / Math.sqrt(sizes[l])) as Float32Array,
    bias: normals(out, 'f32', l + 10).map((x) => x / 10) as Float32Array,
    shape: [out, sizes[l]] as [number, number],
  }));
  const x = normals(batch * 784, 'f32', 20) as Float32Array;
  const labels = Int32Array.from({ length: batch }, (_, i) => (i * 7) % 10);
  const hot = new Float32Array(batch * 10);
  labels.forEach((label, i) => {
    hot[i * 10 + label] = 1;
  });
  return { sizes, batch, layers, x, hot };
}

/** The transpose of an out x in matrix. */
function transposed(x: Float32Array, [out, inputs]: [number, number]): Float32Array {
  return Float32Array.from(x, (_, at) => x[(at % out) * inputs + Math.floor(at / out)]);
}

type Params = { weight: ct.Tensor; bias: ct.Tensor }[];

/** Ours: the mean cross-entropy with one-hot labels, as the others compute it. */
function loss(params: Params, x: ct.Tensor, hot: ct.Tensor): ct.Tensor {
  let a = x;
  params.forEach(({ weight, bias }, l) => {
    const z = ct.add(ct.matmul(a, weight, { transposeB: true }), bias);
    a = l < params.length - 1 ? ct.relu(z) : z;
  });
  return ct.neg(ct.mean(ct.sum(ct.mul(ct.logSoftmax(a, { axis: 1 }), hot), { axis: 1 })));
}

function ourNetwork() {
  const { batch, layers, x, hot } = networkData();
  const params: Params = layers.map(({ weight, bias, shape }) => ({
    weight: toTensor(weight, shape),
    bias: toTensor(bias, [bias.length]),
  }));
  return { params, x: toTensor(x, [batch, 784]), hot: toTensor(hot, [batch, 10]) };
}

async function jaxNetwork(): Promise<Side & { value(): number }> {
  const jax = await load('@jax-js/jax');
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  const { numpy: np, nn } = jax;
  const { batch, layers, x, hot } = networkData();
  const params = layers.map(({ weight, bias, shape }) => ({
    weight: np.array(transposed(weight, shape)).reshape([shape[1], shape[0]]),
    bias: np.array(bias),
  }));
  const input = np.array(x).reshape([batch, 784]);
  const target = np.array(hot).reshape([batch, 10]);
  const f = (p: Peer, a: Peer, y: Peer) => {
    let h = a;
    p.forEach(({ weight, bias }: Peer, l: number) => {
      h = np.matmul(h, weight).add(bias);
      if (l < p.length - 1) h = nn.relu(h);
    });
    return nn.logSoftmax(h).mul(y).sum(-1).mean().neg();
  };
  const step = jax.jit(jax.valueAndGrad(f));
  const call = (): [Peer, Peer] => step(jax.tree.ref(params), input.ref, target.ref);
  return {
    name: `jax-js ${version('@jax-js/jax')}`,
    run() {
      const [value, gradient] = call();
      // Evaluation is lazy: what is read is computed.
      for (const leaf of jax.tree.leaves(gradient)) leaf.dataSync();
      value.dataSync();
    },
    value() {
      const [value, gradient] = call();
      jax.tree.dispose(gradient);
      return value.dataSync()[0];
    },
  };
}

async function tfNetwork(): Promise<Side & { value(): number }> {
  const tf = await load('@tensorflow/tfjs');
  const name = '@tensorflow/tfjs-backend-wasm';
  const wasm = await load(name);
  const { createRequire } = await import('node:module');
  const { dirname, join } = await import('node:path');
  const { peersFolder } = await import('./install.js');
  const require = createRequire(join(peersFolder, 'package.json'));
  wasm.setWasmPaths(`${dirname(require.resolve(`${name}/package.json`))}/wasm-out/`);
  wasm.setThreadsCount(1);
  await tf.setBackend('wasm');
  await tf.ready();
  const { batch, layers, x, hot } = networkData();
  const variables = layers.flatMap(({ weight, bias, shape }) => [
    tf.variable(tf.tensor2d(transposed(weight, shape), [shape[1], shape[0]])),
    tf.variable(tf.tensor1d(bias)),
  ]);
  const input = tf.tensor2d(x, [batch, 784]);
  const target = tf.tensor2d(hot, [batch, 10]);
  const f = () => {
    let h = input;
    for (let l = 0; l < layers.length; l++) {
      h = tf.matMul(h, variables[2 * l]).add(variables[2 * l + 1]);
      if (l < layers.length - 1) h = tf.relu(h);
    }
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(h), target), 1)));
  };
  return {
    name: `tfjs-wasm ${version(name)}`,
    run: () =>
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(f);
        for (const gradient of Object.values(grads) as Peer[]) gradient.dataSync();
        value.dataSync();
      }),
    value: () => tf.tidy(() => tf.variableGrads(f).value.dataSync()[0]),
  };
}

async function network(): Promise<void> {
  const { params, x, hot } = ourNetwork();
  const step = ct.compile(ct.valueAndGrad(loss));
  const ours = { name: 'cotangent', run: () => step(params, x, hot) };
  const peers = [await jaxNetwork(), await tfNetwork()];
  const value = (step(params, x, hot) as { value: ct.Tensor }).value.item();
  for (const peer of peers) {
    if (Math.abs(peer.value() - value) > 1e-4 * Math.abs(value))
      throw new Error(`${peer.name} computes ${peer.value()}, we ${value}`);
  }
  await compare('loss and gradient, 784-256-128-10, f32, batch 128', [ours, ...peers], 'at least 2');
  const forward = ct.compile(loss);
  await compare(
    'the same, against the value alone',
    [ours, { name: 'value', run: () => forward(params, x, hot) }],
    'at most 3.5',
    true,
  );
  const eager = ct.valueAndGrad(loss);
  await compare(
    'the same, compiled against eager',
    [ours, { name: 'eager', run: () => ct.scope(() => void eager(params, x, hot)) }],
    '',
  );
  // What must be alive at once: parameters and inputs are the caller's; gradients, activations and what the largest step needs.
  console.log(`\nplan of the training step: ${step.bytes} bytes, ${step.kernels} kernel calls`);
}

/** The averaged Rosenbrock function (dissertation, equation (15)). */
function rosenbrock(z: ct.Tensor): ct.Tensor {
  const n = z.size;
  const [head, tail] = [ct.slice(z, [0], [n - 1]), ct.slice(z, [1], [n])];
  const curved = ct.square(ct.sub(tail, ct.square(head)));
  return ct.mean(ct.add(ct.mul(curved, 100), ct.square(ct.sub(1, head))));
}

async function hessians(): Promise<void> {
  const n = 200;
  const start = normals(n, 'f32', 3) as Float32Array;
  const x = toTensor(start, [n]);
  const jax = await load('@jax-js/jax');
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  const { numpy: np } = jax;
  const theirs = np.array(start);
  const f = (z: Peer) => {
    const head = z.ref.slice([0, n - 1]);
    const tail = z.slice([1, n]);
    const curved = np.square(tail.sub(np.square(head.ref)));
    return curved
      .mul(100)
      .add(np.square(np.array(1).sub(head)))
      .mean();
  };
  const h = jax.jit(jax.hessian(f));
  const ours = ct.hessian(rosenbrock);
  const mine = ct.scope(() => (ours(x) as ct.Tensor).toTypedArray() as Float32Array);
  const other = h(theirs.ref).dataSync() as Float32Array;
  const worst = mine.reduce((m, v, i) => Math.max(m, Math.abs(v - other[i])), 0);
  if (!(worst < 1e-2)) throw new Error(`the Hessians differ by ${worst}`);
  await compare(
    'Hessian of Rosenbrock, n = 200, f32',
    [
      { name: 'cotangent', run: () => ct.scope(() => void ours(x)) },
      { name: `jax-js ${version('@jax-js/jax')}, jit`, run: () => h(theirs.ref).dataSync() },
    ],
    'at least 2',
  );
  const z = toTensor(normals(1000, 'f64', 4), [1000]);
  const v = toTensor(normals(1000, 'f64', 5), [1000]);
  const product = ct.compile((a: ct.Tensor, b: ct.Tensor) => ct.hvp(rosenbrock, a, b));
  const gradient = ct.compile(ct.grad(rosenbrock));
  await compare(
    'hvp of Rosenbrock, n = 1000, against its gradient, compiled',
    [
      { name: 'hvp', run: () => product(z, v) },
      { name: 'gradient', run: () => gradient(z) },
    ],
    'at most 3',
    true,
  );
  const { params, x: input, hot } = ourNetwork();
  const hv = ct.compile((p: Params, d: Params) => ct.hvp((q: Params) => loss(q, input, hot), p, d));
  const g = ct.compile(ct.grad((q: Params) => loss(q, input, hot)));
  await compare(
    'hvp of the network against its gradient, compiled',
    [
      { name: 'hvp', run: () => hv(params, params) },
      { name: 'gradient', run: () => g(params) },
    ],
    'at most 3',
    true,
  );
}

async function own(): Promise<void> {
  const small = ct.tensor([1, 2, 3, 4]);
  const chain = (length: number) =>
    ct.compile((x: ct.Tensor) => {
      // Each addition of the last two: nothing can be fused away or folded.
      let [a, b] = [x, ct.neg(x)];
      for (let i = 0; i < length; i++) [a, b] = [ct.add(a, b), a];
      return a;
    });
  const [long, short] = [chain(1000), chain(1)];
  const [ms, base] = await compare(
    'replay of 1,000 additions of 4 elements',
    [
      { name: 'chain', run: () => long(small) },
      { name: 'chain of one', run: () => short(small) },
    ],
    '',
    true,
  );
  console.log(`\nreplay: ${((ms - base) * 1000) / 1000} us a node (asked: under 0.5)`);
  const reps = 1000;
  const [eagerMs] = await compare(
    'eager: 1,000 additions of 4 elements',
    [
      {
        name: 'eager',
        run: () =>
          ct.scope(() => {
            for (let i = 0; i < reps; i++) ct.add(small, small);
          }),
      },
      { name: 'chain, compiled', run: () => long(small) },
    ],
    '',
    true,
  );
  console.log(`\neager: ${eagerMs} us an operation (asked: under 3)`);
  const big = toTensor(normals(1e6, 'f64', 6), [1e6]);
  const ten = (x: ct.Tensor) => {
    let y = x;
    for (let i = 0; i < 5; i++) y = ct.add(ct.mul(y, 0.5), x);
    return y;
  };
  const fused = ct.compile(ten);
  const first = ct.compile((y: ct.Tensor) => ct.mul(y, 0.5));
  const second = ct.compile((y: ct.Tensor, x: ct.Tensor) => ct.add(y, x));
  await compare(
    'ten elementwise operations on 1e6 elements, fused against one by one',
    [
      { name: 'fused', run: () => fused(big) },
      {
        name: 'one by one, compiled',
        run: () => {
          let y = big;
          for (let i = 0; i < 5; i++) y = second(first(y), big) as ct.Tensor;
        },
      },
      { name: 'eager', run: () => ct.scope(() => void ten(big)) },
    ],
    'at least 3',
  );
}

const { variant } = await ct.init();
console.log(`Node ${process.version}, ${cpus()[0]?.model.trim()}, kernels: ${variant}, one thread each\n`);
console.log('| what | ms | against | ms | ratio (middle half) | asked |\n|---|--:|---|--:|--:|---|');
if (groups.includes('network') || groups.includes('hessian')) installPeers();
if (groups.includes('network')) await network();
if (groups.includes('hessian')) await hessians();
if (groups.includes('own')) await own();
