// Public functions of dynamics, with arguments.
import { dynamics, random, sin, type Tensor, tensor } from '#src/index.js';
import { numbers } from '../check.js';
import type { Any, PublicFunction } from '../public-functions.js';
import { matrix } from './makers.js';

const NO_TENSORS = 'it makes a system or a method of numbers';
const RANDOM = 'it draws random numbers';
const state = (K: number) => tensor(numbers(K, 7).map((v) => 2 + 2 * v));
const model = (K: number) => dynamics.lorenz96({ K, interval: 0.02, innerSteps: 2 });

export const dynamicsFunctions: Record<string, PublicFunction> = {
  'dynamics.dopri5': { args: () => [{ rtol: 1e-3 }], constant: NO_TENSORS },
  'dynamics.euler': { args: () => [{ dt: 0.1 }], constant: NO_TENSORS },
  'dynamics.filteredVelocityField': {
    args: () => [{ n: 4, batch: [2] }],
    call: (f: Any, options: object) => f(random(1), options),
    constant: RANDOM,
  },
  'dynamics.kolmogorovFlow': {
    args: () => [
      tensor(numbers(32, 5), { shape: [2, 4, 4] }),
      { n: 4, wavenumber: 1, innerSteps: 2, dt: 0.05 },
    ],
    call: (f: Any, x: Tensor, options: object) => {
      const flow = f(options);
      try {
        return flow.advance(x);
      } finally {
        flow.dispose();
      }
    },
  },
  'dynamics.lorenz96': {
    args: () => [state(5), { K: 5, innerSteps: 2, interval: 0.02 }],
    call: (f: Any, x: Tensor, options: object) => f(options).advance(x),
  },
  'dynamics.lyapunovExponent': {
    args: () => [model(5), state(5), { steps: 3 }],
    refuses: 'all',
    eagerOnly: true,
  },
  'dynamics.odeint': {
    args: () => [
      (x: Tensor) => sin(x),
      matrix(2, 3),
      [0, 0.2, 0.5],
      dynamics.rk4({ dt: 0.2 }),
      { batchAxes: 1 },
    ],
  },
  'dynamics.rk4': { args: () => [{ dt: 0.1 }], constant: NO_TENSORS },
  'dynamics.sample': {
    args: () => [model(5), { count: 2, steps: 2 }],
    call: (f: Any, system: object, options: object) => f(system, random(1), options),
    constant: RANDOM,
  },
  'dynamics.spinUp': { args: () => [model(5), state(5), { steps: 2 }] },
  'dynamics.system': {
    args: () => [matrix(2, 3), { stateShape: [3], interval: 0.1, tendency: (x: Tensor) => sin(x) }],
    call: (f: Any, x: Tensor, options: object) => f(options).advance(x),
  },
  'dynamics.trajectory': { args: () => [model(5), state(5), { steps: 2 }] },
};
