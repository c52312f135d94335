// One explicit step of a flow in finite volumes, and its derivative. u lies on faces to the right of cells, v on faces above them: of cell (i, j), u_ij at ((i + 1) h, (j + ½) h) and v_ij at
// ((i + ½) h, (j + 1) h). c* = c + s (fluxes in - fluxes out) + ν (Laplacian) - damping c + force, where ν stands for dt ν/h², damping and force have the factor dt, and s = dt/h.
import { lanes, madd } from '../simd/lanes';
import { flux, fluxTangent } from './flux';
import { before, frame, loadBelow, pitchOf, rowsBytes, storeBelow, wrapRow } from './frame';

/** Numbers of a step. */
// @ts-ignore: decorator
@unmanaged
export class Step {
  n: i32;
  s: f64;
  viscosity: f64;
  damping: f64;
  /** The force on u, n numbers. */
  force: usize;
}

/** Frames of u and v, two rows of fluxes in x for each, and one of fluxes in y. */
export function stepBytes<T>(n: i32, fields: i32): usize {
  return rowsBytes<T>(n, fields * n + 6);
}

// @ts-ignore: decorator
@inline
function half<T>(a: v128, b: v128): v128 {
  return v128.mul<T>(v128.splat<T>(<T>0.5), v128.add<T>(a, b));
}

/** The row below or above, periodically. */
// @ts-ignore: decorator
@inline
export function turned(n: i32, i: i32): usize {
  return <usize>(i < 0 ? (n - 1) - (-1 - i) % n : i % n);
}

/** Fluxes of u and v through the faces between row i and the next one, to `across`, and through those along row i, to `along`; v's lie `gap` bytes behind. */
function fluxRow<T>(n: i32, i: i32, u: usize, v: usize, s: f64, across: usize, along: usize, gap: usize, both: bool): void {
  const size = <usize>sizeof<T>(), pitch = <usize>pitchOf<T>(n) * size, speed = v128.splat<T>(<T>s);
  const back = turned(n, i - 1) * pitch, here = turned(n, i) * pitch, next = turned(n, i + 1) * pitch, far = turned(n, i + 2) * pitch;
  for (let j: usize = 0; j < <usize>n * size; j += 16) {
    const p = u + here + j, q = v + here + j;
    const uc = v128.load(p), ur = v128.load(p + size), un = v128.load(u + next + j);
    const vc = v128.load(q), vr = v128.load(q + size), vn = v128.load(v + next + j);
    v128.store(across + j, flux<T>(v128.load(u + back + j), uc, un, v128.load(u + far + j), half<T>(uc, un), speed));
    v128.store(across + gap + j, flux<T>(v128.load(v + back + j), vc, vn, v128.load(v + far + j), half<T>(uc, ur), speed));
    if (both) {
      v128.store(along + j, flux<T>(v128.load(p - size), uc, ur, v128.load(p + 2 * size), half<T>(vc, vn), speed));
      v128.store(along + gap + j, flux<T>(v128.load(q - size), vc, vr, v128.load(q + 2 * size), half<T>(vc, vr), speed));
    }
  }
}

/** The derivative of the same along uk and vk. */
function tangentRow<T>(n: i32, i: i32, u: usize, v: usize, uk: usize, vk: usize, s: f64, across: usize, along: usize, gap: usize, both: bool): void {
  const size = <usize>sizeof<T>(), pitch = <usize>pitchOf<T>(n) * size, speed = v128.splat<T>(<T>s);
  const back = turned(n, i - 1) * pitch, here = turned(n, i) * pitch, next = turned(n, i + 1) * pitch, far = turned(n, i + 2) * pitch;
  for (let j: usize = 0; j < <usize>n * size; j += 16) {
    const p = u + here + j, q = v + here + j, pk = uk + here + j, qk = vk + here + j;
    const uc = v128.load(p), ur = v128.load(p + size), un = v128.load(u + next + j), vc = v128.load(q), vr = v128.load(q + size), vn = v128.load(v + next + j);
    const ck = v128.load(pk), rk = v128.load(pk + size), nk = v128.load(uk + next + j);
    const dk = v128.load(qk), sk = v128.load(qk + size), mk = v128.load(vk + next + j);
    v128.store(across + j, fluxTangent<T>(
      v128.load(u + back + j), uc, un, v128.load(u + far + j), half<T>(uc, un), v128.load(uk + back + j), ck, nk, v128.load(uk + far + j), half<T>(ck, nk), speed));
    v128.store(across + gap + j, fluxTangent<T>(
      v128.load(v + back + j), vc, vn, v128.load(v + far + j), half<T>(uc, ur), v128.load(vk + back + j), dk, mk, v128.load(vk + far + j), half<T>(ck, rk), speed));
    if (both) {
      v128.store(along + j, fluxTangent<T>(
        v128.load(p - size), uc, ur, v128.load(p + 2 * size), half<T>(vc, vn), v128.load(pk - size), ck, rk, v128.load(pk + 2 * size), half<T>(dk, mk), speed));
      v128.store(along + gap + j, fluxTangent<T>(
        v128.load(q - size), vc, vr, v128.load(q + 2 * size), half<T>(vc, vr), v128.load(qk - size), dk, sk, v128.load(qk + 2 * size), half<T>(dk, sk), speed));
    }
  }
}

