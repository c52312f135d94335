// L Lᵀ ± x xᵀ = L' L'ᵀ in place of L (n x n, row-major): a rank-one change of a Cholesky factor in O(n²), by rotations for the
// update (LINPACK's dchud) and hyperbolic rotations in their stable mixed form for the downdate (Bojanczyk et al., 1987).
import { hypot } from '../householder/reflector';

/** Destroys x. The number (from 1) of the first pivot that is not positive, or 0; L is then changed up to that column. */
export function cholupdate<T>(downdate: bool, n: i32, l: usize, lda: i32, x: usize, incx: i32): i32 {
  const size = sizeof<T>();
  for (let k = 0; k < n; k++) {
    const pkk = l + <usize>(k * lda + k) * size, pxk = x + <usize>(k * incx) * size;
    const lkk = load<T>(pkk), xk = load<T>(pxk);
    let r: T;
    if (downdate) {
      const square = (lkk - xk) * (lkk + xk);
      if (!(square > <T>0)) return k + 1;
      r = sqrt<T>(square);
    } else {
      r = hypot<T>(lkk, xk);
      if (!(r > <T>0)) return k + 1;
    }
    const c = r / lkk, s = xk / lkk;
    store<T>(pkk, r);
    for (let i = k + 1; i < n; i++) {
      const pl = l + <usize>(i * lda + k) * size, px = x + <usize>(i * incx) * size;
      const changed = (downdate ? load<T>(pl) - s * load<T>(px) : load<T>(pl) + s * load<T>(px)) / c;
      store<T>(px, c * load<T>(px) - s * changed);
      store<T>(pl, changed);
    }
  }
  return 0;
}
