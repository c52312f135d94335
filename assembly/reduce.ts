// The module `reduce`: products, extrema, norms, softmax and running sums over an axis.
export * from './array/exports-reduce';
