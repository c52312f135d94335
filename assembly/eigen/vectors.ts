// Eigenvectors on their way out: rows in any order become columns in ascending order, and each gets its sign.
import { lanes } from '../simd/lanes';

/** Rows of z that are filled together: their lines stay in the innermost cache. */
const BLOCK: i32 = 16;

/** z[i][j] := q[order[j]][i] for n x n elements. */
export function transposeRows<T>(n: i32, q: usize, ldq: i32, order: usize, z: usize, ldz: i32): void {
  const row = <usize>ldz * sizeof<T>();
  for (let i = 0; i < n; i += BLOCK) {
    const rows = min(BLOCK, n - i), from = q + <usize>i * sizeof<T>(), to = z + <usize>i * row;
    for (let j = 0; j < n; j += 2) {
      const x = from + <usize>(load<i32>(order + (<usize>j << 2)) * ldq) * sizeof<T>();
      if (j + 1 == n) copyColumn<T>(rows, x, to + <usize>j * sizeof<T>(), row);
      else {
        const y = from + <usize>(load<i32>(order + (<usize>j << 2), 4) * ldq) * sizeof<T>();
        copyColumns<T>(rows, x, y, to + <usize>j * sizeof<T>(), row);
      }
    }
  }
}

function copyColumn<T>(n: i32, x: usize, out: usize, row: usize): void {
  for (let i = 0; i < n; i++) {
    store<T>(out, load<T>(x));
    x += sizeof<T>();
    out += row;
  }
}

/** Two neighbouring columns: their lines of the result are visited once. */
function copyColumns<T>(n: i32, x: usize, y: usize, out: usize, row: usize): void {
  let i = 0;
  if (sizeof<T>() == 8) {
    for (; i + 2 <= n; i += 2) {
      const p = v128.load(x), r = v128.load(y);
      v128.store(out, v128.shuffle<f64>(p, r, 0, 2));
      v128.store(out + row, v128.shuffle<f64>(p, r, 1, 3));
      x += 16;
      y += 16;
      out += 2 * row;
    }
  }
  for (; i < n; i++) {
    store<T>(out, load<T>(x));
    store<T>(out + sizeof<T>(), load<T>(y));
    x += sizeof<T>();
    y += sizeof<T>();
    out += row;
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
