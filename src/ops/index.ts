// Table of contents of the operations.
export { add, div, mul, neg, sub } from './arithmetic.js';
export { broadcastTo } from './broadcast.js';
export { astype } from './cast.js';
export { concat, split, stack } from './concat.js';
export { type DefinedOp, defineOp, type OpDefinition } from './define.js';
export { diagonal } from './diagonal.js';
export { dot, outer } from './dot.js';
export { einsum } from './einsum.js';
export { flip, roll } from './flip.js';
export { expandDims, reshape, squeeze, transpose } from './layout.js';
export { type MatmulOptions, matmul } from './matmul.js';
export type { Operand } from './operands.js';
export { type PadMode, type PadOptions, type PadWidths, pad } from './pad.js';
export { type ReduceOptions, sum } from './reduce.js';
export { type Bound, slice } from './slice.js';
export { stopGradient } from './stop.js';
export { take } from './take.js';
export { tril, triu } from './triangle.js';
