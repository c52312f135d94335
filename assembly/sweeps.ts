// The module `sweeps`: elimination in tridiagonal and banded systems, one sweep down and one up.
export * from './sweeps/exports';
