// A = L Lᵀ in place of the lower triangle of A (row-major), recursive (Gustavson, 1997): the first half, a triangular solve,
// a symmetric update, the second half.
import { syrk } from '../level3/syrk';
import { trsm } from '../level3/trsm';

const BASE: i32 = 16;

/** Unblocked, row by row; the number (from 1) of the first pivot that is not positive, or 0. */
function choleskyBase<T>(n: i32, a: usize, lda: usize): i32 {
  for (let i = 0; i < n; i++) {
    const row = a + <usize>i * lda;
    for (let j = 0; j < i; j++) {
      const other = a + <usize>j * lda;
      let sum = load<T>(row + <usize>j * sizeof<T>());
      for (let p: usize = 0; p < <usize>j * sizeof<T>(); p += sizeof<T>()) sum -= load<T>(row + p) * load<T>(other + p);
      store<T>(row + <usize>j * sizeof<T>(), sum / load<T>(other + <usize>j * sizeof<T>()));
    }
    let pivot = load<T>(row + <usize>i * sizeof<T>());
    for (let p: usize = 0; p < <usize>i * sizeof<T>(); p += sizeof<T>()) pivot -= load<T>(row + p) * load<T>(row + p);
    // The pivot that failed is left where it stands, for the message. NaN fails too.
    if (!(pivot > <T>0) || pivot == <T>Infinity) {
      store<T>(row + <usize>i * sizeof<T>(), pivot);
      return i + 1;
    }
    store<T>(row + <usize>i * sizeof<T>(), sqrt<T>(pivot));
  }
  return 0;
}

/** `work` as level3Workspace(n, n, n). Reads and writes the lower triangle only. */
export function potrf<T>(n: i32, a: usize, lda: i32, work: usize): i32 {
  if (n <= BASE) return choleskyBase<T>(n, a, <usize>lda * sizeof<T>());
  const h = ((n / 2 + BASE - 1) / BASE) * BASE, r = n - h;
  let info = potrf<T>(h, a, lda, work);
  if (info != 0) return info;
  const a21 = a + <usize>(h * lda) * sizeof<T>();
  const a22 = a21 + <usize>h * sizeof<T>();
  // A21 := A21 L11⁻ᵀ, that is L11 X = A21ᵀ
  trsm<T>(true, false, h, r, a, lda, 1, a21, 1, lda, work);
  syrk<T>(r, h, <T>-1, a21, lda, 1, <T>1, a22, lda, 1, work);
  info = potrf<T>(r, a22, lda, work);
  return info == 0 ? 0 : h + info;
}
