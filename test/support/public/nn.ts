// Public functions of nn, with arguments.
import { nn, random, tensor } from '#src/index.js';
import type { Any, PublicFunction } from '../public-functions.js';
import {
  autoencoder,
  images,
  integers,
  layer,
  layers,
  loss,
  matrix,
  noTensors,
  parameters,
  SPEAKS,
  through,
  variables,
  vector,
} from './makers.js';

export const nnFunctions: Record<string, PublicFunction> = {
  'nn.accuracy': { args: () => [matrix(3, 2), integers(0, 1, 1)] },
  'nn.activation': layer(() => nn.activation('tanh'), vector, [3]),
  'nn.batchNorm': layer(() => nn.batchNorm(), images, [2, 4, 4], { training: true }),
  'nn.batches': {
    refuses: 'all',
    args: () => [{ x: matrix(4, 3) }],
    call: (g, data) => {
      const all: unknown[] = [];
      for (const batch of g(data, { size: 2, copy: true }))
        all.push(...through(batch, (b: Any) => [[...b.x.data()]]));
      return all.flat();
    },
  },
  'nn.bernoulli': { args: () => [integers(1, 2), 0.5, [3]], constant: 'random numbers' },
  'nn.binaryCrossEntropy': {
    args: () => [
      matrix(2, 3),
      tensor([
        [0.1, 0.9, 0.4],
        [0.2, 0.3, 0.8],
      ]),
    ],
  },
  'nn.coneConstraint': layer(
    () => nn.coneConstraint([[1, -1, 0]], { box: 0.5 }),
    () => matrix(4, 3),
    [3],
    { training: true },
  ),
  'nn.conv': layer(() => nn.conv(3, [3, 3]), images, [2, 4, 4]),
  'nn.crossEntropy': { args: () => [matrix(3, 2), integers(0, 1, 1)] },
  'nn.dense': layer(
    () => nn.dense(2),
    () => matrix(2, 3),
    [3],
  ),
  'nn.diagonalStep': {
    refuses: 'all',
    args: () => [parameters(), matrix(2, 3), integers(0, 1)],
    call: (g, params, x, y) =>
      through(g(layers(), { tauTheta: 0.5 }), (rule: Any) => rule.direction(params, x, y, loss)),
  },
  'nn.dropout': {
    args: () => [matrix(2, 3), integers(1, 2)],
    call: (g, x, key) => g(0.5).apply({}, x, { training: true, key }),
  },
  'nn.evaluate': {
    refuses: 'all',
    args: () => [layers(), parameters(), { x: matrix(2, 3), y: integers(0, 1) }],
  },
  'nn.fit': {
    refuses: 'all',
    args: () => [layers(), parameters(), { x: matrix(2, 3), y: integers(0, 1) }, { epochs: 1 }],
  },
  'nn.flatten': { args: () => [images()], call: (g, x) => g().apply({}, x) },
  'nn.foldIn': { args: () => [integers(1, 2), 3], constant: 'random bits' },
  'nn.gaussianKl': { args: () => [matrix(2, 3), matrix(2, 3, 2)] },
  'nn.kl': { args: () => [tensor([[0.2, 0.3, 0.5]]), tensor([[0.3, 0.3, 0.4]])] },
  'nn.layerwise': {
    refuses: 'all',
    args: () => [parameters(), matrix(2, 3), integers(0, 1)],
    call: (g, params, x, y) =>
      through(
        g(layers(), ({ gradient }: Any) => gradient),
        (rule: Any) => rule.direction(params, x, y, loss),
      ),
  },
  'nn.loadSafetensors': {
    args: () => [through({ x: vector() }, nn.saveSafetensors)],
    constant: 'takes no tensors',
  },
  'nn.maxPool': { args: () => [images()], call: (g, x) => g(2).apply({}, x) },
  'nn.models.mlp': layer(
    () => nn.models.mlp([3, 2]),
    () => matrix(2, 3),
    [3],
  ),
  'nn.models.proxpropConvNet': { args: () => [], constant: 'makes a model of layers that are in the table' },
  'nn.models.vae': {
    args: () => [parameters(autoencoder(nn.models.vae)), matrix(2, 3), matrix(2, 1, 5)],
    call: (g, params, x, noise) => autoencoder(g).loss(params, x, noise),
  },
  'nn.mse': { args: () => [matrix(2, 3), matrix(2, 3, 2)] },
  'nn.parameterCount': { args: () => [parameters()], constant: 'counts elements, of which it reads none' },
  'nn.penaltyEnergy': {
    args: () => [parameters(), variables(), matrix(2, 3), integers(0, 1)],
    call: (g, params, at, x, y) => g(layers(), params, at, x, y, { gamma: 1, rho: 2 }),
  },
  'nn.penaltySweep': {
    args: () => [parameters(), matrix(2, 3), integers(0, 1)],
    call: (g, params, x, y) => g(layers(), params, x, y, { tau: 0.1, tauTheta: 0.5 }),
  },
  'nn.penaltyVariables': {
    args: () => [parameters(), matrix(2, 3)],
    call: (g, params, x) => g(layers(), params, x),
  },
  'nn.polyhedronConstraint': layer(
    () =>
      nn.polyhedronConstraint(
        [
          [-1, -1],
          [-1, 0],
          [0, -1],
        ],
        [-1, 0, 0],
      ),
    () => matrix(4, 3),
    [3],
    { training: true },
  ),
  'nn.proxprop': {
    refuses: 'all',
    args: () => [parameters(), matrix(2, 3), integers(0, 1)],
    call: (g, params, x, y) =>
      through(g(layers(), { mode: 'exact' }), (rule: Any) => rule.direction(params, x, y, loss)),
  },
  'nn.randomBits': { args: () => [integers(1, 2), [3]], constant: 'random bits' },
  'nn.readCifar10': noTensors(new Uint8Array(3073)),
  'nn.readIdx': noTensors(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9)),
  'nn.saveSafetensors': { args: () => [{ x: vector() }], constant: SPEAKS },
  'nn.rayConstraint': layer(
    () =>
      nn.rayConstraint(
        [
          [1, 0],
          [0, 1],
          [-1, -1],
        ],
        [0.5, 0.4, 0.3],
      ),
    () => matrix(4, 3),
    [3],
    { training: true },
  ),
  'nn.sequential': layer(layers, () => matrix(2, 3), [3]),
  'nn.syntheticImages': {
    args: () => [],
    call: (g) => g(random(1), { count: 1 }),
    constant: 'takes no tensors',
  },
  'nn.upsample': { args: () => [images()], call: (g, x) => g(2).apply({}, x) },
};
