// Singular vectors of the matrix with first row ẑ and diagonal d: v_ij = ẑ_j / (d_j² - ω_i²), u_ij = d_j v_ij with
// u_i0 = -1, where ẑ is recomputed so that the ω_i are its exact singular values; that makes them orthogonal
// (Gu and Eisenstat, 1995; lasd3).
import { nrm2 } from '../level1/norms';
import { lanes } from '../simd/lanes';

/** product_j *= row_j / ((d_j - pole)(d_j + pole)) for n elements. */
function accumulate<T>(n: i32, product: usize, row: usize, d: usize, pole: T): void {
  const pp = v128.splat<T>(pole);
  let j = 0;
  for (; j + lanes<T>() <= n; j += lanes<T>()) {
    const dd = v128.load(d);
    const ratio = v128.div<T>(v128.load(row), v128.mul<T>(v128.sub<T>(dd, pp), v128.add<T>(dd, pp)));
    v128.store(product, v128.mul<T>(v128.load(product), ratio));
    product += 16;
    row += 16;
    d += 16;
  }
  for (; j < n; j++) {
    const dj = load<T>(d);
    store<T>(product, load<T>(product) * (load<T>(row) / ((dj - pole) * (dj + pole))));
    product += sizeof<T>();
    row += sizeof<T>();
    d += sizeof<T>();
  }
}

/** ẑ at `out` from all roots: p (k x k, rows d_j² - ω_i²); signs from z. */
export function recomputeZ<T>(k: i32, d: usize, z: usize, p: usize, out: usize): void {
  const size = sizeof<T>();
  memory.copy(out, p + <usize>((k - 1) * k) * size, <usize>k * size);
  for (let i = 0; i < k - 1; i++) multiplyRow<T>(i, k, d, p + <usize>(i * k) * size, out);
  finishZ<T>(k, z, out);
}

/** The factor of root i < k - 1 in the squares of ẑ, which begin as the row of the last root. */
export function multiplyRow<T>(i: i32, k: i32, d: usize, row: usize, out: usize): void {
  const below = <usize>(i + 1) * sizeof<T>();
  accumulate<T>(i + 1, out, row, d, load<T>(d + below));
  accumulate<T>(k - i - 1, out + below, row + below, d + below, load<T>(d + <usize>i * sizeof<T>()));
}

/** ẑ from its squares and the signs of z. */
export function finishZ<T>(k: i32, z: usize, out: usize): void {
  const size = sizeof<T>();
  for (let j = 0; j < k; j++) {
    const at = out + <usize>j * size, value = sqrt<T>(abs<T>(load<T>(at)));
    store<T>(at, load<T>(z + <usize>j * size) < <T>0 ? -value : value);
  }
}

/** row_j := d_j (z_j / row_j) */
export function leftEntries<T>(k: i32, d: usize, z: usize, row: usize): void {
  let j = 0;
  for (; j + lanes<T>() <= k; j += lanes<T>()) {
    v128.store(row, v128.mul<T>(v128.load(d), v128.div<T>(v128.load(z), v128.load(row))));
    d += 16;
    z += 16;
    row += 16;
  }
  for (; j < k; j++) {
    store<T>(row, load<T>(d) * (load<T>(z) / load<T>(row)));
    d += sizeof<T>();
    z += sizeof<T>();
    row += sizeof<T>();
  }
}

/** row_j := z_j / row_j */
export function rightEntries<T>(k: i32, z: usize, row: usize): void {
  let j = 0;
  for (; j + lanes<T>() <= k; j += lanes<T>()) {
    v128.store(row, v128.div<T>(v128.load(z), v128.load(row)));
    z += 16;
    row += 16;
  }
  for (; j < k; j++) {
    store<T>(row, load<T>(z) / load<T>(row));
    z += sizeof<T>();
    row += sizeof<T>();
  }
}

/** out[position_j] := row_j / norm */
function scatter<T>(k: i32, row: usize, norm: T, position: usize, out: usize): void {
  for (let j = 0; j < k; j++) {
    store<T>(out + <usize>load<i32>(position + <usize>j * 4) * sizeof<T>(), load<T>(row + <usize>j * sizeof<T>()) / norm);
  }
}

/** p's rows become the left vectors, entry j at position_j. `row` holds k elements. */
export function leftVectors<T>(k: i32, d: usize, z: usize, p: usize, position: usize, row: usize): void {
  const size = sizeof<T>();
  for (let i = 0; i < k; i++) {
    const at = p + <usize>(i * k) * size;
    memory.copy(row, at, <usize>k * size);
    leftEntries<T>(k, d, z, row);
    store<T>(row, -1);
    scatter<T>(k, row, nrm2<T>(k, row, 1), position, at);
  }
}

/**
 * p's rows turn from left vectors into right ones: v_j = u_j / d_j up to a common factor, and
 * v_0 = u_0 ẑ_0 / ω². Entry j stays at position_j.
 */
export function rightVectors<T>(
  k: i32, d: usize, z0: T, omega: usize, p: usize, position: usize, row: usize,
): void {
  const size = sizeof<T>();
  for (let i = 0; i < k; i++) {
    const at = p + <usize>(i * k) * size, w = load<T>(omega + <usize>i * size);
    store<T>(row, ((load<T>(at + <usize>load<i32>(position) * size) / w) * z0) / w);
    for (let j = 1; j < k; j++) {
      const u = load<T>(at + <usize>load<i32>(position + <usize>j * 4) * size);
      store<T>(row + <usize>j * size, u / load<T>(d + <usize>j * size));
    }
    scatter<T>(k, row, nrm2<T>(k, row, 1), position, at);
  }
}
