// P A = L U in place of A (m x n, row-major), partial pivoting, recursive by columns (Toledo, 1997): the left half, a triangular
// solve, one gemm, the right half. Sixteen columns at a time in the end, on a column-major copy.
import { gemm } from '../gemm/gemm';
import { axpyContiguous, scal } from '../level1/axpy';
import { columns4 } from '../level2/gemv';
import { trsm } from '../level3/trsm';
import { lanes, roundToLine } from '../simd/lanes';
import { level3Workspace } from './workspace';

const BASE: i32 = 16;
/** Columns of a base panel that are factored before the others are updated by them together. */
const GROUP: i32 = 4;

/** Exchanges two contiguous rows of n elements. */
function swapRows<T>(n: i32, x: usize, y: usize): void {
  let bytes = <usize>n * sizeof<T>();
  for (; bytes >= 16; bytes -= 16) {
    const v = v128.load(x);
    v128.store(x, v128.load(y));
    v128.store(y, v);
    x += 16;
    y += 16;
  }
  for (; bytes > 0; bytes -= sizeof<T>()) {
    const v = load<T>(x);
    store<T>(x, load<T>(y));
    store<T>(y, v);
    x += sizeof<T>();
    y += sizeof<T>();
  }
}

/** Bytes from one column of the panel's copy to the next: never a multiple of a page, or all of them would share cache sets. */
// @ts-ignore: decorator
@inline
function pitchOf<T>(m: i32): usize {
  return roundToLine(<usize>m * sizeof<T>()) + 64;
}

/** Applies the exchanges `from` … `to` - 1 of the pivot list to the n columns at `a`. */
export function laswp<T>(n: i32, a: usize, lda: i32, pivots: usize, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const p = load<i32>(pivots + (<usize>i << 2));
    if (p != i) swapRows<T>(n, a + <usize>(i * lda) * sizeof<T>(), a + <usize>(p * lda) * sizeof<T>());
  }
}

/** The index of the first NaN, where there is one. */
function firstNaN<T>(x: usize): i32 {
  let i = 0;
  while (load<T>(x) == load<T>(x)) {
    x += sizeof<T>();
    i++;
  }
  return i;
}

/**
 * The first index of the largest |x_i| of n >= 1 contiguous elements; the first NaN if there is one: as a pivot it spoils all that
 * depends on it, passed over it could leave a zero for a pivot, and a matrix that is called singular.
 */
function largest<T>(n: i32, x: usize): i32 {
  const w = lanes<T>();
  let v0 = v128.splat<T>(0), v1 = v0, nan = i64x2.splat(0);
  let i = 0;
  let p = x;
  for (; i + 2 * w <= n; i += 2 * w) {
    // pmax, which is one instruction, loses a NaN on the right.
    const x0 = v128.load(p), x1 = v128.load(p, 16);
    v0 = v128.pmax<T>(v0, v128.abs<T>(x0));
    v1 = v128.pmax<T>(v1, v128.abs<T>(x1));
    nan = v128.or(nan, v128.or(v128.ne<T>(x0, x0), v128.ne<T>(x1, x1)));
    p += 32;
  }
  if (v128.any_true(nan)) return firstNaN<T>(x);
  v0 = v128.pmax<T>(v0, v1);
  let best: T = 0;
  for (let l = 0; l < w; l++) {
    best = max<T>(best, v128.extract_lane<T>(v0, 0));
    if (sizeof<T>() == 8) v0 = v128.shuffle<f64>(v0, v0, 1, 0);
    else v0 = v128.shuffle<f32>(v0, v0, 1, 2, 3, 0);
  }
  for (; i < n; i++) {
    const v = abs<T>(load<T>(p));
    if (v != v) return i;
    if (v > best) best = v;
    p += sizeof<T>();
  }
  for (i = 0; i < n; i++) if (abs<T>(load<T>(x + <usize>i * sizeof<T>())) == best) return i;
  return 0;
}

/** Factors columns `from` … `end` - 1 of a column-major panel; the columns right of them get the exchanges only. */
function luGroup<T>(m: i32, n: i32, from: i32, end: i32, work: usize, pivots: usize): i32 {
  const size = sizeof<T>();
  const column = pitchOf<T>(m);
  let info = 0;
  for (let j = from; j < end; j++) {
    const cj = work + <usize>j * column;
    const p = j + largest<T>(m - j, cj + <usize>j * size);
    store<i32>(pivots + (<usize>j << 2), p);
    if (p != j) {
      for (let l = 0; l < n; l++) {
        const x = work + <usize>l * column + <usize>j * size, y = work + <usize>l * column + <usize>p * size;
        const v = load<T>(x);
        store<T>(x, load<T>(y));
        store<T>(y, v);
      }
    }
    const pivot = load<T>(cj + <usize>j * size);
    if (pivot == <T>0) {
      if (info == 0) info = j + 1;
      continue;
    }
    const below = cj + <usize>(j + 1) * size;
    // 1 / pivot may overflow for a subnormal pivot; then divide one by one.
    const inverse = <T>1 / pivot;
    if (abs<T>(inverse) < <T>Infinity) scal<T>(m - j - 1, inverse, below, 1);
    else for (let i = j + 1; i < m; i++) store<T>(cj + <usize>i * size, load<T>(cj + <usize>i * size) / pivot);
    for (let l = j + 1; l < end; l++) {
      const cl = work + <usize>l * column;
      axpyContiguous<T>(m - j - 1, -load<T>(cl + <usize>j * size), below, cl + <usize>(j + 1) * size);
    }
  }
  return info;
}

