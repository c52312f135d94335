// Public functions of cones, with arguments.
import * as ct from '#src/index.js';
import type { PublicFunction } from '../public-functions.js';

const { tensor } = ct;
const square = () =>
  tensor([
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ]);

const NUMBERS = 'its arguments are numbers';

export const conesFunctions: Record<string, PublicFunction> = {
  'cones.checkerboard': { constant: NUMBERS, args: () => [4, 4, { tiles: [2, 2] }] },
  'cones.convex': { constant: NUMBERS, args: () => [4] },
  'cones.doubleDescription': { refuses: 'all', args: () => [tensor([[1, -1, 0.5]])] },
  'cones.facetEnumeration': { refuses: 'all', args: () => [{ vertices: square(), rays: tensor([[1, 1]]) }] },
  'cones.generators': {
    refuses: 'all',
    args: () => [{ rays: tensor([[1, 0]]), lineality: tensor([[0, 1]]) }],
  },
  'cones.monotone': { constant: NUMBERS, args: () => [3, { decreasing: true }] },
  'cones.signs': { constant: NUMBERS, args: () => [[1, 0, -1]] },
  'cones.vertexEnumeration': {
    refuses: 'all',
    args: () => [square(), tensor([1, 1, 1, 2]), { equalities: { A: tensor([[1, 1]]), b: tensor([0.5]) } }],
  },
};
