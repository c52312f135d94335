// Public functions of givens, with arguments.
import { linalg, random, tensor } from '#src/index.js';
import type { PublicFunction } from '../public-functions.js';
import { matrix, through } from './makers.js';

const product = () => ({
  i: [0, 1, 0],
  j: [1, 2, 2],
  angles: tensor([0.3, -0.7, 1.9]),
  permutation: [2, 0, 1],
  signs: [1, -1, -1],
});
const NUMBERS = 'its arguments are numbers';

export const givensFunctions: Record<string, PublicFunction> = {
  'givens.align': { refuses: 'all', args: () => [matrix(3, 3), matrix(3, 3, 5)] },
  'givens.apply': { args: () => [product(), matrix(3, 2), { transpose: true }] },
  // Of an orthogonal matrix, whatever is asked for.
  'givens.factorize': {
    refuses: 'all',
    eagerOnly: true,
    args: () => [matrix(4, 4)],
    call: (f, a) => through(linalg.qr(a), ({ q }) => f(q, { refine: 1 })),
  },
  'givens.haar': { constant: NUMBERS, args: () => [4], call: (f, d) => f(random(3), d) },
  'givens.planted': { constant: NUMBERS, args: () => [4, 3], call: (f, d, K) => f(random(3), d, K) },
  'givens.symmetrizedError': { refuses: 'all', args: () => [matrix(3, 3), matrix(3, 3, 5)] },
  'givens.toDense': { args: () => [product()] },
};
