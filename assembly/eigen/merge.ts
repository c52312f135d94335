// The eigenproblem of two halves joined by a rank-one matrix (LAPACK's laed1 and laed3; Gu and Eisenstat, A divide-and-conquer
// algorithm for the symmetric tridiagonal eigenproblem, 1995): secular roots, z recomputed from them so that the vectors are
// orthogonal whatever the roots' last bits, and two products with the halves' vectors.
import { gemm } from '../gemm/gemm';
import { scal } from '../level1/axpy';
import { dotContiguous } from '../level1/dot';
import { lanes, roundToLine } from '../simd/lanes';
import { deflate, DENSE, FIRST, SECOND } from './deflate';
import { mergeIndices } from './order';
import { Plan } from './plan';
import { secularRoot } from './secular';

// @ts-ignore: decorator
@inline
function index(list: usize, i: i32): i32 {
  return load<i32>(list + (<usize>i << 2));
}

/** out_i *= x_i / (d_i - pole) over n elements. */
function multiplyRatios<T>(n: i32, x: usize, d: usize, pole: T, out: usize): void {
  const v = v128.splat<T>(pole);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    v128.store(out, v128.mul<T>(v128.load(out), v128.div<T>(v128.load(x), v128.sub<T>(v128.load(d), v))));
    x += 16;
    d += 16;
    out += 16;
  }
  for (; i < n; i++) {
    store<T>(out, load<T>(out) * (load<T>(x) / (load<T>(d) - pole)));
    x += sizeof<T>();
    d += sizeof<T>();
    out += sizeof<T>();
  }
}

/** out_i := z_i / x_i */
function divide<T>(n: i32, z: usize, x: usize, out: usize): void {
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    v128.store(out, v128.div<T>(v128.load(z), v128.load(x)));
    z += 16;
    x += 16;
    out += 16;
  }
  for (; i < n; i++) {
    store<T>(out, load<T>(z) / load<T>(x));
    z += sizeof<T>();
    x += sizeof<T>();
    out += sizeof<T>();
  }
}

/** Puts x_list[i] at out_i. */
function gather<T>(n: i32, list: usize, x: usize, out: usize): void {
  for (let i = 0; i < n; i++) {
    store<T>(out, load<T>(x + <usize>load<i32>(list) * sizeof<T>()));
    list += 4;
    out += sizeof<T>();
  }
}

/**
 * z_i := ± sqrt(-Π_j (d_i - λ_j) / Π_{j≠i} (d_i - d_j)): the z, up to a factor, of which the computed λ are the exact roots.
 * Row j of plan.s holds all d_i - λ_j; its columns, plan.z (which has the signs) and plan.row (the poles) are in the order of
 * plan.grouped. Row and pole j are paired in ascending order, where they interlace: no product overflows.
 */
function recomputeZ<T>(plan: Plan, k: i32): void {
  const size = sizeof<T>(), d = plan.row, product = plan.squares, places = plan.kind;
  for (let i = 0; i < k; i++) {
    store<T>(product + <usize>i * size, 1);
    store<i32>(places + (<usize>index(plan.grouped, i) << 2), i);
  }
  let x = plan.s;
  for (let j = 0; j < k; j++) {
    const place = index(places, j), o = <usize>place * size, after = o + size, pole = load<T>(d + o);
    multiplyRatios<T>(place, x, d, pole, product);
    store<T>(product + o, load<T>(product + o) * load<T>(x + o));
    multiplyRatios<T>(k - place - 1, x + after, d + after, pole, product + after);
    x += <usize>plan.lds * size;
  }
  for (let i = 0; i < k; i++) {
    const w = plan.z + <usize>i * size, v = sqrt<T>(max<T>(-load<T>(product + <usize>i * size), 0));
    store<T>(w, load<T>(w) < <T>0 ? -v : v);
  }
}

/** Roots to plan.next, eigenvectors of the small problem to the rows of plan.s in the order of plan.grouped. */
function solveSmall<T>(plan: Plan, k: i32, rho: T): i32 {
  const size = sizeof<T>(), row = <usize>plan.lds * size;
  const poles = plan.poles, weights = plan.weights, s = plan.s, grouped = plan.row;
  for (let i = 0; i < k; i++) {
    const v = load<T>(weights + <usize>i * size);
    store<T>(plan.squares + <usize>i * size, v * v);
  }
  const total = dotContiguous<T>(k, weights, weights);
  // The poles as the columns of s come.
  gather<T>(k, plan.grouped, poles, grouped);
  let failures = 0;
  for (let j = 0; j < k; j++) {
    failures += secularRoot<T>(
      j, k, poles, plan.squares, rho, total, grouped, s + <usize>j * row, plan.next + <usize>j * size, plan.scratch,
    );
  }
  gather<T>(k, plan.grouped, weights, plan.z);
  recomputeZ<T>(plan, k);
  for (let j = 0; j < k; j++) {
    const x = s + <usize>j * row;
    divide<T>(k, plan.z, x, x);
    scal<T>(k, <T>1 / sqrt<T>(dotContiguous<T>(k, x, x)), x, 1);
  }
  return failures;
}

