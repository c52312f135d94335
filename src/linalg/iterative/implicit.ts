// x = A⁻¹ b by iteration: derivatives by another solve, not through the iterations (implicit function theorem).
import { ArgumentError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { neg, sub } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import type { Linearization } from '../../ops/op.js';
import { call, type Rule, Tracer } from '../../ops/tracer.js';
import { asColumn, symmetrized, transposed } from '../rules/matrix.js';
import type { IterativeOptions, IterativeResult } from './krylov.js';
import type { LinearOperator } from './operator.js';

interface Options extends IterativeOptions {
  preconditioner?: LinearOperator;
}

/** Whether a derivative is wanted. */
export function isFollowed(A: LinearOperator, b: Tensor): boolean {
  return b instanceof Tracer || A instanceof Tracer;
}

/** What `method` finds, with derivatives in b, and in A if it is a matrix. */
export function implicitly<O extends Options>(
  name: string,
  method: (A: LinearOperator, b: Tensor, options: O) => IterativeResult,
  A: LinearOperator,
  b: Tensor,
  options: O,
  { symmetric }: { symmetric: boolean },
): IterativeResult {
  let found: IterativeResult | undefined;
  const again = { ...options, x0: undefined };
  /** Solves with the matrix of the point, or with its transpose. */
  const solve = (
    { inputs: [, matrix] }: Linearization<unknown>,
    side: Tensor,
    transpose: boolean,
  ): Tensor => {
    if (symmetric || !transpose) return method(matrix ?? A, side, again).x;
    if (matrix === undefined)
      throw new ArgumentError(
        `${name}: a gradient needs products with the transpose of A (give A as a matrix)`,
      );
    const { preconditioner: m } = again;
    const preconditioner = m instanceof Tensor ? transposed(m) : undefined;
    return method(transposed(matrix), side, { ...again, preconditioner }).x;
  };
  const columns = (x: Tensor) => (x.ndim === 1 ? asColumn(x) : x);
  const rule: Rule<unknown> = {
    name,
    run([side, matrix]) {
      found = method(matrix ?? A, side, options);
      return { outputs: [found.x] };
    },
    jvp([tb, ta], point) {
      const moved = ta && matmul(symmetric ? symmetrized(ta) : ta, point.outputs[0]);
      const side = moved && tb ? sub(tb, moved) : (tb ?? (moved && neg(moved)));
      return side && solve(point, side, false);
    },
    vjp([ct], point) {
      const back = solve(point, ct as Tensor, true);
      if (!point.wanted[1]) return [back];
      const da = neg(matmul(columns(back), columns(point.outputs[0]), { transposeB: true }));
      return [back, symmetric ? symmetrized(da) : da];
    },
  };
  const [x] = call(rule, A instanceof Tensor ? [b, A] : [b]);
  return { ...(found as unknown as IterativeResult), x };
}
