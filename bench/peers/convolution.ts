// One convolution, forward and its gradients: ours, in tfjs and in jax-js. Padding 'same', f32.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { nn as networks } from 'cotangent';
import * as ct from 'cotangent';
import { normals, toTensor } from '../cases/operands.js';
import { peersFolder } from './install.js';
import { load, type Peer, version } from './others.js';

/** Batch, channels in and out, extents, kernel. */
export interface Convolution {
  batch: number;
  channels: number;
  outs: number;
  extents: number[];
  kernel: number[];
}

export const describe = ({ batch, channels, outs, extents, kernel }: Convolution): string =>
  `${batch} x ${channels} -> ${outs}, ${extents.join(' x ')}, kernel ${kernel.join(' x ')}`;

/** The timed functions: the result is computed when they return. Absent if a library cannot do it. */
export interface ConvolutionSide {
  name: string;
  forward: () => Float32Array;
  /** The forward pass, and the gradient in the image of the sum of squares. */
  image?: () => Float32Array;
  /** The same in the weight. */
  weight?: () => Float32Array;
  dispose(): void;
}

/** The operands, channels first. */
function operands({ batch, channels, outs, extents, kernel }: Convolution) {
  const size = (list: number[]) => list.reduce((p, q) => p * q, 1);
  const [xShape, wShape] = [
    [batch, channels, ...extents],
    [outs, channels, ...kernel],
  ];
  const x = normals(size(xShape), 'f32', 1) as Float32Array;
  const w = normals(size(wShape), 'f32', 2).map(
    (v) => v / Math.sqrt(channels * size(kernel)),
  ) as Float32Array;
  return { x, w, xShape, wShape };
}

/** Ours: compiled plans, and the bytes that they hold. */
export function ourConvolution(c: Convolution): ConvolutionSide & { bytes: Record<string, number> } {
  const { x, w, xShape, wShape } = operands(c);
  const layer = ct.nn.conv(c.outs, c.kernel, { padding: 'same', bias: false });
  const [image, weight] = [toTensor(x, xShape), toTensor(w, wShape)];
  const apply = (p: ct.Tensor, z: ct.Tensor) => layer.apply({ weight: p } as networks.ConvParams, z);
  const loss = (p: ct.Tensor, z: ct.Tensor) => ct.sum(ct.square(apply(p, z)));
  const plans = {
    forward: ct.compile(apply),
    weight: ct.compile(ct.grad(loss, 0)),
    image: ct.compile(ct.grad(loss, 1)),
  };
  const run = (name: keyof typeof plans) => () =>
    (plans[name](weight, image) as ct.Tensor).data() as Float32Array;
  return {
    name: 'cotangent',
    forward: run('forward'),
    weight: run('weight'),
    image: run('image'),
    get bytes() {
      return Object.fromEntries(Object.entries(plans).map(([name, plan]) => [name, plan.bytes]));
    },
    dispose() {
      for (const plan of Object.values(plans)) plan.dispose();
      image.dispose();
      weight.dispose();
    },
  };
}

/** Converts elements (…, …, c) to (…, c, …): from channels last to channels first. `lead` axes come before both. */
function channelsFirst(data: Float32Array, n: number, positions: number, channels: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let i = 0; i < n; i++)
    for (let p = 0; p < positions; p++)
      for (let c = 0; c < channels; c++)
        out[(i * channels + c) * positions + p] = data[(i * positions + p) * channels + c];
  return out;
}

/** tfjs on its WebAssembly backend, in its own layout, channels last. It has no gradient in the weight there. */
export async function tfConvolution(c: Convolution): Promise<ConvolutionSide> {
  const tf = await load('@tensorflow/tfjs');
  const name = '@tensorflow/tfjs-backend-wasm';
  const wasm = await load(name);
  const require = createRequire(join(peersFolder, 'package.json'));
  wasm.setWasmPaths(`${dirname(require.resolve(`${name}/package.json`))}/wasm-out/`);
  wasm.setThreadsCount(1);
  await tf.setBackend('wasm');
  await tf.ready();
  const { x, w, xShape, wShape } = operands(c);
  const d = c.extents.length;
  const spatial = c.extents.map((_, i) => i + 2);
  const image = tf.tidy(() => tf.transpose(tf.tensor(x, xShape), [0, ...spatial, 1]));
  const weight = tf.tidy(() => tf.transpose(tf.tensor(w, wShape), [...spatial, 1, 0]));
  const f = (z: Peer) => (d === 1 ? tf.conv1d(z, weight, 1, 'same') : tf.conv2d(z, weight, 1, 'same'));
  const g = tf.grad((z: Peer) => tf.sum(tf.square(f(z))));
  const positions = c.extents.reduce((p, q) => p * q, 1);
  /** Reading ends the work. `tidy` must not get the numbers, because it would search all of them for tensors. */
  const read = (h: (z: Peer) => Peer, channels: number) => () => {
    let data = new Float32Array(0);
    tf.tidy(() => {
      data = h(image).dataSync();
    });
    return channelsFirstOnce(data, c.batch, positions, channels);
  };
  return {
    name: `tfjs-wasm ${version(name)}`,
    forward: read(f, c.outs),
    image: read(g, c.channels),
    dispose: () => tf.dispose([image, weight]),
  };
}

/** Results in another layout are converted only when they are read. */
function channelsFirstOnce(data: Float32Array, n: number, positions: number, channels: number): Float32Array {
  return comparing ? channelsFirst(data, n, positions, channels) : data;
}

let comparing = false;

/** The results of a side, channels first. */
export function looked(f: () => Float32Array): Float32Array {
  comparing = true;
  try {
    return f().slice();
  } finally {
    comparing = false;
  }
}

/** jax-js on its WebAssembly device, just-in-time compiled. */
export async function jaxConvolution(c: Convolution): Promise<ConvolutionSide> {
  const jax = await load('@jax-js/jax');
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  const { numpy: np, lax } = jax;
  const { x, w, xShape, wShape } = operands(c);
  const [image, weight] = [np.array(x).reshape(xShape), np.array(w).reshape(wShape)];
  const ones = c.extents.map(() => 1);
  const f = (p: Peer, z: Peer) => lax.convGeneralDilated(z, p, ones, 'SAME');
  const loss = (p: Peer, z: Peer) => np.square(f(p, z)).sum();
  const forward = jax.jit(f);
  const inWeight = jax.jit(jax.grad(loss));
  const inImage = jax.jit(jax.grad((z: Peer, p: Peer) => loss(p, z)));
  return {
    name: `jax-js ${version('@jax-js/jax')}`,
    forward: () => forward(weight.ref, image.ref).dataSync(),
    weight: () => inWeight(weight.ref, image.ref).dataSync(),
    image: () => inImage(image.ref, weight.ref).dataSync(),
    dispose() {
      image.dispose();
      weight.dispose();
    },
  };
}
