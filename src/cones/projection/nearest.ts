// The points of {x | A x <= b, E x = e} that are nearest to given ones, by the dual method with a working set of Goldfarb and Idnani.

import { eye, tensor } from '../../core/create.js';
import { ArgumentError, ConvergenceError } from '../../core/errors.js';
import { exponentOf, powerOfTwo } from '../../core/scalars.js';
import { scope } from '../../core/scope.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { program } from '../../generated/program.js';
import { maxAbs, view } from '../../linalg/blas/addresses.js';
import { qr } from '../../linalg/dense/qr.js';
import { add, sub } from '../../ops/arithmetic.js';
import { transpose } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { quadraticProgram } from '../../optim/convex/quadratic-program.js';
import type { AffineSpace } from './affine-space.js';
import type { Parts } from './arguments.js';
import { type Reduced, reduced } from './reduced.js';

/** Where the results go: the points [n, d], and which rows of A have a multiplier there, i32 [n, m]. */
export interface Nearest {
  x: Tensor;
  active: Tensor;
}

/** {w | G w <= β}: the polyhedron in the span of its rows, outside of which points do not move. */
interface Span {
  name: string;
  /** [m, r]. */
  G: Tensor;
  sides: Float64Array;
  /** Orthonormal columns [d, r]; undefined where the span is everything. */
  basis: Tensor | undefined;
}

/** By this much a constraint may be missed, relative to its terms. */
const ROUNDING = 1e-13;
/** Changes of a working set before another method takes over; ten per row are many. */
const CHANGES = 10;

/**
 * Writes the points nearest to y [n, d], to rounding in all cases but those that are left to an interior point method, which meets
 * `tolerance`.
 * @throws ArgumentError where the polyhedron is empty.
 */
export function nearestPoints(
  name: string,
  parts: Parts,
  y: Tensor,
  tolerance: number,
  { x, active }: Nearest,
): void {
  active.data().fill(0);
  scope(() => {
    const polyhedron = reduced(name, parts);
    checkConstant(name, polyhedron);
    const { space, sides, kept } = polyhedron;
    const rows = space.isWhole ? polyhedron.rows : matmul(polyhedron.rows, space.directions);
    const start = ontoSpace(space, y);
    x.data().set(start.data());
    const outside = violating(start, rows, sides);
    if (outside.length === 0) return;
    const span = spanOf(name, rows, sides);
    const from = picked(start, outside);
    const before = span.basis === undefined ? from : matmul(from, span.basis);
    const marks = new Int32Array(outside.length * kept.length);
    const after = solveAll(span, before, tolerance, marks);
    const moved =
      span.basis === undefined
        ? after
        : add(from, matmul(sub(after, before), span.basis, { transposeB: true }));
    const [d, m] = [y.shape[1], active.shape[1]];
    for (const [l, k] of outside.entries()) {
      x.data().set(moved.data().subarray(l * d, (l + 1) * d), k * d);
      for (const [i, row] of kept.entries()) active.data()[k * m + row] = marks[l * kept.length + i];
    }
  });
}

/** Rows that have one value at all points: they hold, or nothing does. */
function checkConstant(name: string, { constant }: Reduced): void {
  for (const { row, isZero, value, slack, rounding } of constant)
    if (slack < (isZero ? 0 : -rounding))
      throw empty(name, `row ${row} of A is ${value} wherever the equalities hold, and ${-slack} above b`);
}

function empty(name: string, why: string): ArgumentError {
  return new ArgumentError(`${name}: A x <= b must have a solution, but ${why}`);
}

/** The nearest points of an affine space. */
function ontoSpace({ normals, origin, isWhole }: AffineSpace, y: Tensor): Tensor {
  if (isWhole) return y;
  return sub(y, matmul(matmul(sub(y, origin), normals, { transposeB: true }), normals));
}

