// d = (I/τ + Ãᵀ Ã)⁻¹ g: the proximal step of a layer that is linear in its parameters.
import { solve } from '../linalg/solve.js';
import { transpose } from '../ops/layout.js';
import { matmul } from '../ops/matmul.js';
import { extended, innerGram, outerGram, rowsOf, shifted } from './gram.js';
import type { LayerRule } from './sweep.js';

/**
 * The rule of exact proximal steps (Proximal Backpropagation, equations (11), (13) and (44)), by Cholesky. With fewer rows than
 * parameters per output the system is that of the rows: since (I/τ + Ãᵀ Ã)⁻¹ Ãᵀ = Ãᵀ (I/τ + Ã Ãᵀ)⁻¹ and g = Ãᵀ u, the direction is
 * the gradient of a cotangent u that was solved for, and a batch of n costs a matrix of n rows, however wide the layer.
 */
export function proximalStep(tau: number): LayerRule {
  return (step) => {
    const { linear, params } = step;
    const rows = rowsOf(step);
    const assume = { assume: 'positiveDefinite' } as const;
    if (rows.n < rows.k) {
      const solved = solve(shifted(outerGram(rows), tau), rows.u, assume);
      return linear.params(matmul(solved, extended(rows), { transposeA: true }), params);
    }
    const d = solve(shifted(innerGram(rows), tau), transpose(linear.matrix(step.gradient)), assume);
    return linear.params(transpose(d), params);
  };
}
