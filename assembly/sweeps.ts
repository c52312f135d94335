// The module `sweeps`: sequences of plane rotations, and solvers of tridiagonal and banded systems.
export * from './sweeps/exports';
