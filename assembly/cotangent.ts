// All modules in one binary: what `init({ wasm })` takes.
export * from './blas';
export * from './array';
export * from './pointwise';
export * from './reduce';
export * from './lapack';
export * from './conv';
export * from './banded';
export * from './svd';
export * from './eigen';
export * from './ldlt';
export * from './math';
export * from './optimizer-steps';
export * from './vectors';
export * from './random';
