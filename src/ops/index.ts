// Table of contents of the operations.
export { add, div, mul, neg, type Operand, sub } from './arithmetic.js';
export { astype } from './cast.js';
export { reshape, transpose } from './layout.js';
export { type MatmulOptions, matmul } from './matmul.js';
export { type ReduceOptions, sum } from './reduce.js';
export { take } from './take.js';
