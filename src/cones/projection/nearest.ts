// The points of {x | A x <= b, E x = e} that are nearest to given ones: in the span of the rows, by guesses of the active rows, by the dual
// method with a working set of Goldfarb and Idnani, or by an interior point method.

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
import { BlockPivoting, type NearestProblem } from './block-pivoting.js';
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
/** Rows from which on it pays to guess whole active sets, and up to which their products are kept. */
const [MANY, MOST] = [128, 2048];
/** Changes of a working set before another method takes over; ten per row are many. */
const CHANGES = 10;

/**
 * Writes the points nearest to y [n, d], to rounding, but where only the interior point method finds them: that meets `tolerance`.
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
  const pivoting = m >= MANY && m <= MOST ? new BlockPivoting(name, G) : undefined;
  const workingSet = new WorkingSet(name, G);
  const out = allocate([n, r], 'f64', name);
  const widest = maxAbs(sides);
  for (let k = 0; k < n; k++) {
    const point = view(w).slice(k * r, (k + 1) * r);
    // By a power of two, so that nothing overflows and no digit is lost.
    const scale = powerOfTwo(exponentOf(Math.max(maxAbs(point), widest)));
    const problem: NearestProblem = {
      w: point.map((v) => v / scale),
      h: sides.map((side) => side / scale),
      x: new Float64Array(r),
      active: marks.subarray(k * m, (k + 1) * m),
    };
    const isSolved = pivoting?.solve(problem) || workingSet.solve(problem);
    if (!isSolved) byInteriorPoint(span, problem, tolerance);
    view(out).set(
      problem.x.map((v) => v * scale),
      k * r,
    );
  }
  return out;
}

/** The kernel of Goldfarb's and Idnani's method for one G. Its tensors belong to the scope around. */
class WorkingSet {
  readonly #G: Tensor;
  /** Inputs, results and workspace. */
  readonly #at;

  constructor(name: string, G: Tensor) {
    const [m, r] = G.shape;
    const make = (size: number, dtype: 'f64' | 'i32' = 'f64') => allocate([size], dtype, name);
    const work = make(program.exports.programs_f64_work(r, m, 0) / 8 + 1);
    this.#G = G;
    this.#at = {
      c: make(r),
      h: make(m),
      x: make(r),
      lambda: make(m),
      active: make(m, 'i32'),
      infos: make(2, 'i32'),
      work,
    };
  }

  /** Writes x and active; false where the kernel finds no solution. */
  solve({ w, h, x, active }: NearestProblem): boolean {
    const { address } = this.#G;
    const [m, r] = this.#G.shape;
    const at = this.#at;
    view(at.c).set(w.map((v) => -v));
    view(at.h).set(h);
    program.exports.nearest_f64(
      ...([1, r, m, CHANGES * (m + r) + 100, at.c.address, address, at.h.address] as const),
      ...([at.x.address, at.lambda.address, at.active.address, at.infos.address, at.work.address] as const),
    );
    if (at.infos.data()[0] !== 0) return false;
    x.set(view(at.x));
    active.set(at.active.data() as Int32Array);
    return true;
  }
}

/** Where neither finds it, or there is none. */
function byInteriorPoint({ name, G }: Span, { w, h, x, active }: NearestProblem, tolerance: number): void {
  scope(() => {
    const [q, sides] = [tensor(w.map((v) => -v)), tensor(h)];
    const found = quadraticProgram(
      { P: eye(q.size), q, G, h: sides },
      { throws: false, gradientTolerance: tolerance },
    );
    const { status, iterations, gradientNorm } = found;
    if (status === 'infeasible') throw empty(name, 'the rows contradict each other');
    if (status !== 'converged')
      throw new ConvergenceError(
        `${name}: the nearest point was not found to ${tolerance} in ${iterations} iterations: ${status}`,
        iterations,
        gradientNorm,
      );
    x.set(view(found.x));
    active.fill(0);
    for (const i of found.active) active[i] = 1;
  });
}
