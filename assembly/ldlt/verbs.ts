// What a factored stack can do besides solving: determinants, inverses, conditions, the matrix again. Loops over a stack of dense
// n x n matrices one after the other, generic in the element type; the typed names are in exports.ts.
import { gemmWorkspace } from '../gemm/gemm';
import { conditionWorkspace, DONE, estimateOf, next, reciprocal, start, vectorOf } from '../lapack/condition';
import { determinant } from '../lapack/determinant';
import { norm1 } from '../lapack/norm1';
import { identity, mirror } from '../lapack/reconstruct';
import { trmm } from '../level3/trmm';
import { roundToLine } from '../simd/lanes';
import { at } from './panel';
import { sytrs, sytrsWorkspace } from './solve';

// @ts-ignore: decorator
@inline
function matrixBytes<T>(n: i32): usize {
  return <usize>n * <usize>n * sizeof<T>();
}

/** Norms of what the lower triangles mean; `work`: n elements. */
export function norms<T>(batch: i32, n: i32, a: usize, out: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    store<T>(out + <usize>i * sizeof<T>(), norm1<T>(n, a, true, work));
    a += matrixBytes<T>(n);
  }
}

/** d (n): factors whose product is det D. A pivot of two rows gives its largest entry d10 and d10 (d00/d10 · d11/d10 - 1). */
function factorsOf<T>(n: i32, a: usize, e: usize, d: usize): void {
  const size = sizeof<T>();
  for (let k = 0; k < n; k++) {
    const d00 = load<T>(at<T>(a, n, k, k)), d10 = load<T>(e + <usize>k * size), to = d + <usize>k * size;
    if (d10 == <T>0) {
      store<T>(to, d00);
      continue;
    }
    const d11 = load<T>(at<T>(a, n, k + 1, k + 1));
    store<T>(to, d10);
    store<T>(to, d10 * ((d00 / d10) * (d11 / d10) - <T>1), size);
    k++;
  }
}

/** `work`: n elements. */
export function sytrfDet<T>(batch: i32, n: i32, a: usize, e: usize, form: i32, out: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    factorsOf<T>(n, a, e, work);
    store<T>(out + <usize>i * sizeof<T>(), determinant<T>(n, work, 1, false, false, form));
    a += matrixBytes<T>(n);
    e += <usize>n * sizeof<T>();
  }
}

/** Symmetric to the last bit; `work` as sytrs for n right sides. */
export function sytrfInverse<T>(batch: i32, n: i32, a: usize, e: usize, perm: usize, out: usize, work: usize): void {
  for (let i = 0; i < batch; i++) {
    identity<T>(n, out);
    sytrs<T>(n, n, a, n, e, perm, out, work);
    mirror<T>(n, out);
    a += matrixBytes<T>(n);
    e += <usize>n * sizeof<T>();
    perm += <usize>n * 4;
    out += matrixBytes<T>(n);
  }
}

/** W (n x n) := D Lᵀ. */
function scaledTranspose<T>(n: i32, a: usize, e: usize, w: usize): void {
  const size = sizeof<T>();
  memory.fill(w, 0, matrixBytes<T>(n));
  for (let k = 0; k < n; k++) {
    const d00 = load<T>(at<T>(a, n, k, k)), d10 = load<T>(e + <usize>k * size);
    store<T>(at<T>(w, n, k, k), d00);
    if (d10 == <T>0) {
      for (let j = k + 1; j < n; j++) store<T>(at<T>(w, n, k, j), d00 * load<T>(at<T>(a, n, j, k)));
      continue;
    }
    const d11 = load<T>(at<T>(a, n, k + 1, k + 1));
    store<T>(at<T>(w, n, k, k + 1), d10);
    store<T>(at<T>(w, n, k + 1, k), d10);
    store<T>(at<T>(w, n, k + 1, k + 1), d11);
    for (let j = k + 2; j < n; j++) {
      const x = load<T>(at<T>(a, n, j, k)), y = load<T>(at<T>(a, n, j, k), size);
      store<T>(at<T>(w, n, k, j), d00 * x + d10 * y);
      store<T>(at<T>(w, n, k + 1, j), d10 * x + d11 * y);
    }
    k++;
  }
}

/** Pᵀ L D Lᵀ P, symmetric to the last bit. */
export function sytrfReconstruct<T>(
  batch: i32, n: i32, a: usize, e: usize, perm: usize, out: usize, work: usize,
): void {
  const rest = work + roundToLine(matrixBytes<T>(n));
  for (let t = 0; t < batch; t++) {
    scaledTranspose<T>(n, a, e, work);
    trmm<T>(true, true, n, n, a, n, 1, work, n, 1, rest);
    for (let i = 0; i < n; i++) {
      const p = load<i32>(perm + <usize>i * 4);
      for (let j = 0; j <= i; j++) {
        const q = load<i32>(perm + <usize>j * 4), value = load<T>(at<T>(work, n, i, j));
        store<T>(at<T>(out, n, p, q), value);
        store<T>(at<T>(out, n, q, p), value);
      }
    }
    a += matrixBytes<T>(n);
    e += <usize>n * sizeof<T>();
    perm += <usize>n * 4;
    out += matrixBytes<T>(n);
  }
}
export function sytrfReconstructWork<T>(n: i32): usize {
  return roundToLine(matrixBytes<T>(n)) + gemmWorkspace<T>(n, n, n);
}

/** Whether D has a zero on its diagonal that is a pivot of its own. */
function isSingular<T>(n: i32, a: usize, e: usize): bool {
  for (let k = 0; k < n; k++) {
    if (load<T>(e + <usize>k * sizeof<T>()) != <T>0) k++;
    else if (load<T>(at<T>(a, n, k, k)) == <T>0) return true;
  }
  return false;
}

/** Reciprocal conditions from the norms of A. */
export function sytrfRcond<T>(
  batch: i32, n: i32, a: usize, e: usize, perm: usize, norms: usize, out: usize, work: usize,
): void {
  const x = vectorOf(work), rest = work + conditionWorkspace<T>(n);
  for (let i: usize = 0; i < <usize>batch * sizeof<T>(); i += sizeof<T>()) {
    const singular = isSingular<T>(n, a, e);
    if (n > 0 && !singular) {
      start(work);
      // A⁻¹ is symmetric: both questions have one answer.
      while (next<T>(n, work) != DONE) sytrs<T>(n, 1, a, n, e, perm, x, rest);
    }
    store<T>(out + i, reciprocal<T>(n, load<T>(norms + i), singular, estimateOf(work)));
    a += matrixBytes<T>(n);
    e += <usize>n * sizeof<T>();
    perm += <usize>n * 4;
  }
}
export function sytrfRcondWork<T>(n: i32): usize {
  return conditionWorkspace<T>(n) + sytrsWorkspace<T>(n, 1);
}
