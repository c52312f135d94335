// C := alpha A B + beta C, A m x k, B k x n, C m x n, each with a row stride and a column stride.
// Transposes and slices are strides, so they cost no copy. BLAS's rules: C is not read when beta is zero,
// A and B are not read when alpha is zero.
import { roundToLine, roundUp } from '../simd/lanes';
import { balanced, DIRECT, KC, MC, MR, NC, NR, packedWorkspace, PAGE } from './blocking';
import { tileDirect1x2, tileDirect4x2, tileDirectColumn, tileDirectVector, tilePacked } from './microkernel';
import { pack } from './pack';
import { isDoneByThreads } from './threads';

/** C := beta C, with zeros (not NaN) for beta = 0. */
export function scale<T>(m: i32, n: i32, beta: T, c: usize, rsc: usize, csc: usize): void {
  if (beta == <T>1) return;
  for (let i = 0; i < m; i++) {
    let p = c + <usize>i * rsc;
    for (let j = 0; j < n; j++) {
      store<T>(p, beta == <T>0 ? <T>0 : beta * load<T>(p));
      p += csc;
    }
  }
}

/** C tile := tile + beta C tile, for tiles that stick out of C or whose rows are not contiguous. */
export function addTile<T>(m: i32, n: i32, tile: usize, beta: T, c: usize, rsc: usize, csc: usize): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const p = c + <usize>i * rsc + <usize>j * csc;
      let value = load<T>(tile + <usize>(i * NR<T>() + j) * sizeof<T>());
      if (beta != <T>0) value += beta * load<T>(p);
      store<T>(p, value);
    }
  }
}

/** All tiles of one packed block of A against one packed block of B. */
function macrokernel<T>(
  m: i32, n: i32, k: i32, a: usize, b: usize, alpha: T, beta: T, c: usize, rsc: usize, csc: usize, tile: usize,
): void {
  const nr = NR<T>();
  const panelA = <usize>(MR * k) * sizeof<T>(), panelB = <usize>(nr * k) * sizeof<T>();
  const contiguous = csc == sizeof<T>();
  for (let j = 0; j < n; j += nr) {
    let pa = a;
    const columns = min(nr, n - j);
    for (let i = 0; i < m; i += MR) {
      const rows = min(MR, m - i);
      const pc = c + <usize>i * rsc + <usize>j * csc;
      if (contiguous && rows == MR && columns == nr) {
        tilePacked<T>(k, pa, b, alpha, beta, pc, rsc);
      } else {
        tilePacked<T>(k, pa, b, alpha, <T>0, tile, <usize>nr * sizeof<T>());
        addTile<T>(rows, columns, tile, beta, pc, rsc, csc);
      }
      pa += panelA;
    }
    b += panelB;
  }
}

/** The packed path: any size and strides (in bytes); the order of summation depends on k alone. */
export function gemmPacked<T>(
  m: i32, n: i32, k: i32, alpha: T, a: usize, rsa: usize, csa: usize, b: usize, rsb: usize, csb: usize,
  beta: T, c: usize, rsc: usize, csc: usize, work: usize,
): void {
  if (m <= 0 || n <= 0) return;
  if (k <= 0 || alpha == <T>0) return scale<T>(m, n, beta, c, rsc, csc);
  const kc = balanced(k, KC, 4), mc = balanced(m, MC, MR), nc = balanced(n, NC<T>(), NR<T>());
  const workB = work + roundToLine(<usize>roundUp(min(mc, m), MR) * <usize>min(kc, k) * sizeof<T>());
  const tile = workB + roundToLine(<usize>roundUp(min(nc, n), NR<T>()) * <usize>min(kc, k) * sizeof<T>());
  for (let j = 0; j < n; j += nc) {
    const columns = min(nc, n - j);
    for (let p = 0; p < k; p += kc) {
      const depth = min(kc, k - p);
      pack<T>(NR<T>(), columns, depth, b + <usize>p * rsb + <usize>j * csb, csb, rsb, workB);
      const betaNow = p == 0 ? beta : <T>1;
      for (let i = 0; i < m; i += mc) {
        const rows = min(mc, m - i);
        pack<T>(MR, rows, depth, a + <usize>i * rsa + <usize>p * csa, rsa, csa, work);
        macrokernel<T>(
          rows, columns, depth, work, workB, alpha, betaNow, c + <usize>i * rsc + <usize>j * csc, rsc, csc, tile,
        );
      }
    }
  }
}

