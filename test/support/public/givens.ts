// Public functions of givens, with arguments.
import { random, tensor } from '#src/index.js';
import type { PublicFunction } from '../public-functions.js';
import { integers, matrix } from './makers.js';

/** The orthogonal matrix of a few rotations. */
const orthogonal = () =>
  tensor([
    [0.36, 0.48, -0.8],
    [-0.8, 0.6, 0],
    [0.48, 0.64, 0.6],
  ]);
const product = () => ({
  i: integers(0, 1, 0),
  j: integers(1, 2, 2),
  angles: tensor([0.3, -0.7, 1.9]),
  permutation: integers(2, 0, 1),
  signs: [1, -1, -1],
});
const NUMBERS = 'its arguments are numbers';

export const givensFunctions: Record<string, PublicFunction> = {
  'givens.align': { refuses: 'all', args: () => [matrix(3, 3), matrix(3, 3, 5)] },
  'givens.apply': { args: () => [product(), matrix(3, 2), { transpose: true }] },
  'givens.factorize': { refuses: 'all', eagerOnly: true, args: () => [orthogonal()] },
  'givens.haar': { constant: NUMBERS, args: () => [4], call: (f, d) => f(random(3), d) },
  'givens.planted': { constant: NUMBERS, args: () => [4, 3], call: (f, d, K) => f(random(3), d, K) },
  'givens.symmetrizedError': { refuses: 'all', args: () => [matrix(3, 3), matrix(3, 3, 5)] },
  'givens.toDense': { args: () => [product()] },
};
