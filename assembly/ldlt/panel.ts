// One panel of P A Pᵀ = L D Lᵀ: Bunch and Kaufman's pivoting, columns brought up to date only when they are needed.
// Source: Bunch and Kaufman, Some stable methods for calculating inertia and solving symmetric linear systems, Math. Comp. 31
// (1977); the delayed update is that of LAPACK's lasyf. Exchanged rows are exchanged in all of L, as in its sytrf_rk.
import { iamax } from '../level1/norms';
import { gemv } from '../level2/gemv';

/** (1 + √17) / 8: with it two 1 x 1 steps bound the growth as one 2 x 2 step does. */
const ALPHA: f64 = 0.6403882032022076;

/** Element (i, j) of a row-major array. */
// @ts-ignore: decorator
@inline
export function at<T>(a: usize, ld: i32, i: i32, j: i32): usize {
  return a + (<usize>i * <usize>ld + <usize>j) * sizeof<T>();
}

// @ts-ignore: decorator
@inline
function exchange<T>(p: usize, q: usize): void {
  const v = load<T>(p);
  store<T>(p, load<T>(q));
  store<T>(q, v);
}

/**
 * c[i] := A[i][j] - Σ_t L[i][t] W[j][t] for i >= k: column j of what is left to factor. A is symmetric with its lower triangle
 * stored; `count` columns of the panel are factored.
 */
function bringColumn<T>(
  n: i32, a: usize, lda: i32, k: i32, j: i32, count: i32, l: usize, w: usize, ld: i32, c: usize, work: usize,
): void {
  const size = sizeof<T>();
  memory.copy(c + <usize>k * size, at<T>(a, lda, j, k), <usize>(j - k) * size);
  let p = at<T>(a, lda, j, j);
  for (let i = j; i < n; i++) {
    store<T>(c + <usize>i * size, load<T>(p));
    p += <usize>lda * size;
  }
  if (count == 0) return;
  gemv<T>(
    n - k, count, <T>-1, at<T>(l, ld, k, 0), ld, 1, at<T>(w, ld, j, 0), 1, <T>1, c + <usize>k * size, 1, work,
  );
}

/** The row in from … to - 1 with the largest |c[i]|, a NaN before all; -1 where there is none. */
// @ts-ignore: decorator
@inline
function largest<T>(c: usize, from: i32, to: i32): i32 {
  return to > from ? from + iamax<T>(to - from, c + <usize>from * sizeof<T>(), 1) : -1;
}

/** |c[i]|, or 0 for i < 0. */
// @ts-ignore: decorator
@inline
function magnitude<T>(c: usize, i: i32): T {
  return i < 0 ? <T>0 : abs<T>(load<T>(c + <usize>i * sizeof<T>()));
}

/** x and y of n elements exchanged. */
function exchangeParts<T>(n: i32, x: usize, y: usize): void {
  for (let j = 0; j < n; j++) exchange<T>(x + <usize>j * sizeof<T>(), y + <usize>j * sizeof<T>());
}

/** Rows and columns p < q of A exchanged: all of what is not factored yet, and the rows of L in the `first` columns of A. */
function exchangeRows<T>(n: i32, a: usize, lda: i32, first: i32, p: i32, q: i32): void {
  exchangeParts<T>(first, at<T>(a, lda, p, 0), at<T>(a, lda, q, 0));
  exchange<T>(at<T>(a, lda, p, p), at<T>(a, lda, q, q));
  for (let i = p + 1; i < q; i++) exchange<T>(at<T>(a, lda, i, p), at<T>(a, lda, q, i));
  let row = at<T>(a, lda, q + 1, 0);
  for (let i = q + 1; i < n; i++) {
    exchange<T>(row + <usize>p * sizeof<T>(), row + <usize>q * sizeof<T>());
    row += <usize>lda * sizeof<T>();
  }
}

/** Column `count` of L and W, that of row k, from u, whose pivot is u[k]. A zero pivot has a zero column below it. */
function storeOne<T>(n: i32, k: i32, count: i32, l: usize, w: usize, ld: i32, u: usize): void {
  const size = sizeof<T>(), pivot = load<T>(u + <usize>k * size), step = <usize>ld * size;
  let pl = at<T>(l, ld, k + 1, count), pw = at<T>(w, ld, k + 1, count);
  for (let i = k + 1; i < n; i++) {
    const value = load<T>(u + <usize>i * size);
    store<T>(pw, value);
    store<T>(pl, pivot == <T>0 ? <T>0 : value / pivot);
    pl += step;
    pw += step;
  }
}

