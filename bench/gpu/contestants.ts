// Those who multiply f32 matrices on the GPU: ours by WGSL and by gpu.js, tfjs, jax-js and onnxruntime-web, all on one adapter in one process or page.
import * as ct from 'cotangent';
import type { Peer } from '../peers/others.js';
import { matmulModel } from './onnx-model.js';

/** A product with its operands on the device. */
export interface GpuEntry {
  /** Multiplies, and waits until that is done; nothing is read back. */
  kernel(): Promise<void>;
  /** Uploads both operands, multiplies, and reads the result. */
  trip(): Promise<ArrayLike<number>>;
  dispose(): void;
}

export interface GpuContestant {
  readonly name: string;
  enter(n: number, left: Float32Array, right: Float32Array): Promise<GpuEntry>;
}

/** How a process or a page loads peers. */
export interface Peers {
  load(name: string): Promise<Peer>;
  version(name: string): string;
}

/** Ours, by the kernels of this name. */
export function cotangent(kernel: 'auto' | 'portable'): GpuContestant {
  const { gpu } = ct;
  return {
    name: kernel === 'auto' ? 'cotangent, WGSL' : 'cotangent, gpu.js',
    async enter(n, left, right) {
      const hosts = [left, right].map((values) => ct.tensor(values, { shape: [n, n] }));
      const [a, b] = hosts.map((x) => gpu.upload(x));
      return {
        async kernel() {
          gpu.matmul(a, b, { kernel }).dispose();
          await gpu.sync();
        },
        async trip() {
          const operands = hosts.map((x) => gpu.upload(x));
          const c = gpu.matmul(operands[0], operands[1], { kernel });
          const result = await c.download();
          const values = result.toTypedArray();
          for (const x of [...operands, c, result]) x.dispose();
          return values;
        },
        dispose() {
          for (const x of [a, b, ...hosts]) x.dispose();
        },
      };
    },
  };
}

export async function tfjs({ load, version }: Peers): Promise<GpuContestant> {
  const tf = await load('@tensorflow/tfjs');
  const name = '@tensorflow/tfjs-backend-webgpu';
  await load(name);
  await tf.setBackend('webgpu');
  await tf.ready();
  const { device } = tf.backend();
  return {
    name: `tfjs-backend-webgpu ${version(name)}`,
    async enter(n, left, right) {
      const matrix = (values: Float32Array) => tf.tensor2d(values, [n, n]);
      const [a, b] = [left, right].map(matrix);
      return {
        async kernel() {
          const c = tf.matMul(a, b);
          tf.backend().endComputePassEncoder();
          tf.backend().submitQueue();
          await device.queue.onSubmittedWorkDone();
          c.dispose();
        },
        async trip() {
          const operands = [left, right].map((values) => matrix(values.slice()));
          const c = tf.matMul(operands[0], operands[1]);
          const values = await c.data();
          for (const x of [...operands, c]) x.dispose();
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

export async function jaxJs({ load, version }: Peers): Promise<GpuContestant> {
  const jax = await load('@jax-js/jax');
  await jax.init('webgpu');
  jax.defaultDevice('webgpu');
  const np = jax.numpy;
  return {
    name: `jax-js webgpu ${version('@jax-js/jax')}`,
    async enter(n, left, right) {
      const matrix = (values: Float32Array) => np.array(values).reshape([n, n]);
      const [a, b] = [left, right].map(matrix);
      return {
        async kernel() {
          // Operations consume their operands.
          const c = np.matmul(a.ref, b.ref);
          await c.blockUntilReady();
          c.dispose();
        },
        trip: () => np.matmul(matrix(left.slice()), matrix(right.slice())).data(),
        dispose() {
          a.dispose();
          b.dispose();
        },
      };
    },
  };
}

/** In pages only: under Node it needs its memory copied for the binding, and keeps the process from ending. */
export async function onnx({ load, version }: Peers): Promise<GpuContestant> {
  const ort = await load('onnxruntime-web/webgpu');
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = '/ort/';
  return {
    name: `onnxruntime-web webgpu ${version('onnxruntime-web')}`,
    async enter(n, left, right) {
      const options = { executionProviders: ['webgpu'], preferredOutputLocation: 'gpu-buffer' };
      const session = await ort.InferenceSession.create(matmulModel(n), options);
      const device: GPUDevice = await ort.env.webgpu.device;
      const buffers: GPUBuffer[] = [];
      const resident = (values: Float32Array) => {
        const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
        const gpuBuffer = device.createBuffer({ size: values.byteLength, usage });
        device.queue.writeBuffer(gpuBuffer, 0, values as Float32Array<ArrayBuffer>);
        buffers.push(gpuBuffer);
        return ort.Tensor.fromGpuBuffer(gpuBuffer, { dataType: 'float32', dims: [n, n] });
      };
      const [a, b] = [left, right].map(resident);
      return {
        async kernel() {
          const { c } = await session.run({ a, b });
          await device.queue.onSubmittedWorkDone();
          c.dispose();
        },
        async trip() {
          const [x, y] = [left, right].map((values) => new ort.Tensor('float32', values, [n, n]));
          const { c } = await session.run({ a: x, b: y });
          return c.getData(true);
        },
        dispose() {
          for (const buffer of buffers) buffer.destroy();
          void session.release();
        },
      };
    },
  };
}
