// The averaged Rosenbrock function (dissertation, equation (15)), and starts for it that any language can make.
import { add, mean, mul, slice, square, sub, type Tensor, tensor } from '#src/index.js';

/** Σ 100 (z_{i+1} - z_i²)² + (1 - z_i)², divided by n - 1. */
export function averagedRosenbrock(z: Tensor): Tensor {
  const n = z.size;
  const [head, tail] = [slice(z, [0], [n - 1]), slice(z, [1], [n])];
  return mean(add(mul(square(sub(tail, square(head))), 100), square(sub(1, head))));
}

/** Sums of 12 numbers of a linear congruential generator, less 6: nearly normal. */
export function nearlyNormal(n: number, seed: number, dtype: 'f64' | 'f32' = 'f64'): Tensor {
  let state = (seed * 2654435761) % 2 ** 32;
  const numbers = Array.from({ length: n }, () => {
    let sum = -6;
    for (let k = 0; k < 12; k++) {
      state = (Math.imul(state | 0, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 32;
    }
    return sum;
  });
  return tensor(numbers, { dtype });
}
