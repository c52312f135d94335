// A⁻¹ from P A = L U or A = L Lᵀ: the triangle inverted in place, then one product or solve; 4n³/3 and 2n³/3 operations, where
// solving for the identity takes 2n³ (LAPACK's trtri, getri, potri, here recursive). Everything dense and n x n, row-major.
import { syrk } from '../level3/syrk';
import { trmm } from '../level3/trmm';
import { trsm } from '../level3/trsm';
import { identity, mirror } from './reconstruct';
import { getrs, potrs, triangle } from './solve';

const BASE: i32 = 16;
/** Up to here solving for the identity is faster: its inner loop is vectors. */
const SMALL: i32 = 32;

/** Lower T := T⁻¹ of at most BASE rows, column by column. */
function invertBase<T>(n: i32, t: usize, rs: usize, cs: usize): void {
  for (let j = 0; j < n; j++) {
    const diagonal = t + <usize>j * (rs + cs);
    const inverse = <T>1 / load<T>(diagonal);
    store<T>(diagonal, inverse);
    for (let i = j + 1; i < n; i++) {
      let sum: T = 0;
      for (let p = j; p < i; p++) {
        // Row i right of column j still holds T, column j above row i already T⁻¹.
        sum += load<T>(t + <usize>i * rs + <usize>p * cs) * load<T>(t + <usize>p * rs + <usize>j * cs);
      }
      store<T>(t + <usize>i * rs + <usize>j * cs, -sum / load<T>(t + <usize>i * (rs + cs)));
    }
  }
}

/** Lower T (any strides, in elements) := T⁻¹: T21 := -T22⁻¹ T21 T11⁻¹, then the two on the diagonal. */
function invertLower<T>(n: i32, t: usize, rs: i32, cs: i32, work: usize): void {
  const size = sizeof<T>();
  if (n <= BASE) return invertBase<T>(n, t, <usize>rs * size, <usize>cs * size);
  const h = ((n / 2 + BASE - 1) / BASE) * BASE, r = n - h;
  const t21 = t + <usize>(h * rs) * size, t22 = t21 + <usize>(h * cs) * size;
  trsm<T>(true, false, r, h, t22, rs, cs, t21, rs, cs, work);
  // X T11 = T21 is T11ᵀ Xᵀ = T21ᵀ.
  trsm<T>(false, false, h, r, t, cs, rs, t21, cs, rs, work);
  for (let i = 0; i < r; i++) {
    for (let j = 0; j < h; j++) {
      const p = t21 + <usize>(i * rs + j * cs) * size;
      store<T>(p, -load<T>(p));
    }
  }
  invertLower<T>(h, t, rs, cs, work);
  invertLower<T>(r, t22, rs, cs, work);
}

/** The lower triangle of Lᵀ L in place of L; what lies above is not touched. */
function squareLower<T>(n: i32, l: usize, ld: i32, work: usize): void {
  const size = sizeof<T>();
  if (n <= BASE) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        // Column j from row i on: rows below i are still L, and entry (i, j) is not needed again.
        let sum: T = 0;
        for (let p = i; p < n; p++) sum += load<T>(l + <usize>(p * ld + i) * size) * load<T>(l + <usize>(p * ld + j) * size);
        store<T>(l + <usize>(i * ld + j) * size, sum);
      }
    }
    return;
  }
  const h = n / 2, r = n - h;
  const l21 = l + <usize>(h * ld) * size, l22 = l21 + <usize>h * size;
  squareLower<T>(h, l, ld, work);
  syrk<T>(h, r, <T>1, l21, 1, ld, <T>1, l, ld, 1, work);
  trmm<T>(false, false, r, h, l22, 1, ld, l21, ld, 1, work);
  squareLower<T>(r, l22, ld, work);
}

/** From A = L Lᵀ: L⁻ᵀ L⁻¹, symmetric to the last bit. */
export function inverseFromCholesky<T>(n: i32, l: usize, out: usize, work: usize): void {
  if (n <= SMALL) {
    identity<T>(n, out);
    potrs<T>(n, n, l, n, out, n, 1, work);
  } else {
    triangle<T>(true, false, n, n, l, n, out, n);
    invertLower<T>(n, out, n, 1, work);
    squareLower<T>(n, out, n, work);
  }
  mirror<T>(n, out);
}

/** Exchanges columns as the list of exchanges says, last first: X P for X = U⁻¹ L⁻¹. */
function exchangeColumns<T>(n: i32, x: usize, pivots: usize): void {
  for (let i = 0; i < n; i++) {
    const row = x + <usize>i * <usize>n * sizeof<T>();
    for (let j = n - 1; j >= 0; j--) {
      const p = row + <usize>j * sizeof<T>(), q = row + <usize>load<i32>(pivots + (<usize>j << 2)) * sizeof<T>();
      const v = load<T>(p);
      store<T>(p, load<T>(q));
      store<T>(q, v);
    }
  }
}

/** From P A = L U: U⁻¹ L⁻¹ P. */
export function inverseFromLu<T>(n: i32, lu: usize, pivots: usize, out: usize, work: usize): void {
  if (n <= SMALL) {
    identity<T>(n, out);
    getrs<T>(false, n, n, lu, n, pivots, out, n, 1, work);
    return;
  }
  triangle<T>(false, false, n, n, lu, n, out, n);
  // The upper triangle is a lower one with its strides exchanged.
  invertLower<T>(n, out, 1, n, work);
  // X L = U⁻¹ is Lᵀ Xᵀ = U⁻ᵀ.
  trsm<T>(false, true, n, n, lu, 1, n, out, 1, n, work);
  exchangeColumns<T>(n, out, pivots);
}