/** One component of row i: c + s (what flows in - what flows out) + ν Laplacian - damping c. */
// @ts-ignore: decorator
@inline
function update<T>(step: Step, i: i32, c: usize, j: usize, below: usize, above: usize, along: usize): v128 {
  const n = step.n, size = <usize>sizeof<T>(), pitch = <usize>pitchOf<T>(n) * size, p = c + <usize>i * pitch + j;
  const here = v128.load(p), inward = v128.add<T>(v128.sub<T>(v128.load(below + j), v128.load(above + j)), v128.sub<T>(v128.load(along + j - size), v128.load(along + j)));
  const columns = v128.add<T>(v128.load(p - size), v128.load(p + size));
  const rows = v128.add<T>(v128.load(c + turned(n, i - 1) * pitch + j), v128.load(c + turned(n, i + 1) * pitch + j));
  const laplacian = v128.sub<T>(v128.add<T>(rows, columns), v128.mul<T>(v128.splat<T>(<T>4), here));
  const linear = madd<T>(v128.splat<T>(<T>step.viscosity), laplacian, madd<T>(v128.splat<T>(<T>-step.damping), here, here));
  return madd<T>(v128.splat<T>(<T>step.s), inward, linear);
}

/** y := the state after an explicit step from x, both [2, n, n]. */
export function explicitStep<T>(step: Step, x: usize, y: usize, work: usize): void {
  const n = step.n, size = <usize>sizeof<T>(), field = <usize>n * <usize>n * size, gap = rowsBytes<T>(n, 1), frames = rowsBytes<T>(n, n);
  const u = frame<T>(n, x, work), v = frame<T>(n, x + field, work + frames);
  let below = work + 2 * frames + <usize>before<T>() * size, above = below + 2 * gap;
  const along = above + 2 * gap, force = step.force;
  fluxRow<T>(n, -1, u, v, step.s, below, along, gap, false);
  for (let i = 0; i < n; i++) {
    fluxRow<T>(n, i, u, v, step.s, above, along, gap, true);
    wrapRow<T>(n, along);
    wrapRow<T>(n, along + gap);
    const row = y + <usize>i * <usize>n * size;
    for (let j = 0; j < n; j += lanes<T>()) {
      const at = <usize>j * size;
      storeBelow<T>(n, j, row, v128.add<T>(update<T>(step, i, u, at, below, above, along), loadBelow<T>(n, j, force)));
      storeBelow<T>(n, j, row + field, update<T>(step, i, v, at, below + gap, above + gap, along + gap));
    }
    const free = below;
    below = above;
    above = free;
  }
}

/** y := the derivative of that along xk. */
export function tangentStep<T>(step: Step, x: usize, xk: usize, y: usize, work: usize): void {
  const n = step.n, size = <usize>sizeof<T>(), field = <usize>n * <usize>n * size, gap = rowsBytes<T>(n, 1), frames = rowsBytes<T>(n, n);
  const u = frame<T>(n, x, work), v = frame<T>(n, x + field, work + frames);
  const uk = frame<T>(n, xk, work + 2 * frames), vk = frame<T>(n, xk + field, work + 3 * frames);
  let below = work + 4 * frames + <usize>before<T>() * size, above = below + 2 * gap;
  const along = above + 2 * gap;
  tangentRow<T>(n, -1, u, v, uk, vk, step.s, below, along, gap, false);
  for (let i = 0; i < n; i++) {
    tangentRow<T>(n, i, u, v, uk, vk, step.s, above, along, gap, true);
    wrapRow<T>(n, along);
    wrapRow<T>(n, along + gap);
    const row = y + <usize>i * <usize>n * size;
    for (let j = 0; j < n; j += lanes<T>()) {
      const at = <usize>j * size;
      storeBelow<T>(n, j, row, update<T>(step, i, uk, at, below, above, along));
      storeBelow<T>(n, j, row + field, update<T>(step, i, vk, at, below + gap, above + gap, along + gap));
    }
    const free = below;
    below = above;
    above = free;
  }
}
