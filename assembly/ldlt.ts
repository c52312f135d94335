// The module `ldlt`: the factorization of symmetric indefinite matrices.
export * from './ldlt/exports';