/** The direct path: rows of B and of C contiguous; strides in bytes. */
function gemmDirect<T>(
  m: i32, n: i32, k: i32, alpha: T, a: usize, rsa: usize, csa: usize, b: usize, rsb: usize,
  beta: T, c: usize, rsc: usize,
): void {
  const nr = NR<T>(), half = nr / 2;
  let j = 0;
  for (; j + nr <= n; j += nr) {
    const pb = b + <usize>j * sizeof<T>(), pc = c + <usize>j * sizeof<T>();
    let i = 0;
    for (; i + MR <= m; i += MR) {
      tileDirect4x2<T>(k, a + <usize>i * rsa, rsa, csa, pb, rsb, alpha, beta, pc + <usize>i * rsc, rsc);
    }
    for (; i < m; i++) tileDirect1x2<T>(k, a + <usize>i * rsa, csa, pb, rsb, alpha, beta, pc + <usize>i * rsc);
  }
  if (j + half <= n) {
    tileDirectVector<T>(
      m, k, a, rsa, csa, b + <usize>j * sizeof<T>(), rsb, alpha, beta, c + <usize>j * sizeof<T>(), rsc,
    );
    j += half;
  }
  for (; j < n; j++) {
    tileDirectColumn<T>(
      m, k, a, rsa, csa, b + <usize>j * sizeof<T>(), rsb, alpha, beta, c + <usize>j * sizeof<T>(), rsc,
    );
  }
}

/** Whether the product is small enough, and lies so, that packing would cost more than it saves. */
// @ts-ignore: decorator
@inline
function isDirect<T>(m: i32, n: i32, k: i32, rsb: usize, csb: usize, csc: usize): bool {
  if (<f64>m * <f64>n * <f64>k > DIRECT || csb != sizeof<T>() || csc != sizeof<T>()) return false;
  // Rows of B a multiple of a power of two apart share few sets of an 8-way cache: those that evict each other are packed.
  const apart = min<usize>(rsb & (0 - rsb), PAGE);
  return <usize>k * apart <= 8 * PAGE;
}

/** C := alpha A B + beta C; strides in elements, of either sign. `work` holds gemmWorkspace bytes. */
export function gemm<T>(
  m: i32, n: i32, k: i32, alpha: T, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32,
  beta: T, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  // A column-major C is computed as its transpose: Cᵀ = Bᵀ Aᵀ.
  if (csc != 1 && rsc == 1) return gemm<T>(n, m, k, alpha, b, csb, rsb, a, csa, rsa, beta, c, csc, rsc, work);
  const ra = <usize>rsa * sizeof<T>(), ca = <usize>csa * sizeof<T>();
  const rb = <usize>rsb * sizeof<T>(), cb = <usize>csb * sizeof<T>();
  const rc = <usize>rsc * sizeof<T>(), cc = <usize>csc * sizeof<T>();
  if (k > 0 && alpha != <T>0 && isDirect<T>(m, n, k, rb, cb, cc)) {
    gemmDirect<T>(m, n, k, alpha, a, ra, ca, b, rb, beta, c, rc);
  } else if (!isDoneByThreads<T>(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc, work)) {
    gemmPacked<T>(m, n, k, alpha, a, ra, ca, b, rb, cb, beta, c, rc, cc, work);
  }
}

/** The packed path with strides in elements. */
export function gemmPackedElements<T>(
  m: i32, n: i32, k: i32, alpha: T, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32,
  beta: T, c: usize, rsc: i32, csc: i32, work: usize,
): void {
  const size = sizeof<T>();
  gemmPacked<T>(
    m, n, k, alpha, a, <usize>rsa * size, <usize>csa * size, b, <usize>rsb * size, <usize>csb * size,
    beta, c, <usize>rsc * size, <usize>csc * size, work,
  );
}

/** Bytes of workspace for one m x n x k product, in either path and either orientation. */
export function gemmWorkspace<T>(m: i32, n: i32, k: i32): usize {
  return max(packedWorkspace<T>(m, n, k), packedWorkspace<T>(n, m, k));
}
