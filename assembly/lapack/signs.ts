// Q R = (Q S) (S R) with S = diag(±1) such that the diagonal of S R is not negative.
import { lanes } from '../simd/lanes';

/** x_j := s_j x_j for n contiguous elements. */
function scaleBy<T>(n: i32, s: usize, x: usize): void {
  let j = 0;
  for (; j + lanes<T>() <= n; j += lanes<T>()) {
    v128.store(x, v128.mul<T>(v128.load(x), v128.load(s)));
    x += 16;
    s += 16;
  }
  for (; j < n; j++) {
    store<T>(x, load<T>(x) * load<T>(s));
    x += sizeof<T>();
    s += sizeof<T>();
  }
}

/** Q m x k, R k x n, dense and row-major, in place; `signs`: k elements. NaN counts as positive. */
export function positiveDiagonal<T>(m: i32, n: i32, k: i32, q: usize, r: usize, signs: usize): void {
  const size = sizeof<T>();
  let any = false;
  for (let j = 0; j < k; j++) {
    const row = r + (<usize>j * <usize>n + <usize>min(j, n)) * size;
    const negative = j < n && load<T>(row) < <T>0;
    store<T>(signs + <usize>j * size, negative ? <T>-1 : <T>1);
    if (!negative) continue;
    any = true;
    for (let l = j; l < n; l++) {
      const p = row + <usize>(l - j) * size;
      store<T>(p, -load<T>(p));
    }
  }
  if (any) for (let i = 0; i < m; i++) scaleBy<T>(k, signs, q + <usize>i * <usize>k * size);
}
