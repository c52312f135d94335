// The module `vectors`: several level-1 operations in one passage, for solvers.
export * from './level1/exports-fused';
