// The module `lapack`: symmetric and triangular kernels, and the factorizations built on them: Cholesky, LU, QR.
export * from './lapack/exports';
export * from './level3/exports';
