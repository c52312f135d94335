// A covariance as functions of the user.

import { checkFunction, checkObject } from '../../core/check.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { type Covariance, type CovarianceFunctions, covarianceOf, fromFunctions } from './covariance.js';

const FUNCTIONS: OptionNames<CovarianceFunctions> = {
  ...{ solve: true, sqrt: true, sqrtTranspose: true, apply: true, inverseSqrt: true },
};

/**
 * A covariance that is known by what it does: a spectral filter, a diffusion, a solver. Functions of [...batch, ...vector] to the same shape, linear and
 * written in operations.
 * @param functions `solve`: C⁻¹x, always; `sqrt`: L x with L Lᵀ = C, for noise and for preconditioning; `sqrtTranspose`: Lᵀx, for preconditioning;
 * `apply`: C x, by default from the roots; `inverseSqrt`: L⁻¹x, for preconditioning, by default Lᵀ C⁻¹x, which in f32 is inexact where C is ill-conditioned.
 * @throws ArgumentError for what is no function; when they run: ArgumentError for one that is missing, ShapeError and DTypeError for what they return.
 * @example
 * assimilation.covariance.operators({ solve: (x) => div(x, 4), sqrt: (x) => mul(x, 2), sqrtTranspose: (x) => mul(x, 2) });
 */
export function operators(functions: CovarianceFunctions): Covariance {
  const kind = 'covariance.operators';
  checkObject(kind, 'functions', functions);
  checkOptions(kind, functions, FUNCTIONS, 'functions');
  checkFunction(kind, 'solve', functions.solve);
  for (const what of ['sqrt', 'sqrtTranspose', 'apply', 'inverseSqrt'] as const)
    if (functions[what] !== undefined) checkFunction(kind, what, functions[what]);
  return covarianceOf(fromFunctions(kind, { ...functions }));
}
