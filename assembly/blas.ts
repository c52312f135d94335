// The module `blas`: gemm, the level-1 and level-2 kernels and sequences of plane rotations, in both element types.
export * from './gemm/exports';
export * from './level1/exports';
export * from './level2/exports';
