// Options of Kolmogorov flow, checked, with what follows from them.
import { checkAtLeast, checkCount, checkFinite, checkOneOf, checkPositive } from '../../core/check.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Float } from '../../linalg/stack.js';
import { FLOATS } from '../system.js';

/** Options of `kolmogorovFlow`. */
export interface KolmogorovFlowOptions {
  /** 'finiteVolume' (default): velocity on faces, limited fluxes, explicit steps and a projection; 'spectral': vorticity, Fourier series, steps of RK4. */
  form?: 'finiteVolume' | 'spectral';
  /** Points along each side; default 64. */
  n?: number;
  /** Kinematic viscosity; default 0.01. */
  viscosity?: number;
  /** Waves of the force across the square; default 4. */
  wavenumber?: number;
  /** Largest force; default 1. */
  amplitude?: number;
  /** Linear drag; default 0.1. */
  damping?: number;
  /** Steps in an interval; default 25. */
  innerSteps?: number;
  /** Time of a step; default courant (2π/n) / maxVelocity. */
  dt?: number;
  /** Largest speed of initial states, which the default dt is for; default 7. */
  maxVelocity?: number;
  /** Cells that the largest speed crosses in a step of the default dt; default 0.5. */
  courant?: number;
  /** Default 'f64'. */
  dtype?: 'f64' | 'f32';
}

const NAMES: OptionNames<KolmogorovFlowOptions> = {
  ...{ form: true, n: true, viscosity: true, wavenumber: true, amplitude: true, damping: true },
  ...{ innerSteps: true, dt: true, maxVelocity: true, courant: true, dtype: true },
};

/** The largest number of points along a side: kernels count cells in 32 bits. */
export const MOST = 8192;

/** What a flow is computed with. */
export interface FlowParams {
  readonly form: 'finiteVolume' | 'spectral';
  readonly n: number;
  readonly h: number;
  readonly viscosity: number;
  readonly wavenumber: number;
  readonly amplitude: number;
  readonly damping: number;
  readonly innerSteps: number;
  readonly dt: number;
  readonly maxVelocity: number;
  readonly dtype: Float;
}

/** Checked options with their defaults. */
export function flowParams(name: string, options: KolmogorovFlowOptions): FlowParams {
  checkOptions(name, options, NAMES);
  const { form = 'finiteVolume', n = 64, viscosity = 0.01, wavenumber = 4, amplitude = 1 } = options;
  const { damping = 0.1, innerSteps = 25, maxVelocity = 7, courant = 0.5, dtype = 'f64' } = options;
  checkOneOf(name, 'form', form, ['finiteVolume', 'spectral']);
  checkCount(name, 'n', n, 1, MOST);
  checkCount(name, 'wavenumber', wavenumber, 1);
  for (const [argument, value] of Object.entries({ viscosity, damping })) {
    checkFinite(name, argument, value);
    checkAtLeast(name, argument, value, 0);
  }
  checkFinite(name, 'amplitude', amplitude);
  checkCount(name, 'innerSteps', innerSteps, 1);
  checkPositive(name, 'maxVelocity', maxVelocity);
  checkPositive(name, 'courant', courant);
  const h = (2 * Math.PI) / n;
  const { dt = (courant * h) / maxVelocity } = options;
  checkPositive(name, 'dt', dt);
  checkOneOf(name, 'dtype', dtype, FLOATS);
  return { form, n, h, viscosity, wavenumber, amplitude, damping, innerSteps, dt, maxVelocity, dtype };
}
