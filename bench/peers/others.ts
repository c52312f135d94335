// The peers as contestants, each in the way its documentation recommends for speed, on one thread, on the CPU.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Numbers } from '../accuracy.js';
import type { Contestant } from './contestant.js';
import { peersFolder } from './install.js';

// biome-ignore lint/suspicious/noExplicitAny: the peers are not installed where types are checked
export type Peer = any;

/** Names are in variables, so that neither the type checker nor a bundler looks for packages that may be missing. */
export async function load(name: string): Promise<Peer> {
  const module = (await import(name)) as Peer;
  // CommonJS packages appear whole as the default export, and only in part by name.
  return { ...module.default, ...module };
}

export function version(name: string): string {
  return (JSON.parse(readFileSync(join(peersFolder, 'node_modules', name, 'package.json'), 'utf8')) as Peer)
    .version;
}

export async function tfjs(): Promise<Contestant> {
  const tf = await load('@tensorflow/tfjs');
  const name = '@tensorflow/tfjs-backend-wasm';
  const wasm = await load(name);
  const require = createRequire(join(peersFolder, 'package.json'));
  wasm.setWasmPaths(`${dirname(require.resolve(`${name}/package.json`))}/wasm-out/`);
  wasm.setThreadsCount(1);
  await tf.setBackend('wasm');
  await tf.ready();
  return {
    name: 'tfjs-backend-wasm',
    version: version(name),
    dtypes: ['f32'],
    enter(n, _dtype, left, right) {
      const a = tf.tensor2d(Float32Array.from(left), [n, n]);
      const b = tf.tensor2d(Float32Array.from(right), [n, n]);
      return {
        // The backend computes at once, so nothing needs to be read back.
        run: () => tf.matMul(a, b).dispose(),
        result() {
          const c = tf.matMul(a, b);
          const values = c.dataSync();
          c.dispose();
          return values;
        },
        dispose() {
          a.dispose();
          b.dispose();
        },
      };
    },
  };
}

export async function numpyTs(): Promise<Contestant> {
  const np = await load('numpy-ts');
  const matrix = (values: Numbers, n: number) =>
    np.array(Array.from(values), values instanceof Float32Array ? 'float32' : 'float64').reshape([n, n]);
  return {
    name: 'numpy-ts',
    version: version('numpy-ts'),
    dtypes: ['f32', 'f64'],
    enter(n, _dtype, left, right) {
      const a = matrix(left, n);
      const b = matrix(right, n);
      return {
        run: () => np.matmul(a, b).dispose?.(),
        result() {
          const c = np.matmul(a, b);
          const values = Float64Array.from(c.data as Numbers);
          c.dispose?.();
          return values;
        },
        dispose() {
          a.dispose?.();
          b.dispose?.();
        },
      };
    },
  };
}

export async function jaxJs(): Promise<Contestant> {
  const jax = await load('@jax-js/jax');
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  const np = jax.numpy;
  return {
    name: 'jax-js',
    version: version('@jax-js/jax'),
    dtypes: ['f32'],
    enter(n, _dtype, left, right) {
      const matrix = (values: Numbers) => np.array(Float32Array.from(values)).reshape([n, n]);
      const a = matrix(left);
      const b = matrix(right);
      // Evaluation is lazy and operations consume their operands: reading the data runs the work.
      const result = () => np.matmul(a.ref, b.ref).dataSync();
      return {
        run: result,
        result,
        dispose() {
          a.dispose();
          b.dispose();
        },
      };
    },
  };
}

export async function mlMatrix(): Promise<Contestant> {
  const { Matrix } = await load('ml-matrix');
  return {
    name: 'ml-matrix',
    version: version('ml-matrix'),
    dtypes: ['f64'],
    enter(n, _dtype, left, right) {
      const a = Matrix.from1DArray(n, n, left);
      const b = Matrix.from1DArray(n, n, right);
      return {
        run: () => void a.mmul(b),
        result: () => a.mmul(b).to1DArray(),
        dispose() {},
      };
    },
  };
}
