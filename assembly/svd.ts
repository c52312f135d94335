// The module `svd`: the singular value decomposition, in both element types.
export * from './svd/exports';
