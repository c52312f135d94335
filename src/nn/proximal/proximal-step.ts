// d = (I/τ + Ãᵀ Ã)⁻¹ g: the proximal step of a layer that is linear in its parameters.
import { solve } from '../../linalg/dense/solve.js';
import { add } from '../../ops/arithmetic.js';
import { transpose } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { extended, guarded, innerGram, outerGram, rowsOf, shifted } from './gram.js';
import type { LayerRule } from './sweep.js';

/**
 * The rule of exact proximal steps (Proximal Backpropagation, equations (11), (13) and (44)), by Cholesky. With fewer
 * rows than parameters per output, it solves the system of the rows: since (I/τ + Ãᵀ Ã)⁻¹ Ãᵀ = Ãᵀ (I/τ + Ã Ãᵀ)⁻¹ and g
 * = Ãᵀ u, the direction is the gradient for the cotangent (I/τ + Ã Ãᵀ)⁻¹ u, and a batch of n needs a matrix of n rows,
 * for a layer of any width.
 */
export function proximalStep(tau: number): LayerRule {
  return (step) => {
    const { linear, params } = step;
    const rows = rowsOf(step);
    const assume = { assume: 'positiveDefinite' } as const;
    if (rows.n < rows.k) {
      const { matrix, poison } = guarded(outerGram(rows));
      const solved = add(solve(shifted(matrix, tau), rows.u, assume), poison);
      return linear.params(matmul(solved, extended(rows), { transposeA: true }), params);
    }
    const { matrix, poison } = guarded(innerGram(rows));
    const solved = solve(shifted(matrix, tau), transpose(linear.matrix(step.gradient)), assume);
    return linear.params(transpose(add(solved, poison)), params);
  };
}
