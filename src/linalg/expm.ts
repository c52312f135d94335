// exp(A) = Σ A^k / k!, by scaling and squaring of a Padé approximant (Higham, SIAM J. Matrix Anal. Appl. 26, 2005; degree 13).
import { eye } from '../core/create.js';
import { ArgumentError } from '../core/errors.js';
import { scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import { add, mul, sub } from '../ops/arithmetic.js';
import { reshape } from '../ops/layout.js';
import { matmul } from '../ops/matmul.js';
import { norm } from './norms.js';
import { solve } from './solve.js';
import { checkSquare } from './stack.js';

/** Coefficients of the numerator of degree 13, b_0 … b_13 (Higham, 2005, section 2). */
const B = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
];
/** Up to this 1-norm the approximant is exact to f64 roundoff. */
const THETA = 5.371920351148152;

/**
 * The exponential of a matrix.
 * @param a [..., n, n], f64 or f32; entries finite. A stack is scaled by its largest norm.
 */
export function expm(a: Tensor): Tensor {
  const { dtype, rows: n } = checkSquare('expm', 'a', a);
  return scope(() => {
    if (a.size === 0) return mul(a, 1);
    let largest = 0;
    for (const x of norm(a, 1).data()) if (!(x <= largest)) largest = x;
    if (!Number.isFinite(largest))
      throw new ArgumentError('expm: a must be finite, got NaN or Infinity in it');
    const squarings = Math.max(0, Math.ceil(Math.log2(largest / THETA)));
    const identity = reshape(eye(n, n, { dtype }), [...a.shape.slice(0, -2).map(() => 1), n, n]);
    const x = mul(a, 2 ** -squarings);
    const x2 = matmul(x, x);
    const x4 = matmul(x2, x2);
    const x6 = matmul(x4, x2);
    // Divided by b_0, so that nothing overflows in f32.
    const b = B.map((value) => value / B[0]);
    const part = (c6: number, c4: number, c2: number) => add(add(mul(x6, c6), mul(x4, c4)), mul(x2, c2));
    const odd = matmul(
      x,
      add(add(matmul(x6, part(b[13], b[11], b[9])), part(b[7], b[5], b[3])), mul(identity, b[1])),
    );
    const even = add(add(matmul(x6, part(b[12], b[10], b[8])), part(b[6], b[4], b[2])), mul(identity, b[0]));
    let result = solve(sub(even, odd), add(even, odd));
    for (let i = 0; i < squarings; i++) result = matmul(result, result);
    return result;
  });
}