/** The columns right of a group: the triangular solve of its rows, then one update by all its columns at once. */
function updateGroup<T>(m: i32, n: i32, from: i32, end: i32, work: usize): void {
  const size = sizeof<T>();
  const column = pitchOf<T>(m);
  const first = work + <usize>from * column;
  for (let l = end; l < n; l++) {
    const cl = work + <usize>l * column;
    for (let j = from; j < end; j++) {
      const u = load<T>(cl + <usize>j * size), cj = work + <usize>j * column;
      for (let i = j + 1; i < end; i++) {
        const p = cl + <usize>i * size;
        store<T>(p, load<T>(p) - u * load<T>(cj + <usize>i * size));
      }
    }
    const below = <usize>end * size, top = cl + <usize>from * size;
    if (end - from == GROUP) {
      columns4<T>(
        m - end, first + below, column, -load<T>(top), -load<T>(top + size), -load<T>(top + 2 * size),
        -load<T>(top + 3 * size), cl + below,
      );
    } else {
      for (let j = from; j < end; j++) {
        axpyContiguous<T>(m - end, -load<T>(cl + <usize>j * size), work + <usize>j * column + below, cl + below);
      }
    }
  }
}

/** m x n with n <= BASE, through a column-major copy at `work`; pivots count from this panel's first row. */
function luBase<T>(m: i32, n: i32, a: usize, lda: i32, pivots: usize, work: usize): i32 {
  const size = sizeof<T>();
  const column = pitchOf<T>(m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      store<T>(work + <usize>j * column + <usize>i * size, load<T>(a + <usize>(i * lda + j) * size));
    }
  }
  let info = 0;
  const steps = min(m, n);
  for (let j = 0; j < steps; j += GROUP) {
    const end = min(j + GROUP, steps);
    const group = luGroup<T>(m, n, j, end, work, pivots);
    if (info == 0) info = group;
    updateGroup<T>(m, n, j, end, work);
  }
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      store<T>(a + <usize>(i * lda + j) * size, load<T>(work + <usize>j * column + <usize>i * size));
    }
  }
  return info;
}

/** The recursion; `panel` holds the copy of a base panel. */
function luRecursive<T>(m: i32, n: i32, a: usize, lda: i32, pivots: usize, panel: usize, work: usize): i32 {
  if (n <= BASE) return luBase<T>(m, n, a, lda, pivots, panel);
  const size = sizeof<T>();
  const k = min(m, n);
  const h = k <= BASE ? k : max(BASE, ((k / 2 + BASE - 1) / BASE) * BASE);
  const r = n - h, below = m - h;
  const right = a + <usize>h * size;
  let info = luRecursive<T>(m, h, a, lda, pivots, panel, work);
  laswp<T>(r, right, lda, pivots, 0, h);
  trsm<T>(true, true, h, r, a, lda, 1, right, lda, 1, work);
  if (below <= 0) return info;
  const a21 = a + <usize>(h * lda) * size, a22 = right + <usize>(h * lda) * size;
  gemm<T>(below, r, h, <T>-1, a21, lda, 1, right, lda, 1, <T>1, a22, lda, 1, work);
  const rest = luRecursive<T>(below, r, a22, lda, pivots + (<usize>h << 2), panel, work);
  const last = h + min(below, r);
  for (let i = h; i < last; i++) {
    const p = pivots + (<usize>i << 2);
    store<i32>(p, load<i32>(p) + h);
  }
  laswp<T>(h, a, lda, pivots, h, last);
  return info != 0 ? info : rest != 0 ? h + rest : 0;
}

/** min(m, n) pivots: row i was exchanged with row pivots[i]. The number (from 1) of the first pivot that is zero, or 0. */
export function getrf<T>(m: i32, n: i32, a: usize, lda: i32, pivots: usize, work: usize): i32 {
  return luRecursive<T>(m, n, a, lda, pivots, work, work + panelBytes<T>(m));
}

/** The order of m rows after k exchanges: row i of P A is row order[i] of A. */
export function rowOrder(m: i32, k: i32, pivots: usize, order: usize): void {
  for (let i = 0; i < m; i++) store<i32>(order + (<usize>i << 2), i);
  for (let i = 0; i < k; i++) {
    const x = order + (<usize>i << 2), y = order + (<usize>load<i32>(pivots + (<usize>i << 2)) << 2);
    const v = load<i32>(x);
    store<i32>(x, load<i32>(y));
    store<i32>(y, v);
  }
}

/** Bytes of the copy of one base panel. */
function panelBytes<T>(m: i32): usize {
  return <usize>BASE * pitchOf<T>(m);
}

/** Bytes of workspace. */
export function luWorkspace<T>(m: i32, n: i32): usize {
  return panelBytes<T>(m) + level3Workspace<T>(m, n, min(m, n));
}