/** The rows of x for which some row of U x <= β does not hold. */
function violating(x: Tensor, U: Tensor, sides: Float64Array): number[] {
  const values = view(matmul(x, U, { transposeB: true }));
  const [points, [n, d], m] = [view(x), x.shape, sides.length];
  return Array.from({ length: n }, (_, k) => k).filter((k) => {
    const size = maxAbs(points.subarray(k * d, (k + 1) * d));
    return sides.some((side, i) => values[k * m + i] - side > ROUNDING * (size + Math.abs(side)));
  });
}

function spanOf(name: string, rows: Tensor, sides: Float64Array): Span {
  const [m, d] = rows.shape;
  if (m >= d) return { name, G: rows, sides, basis: undefined };
  const { q, r } = qr(transpose(rows));
  return { name, G: transpose(r), sides, basis: q };
}

function picked(x: Tensor, rows: readonly number[]): Tensor {
  const [n, d] = x.shape;
  if (rows.length === n) return x;
  const out = allocate([rows.length, d], 'f64', 'project');
  const [to, from] = [view(out), view(x)];
  for (const [l, k] of rows.entries()) to.set(from.subarray(k * d, (k + 1) * d), l * d);
  return out;
}

/** The nearest points of the rows of w; writes 1 for the rows of G that have a multiplier. */
function solveAll(span: Span, w: Tensor, tolerance: number, marks: Int32Array): Tensor {
  const { name, G, sides } = span;
  const [[m, r], n] = [G.shape, w.shape[0]];
  const { exports } = program;
  const make = (shape: number[], dtype: 'f64' | 'i32' = 'f64') => allocate(shape, dtype, name);
  const [c, h, x, lambda] = [make([n, r]), make([n, m]), make([n, r]), make([n, m])];
  const [active, infos] = [make([n, m], 'i32'), make([n, 2], 'i32')];
  const work = make([exports.programs_f64_work(r, m, 0) / 8 + 1]);
  const widest = maxAbs(sides);
  const scales = new Float64Array(n);
  const [points, cs, hs] = [w, c, h].map(view);
  for (let k = 0; k < n; k++) {
    // A power of two brings them to the size of 1, so that nothing overflows.
    const size = Math.max(maxAbs(points.subarray(k * r, (k + 1) * r)), widest);
    const scale = powerOfTwo(exponentOf(size));
    for (let j = 0; j < r; j++) cs[k * r + j] = -points[k * r + j] / scale;
    for (let i = 0; i < m; i++) hs[k * m + i] = sides[i] / scale;
    scales[k] = scale;
  }
  exports.nearest_f64(
    ...([n, r, m, CHANGES * (m + r) + 100, c.address, G.address, h.address] as const),
    ...([x.address, lambda.address, active.address, infos.address, work.address] as const),
  );
  for (let k = 0; k < n; k++) {
    if (infos.data()[2 * k] === 0) continue;
    const solved = byInteriorPoint(
      span,
      view(c).slice(k * r, (k + 1) * r),
      view(h).slice(k * m, (k + 1) * m),
      tolerance,
    );
    view(x).set(solved.x, k * r);
    active.data().fill(0, k * m, (k + 1) * m);
    for (const i of solved.active) active.data()[k * m + i] = 1;
  }
  marks.set(active.data() as Int32Array);
  const found = view(x);
  for (let at = 0; at < found.length; at++) found[at] *= scales[Math.floor(at / r)];
  return x;
}

/** min 1/2 |w|² + cᵀw over G w <= h where the working set could not be found, or there is no solution. */
function byInteriorPoint(
  { name, G }: Span,
  c: Float64Array,
  h: Float64Array,
  tolerance: number,
): { x: Float64Array; active: readonly number[] } {
  return scope(() => {
    const [q, sides] = [tensor(c), tensor(h)];
    const { x, active, status, iterations, gradientNorm } = quadraticProgram(
      { P: eye(q.size), q, G, h: sides },
      { throws: false, gradientTolerance: tolerance },
    );
    if (status === 'infeasible') throw empty(name, 'the rows contradict each other');
    if (status !== 'converged')
      throw new ConvergenceError(
        `${name}: the nearest point was not found to ${tolerance} in ${iterations} iterations: ${status}`,
        iterations,
        gradientNorm,
      );
    return { x: view(x).slice(), active };
  });
}
