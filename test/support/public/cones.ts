// Public functions of cones, with arguments.
import { tensor } from '#src/index.js';
import type { PublicFunction } from '../public-functions.js';
import { matrix } from './makers.js';

const square = () =>
  tensor([
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ]);
const halfPlanes = () =>
  tensor([
    [1, 2],
    [-1, 1],
    [0, -1],
  ]);
const sides = () => tensor([0.5, 0.4, 0.3]);
/** At a corner, at an edge, and inside. */
const outside = () =>
  tensor([
    [1, 3],
    [2, 0.1],
    [0.1, 0.1],
  ]);
const NUMBERS = 'its arguments are numbers';

export const conesFunctions: Record<string, PublicFunction> = {
  'cones.checkerboard': { constant: NUMBERS, args: () => [4, 4, { tiles: [2, 2] }] },
  'cones.contains': {
    args: () => [halfPlanes(), matrix(3, 2, 5)],
    constant: 'its result is a choice',
  },
  'cones.convex': { constant: NUMBERS, args: () => [4] },
  'cones.doubleDescription': { refuses: 'all', args: () => [tensor([[1, -1, 0.5]])] },
  'cones.facetEnumeration': { refuses: 'all', args: () => [{ vertices: square(), rays: tensor([[1, 1]]) }] },
  'cones.generators': {
    refuses: 'all',
    args: () => [{ rays: tensor([[1, 0]]), lineality: tensor([[0, 1]]) }],
  },
  'cones.distance': {
    refuses: [0, 2],
    args: () => [halfPlanes(), outside(), sides()],
    call: (g, A, y, b) => g(A, y, { b }),
  },
  'cones.monotone': { constant: NUMBERS, args: () => [3, { decreasing: true }] },
  'cones.project': {
    refuses: [0, 2],
    args: () => [halfPlanes(), outside(), sides()],
    call: (g, A, y, b) => g(A, y, { b }),
  },
  'cones.readCdd': {
    constant: 'its argument is a text',
    args: () => ['V-representation\nbegin\n 2 3 integer\n 1 0 2\n 0 1 1\nend\n'],
  },
  'cones.signs': { constant: NUMBERS, args: () => [[1, 0, -1]] },
  'cones.vertexEnumeration': {
    refuses: 'all',
    args: () => [square(), tensor([1, 1, 1, 2]), { equalities: { A: tensor([[1, 1]]), b: tensor([0.5]) } }],
  },
  'cones.writeCdd': {
    refuses: 'all',
    args: () => [{ representation: 'H', A: square(), b: tensor([1, 1, 1, 2]) }],
  },
};
