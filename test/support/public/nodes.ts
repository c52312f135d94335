// Public functions of nodes, with arguments.
import { add, concat, eye, mul, nodes, reshape, square, sub, sum, type Tensor, tensor } from '#src/index.js';
import type { PublicFunction } from '../public-functions.js';
import { matrix, vector } from './makers.js';

/** Image points and points in space that nearly match, so that the derivatives are not special. */
const corners = () => tensor([-1, -1.1, 1, -0.9, 1.05, 1, -1, 0.95], { shape: [4, 2] });
const space = () => tensor([-2, -2, 0, 2, -2, 0.1, 2, 2, 0, -2, 2, 0.2], { shape: [4, 3] });
const entry = (z: Tensor, i: number) => sum(mul(z, tensor([i === 0 ? 1 : 0, i === 1 ? 1 : 0])));

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
  'nodes.argmin': {
    eagerOnly: true,
    args: () => [vector(), vector(2)],
    starts: [1],
    call: (g, x, u0) =>
      g({
        objective: (z: Tensor, u: Tensor) => sum(square(sub(u, z))),
        equality: (_: Tensor, u: Tensor) => reshape(sub(sum(u), 1), [1]),
      })(x, u0),
  },
  'nodes.leastSquares': { args: () => [matrix(3, 2), vector(), { weights: tensor([1, 2, 0.5]) }] },
  'nodes.ridge': { args: () => [matrix(3, 4), vector(), tensor(0.7)] },
  'nodes.blindPnp': {
    tolerance: 1e-4,
    args: () => [
      corners(),
      space(),
      mul(eye(4), -1),
      { gamma: tensor(3), theta0: tensor([0, 0, 0, 0, 0, 2]) },
    ],
    starts: [4],
    call: (g, ...args) => g(...args).theta,
  },
  'nodes.optimalControl': {
    eagerOnly: true,
    tolerance: 1e-4,
    args: () => [tensor([0.9, 0.2]), tensor([1])],
    call: (g, theta, start) =>
      g({
        horizon: 3,
        controlSize: 1,
        dynamics: (x: Tensor, u: Tensor, z: Tensor) => add(mul(x, entry(z, 0)), mul(u, entry(z, 1))),
        cost: (x: Tensor, u: Tensor) => sum(concat([square(x), square(u)], -1), { axis: -1 }),
      })(theta, start).controls,
  },
  'nodes.optimalTransport': { args: () => [matrix(3, 2), { gamma: tensor(2) }] },
  'nodes.optimalTransportCost': { args: () => [matrix(3, 2), { gamma: tensor(2) }] },
  'nodes.pnp': {
    tolerance: 1e-4,
    args: () => [corners(), space(), { weights: tensor([1, 2, 1, 1]), theta0: tensor([0, 0, 0, 0, 0, 2]) }],
    starts: [3],
  },
  'nodes.projectL1Ball': { args: () => [vector(), { radius: tensor(0.5) }] },
  'nodes.projectL2Ball': { args: () => [vector(), { radius: tensor(0.5) }] },
  'nodes.projectLinfBall': { args: () => [vector(), { radius: tensor(0.25) }] },
  'nodes.projectPolyhedron': {
    args: () => [vector(), { G: eye(3), h: tensor([0.1, 0.1, 0.1]) }],
  },
  'nodes.projectSimplex': { args: () => [vector(), { radius: tensor(2) }] },
  'nodes.projectSphere': { args: () => [vector(), { radius: tensor(2) }] },
  'nodes.quadraticProgram': {
    args: () => [{ P: mul(eye(3), 2), q: vector(), G: eye(3), h: tensor([-0.5, 2, 2]) }],
  },
  'nodes.robustPool': { args: () => [vector(), { penalty: 'pseudoHuber', alpha: tensor(0.2) }] },
  'nodes.rotationMatrix': { args: () => [vector()] },
  'nodes.rotationVector': { args: () => [vector()], call: (g, v) => g(nodes.rotationMatrix(v)) },
  'nodes.totalVariation': { args: () => [vector(), { lambda: tensor(0.1) }] },
};
