// The transpose of the derivative of an explicit step: what each face gives back to the cells and speeds that its flux is made of.
import { lanes, madd } from '../simd/lanes';
import { correction, fluxBySpeed, isForward, isMonotonic, shareOf, upwindSlope } from './flux';
import { before, frame, pitchOf, rowsBytes, wrapRow } from './frame';
import { Step, turned } from './volumes';

/** Frames of u, v, their cotangents and the results; rows of what goes to four cells and to a speed. */
export function adjointBytes<T>(n: i32): usize {
  return rowsBytes<T>(n, 6 * n + 9);
}

// @ts-ignore: decorator
@inline
function plus<T>(at: usize, x: v128): void {
  v128.store(at, v128.add<T>(v128.load(at), x));
}

/**
 * Of a face whose flux has the cotangent g: what goes to the cells, added at toLL, toL, toR and toRR or, for `fresh`, stored there. Returns half of what goes to its
 * speed, as that is the mean of two numbers.
 */
// @ts-ignore: decorator
@inline
function face<T>(
  ll: v128, l: v128, r: v128, rr: v128, a: v128, g: v128, s: v128, toLL: usize, toL: usize, toR: usize, toRR: usize, fresh: bool,
): v128 {
  const forward = isForward<T>(a), d = v128.sub<T>(r, l), e = upwindSlope<T>(forward, ll, l, r, rr);
  const monotonic = isMonotonic<T>(d, e), t = shareOf<T>(d, e, monotonic), rest = v128.and(v128.sub<T>(v128.splat<T>(<T>1), t), monotonic);
  const lim = v128.and(v128.mul<T>(v128.add<T>(d, d), t), monotonic);
  const weight = correction<T>(v128.abs<T>(a), s), scaled = v128.mul<T>(g, v128.add<T>(weight, weight));
  const toD = v128.mul<T>(scaled, v128.mul<T>(t, t)), toE = v128.mul<T>(scaled, v128.mul<T>(rest, rest)), up = v128.mul<T>(g, a);
  const first = v128.sub<T>(v128.and(v128.add<T>(up, toE), forward), toD), second = v128.add<T>(toD, v128.andnot(v128.sub<T>(up, toE), forward));
  const before = v128.neg<T>(v128.and(toE, forward)), behind = v128.andnot(toE, forward);
  if (fresh) {
    v128.store(toLL, before);
    v128.store(toL, first);
    v128.store(toR, second);
    v128.store(toRR, behind);
  } else {
    plus<T>(toLL, before);
    plus<T>(toL, first);
    plus<T>(toR, second);
    plus<T>(toRR, behind);
  }
  return v128.mul<T>(v128.mul<T>(v128.splat<T>(<T>0.5), g), fluxBySpeed<T>(l, r, a, s, forward, lim));
}

/** g + ν Laplacian of g - damping g: the terms that are their own transposes. */
function linearTerms<T>(step: Step, g: usize, to: usize): void {
  const n = step.n, size = <usize>sizeof<T>(), pitch = <usize>pitchOf<T>(n) * size;
  const viscosity = v128.splat<T>(<T>step.viscosity), damping = v128.splat<T>(<T>-step.damping), four = v128.splat<T>(<T>4);
  for (let i = 0; i < n; i++) {
    const row = <usize>i * pitch, back = turned(n, i - 1) * pitch, next = turned(n, i + 1) * pitch;
    for (let j: usize = 0; j < <usize>n * size; j += 16) {
      const p = g + row + j, here = v128.load(p), columns = v128.add<T>(v128.load(p - size), v128.load(p + size));
      const rows = v128.add<T>(v128.load(g + back + j), v128.load(g + next + j)), laplacian = v128.sub<T>(v128.add<T>(rows, columns), v128.mul<T>(four, here));
      v128.store(to + row + j, madd<T>(viscosity, laplacian, madd<T>(damping, here, here)));
    }
  }
}

// @ts-ignore: decorator
@inline
function half<T>(a: v128, b: v128): v128 {
  return v128.mul<T>(v128.splat<T>(<T>0.5), v128.add<T>(a, b));
}

