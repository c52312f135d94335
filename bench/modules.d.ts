// Types of the two dependencies of Benchmark.js that ship none: they are only handed on.
declare module 'lodash' {
  const lodash: object;
  export default lodash;
}
declare module 'platform' {
  const platform: object;
  export default platform;
}
