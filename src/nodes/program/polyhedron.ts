// The nearest point of a polyhedron as a node.
import { checkObject } from '../../core/check.js';
import { eye } from '../../core/create.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { checkFloat } from '../../linalg/stack.js';
import { neg } from '../../ops/arithmetic.js';
import type { ToleranceOptions } from '../problems/report.js';
import { type ProgramData, programNode } from './quadratic-program.js';

/** { u : G u <= h, A u = b }; batch axes broadcast with those of x. */
export type Polyhedron = Pick<ProgramData, 'G' | 'h' | 'A' | 'b'>;

const OPTIONS: OptionNames<ToleranceOptions> = {
  tolerance: true,
  maxIterations: true,
  throws: true,
  onSolve: true,
};

const SET: OptionNames<Polyhedron> = { G: true, h: true, A: true, b: true };

/**
 * The point of { u : G u <= h, A u = b } that is nearest to x, for the last axis of x.
 * Derivatives in x, G, h, A and b as those of `quadraticProgram` with P = I and q = -x.
 * @param x [..., n], f64 or f32.
 * @param set G [..., p, n], h [..., p] (Infinity: no constraint), A [..., q, n], b [..., q].
 * @param options `tolerance`, `maxIterations`, `throws`, `onSolve`.
 * @returns [..., n].
 * @throws ConvergenceError ('infeasible', with `.solution`) where the set is empty; ArgumentError, ShapeError,
 * DTypeError.
 * @example
 * nodes.projectPolyhedron(tensor([2, 2]), { G: tensor([[1, 1]]), h: tensor([2]) }); // [1, 1]
 */
export function projectPolyhedron(x: Tensor, set: Polyhedron, options: ToleranceOptions = {}): Tensor {
  checkOptions('projectPolyhedron', options, OPTIONS);
  checkObject('projectPolyhedron', 'set', set);
  checkOptions('projectPolyhedron', set, SET, 'set');
  const { dtype, shape } = checkFloat('projectPolyhedron', 'x', x);
  return scope(() => {
    const data = { ...set, P: eye(shape[shape.length - 1] ?? 0, undefined, { dtype }), q: neg(x) };
    return programNode('projectPolyhedron', data, options, { q: 'x' }).x;
  });
}
