// Public functions of cones, with arguments.
import type { PublicFunction } from '../public-functions.js';

const NUMBERS = 'its arguments are numbers';

export const conesFunctions: Record<string, PublicFunction> = {
  'cones.checkerboard': { constant: NUMBERS, args: () => [4, 4, { tiles: [2, 2] }] },
  'cones.convex': { constant: NUMBERS, args: () => [4] },
  'cones.monotone': { constant: NUMBERS, args: () => [3, { decreasing: true }] },
  'cones.signs': { constant: NUMBERS, args: () => [[1, 0, -1]] },
};
