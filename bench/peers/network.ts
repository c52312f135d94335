// The network of the gradient benchmark, 784-256-128-10 in f32 with a batch of 128: ours, in jax-js and in tfjs.
import * as ct from 'cotangent';
import { normals, toTensor } from '../cases/operands.js';
import { load, type Peer, version } from './others.js';

/** One contestant. */
export interface Side {
  name: string;
  run(): unknown;
}

/** 784-256-128-10, ReLU, softmax cross-entropy, batch 128: the weights, the batch, the labels. */
function networkData() {
  const sizes = [784, 256, 128, 10];
  const batch = 128;
  const layers = sizes.slice(1).map((out, l) => ({
    // Ours is [out, in], as in PyTorch; the others get [in, out], which saves them a transpose.
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

export type Params = { weight: ct.Tensor; bias: ct.Tensor }[];

/** Ours: the mean cross-entropy with one-hot labels, as the others compute it. */
export function loss(params: Params, x: ct.Tensor, hot: ct.Tensor): ct.Tensor {
  let a = x;
  params.forEach(({ weight, bias }, l) => {
    const z = ct.add(ct.matmul(a, weight, { transposeB: true }), bias);
    a = l < params.length - 1 ? ct.relu(z) : z;
  });
  return ct.neg(ct.mean(ct.sum(ct.mul(ct.logSoftmax(a, { axis: 1 }), hot), { axis: 1 })));
}

export function ourNetwork() {
  const { batch, layers, x, hot } = networkData();
  const params: Params = layers.map(({ weight, bias, shape }) => ({
    weight: toTensor(weight, shape),
    bias: toTensor(bias, [bias.length]),
  }));
  return { params, x: toTensor(x, [batch, 784]), hot: toTensor(hot, [batch, 10]) };
}

export async function jaxNetwork(): Promise<Side & { value(): number }> {
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
      // Evaluation is lazy: reading the result computes it.
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

export async function tfNetwork(): Promise<Side & { value(): number }> {
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