/** Lists the kept vectors by kind in plan.grouped; returns how many are of this kind. */
function group(plan: Plan, k: i32, kind: i32, from: i32): i32 {
  let count = 0;
  for (let i = 0; i < k; i++) {
    if (index(plan.kind, index(plan.kept, i)) != kind) continue;
    store<i32>(plan.grouped + (<usize>(from + count) << 2), i);
    count++;
  }
  return count;
}

/**
 * Columns [from, from + n) of the first k rows of q := S times those columns of the vectors grouped[begin … begin + count), which
 * are copied to `part`: all others are zero there.
 */
function multiply<T>(plan: Plan, k: i32, begin: i32, count: i32, q: usize, from: i32, n: i32, part: usize): void {
  const size = sizeof<T>(), bytes = <usize>n * size, row = <usize>plan.ldq * size;
  const columns = q + <usize>from * size;
  let to = part;
  for (let i = begin; i < begin + count; i++) {
    memory.copy(to, columns + <usize>index(plan.kept, index(plan.grouped, i)) * row, bytes);
    to += bytes;
  }
  gemm<T>(
    k, n, count, <T>1, plan.s + <usize>begin * size, plan.lds, 1, part, n, 1, <T>0, columns, plan.ldq, 1, roundToLine(to),
  );
}

/** z: the last row of the first half's vectors and the first row of the second's, of length 1; plan.merged: all, ascending. */
function prepare<T>(plan: Plan, n: i32, half: i32, d: usize, q: usize, order: usize, negative: bool): void {
  const size = sizeof<T>(), row = <usize>plan.ldq * size;
  const scale: T = <T>0.7071067811865476;
  for (let i = 0; i < n; i++) {
    const v = scale * load<T>(q + <usize>i * row + <usize>(i < half ? half - 1 : half) * size);
    store<T>(plan.z + <usize>i * size, negative && i >= half ? -v : v);
  }
  mergeIndices<T>(half, order, n - half, order + (<usize>half << 2), half, d, plan.merged);
}

/** Joins the eigenpairs of the two halves of the n rows from `low`, the first with `half` of them. Returns 0, or failures. */
export function merge<T>(plan: Plan, low: i32, n: i32, half: i32, coupling: T): i32 {
  const size = sizeof<T>(), row = <usize>plan.ldq * size;
  const d = plan.d + <usize>low * size, q = plan.q + <usize>low * row + <usize>low * size;
  const order = plan.order + (<usize>low << 2);
  const rho = <T>2 * abs<T>(coupling);
  prepare<T>(plan, n, half, d, q, order, coupling < <T>0);
  const k = deflate<T>(plan, n, half, d, q, rho);

  const c1 = group(plan, k, FIRST, 0), c2 = group(plan, k, DENSE, c1), c3 = group(plan, k, SECOND, c1 + c2);
  const rest = plan.pool, part = rest + <usize>((n - k) * n) * size;
  for (let i = 0; i < n - k; i++) {
    const source = <usize>index(plan.deflated, i);
    memory.copy(rest + <usize>(i * n) * size, q + source * row, <usize>n * size);
    store<T>(plan.next + <usize>(k + i) * size, load<T>(d + source * size));
  }
  const failures = k > 0 ? solveSmall<T>(plan, k, rho) : 0;
  memory.copy(d, plan.next, <usize>n * size);
  if (k > 0) {
    multiply<T>(plan, k, 0, c1 + c2, q, 0, half, part);
    multiply<T>(plan, k, c1, c2 + c3, q, half, n - half, part);
  }
  for (let i = 0; i < n - k; i++) {
    memory.copy(q + <usize>(k + i) * row, rest + <usize>(i * n) * size, <usize>n * size);
  }
  // Both parts of the new list are ascending.
  for (let i = 0; i < n; i++) store<i32>(plan.merged + (<usize>i << 2), i);
  mergeIndices<T>(k, plan.merged, n - k, plan.merged, k, d, order);
  return failures;
}
