// Whether a point violates constraints by no more than a small move of x would mend.
import { jacrev } from '../../autodiff/jacobian.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';

/** The largest such move, in units of max(1, |x_j|). */
const SMALL = { f64: 1e-7, f32: 1e-3 } as const;

/** For x [n], and the values f_i(x) in one vector. In other units of the f_i the answer is the same. */
export function isNearlyFeasible(values: (x: Tensor) => Tensor, x: Tensor): boolean {
  return scope(() => {
    const [f, jacobian] = [values(x).toTypedArray(), (jacrev(values)(x) as Tensor).data()];
    const at = x.data();
    const small = SMALL[x.dtype as keyof typeof SMALL];
    return f.every((value, i) => {
      let slope = 0;
      for (let j = 0; j < at.length; j++)
        slope += Math.abs(jacobian[i * at.length + j]) * Math.max(1, Math.abs(at[j]));
      return value <= small * slope;
    });
  });
}
