// The module `lapack`: triangular kernels and the factorizations built on them: Cholesky, LU, QR.
export * from './lapack/exports';
