// The module `eigen`: the symmetric eigenproblem in both element types.
export * from './eigen/exports';
