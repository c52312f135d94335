// Public functions of graph, with arguments.
import { random, tensor } from '#src/index.js';
import type { PublicFunction } from '../public-functions.js';
import { matrix, through } from './makers.js';

const PAIRS = [
  [0, 1],
  [1, 2],
  [0, 2],
  [2, 3],
];
const network = () => ({
  n: 4,
  edges: tensor(PAIRS, { dtype: 'i32' }),
  weights: tensor([1, 2, 0.5, 1.5]),
});
const NUMBERS = 'its arguments are numbers';
/** With a generator that is as new for every call. */
const drawn = (...numbers: number[]): PublicFunction => ({
  constant: NUMBERS,
  args: () => numbers,
  call: (f, ...given) => f(random(3), ...given),
});
const TEXT = 'its argument is a text';

export const graphFunctions: Record<string, PublicFunction> = {
  'graph.adjacency': { refuses: 'all', args: () => [network()] },
  'graph.barabasiAlbert': drawn(40, 3),
  'graph.complete': { constant: NUMBERS, args: () => [4] },
  'graph.degrees': { refuses: 'all', args: () => [network()] },
  'graph.erdosRenyi': drawn(40, 0.1),
  'graph.fourierTransform': {
    args: () => [{ n: 4, edges: PAIRS, weights: [1, 2, 0.5, 1.5] }, matrix(4, 2)],
    call: (f, g, x) => through(f(g), (transform) => transform.gft(x)),
  },
  'graph.grid2d': { constant: NUMBERS, args: () => [2, 3] },
  'graph.laplacian': { refuses: 'all', args: () => [network(), { kind: 'normalized' }] },
  'graph.path': { constant: NUMBERS, args: () => [4] },
  'graph.randomGeometric': drawn(40, 0.2),
  'graph.readEdgeList': { constant: TEXT, args: () => ['a b 1\nb c 0.25\n', { weighted: true }] },
  'graph.readMatrixMarket': {
    constant: TEXT,
    args: () => [
      '%%MatrixMarket matrix coordinate real general\n3 3 2\n1 2 0.5\n3 2 -1e3\n',
      { weighted: true },
    ],
  },
  'graph.ring': { constant: NUMBERS, args: () => [4] },
  'graph.star': { constant: NUMBERS, args: () => [4] },
  'graph.wattsStrogatz': drawn(40, 4, 0.2),
};
