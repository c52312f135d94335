// linearProgram: min cᵀx over Gx <= h and Ax = b.
import { checkObject } from '../../core/check.js';
import type { Tensor } from '../../core/tensor.js';
import type { QuadraticProgram } from './program.js';
import { type QuadraticProgramOptions, type QuadraticSolution, solveAs } from './quadratic-program.js';

/** A linear program. */
export interface LinearProgram extends Omit<QuadraticProgram, 'P' | 'q'> {
  /** [n]. */
  c: Tensor;
}

/**
 * Solves a linear program, min cᵀx subject to Gx <= h and Ax = b; variables are free unless G says otherwise. If the
 * solution is not unique, x lies inside the set of solutions and not at a corner. Differentiable as `quadraticProgram`:
 * at a unique corner x depends on G, h, A and b, and lambda and nu depend on c; elsewhere the derivative is a
 * SingularMatrixError.
 * @param problem c [n], G [m, n] with h [m], A [p, n] with b [p].
 * @returns as `quadraticProgram`: c + Gᵀλ + Aᵀν = 0, with certificates for infeasible and unbounded problems.
 * @throws as `quadraticProgram`.
 * @example
 * optim.linearProgram({ c: tensor([-1, -2]), G: tensor([[1, 1], [-1, 0], [0, -1]]), h: tensor([4, 0, 0]) }).x; // [0, 4]
 */
export function linearProgram(
  problem: LinearProgram,
  options: QuadraticProgramOptions = {},
): QuadraticSolution {
  checkObject('linearProgram', 'problem', problem);
  const { c, ...constraints } = problem;
  return solveAs('linearProgram', { ...constraints, q: c } as QuadraticProgram, options, true);
}
