// The unknown of the minimisation: x itself, or ξ with x = L ξ (+ xb) for a root L of a covariance.

import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { show, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { add, sub } from '../../ops/arithmetic.js';
import { type Covariance, checkCovariance } from '../covariance/covariance.js';
import { isWhitening, type Whitening } from '../covariance/whitening.js';
import type { CheckedProblem } from '../problem/checked.js';

/** The change of variables of a minimisation. */
export interface ControlVariable {
  /** x. */
  toState(z: Tensor): Tensor;
  /** ξ. */
  fromState(x: Tensor): Tensor;
}

const NONE: ControlVariable = { toState: (z) => z, fromState: (x) => x };

/** The change of variables for the option `precondition`; states are relative to xb where there is one. */
export function controlVariable(
  name: string,
  { own, background }: CheckedProblem,
  precondition: Whitening | Covariance | undefined,
): ControlVariable {
  if (precondition === undefined) return NONE;
  const { root, inverseRoot } = rootOf(name, own, precondition);
  const xb = background?.xb;
  return {
    toState: (z) => (xb === undefined ? root(z) : add(root(z), xb)),
    fromState: (x) => inverseRoot(xb === undefined ? x : sub(x, xb)),
  };
}

function rootOf(
  name: string,
  { stateShape, dtype }: CheckedProblem['own'],
  value: unknown,
): { root(z: Tensor): Tensor; inverseRoot(x: Tensor): Tensor } {
  const state = { shape: stateShape, dtype };
  if (isWhitening(value)) {
    const [m] = value.eigenvalues.shape;
    if (m !== sizeOf(stateShape))
      throw new ShapeError(
        `${name}: precondition must be of the ${sizeOf(stateShape)} numbers of a state ${show(stateShape)}, got a whitening of ${m}`,
      );
    return { root: value.unwhiten, inverseRoot: value.whiten };
  }
  const { solve } = (value ?? {}) as Partial<Covariance>;
  if (typeof value !== 'object' || typeof solve !== 'function')
    throw new ArgumentError(
      `${name}: precondition must be a whitening or a covariance, got ${describe(value)}`,
    );
  const own = checkCovariance(name, 'precondition', value);
  if (own.size !== undefined && own.size !== sizeOf(stateShape))
    throw new ShapeError(
      `${name}: precondition must be of the ${sizeOf(stateShape)} numbers of a state ${show(stateShape)}, got a ${own.kind} of ${own.size}`,
    );
  own.check(name, 'a state', state);
  // L⁻¹ = Lᵀ C⁻¹.
  return { root: own.sqrt, inverseRoot: own.inverseSqrt ?? ((x) => own.sqrtTranspose(own.solve(x))) };
}
