// The averaged Rosenbrock function, equation (15) of the dissertation: 1/(n-1) Σ 100 (z_{i+1} - z_i²)² + (1 - z_i)².
import { add, div, mul, slice, square, sub, sum, type Tensor } from '#src/index.js';

/** Its only minimum is 0, at ones. */
export function rosenbrock(z: Tensor): Tensor {
  const n = z.size;
  const [a, b] = [slice(z, [0], [n - 1]), slice(z, [1], [n])];
  return div(sum(add(mul(square(sub(b, square(a))), 100), square(sub(1, a)))), n - 1);
}
