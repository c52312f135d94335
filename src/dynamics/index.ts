// Table of contents of cotangent/dynamics: dynamical systems and their integration in time.
export { filteredVelocityField, type VelocityFieldOptions } from './flow/initial-field.js';
export { type FlowSystem, kolmogorovFlow } from './flow/kolmogorov-flow.js';
export type { KolmogorovFlowOptions } from './flow/parameters.js';
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
