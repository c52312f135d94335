// The module `givens`: factorization of orthogonal matrices into plane rotations.
export * from './givens/exports';
export * from './givens/exports-application';
