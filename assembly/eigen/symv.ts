// y := A x for a symmetric A of which only the lower triangle is read: each element is loaded once and used twice.
import { lanes, madd, sumLanes } from '../simd/lanes';

/**
 * Four rows of A left of the diagonal block (n columns, a multiple of four): their dot products with x at `sums`, and their
 * multiples by the four numbers at `xr` added to y.
 */
function rows4<T>(n: i32, a: usize, lda: usize, x: usize, y: usize, xr: usize, sums: usize): void {
  const x0 = v128.load_splat<T>(xr), x1 = v128.load_splat<T>(xr, 1 * sizeof<T>());
  const x2 = v128.load_splat<T>(xr, 2 * sizeof<T>()), x3 = v128.load_splat<T>(xr, 3 * sizeof<T>());
  let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0;
  let a1 = a + lda, a2 = a1 + lda, a3 = a2 + lda;
  const w = lanes<T>();
  for (let j = 0; j < n; j += w) {
    const v = v128.load(x);
    let sum = v128.load(y);
    let r = v128.load(a);
    s0 = madd<T>(r, v, s0);
    sum = madd<T>(r, x0, sum);
    r = v128.load(a1);
    s1 = madd<T>(r, v, s1);
    sum = madd<T>(r, x1, sum);
    r = v128.load(a2);
    s2 = madd<T>(r, v, s2);
    sum = madd<T>(r, x2, sum);
    r = v128.load(a3);
    s3 = madd<T>(r, v, s3);
    sum = madd<T>(r, x3, sum);
    v128.store(y, sum);
    x += 16;
    y += 16;
    a += 16;
    a1 += 16;
    a2 += 16;
    a3 += 16;
  }
  store<T>(sums, sumLanes<T>(s0));
  store<T>(sums + sizeof<T>(), sumLanes<T>(s1));
  store<T>(sums + 2 * sizeof<T>(), sumLanes<T>(s2));
  store<T>(sums + 3 * sizeof<T>(), sumLanes<T>(s3));
}

/** One row of A left of the diagonal: y += a x_r, and returns a · x. */
function row1<T>(n: i32, a: usize, x: usize, y: usize, xr: T): T {
  let sum: T = 0;
  for (let j = 0; j < n; j++) {
    const r = load<T>(a);
    sum += r * load<T>(x);
    store<T>(y, load<T>(y) + r * xr);
    a += sizeof<T>();
    x += sizeof<T>();
    y += sizeof<T>();
  }
  return sum;
}

/** y := A x; A is n x n with leading dimension `lda`, x and y contiguous. `work` holds 64 bytes. */
export function symv<T>(n: i32, a: usize, lda: i32, x: usize, y: usize, work: usize): void {
  const size = sizeof<T>(), row = <usize>lda * size;
  memory.fill(y, 0, <usize>n * size);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o = <usize>i * size;
    rows4<T>(i, a, row, x, y, x + o, work);
    for (let r: usize = 0; r < 4; r++) {
      const p = a + r * row + o, xr = load<T>(x + o + r * size);
      let sum = load<T>(work + r * size) + load<T>(p + r * size) * xr;
      for (let c: usize = 0; c < r; c++) {
        const v = load<T>(p + c * size), q = y + o + c * size;
        sum += v * load<T>(x + o + c * size);
        store<T>(q, load<T>(q) + v * xr);
      }
      store<T>(y + o + r * size, load<T>(y + o + r * size) + sum);
    }
    a += 4 * row;
  }
  for (; i < n; i++) {
    const o = <usize>i * size, xr = load<T>(x + o);
    const sum = row1<T>(i, a, x, y, xr) + load<T>(a + o) * xr;
    store<T>(y + o, load<T>(y + o) + sum);
    a += row;
  }
}
