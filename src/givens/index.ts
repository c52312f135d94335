// Table of contents of cotangent/givens: orthogonal matrices as products of few plane rotations.
export { type Aligned, align, symmetrizedError } from './align.js';
export { type ApplyOptions, apply, toDense } from './apply.js';
export type { FactorizationMethod, FactorizeOptions } from './arguments.js';
export type { Factorization } from './factorization.js';
export { factorize } from './factorize.js';
export type { Product } from './product.js';
export { type HaarOptions, haar, type Planted, planted } from './samplers.js';
export type { PairCounts } from './search/pair-search.js';
