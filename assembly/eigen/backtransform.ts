// Z := H_{n-1} … H_1 Z, a group of reflectors at a time: H_{r+k-1} … H_r = I - Vᵀ T V, rows of V contiguous (the compact WY
// form of householder/block.ts for reflectors that end, instead of begin, with a one).
import { packedWorkspace } from '../gemm/blocking';
import { gemm } from '../gemm/gemm';

/** Reflectors in a group. */
const GROUP: i32 = 32;

/** Elements of workspace: T, its Gram matrix, T V and (T V) Z. */
export function backtransformElements(n: i32): i32 {
  return 2 * GROUP * GROUP + 2 * GROUP * n;
}

/** Bytes of workspace for the products. */
export function backtransformWorkspace<T>(n: i32): usize {
  const k = min(GROUP, n);
  return max(packedWorkspace<T>(k, n, n), packedWorkspace<T>(n, n, k));
}

/** Elements of the packed reflectors: about half a matrix. */
export function packedReflectors(n: i32): i32 {
  let sum = 0;
  for (let first = 1; first < n; first += GROUP) sum += min(GROUP, n - first) * (min(first + GROUP, n) - 1);
  return sum;
}

/** Packs the rows of A (n x n, contiguous) in place: a group's rows have the length of its last reflector, whose rest is zero. */
export function packReflectors<T>(n: i32, a: usize): void {
  let to = a;
  for (let r = 1; r < n; r++) {
    const bytes = <usize>(min((r - 1) / GROUP * GROUP + GROUP, n - 1)) * sizeof<T>();
    memory.copy(to, a + <usize>r * <usize>n * sizeof<T>(), bytes);
    to += bytes;
  }
}

/** The lower triangular T (k x k) from the Gram matrix V Vᵀ and tau; the last reflector is the outermost. */
function triangle<T>(k: i32, gram: usize, tau: usize, t: usize): void {
  const size = sizeof<T>(), row = <usize>k * size;
  memory.fill(t, 0, <usize>k * row);
  for (let j = k - 1; j >= 0; j--) {
    const tj = load<T>(tau + <usize>j * size);
    store<T>(t + <usize>j * row + <usize>j * size, tj);
    for (let i = j + 1; i < k; i++) {
      let sum: T = 0;
      for (let l = j + 1; l <= i; l++) {
        sum += load<T>(t + <usize>i * row + <usize>l * size) * load<T>(gram + <usize>l * row + <usize>j * size);
      }
      store<T>(t + <usize>i * row + <usize>j * size, -tj * sum);
    }
  }
}

/** Z (n x n) := Q Z, Q from packReflectors and tau. `w` holds backtransformElements, `work` backtransformWorkspace. */
export function backtransform<T>(n: i32, packed: usize, tau: usize, z: usize, ldz: i32, w: usize, work: usize): void {
  const size = sizeof<T>();
  let v = packed;
  for (let first = 1; first < n; first += GROUP) {
    const k = min(GROUP, n - first), m = first + k - 1;
    const t = w, gram = t + <usize>(k * k) * size, tv = gram + <usize>(k * k) * size, tvz = tv + <usize>(k * m) * size;
    gemm<T>(k, k, m, <T>1, v, m, 1, v, 1, m, <T>0, gram, k, 1, work);
    triangle<T>(k, gram, tau + <usize>first * size, t);
    gemm<T>(k, m, k, <T>1, t, k, 1, v, m, 1, <T>0, tv, m, 1, work);
    gemm<T>(k, n, m, <T>1, tv, m, 1, z, ldz, 1, <T>0, tvz, n, 1, work);
    gemm<T>(m, n, k, <T>-1, v, 1, m, tvz, n, 1, <T>1, z, ldz, 1, work);
    v += <usize>(k * m) * size;
  }
}
