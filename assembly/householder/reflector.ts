// H = I - tau v vᵀ with v_0 = 1, chosen so that H x = (beta, 0, …, 0)ᵀ (LAPACK's larfg). H is symmetric and orthogonal.
import { scal } from '../level1/axpy';
import { nrm2 } from '../level1/norms';

/** sqrt(a² + b²) without overflow. */
export function hypot<T>(a: T, b: T): T {
  a = abs<T>(a);
  b = abs<T>(b);
  const high = max<T>(a, b), low = min<T>(a, b);
  if (low == <T>0 || high == <T>Infinity) return high;
  const ratio = low / high;
  return high * sqrt<T>(<T>1 + ratio * ratio);
}

/**
 * Makes the reflector of a vector of n elements whose first one lies at `alpha` and whose others start at `x` (stride in
 * elements). Stores beta at `alpha`, v_1 … v_{n-1} over x, and returns tau; tau = 0 (H = I) where x is zero already.
 */
export function larfg<T>(n: i32, alpha: usize, x: usize, incx: i32): T {
  if (n <= 1) return 0;
  let norm = nrm2<T>(n - 1, x, incx);
  if (norm == <T>0) return 0;
  let a = load<T>(alpha);
  // Below this, 1 / (a - beta) may overflow: scale up until it is safe (LAPACK's loop), and beta back down at the end.
  const safe: T = sizeof<T>() == 8 ? <T>2.0041683600089728e-292 : <T>9.86076131526e-32;
  let beta = a < <T>0 ? hypot<T>(a, norm) : -hypot<T>(a, norm);
  let scalings = 0;
  while (abs<T>(beta) < safe && scalings < 20) {
    scal<T>(n - 1, <T>1 / safe, x, incx);
    a /= safe;
    norm = nrm2<T>(n - 1, x, incx);
    beta = a < <T>0 ? hypot<T>(a, norm) : -hypot<T>(a, norm);
    scalings++;
  }
  const tau = (beta - a) / beta;
  scal<T>(n - 1, <T>1 / (a - beta), x, incx);
  for (; scalings > 0; scalings--) beta *= safe;
  store<T>(alpha, beta);
  return tau;
}
