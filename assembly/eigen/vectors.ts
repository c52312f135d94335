// Eigenvectors on their way out: rows in any order become columns in ascending order, and each gets its sign.
import { lanes } from '../simd/lanes';

/** Rows of z that are filled together: their lines stay in the innermost cache. */
const BLOCK: i32 = 16;

/** z[i][j] := q[order[j]][i] for n x n elements. */
export function transposeRows<T>(n: i32, q: usize, ldq: i32, order: usize, z: usize, ldz: i32): void {
  for (let i = 0; i < n; i += BLOCK) {
    transposeStrip<T>(
      min(BLOCK, n - i), n, q + <usize>i * sizeof<T>(), ldq, order, z + <usize>(i * ldz) * sizeof<T>(),
      <usize>ldz * sizeof<T>(),
    );
  }
}

function transposeStrip<T>(rows: i32, n: i32, q: usize, ldq: i32, order: usize, z: usize, row: usize): void {
  for (let j = 0; j < n; j++) {
    let source = q + <usize>(load<i32>(order + (<usize>j << 2)) * ldq) * sizeof<T>();
    let target = z + <usize>j * sizeof<T>();
    for (let i = 0; i < rows; i++) {
      store<T>(target, load<T>(source));
      source += sizeof<T>();
      target += row;
    }
  }
}

/** best_j := x_j where |x_j| > |best_j| */
function keepLargest<T>(n: i32, x: usize, best: usize): void {
  let j = 0;
  for (; j + lanes<T>() <= n; j += lanes<T>()) {
    const v = v128.load(x), b = v128.load(best);
    v128.store(best, v128.bitselect(v, b, v128.gt<T>(v128.abs<T>(v), v128.abs<T>(b))));
    x += 16;
    best += 16;
  }
  for (; j < n; j++) {
    const v = load<T>(x);
    if (abs<T>(v) > abs<T>(load<T>(best))) store<T>(best, v);
    x += sizeof<T>();
    best += sizeof<T>();
  }
}

/** x_j := -x_j where best_j < 0 */
function flip<T>(n: i32, x: usize, best: usize): void {
  let j = 0;
  for (; j + lanes<T>() <= n; j += lanes<T>()) {
    const v = v128.load(x), negative = v128.lt<T>(v128.load(best), v128.splat<T>(0));
    v128.store(x, v128.bitselect(v128.neg<T>(v), v, negative));
    x += 16;
    best += 16;
  }
  for (; j < n; j++) {
    if (load<T>(best) < <T>0) store<T>(x, -load<T>(x));
    x += sizeof<T>();
    best += sizeof<T>();
  }
}

/** Makes the largest component of each column of z (the first of them, where several are equal) positive. `best` holds n. */
export function fixSigns<T>(n: i32, z: usize, ldz: i32, best: usize): void {
  const row = <usize>ldz * sizeof<T>();
  memory.fill(best, 0, <usize>n * sizeof<T>());
  for (let i = 0; i < n; i++) keepLargest<T>(n, z + <usize>i * row, best);
  for (let i = 0; i < n; i++) flip<T>(n, z + <usize>i * row, best);
}