/** Two columns of L and W from u and v, the pivot [u_k, u_{k+1}; u_{k+1}, v_{k+1}], scaled by its largest entry. */
function storeTwo<T>(n: i32, k: i32, count: i32, l: usize, w: usize, ld: i32, u: usize, v: usize): void {
  const size = sizeof<T>(), at0 = <usize>k * size, step = <usize>ld * size;
  const d10 = load<T>(u + at0, size);
  const r0 = load<T>(u + at0) / d10, r1 = load<T>(v + at0, size) / d10;
  const t = <T>1 / (r0 * r1 - <T>1);
  store<T>(at<T>(l, ld, k + 1, count), <T>0);
  let pl = at<T>(l, ld, k + 2, count), pw = at<T>(w, ld, k + 2, count);
  for (let i = k + 2; i < n; i++) {
    const x = load<T>(u + <usize>i * size), y = load<T>(v + <usize>i * size);
    store<T>(pw, x);
    store<T>(pw, y, size);
    store<T>(pl, (t * (r1 * x - y)) / d10);
    store<T>(pl, (t * (r0 * y - x)) / d10, size);
    pl += step;
    pw += step;
  }
}

/**
 * Factors columns from `first` on, at most `nb` of them; returns how many. L (unit, strictly below) and the diagonal of D come
 * over A, the subdiagonal of D to e, the order of rows to perm. The panel's part of L is made in l and L D in w, both n x nb and
 * dense, since columns of A lie in as many cache lines as they have elements; l is left as it is. u, v: n elements each.
 */
export function panel<T>(
  n: i32, first: i32, nb: i32, a: usize, lda: i32, e: usize, perm: usize, l: usize, w: usize, u: usize, v: usize,
  work: usize,
): i32 {
  const size = sizeof<T>(), alpha = <T>ALPHA;
  let k = first;
  while (k < n && k - first + 2 <= nb) {
    const count = k - first;
    store<T>(e + <usize>k * size, <T>0);
    bringColumn<T>(n, a, lda, k, k, count, l, w, nb, u, work);
    const diagonal = magnitude<T>(u, k);
    const row = largest<T>(u, k + 1, n);
    const below = magnitude<T>(u, row);
    let p = k, steps = 1;
    // Stays in place also where all is zero. A NaN in the column is the pivot: a zero that hid it would make the matrix singular.
    if (below != below) store<T>(u + <usize>k * size, below);
    if (diagonal < alpha * below) {
      bringColumn<T>(n, a, lda, k, row, count, l, w, nb, v, work);
      const across = max<T>(
        magnitude<T>(v, largest<T>(v, k, row)), magnitude<T>(v, largest<T>(v, row + 1, n)),
      );
      // The bound is 0 where the quotient underflows or across is infinite; a zero pivot would lose the column.
      if (diagonal == <T>0 || !(diagonal >= alpha * below * (below / across))) {
        p = row;
        if (magnitude<T>(v, row) >= alpha * across) {
          memory.copy(u + <usize>k * size, v + <usize>k * size, <usize>(n - k) * size);
        } else steps = 2;
      }
    }
    const q = k + steps - 1;
    if (p != q) {
      exchangeRows<T>(n, a, lda, first, q, p);
      exchangeParts<T>(count, at<T>(l, nb, q, 0), at<T>(l, nb, p, 0));
      exchangeParts<T>(count, at<T>(w, nb, q, 0), at<T>(w, nb, p, 0));
      exchange<T>(u + <usize>q * size, u + <usize>p * size);
      exchange<T>(v + <usize>q * size, v + <usize>p * size);
      exchange<i32>(perm + <usize>q * 4, perm + <usize>p * 4);
    }
    store<T>(at<T>(a, lda, k, k), load<T>(u + <usize>k * size));
    if (steps == 1) storeOne<T>(n, k, count, l, w, nb, u);
    else {
      store<T>(at<T>(a, lda, k + 1, k + 1), load<T>(v + <usize>(k + 1) * size));
      store<T>(e + <usize>k * size, load<T>(u + <usize>(k + 1) * size));
      store<T>(e + <usize>(k + 1) * size, <T>0);
      storeTwo<T>(n, k, count, l, w, nb, u, v);
    }
    k += steps;
  }
  for (let i = first + 1; i < n; i++) {
    memory.copy(at<T>(a, lda, i, first), at<T>(l, nb, i, 0), <usize>min(i - first, k - first) * size);
  }
  return k - first;
}
