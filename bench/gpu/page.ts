// The race as a page, which Node drives: see chromium.ts.
import { jaxJs, onnx, type Peers, tfjs } from './contestants.js';
import { stampPasses } from './passes.js';
import { openField, race } from './race.js';

stampPasses();

const modules: Record<string, () => Promise<unknown>> = {
  '@tensorflow/tfjs': () => import('@tensorflow/tfjs'),
  '@tensorflow/tfjs-backend-webgpu': () => import('@tensorflow/tfjs-backend-webgpu'),
  '@jax-js/jax': () => import('@jax-js/jax'),
  // Loaded as it is, since it looks for its own file.
  'onnxruntime-web/webgpu': () => import(/* @vite-ignore */ String('/ort/ort.webgpu.min.mjs')),
};

Object.assign(globalThis, {
  race,
  openField: (versions: Record<string, string>, software: boolean) => {
    const peers: Peers = { load: (name) => modules[name](), version: (name) => versions[name] };
    return openField(peers, [tfjs, jaxJs, onnx], software);
  },
});
