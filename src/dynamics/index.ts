// Table of contents of cotangent/dynamics: dynamical systems and their integration in time.
export {
  type AdaptiveMethod,
  type Dopri5Options,
  dopri5,
  euler,
  type FixedMethod,
  type OdeMethod,
  rk4,
} from './integrate/methods.js';
export { type OdeintOptions, odeint } from './integrate/odeint.js';
export { type LyapunovExponent, type LyapunovOptions, lyapunovExponent } from './lyapunov.js';
export { sample } from './sample.js';
export type { System } from './system.js';
export { type Lorenz96Options, lorenz96 } from './systems/lorenz96.js';
export { type SystemOptions, system } from './systems/system.js';
export { spinUp, type TrajectoryOptions, trajectory } from './trajectory.js';
