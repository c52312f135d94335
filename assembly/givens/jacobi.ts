// The classical Jacobi method: S := Gᵀ S G with the plane and the angle that make the largest entry beside the diagonal 0.
import { roundToLine } from '../simd/lanes';
import { pitchOf, matrixBytes, rowOf } from './layout';
import { turnRows } from './turn';

// @ts-ignore: decorator
@unmanaged
export class Jacobi {
  d: i32;
  pitch: i32;
  S: usize;
  /** The largest |s_ij|, j > i, of each row, and where it first lies. */
  most: usize;
  columns: usize;
  /** Σ_j≠i s_ij² of each row: a turn changes those of its two rows only. */
  sums: usize;
  /** The plane that was turned last, and its cosine and sine. */
  i: i32;
  j: i32;
  cosine: f64;
  sine: f64;
}

const HEADER: usize = 64;

/** Bytes of the method's state. */
export function jacobiBytes(d: i32): usize {
  return HEADER + matrixBytes(d) + 3 * roundToLine(8 * <usize>d);
}

function findRow(state: Jacobi, i: i32): void {
  const row = rowOf(state.S, state.pitch, i);
  let most = 0.0, column = i;
  for (let j = i + 1; j < state.d; j++) {
    const size = abs(load<f64>(row + (<usize>j << 3)));
    if (size > most) {
      most = size;
      column = j;
    }
  }
  store<f64>(state.most + (<usize>i << 3), most);
  store<i32>(state.columns + (<usize>i << 2), column);
}

function sumRow(state: Jacobi, i: i32): void {
  const row = rowOf(state.S, state.pitch, i), own = load<f64>(row + (<usize>i << 3));
  store<f64>(row + (<usize>i << 3), 0.0);
  let sum = f64x2.splat(0.0);
  for (let k: usize = 0, end = <usize>state.pitch << 3; k < end; k += 16) {
    const x = v128.load(row + k);
    sum = f64x2.add(sum, f64x2.mul(x, x));
  }
  store<f64>(row + (<usize>i << 3), own);
  store<f64>(state.sums + (<usize>i << 3), f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
}

/** The method for S, d x d, dense; its symmetric part counts. */
export function beginJacobi(address: usize, d: i32, S: usize): void {
  const state = changetype<Jacobi>(address), n = <usize>d;
  memory.fill(address, 0, jacobiBytes(d));
  state.d = d;
  state.pitch = pitchOf(d);
  state.S = address + HEADER;
  state.most = state.S + matrixBytes(d);
  state.columns = state.most + roundToLine(8 * n);
  state.sums = state.columns + roundToLine(8 * n);
  for (let i = 0; i < d; i++) {
    const row = rowOf(state.S, state.pitch, i);
    for (let j = 0; j < d; j++) {
      const sum = load<f64>(S + ((<usize>i * n + <usize>j) << 3)) + load<f64>(S + ((<usize>j * n + <usize>i) << 3));
      store<f64>(row + (<usize>j << 3), 0.5 * sum);
    }
    findRow(state, i);
    sumRow(state, i);
  }
}

/** off(S) of equation (17): Σ s_ij² beside the diagonal. */
export function offDiagonal(state: Jacobi): f64 {
  let sum = 0.0;
  for (let i = 0; i < state.d; i++) sum += load<f64>(state.sums + (<usize>i << 3));
  return sum;
}

/** The largest |s_ij|, whose plane is left in i and j: of equal ones the first in order of rows. */
function findPlane(state: Jacobi): f64 {
  let most = 0.0;
  state.i = -1;
  for (let r = 0; r < state.d; r++) {
    const size = load<f64>(state.most + (<usize>r << 3));
    if (size > most) {
      most = size;
      state.i = r;
    }
  }
  if (state.i >= 0) state.j = load<i32>(state.columns + (<usize>state.i << 2));
  return most;
}

/**
 * One turn: true, or false where no entry beside the diagonal exceeds `noise`. The angle is at most π/4 (Golub and Van Loan, Matrix
 * Computations, 4th edition, 8.5.2, whose [c s; -s c] is this G).
 */
export function jacobiTurn(state: Jacobi, noise: f64): bool {
  if (findPlane(state) <= noise) return false;
  const d = state.d, pitch = state.pitch, i = state.i, j = state.j;
  const x = rowOf(state.S, pitch, i), y = rowOf(state.S, pitch, j), ii = <usize>i << 3, jj = <usize>j << 3;
  const a = load<f64>(x + ii), b = load<f64>(x + jj), e = load<f64>(y + jj);
  const tau = (e - a) / (2.0 * b);
  const t = tau >= 0.0 ? 1.0 / (tau + Math.sqrt(1.0 + tau * tau)) : -1.0 / (-tau + Math.sqrt(1.0 + tau * tau));
  const c = 1.0 / Math.sqrt(1.0 + t * t), s = t * c;
  state.cosine = c;
  state.sine = s;
  turnRows(d + (d & 1), x, y, c, s);
  // The columns are the rows but where they meet.
  for (let r = 0; r < d; r++) {
    const row = rowOf(state.S, pitch, r), at = <usize>r << 3;
    store<f64>(row + ii, load<f64>(x + at));
    store<f64>(row + jj, load<f64>(y + at));
  }
  store<f64>(x + ii, a - t * b);
  store<f64>(y + jj, e + t * b);
  store<f64>(x + jj, 0.0);
  store<f64>(y + ii, 0.0);
  sumRow(state, i);
  sumRow(state, j);
  for (let r = 0; r < j; r++) {
    const column = load<i32>(state.columns + (<usize>r << 2));
    if (r == i || column == i || column == j) {
      findRow(state, r);
      continue;
    }
    const row = rowOf(state.S, pitch, r);
    for (let k = 0; k < 2; k++) {
      const q = k == 0 ? i : j;
      if (q <= r) continue;
      const size = abs(load<f64>(row + (<usize>q << 3))), most = load<f64>(state.most + (<usize>r << 3));
      if (size > most || (size == most && q < column)) {
        store<f64>(state.most + (<usize>r << 3), size);
        store<i32>(state.columns + (<usize>r << 2), q);
      }
    }
  }
  findRow(state, j);
  return true;
}
