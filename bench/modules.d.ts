// Types of the two dependencies of Benchmark.js that ship none: they are only handed on.
declare module 'lodash' {
  const lodash: object;
  export default lodash;
}
declare module 'platform' {
  const platform: object;
  export default platform;
}
// Peers, which are not installed where types are checked.
declare module '@tensorflow/tfjs';
declare module '@tensorflow/tfjs-backend-webgpu';
declare module '@jax-js/jax';
