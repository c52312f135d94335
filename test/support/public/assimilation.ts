// Public functions of assimilation, with arguments.
import { assimilation, tensor } from '#src/index.js';
import { numbers } from '../check.js';
import type { PublicFunction } from '../public-functions.js';
import { layer, matrix, parameters, vector } from './makers.js';

const inverse = () => assimilation.lorenz96Inverse({ channels: [2], factor: 2 });
const flow = () => assimilation.kolmogorovInverse({ channels: 2, factor: 2 });

export const assimilationFunctions: Record<string, PublicFunction> = {
  'assimilation.averageInitial': {
    args: () => [matrix(2, 2), vector()],
    call: (g, y0, mean) => g(assimilation.subsample(2), y0, mean),
  },
  'assimilation.cubicUpsample': { args: () => [matrix(2, 3), 2, { axes: [0, 1] }] },
  'assimilation.errorScale': { refuses: 'all', args: () => [matrix(4, 3)] },
  'assimilation.kolmogorovInverse': layer(
    flow,
    () => tensor(numbers(16, 2), { shape: [1, 2, 2, 2, 2] }),
    [2, 2, 2, 2],
  ),
  'assimilation.lorenz96Inverse': layer(inverse, () => tensor(numbers(12, 2), { shape: [2, 2, 3] }), [2, 3], {
    training: true,
  }),
  'assimilation.relativeError': { args: () => [matrix(2, 3), matrix(2, 3, 2), 1.5] },
  'assimilation.subsample': { args: () => [matrix(2, 3)], call: (g, x) => g(2).apply(x) },
  'assimilation.trainInverse': {
    refuses: 'all',
    args: () => [
      inverse(),
      parameters(inverse(), [2, 3]),
      {
        states: tensor(numbers(24, 3), { shape: [2, 2, 6] }),
        observations: tensor(numbers(12, 2), { shape: [2, 2, 3] }),
      },
      { epochs: 1 },
    ],
  },
};