/** Adds to row `to` what lies in four rows for the cell itself, the one before, behind and two before a face. */
function gather<T>(n: i32, rows: usize, gap: usize, to: usize): void {
  const size = <usize>sizeof<T>();
  for (let k: usize = 0; k < 4; k++) wrapRow<T>(n, rows + k * gap);
  for (let j: usize = 0; j < <usize>n * size; j += 16) {
    const at = rows + j, near = v128.add<T>(v128.load(at + gap), v128.load(at + 2 * gap - size));
    plus<T>(to + j, v128.add<T>(near, v128.add<T>(v128.load(at + size), v128.load(at + 3 * gap - 2 * size))));
  }
}

/** y := Jᵀ g, J the derivative of a step from x; all [2, n, n]. */
export function adjointStep<T>(step: Step, x: usize, g: usize, y: usize, work: usize): void {
  const n = step.n, size = <usize>sizeof<T>(), field = <usize>n * <usize>n * size, gap = rowsBytes<T>(n, 1), frames = rowsBytes<T>(n, n);
  const pitch = <usize>pitchOf<T>(n) * size, margin = <usize>before<T>() * size, s = v128.splat<T>(<T>step.s);
  const u = frame<T>(n, x, work), v = frame<T>(n, x + field, work + frames);
  const gu = frame<T>(n, g, work + 2 * frames), gv = frame<T>(n, g + field, work + 3 * frames);
  const yu = work + 4 * frames + margin, yv = yu + frames, cells = yv + frames, speeds = cells + 8 * gap;
  linearTerms<T>(step, gu, yu);
  linearTerms<T>(step, gv, yv);
  for (let i = 0; i < n; i++) {
    const back = turned(n, i - 1) * pitch, here = <usize>i * pitch, next = turned(n, i + 1) * pitch, far = turned(n, i + 2) * pitch;
    for (let j: usize = 0; j < <usize>n * size; j += 16) {
      const p = here + j, q = next + j, uc = v128.load(u + p), ur = v128.load(u + p + size), un = v128.load(u + q);
      const vc = v128.load(v + p), vr = v128.load(v + p + size), vn = v128.load(v + q), b = back + j, f = far + j, c = cells + j;
      const gc = v128.load(gu + p), hc = v128.load(gv + p);
      // Across, to the next row: of u, then of v.
      const own = face<T>(
        v128.load(u + b), uc, un, v128.load(u + f), half<T>(uc, un), v128.mul<T>(s, v128.sub<T>(v128.load(gu + q), gc)), s, yu + b, yu + p, yu + q, yu + f, false);
      plus<T>(yu + p, own);
      plus<T>(yu + q, own);
      v128.store(speeds + j, face<T>(
        v128.load(v + b), vc, vn, v128.load(v + f), half<T>(uc, ur), v128.mul<T>(s, v128.sub<T>(v128.load(gv + q), hc)), s, yv + b, yv + p, yv + q, yv + f, false));
      // Along the row.
      const other = face<T>(
        v128.load(u + p - size), uc, ur, v128.load(u + p + 2 * size), half<T>(vc, vn), v128.mul<T>(s, v128.sub<T>(v128.load(gu + p + size), gc)), s,
        c, c + gap, c + 2 * gap, c + 3 * gap, true);
      plus<T>(yv + p, other);
      plus<T>(yv + q, other);
      const e = c + 4 * gap, last = face<T>(
        v128.load(v + p - size), vc, vr, v128.load(v + p + 2 * size), half<T>(vc, vr), v128.mul<T>(s, v128.sub<T>(v128.load(gv + p + size), hc)), s,
        e, e + gap, e + 2 * gap, e + 3 * gap, true);
      plus<T>(e + gap, last);
      plus<T>(e + 2 * gap, last);
    }
    gather<T>(n, cells, gap, yu + here);
    gather<T>(n, cells + 4 * gap, gap, yv + here);
    wrapRow<T>(n, speeds);
    for (let j: usize = 0; j < <usize>n * size; j += 16) plus<T>(yu + here + j, v128.add<T>(v128.load(speeds + j), v128.load(speeds + j - size)));
  }
  const line = <usize>n * size;
  for (let i: usize = 0; i < <usize>n; i++) {
    memory.copy(y + i * line, yu + i * pitch, line);
    memory.copy(y + field + i * line, yv + i * pitch, line);
  }
}
