// Public functions of nodes, with arguments.
import { tensor } from '#src/index.js';
import type { PublicFunction } from '../public-functions.js';
import { matrix, vector } from './makers.js';

export const nodesFunctions: Record<string, PublicFunction> = {
  'nodes.eigh': {
    args: () => [
      tensor([
        [2, 0.3],
        [0.1, 5],
      ]),
      { indices: [-1, 0] },
    ],
  },
  'nodes.leastSquares': { args: () => [matrix(3, 2), vector(), { weights: tensor([1, 2, 0.5]) }] },
  'nodes.ridge': { args: () => [matrix(3, 4), vector(), tensor(0.7)] },
  'nodes.totalVariation': { args: () => [vector(), { lambda: tensor(0.1) }] },
};
