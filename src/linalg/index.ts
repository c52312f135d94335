// Table of contents of linear algebra.
export { type ApplyGivensOptions, applyGivens, type Givens, givens, type Rotations } from './givens.js';
