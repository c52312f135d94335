// Kolmogorov flow: two-dimensional turbulence on a periodic square, driven by a sine.

import type { CheckpointSchedule } from '../../autodiff/schedule.js';
import type { Generator } from '../../core/random/generator.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { div, mul, sub } from '../../ops/arithmetic.js';
import { astype } from '../../ops/cast.js';
import { roll } from '../../ops/flip.js';
import { apply } from '../../ops/op.js';
import { sin } from '../../ops/trigonometric.js';
import { repeated } from '../repeated.js';
import { onStates, type System, type SystemParts, systemOf } from '../system.js';
import { anglesOf } from './angles.js';
import { filteredVelocityField } from './initial-field.js';
import { type FlowParams, flowParams, type KolmogorovFlowOptions } from './parameters.js';
import { poisson } from './poisson.js';
import { projected } from './projection.js';
import { spectral } from './spectral.js';
import { volumesStepOp } from './volumes.js';
import { component } from './volumes-composed.js';

/** A flow on the square [0, 2π)² with n x n points h = 2π/n apart. */
export interface FlowSystem extends System {
  readonly n: number;
  readonly h: number;
  /** [..., 2, n, n]: the state of the form 'finiteVolume'; of 'spectral', at the points of the vorticity. */
  velocity(x: Tensor): Tensor;
  /** [..., n, n], ∂v/∂x - ∂u/∂y: of 'finiteVolume' at the corners ((i + 1) h, (j + 1) h); the state of 'spectral'. */
  vorticity(x: Tensor): Tensor;
}

/** Intervals after which initial states are on the attractor. */
const SPIN_UP = 800;
/** Steps up to which reverse mode keeps the states of all steps of an interval, where 'sqrt' is asked for: then each is computed once less. */
const KEPT = 64;

/** What the two forms differ in. */
interface Form extends Pick<SystemParts, 'stateShape' | 'step' | 'advance' | 'tendency' | 'owned'> {
  initial(velocity: Tensor): Tensor;
  velocity(x: Tensor): Tensor;
  vorticity(x: Tensor): Tensor;
}

/**
 * Kolmogorov flow, u_t + u·∇u = ν ∇²u - ∇p + (amplitude sin(wavenumber y), 0) - damping u with ∇·u = 0, on [0, 2π)² with n x n points; axis -2 is x, axis -1 is y.
 * - 'finiteVolume': a state is the velocity [2, n, n] on faces of cells, u_ij at ((i + 1) h, (j + ½) h), v_ij at ((i + ½) h, (j + 1) h). A step is forward Euler with
 *   van Leer's limited fluxes, then the exact projection. Free of divergence, conserves momentum; derivatives are those of the limited scheme.
 * - 'spectral': a state is the vorticity [n, n] at (i h, j h), the mean velocity is 0. Galerkin's method by the 2/3 rule: waves with |k| < n/3 advect each other exactly;
 *   steps of RK4. Conserves energy and enstrophy of the advection up to the error of RK4.
 * `initial` is `filteredVelocityField` with `maxVelocity`, or its vorticity. Defaults are those of Frerix et al. (2021), whose data were made by jax-cfd.
 * @returns a system with `velocity`, `vorticity`, `n` and `h`, to be disposed of.
 * @throws ArgumentError for an n, wavenumber or innerSteps that is no positive whole number, a viscosity or damping that is negative, times and speeds that are
 * not positive, numbers that are not finite, unknown names. Its functions: ShapeError, DTypeError for what is no state.
 * @example
 * const flow = dynamics.kolmogorovFlow({ n: 64 });
 * const x = dynamics.spinUp(flow, flow.initial(random(1)), { steps: 100 });
 * flow.vorticity(flow.advance(x)); // [64, 64]
 */
export function kolmogorovFlow(options: KolmogorovFlowOptions = {}): FlowSystem {
  const name = 'kolmogorovFlow';
  const params = flowParams(name, options);
  const { n, h, dt, innerSteps, maxVelocity, dtype } = params;
  const form = params.form === 'spectral' ? spectralForm(params) : volumesForm(params);
  const own: SystemParts = {
    ...{ name, dtype, innerSteps, interval: innerSteps * dt, spinUpSteps: SPIN_UP },
    ...form,
    initial: (generator: Generator, batch) =>
      form.initial(filteredVelocityField(generator, { n, maxVelocity, batch, dtype })),
  };
  const of = (what: 'velocity' | 'vorticity') => onStates(own, what, form[what]);
  return systemOf(own, { n, h, velocity: of('velocity'), vorticity: of('vorticity') });
}

/** The schedule of the steps inside of an interval. */
function inside(checkpoint: CheckpointSchedule, steps: number): CheckpointSchedule {
  return checkpoint === 'sqrt' && steps <= KEPT ? 'none' : checkpoint;
}

function volumesForm({ n, h, dt, viscosity, damping, ...rest }: FlowParams): Form {
  const { amplitude, wavenumber, innerSteps, dtype } = rest;
  const force = scope(() => {
    // At the points of u, (j + ½) h.
    const turns = Array.from({ length: n }, (_, j) => wavenumber * (2 * j + 1));
    return astype(mul(dt * amplitude, sin(anglesOf(turns, 2 * n))), dtype);
  });
  const owned = [force];
  try {
    const solution = poisson(n, h, dtype);
    owned.push(solution.inverses);
    if (solution.basis !== undefined) owned.push(solution.basis);
    const numbers = { s: dt / h, viscosity: (dt * viscosity) / (h * h), damping: dt * damping };
    const step = (x: Tensor) => projected(apply(volumesStepOp, [x, force], numbers), solution, h);
    return {
      stateShape: [2, n, n],
      owned,
      step,
      advance: (x, checkpoint) => repeated(step, x, innerSteps, inside(checkpoint, innerSteps)),
      initial: (velocity) => velocity,
      velocity: (x) => x,
      vorticity: (x) => cornerVorticity(x, h),
    };
  } catch (error) {
    for (const x of owned) x.dispose();
    throw error;
  }
}

/** At corners ((i + 1) h, (j + 1) h), of a velocity on faces. */
function cornerVorticity(x: Tensor, h: number): Tensor {
  return scope(() => {
    const [u, v] = [component(x, 0), component(x, 1)];
    return div(sub(sub(roll(v, -1, -2), v), sub(roll(u, -1, -1), u)), h);
  });
}

function spectralForm(params: FlowParams): Form {
  const { n, h, innerSteps } = params;
  const { owned, step, forward, backward, tendency, velocity } = spectral(params);
  return {
    stateShape: [n, n],
    owned,
    tendency: (x) => backward(tendency(forward(x))),
    step: (x) => backward(step(forward(x))),
    // The state stays in Fourier space for a whole interval.
    advance: (x, checkpoint) =>
      backward(repeated(step, forward(x), innerSteps, inside(checkpoint, innerSteps))),
    // Corners of one cell further on.
    initial: (field) => roll(cornerVorticity(field, h), [1, 1], [-2, -1]),
    velocity,
    vorticity: (x) => x,
  };
}
