// Table of contents of covariances.
export { dense } from './dense.js';
export { diagonal } from './diagonal.js';
export { lowRank } from './low-rank.js';
export { operators } from './operators.js';
