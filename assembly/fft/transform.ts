// y := scale F x for a tile: n rows of `columns` complex numbers, each column transformed. Real and imaginary parts lie apart.
import { roundToLine } from '../simd/lanes';
import { convolve } from './convolution';
import { pitchOf, transformMatrix } from './matrix';
import { CONVOLUTION, MATRIX, Plan, radixAt, tileOf } from './plan';
import { Stage, STAGE_BYTES, runStage } from './stages';

/** Bytes between parts of a tile, so that those of powers of two do not begin at the same place of a page: the first-level cache would confuse them. */
const GAP: usize = 320;

/** Bytes from real to imaginary parts of a tile of so many rows and columns. */
// @ts-ignore: decorator
@inline
export function partBytes<T>(rows: i32, columns: i32): usize {
  return roundToLine(<usize>rows * <usize>columns * sizeof<T>()) + GAP;
}

/** Bytes of a tile. */
// @ts-ignore: decorator
@inline
export function tileBytes<T>(rows: i32, columns: i32): usize {
  return 2 * partBytes<T>(rows, columns);
}

/** Bytes of workspace for so many columns. */
export function transformBytes<T>(plan: Plan, columns: i32): usize {
  if (plan.kind == CONVOLUTION) return 2 * tileBytes<f64>(plan.first.n, columns) + transformBytes<f64>(plan.first, columns);
  if (plan.kind == MATRIX) {
    const width = tileOf<T>(plan.n);
    const own = tileBytes<T>(plan.rows, pitchOf<T>(plan)) + tileBytes<T>(max(plan.rows, plan.columns), width);
    return own + max(transformBytes<T>(plan.first, width), transformBytes<T>(plan.second, width));
  }
  return STAGE_BYTES + 2 * tileBytes<T>(plan.n, columns);
}

function copyTile<T>(n: i32, columns: i32, x: usize, xi: usize, px: i32, y: usize, yi: usize, py: i32, scale: f64): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < columns; j++) {
      const from = x + (<usize>i * <usize>px + <usize>j) * sizeof<T>(), to = y + (<usize>i * <usize>py + <usize>j) * sizeof<T>();
      store<T>(to, <T>scale * load<T>(from));
      store<T>(to + yi, <T>scale * load<T>(from + xi));
    }
  }
}

function transformStages<T>(
  plan: Plan, columns: i32, x: usize, xi: usize, px: i32, y: usize, yi: usize, py: i32, scale: f64, work: usize,
): void {
  const n = plan.n, count = plan.count;
  if (count == 0) {
    copyTile<T>(n, columns, x, xi, px, y, yi, py, scale);
    return;
  }
  const stage = changetype<Stage>(work);
  const half = partBytes<T>(n, columns);
  const a = work + STAGE_BYTES, b = a + 2 * half;
  let from = x, fromIm = xi, pitch = px, m = n, s = 1, twiddles = plan.table;
  for (let k = 0; k < count; k++) {
    const radix = radixAt(plan, k), isLast = k == count - 1;
    m /= radix;
    stage.radix = radix;
    stage.m = m;
    stage.s = s;
    stage.columns = columns;
    stage.px = pitch;
    stage.x = from;
    stage.y = isLast ? y : (k & 1) == 0 ? a : b;
    stage.py = isLast ? py : columns;
    stage.twiddles = twiddles;
    stage.factors = <usize>(radix - 1) * <usize>m * sizeof<T>();
    stage.scale = scale;
    const im = isLast ? yi : half;
    runStage<T>(stage, fromIm, im);
    twiddles += 2 * stage.factors;
    from = stage.y;
    fromIm = im;
    pitch = stage.py;
    s *= radix;
  }
}

/** Transforms a tile; x and y do not overlap. A matrix takes one column, without gaps between its rows. */
export function transform<T>(
  plan: Plan, columns: i32, x: usize, xi: usize, px: i32, y: usize, yi: usize, py: i32, scale: f64, work: usize,
): void {
  if (plan.kind == CONVOLUTION) convolve<T>(plan, columns, x, xi, px, y, yi, py, scale, work);
  else if (plan.kind == MATRIX) transformMatrix<T>(plan, x, xi, y, yi, scale, work);
  else transformStages<T>(plan, columns, x, xi, px, y, yi, py, scale, work);
}
