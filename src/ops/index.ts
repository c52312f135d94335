// Table of contents of the operations.
export { add, div, mul, neg, sub } from './arithmetic.js';
export { broadcastTo } from './broadcast.js';
export { astype } from './cast.js';
export { reshape, transpose } from './layout.js';
export { type MatmulOptions, matmul } from './matmul.js';
export type { Operand } from './operands.js';
export { type ReduceOptions, sum } from './reduce.js';
export { stopGradient } from './stop.js';
export { take } from './take.js';
