// The module `pointwise`: comparisons, choices and signs, element by element with broadcasting.
export * from './array/exports-pointwise';
