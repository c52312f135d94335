// cotangent as Node loads it. Reading the text of all namespaces takes an engine longer than most programs run, so each is
// loaded when it is first used; what imports a sub-path gets it from here (scripts/build-library.mjs writes dist/node/), so
// that no namespace is ever being imported while it is required, which Node refuses.
import { createRequire } from 'node:module';
import type * as assimilationModule from './assimilation/index.js';
import type * as conesModule from './cones/index.js';
import { namespaceOnUse } from './core/namespace.js';
import type * as dynamicsModule from './dynamics/index.js';
import type * as fftModule from './fft/index.js';
import type * as givensModule from './givens/index.js';
import type * as graphModule from './graph/index.js';
import type * as kernelsModule from './kernels.js';
import type * as linalgModule from './linalg/index.js';
import type * as nnModule from './nn/index.js';
import type * as nodesModule from './nodes/index.js';
import type * as optimModule from './optim/index.js';

export * from './base.js';
export * as gpu from './gpu/index.js';

/** The names in each namespace; written in by the build. */
declare const NAMES: Record<
  | 'assimilation'
  | 'cones'
  | 'dynamics'
  | 'fft'
  | 'givens'
  | 'graph'
  | 'kernels'
  | 'linalg'
  | 'nn'
  | 'nodes'
  | 'optim',
  string[]
>;

const require = createRequire(import.meta.url);
export const assimilation: typeof assimilationModule = namespaceOnUse(NAMES.assimilation, () =>
  require('./assimilation.js'),
);
export const cones: typeof conesModule = namespaceOnUse(NAMES.cones, () => require('./cones.js'));
export const dynamics: typeof dynamicsModule = namespaceOnUse(NAMES.dynamics, () => require('./dynamics.js'));
export const fft: typeof fftModule = namespaceOnUse(NAMES.fft, () => require('./fft.js'));
export const givens: typeof givensModule = namespaceOnUse(NAMES.givens, () => require('./givens.js'));
export const graph: typeof graphModule = namespaceOnUse(NAMES.graph, () => require('./graph.js'));
export const kernels: typeof kernelsModule = namespaceOnUse(NAMES.kernels, () => require('./kernels.js'));
export const linalg: typeof linalgModule = namespaceOnUse(NAMES.linalg, () => require('./linalg.js'));
export const nn: typeof nnModule = namespaceOnUse(NAMES.nn, () => require('./nn.js'));
export const nodes: typeof nodesModule = namespaceOnUse(NAMES.nodes, () => require('./nodes.js'));
export const optim: typeof optimModule = namespaceOnUse(NAMES.optim, () => require('./optim.js'));
