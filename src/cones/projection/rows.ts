// The rows of projections: nearest points, derivatives along the face on which one lies, distances, membership.

import { ArgumentError } from '../../core/errors.js';
import { lengthOf } from '../../core/scalars.js';
import { scope } from '../../core/scope.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { inner, view } from '../../linalg/blas/addresses.js';
import { div, mul, sub } from '../../ops/arithmetic.js';
import { equal } from '../../ops/compare.js';
import { expandDims } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Derivative, type Op } from '../../ops/op.js';
import { where } from '../../ops/select.js';
import { sum } from '../../ops/sum.js';
import { OrthogonalComplement } from '../../optim/convex/orthogonal-complement.js';
import { checkFiniteEntries } from './arguments.js';
import { nearestPoints } from './nearest.js';
import { reduced } from './reduced.js';

/** Of a call: the function that is named in errors, and its tolerance. */
export interface ProjectionParams {
  name: string;
  tolerance: number;
}

/** Inputs of rows: points [n, d], and A [m, d], b [m], E [k, d], e [k] as they are called in messages. */
const NAMES = ['A', 'b', 'equalities.A', 'equalities.b'] as const;

/** Checks the values of the inputs. */
function checkValues(name: string, point: string, inputs: readonly Tensor[]): void {
  [point, ...NAMES].forEach((argument, i) => {
    checkFiniteEntries(name, argument, { data: view(inputs[i]), shape: inputs[i].shape });
  });
}

/** Throws if one of A, b, E, e (0 to 3) needs a derivative. */
export function refuse(name: string, isWanted: (part: number) => unknown): void {
  const i = NAMES.findIndex((_, part) => isWanted(part));
  if (i >= 0)
    throw new ArgumentError(
      `${name}: ${NAMES[i]} is differentiated, and ${name} has derivatives in y only (pass stopGradient(x) to take it for a constant; nodes.projectPolyhedron has derivatives in all)`,
    );
}

/**
 * Row of the table: y, A, b, E, e to the nearest points [n, d] and the rows of A that have a multiplier there, i32 [n, m]. The
 * derivative is the projection on the directions in which those rows and E keep their values; it is constant between kinks.
 */
export const nearestOp: Op<ProjectionParams> = {
  name: 'nearest',
  shape: ([y, A]) => [
    { shape: y.shape, dtype: 'f64' },
    { shape: [y.shape[0], A.shape[0]], dtype: 'i32' },
  ],
  prepare:
    ([x, active], inputs, { name, tolerance }) =>
    () => {
      checkValues(name, 'y', inputs);
      const [y, A, b, E, e] = inputs;
      nearestPoints(name, { A, b, E, e }, y, tolerance, { x, active });
    },
  jvp([t, ...others], { inputs: [, A, , E], outputs: [, active], params: { name } }) {
    refuse(name, (i) => others[i]);
    return [t && apply(alongFaceOp, [t, active, A, E], { name }), undefined];
  },
  vjp([ct], { inputs: [, A, , E], outputs: [, active], params: { name }, wanted }) {
    refuse(name, (i) => wanted[i + 1]);
    return [ct && apply(alongFaceOp, [ct, active, A, E], { name })];
  },
};

/** Row of the table: v [n, d], active [n, m], A, E to the part of v that is orthogonal to E and to the active rows of A. */
export const alongFaceOp: Op<{ name: string }> = {
  name: 'alongFace',
  shape: ([{ shape }]) => ({ shape, dtype: 'f64' }),
  prepare:
    ([out], [v, active, A, E], { name }) =>
    () =>
      scope(() => alongFaces(name, [v, active, A, E], out)),
  jvp: ([t], { inputs: [, ...at], params }) => t && apply(alongFaceOp, [t, ...at], params),
  vjp: ([ct], { inputs: [, ...at], params }) => [apply(alongFaceOp, [ct as Tensor, ...at], params)],
};

function alongFaces(name: string, [v, active, A, E]: readonly Tensor[], out: Tensor): void {
  const [[n, d], m] = [v.shape, A.shape[0]];
  const none = (size: number) => {
    const zeros = allocate([size], 'f64', name);
    view(zeros).fill(0);
    return zeros;
  };
  const { space, rows, kept } = reduced(name, { A, b: none(m), E, e: none(E.shape[0]) });
  const unit = space.isWhole ? rows : matmul(rows, space.directions);
  const start = space.isWhole
    ? v
    : matmul(matmul(v, space.directions, { transposeB: true }), space.directions);
  const position = new Map(kept.map((row, i) => [row, i]));
  for (let k = 0; k < n; k++) {
    const on = Array.from(active.data().subarray(k * m, (k + 1) * m)).flatMap((is, row) => {
      const i = is === 0 ? undefined : position.get(row);
      return i === undefined ? [] : [i];
    });
    const along = view(start).slice(k * d, (k + 1) * d);
    if (on.length > 0) scope(() => new OrthogonalComplement(columnsOf(name, unit, on)).project(along, 1e-12));
    view(out).set(along, k * d);
  }
}

/** Rows of U as columns. */
function columnsOf(name: string, U: Tensor, rows: readonly number[]): Tensor {
  const d = U.shape[1];
  const out = allocate([d, rows.length], 'f64', name);
  const [to, from] = [view(out), view(U)];
  rows.forEach((row, k) => {
    for (let j = 0; j < d; j++) to[j * rows.length + k] = from[row * d + j];
  });
  return out;
}

const ROW = { axis: 1 } as const;

/** (y - x) / |y - x|, or 0. */
function away(y: Tensor, x: Tensor, distance: Tensor): Tensor {
  return div(sub(y, x), expandDims(where(equal(distance, 0), 1, distance), 1));
}

/**
 * Row of the table: y and its nearest points x, [n, d], to |y - x|, [n]. x moves across y - x only, so the derivative of the distance is
 * that in y alone. A, b, E, e follow because it has none in them.
 */
export const distanceOp: Op<{ name: string }> = {
  name: 'distance',
  shape: ([y]) => ({ shape: [y.shape[0]], dtype: 'f64' }),
  prepare:
    ([out], [y, x]) =>
    () => {
      const [from, to, distances, d] = [view(y), view(x), view(out), y.shape[1]];
      const difference = new Float64Array(d);
      for (let k = 0; k < distances.length; k++) {
        for (let j = 0; j < d; j++) difference[j] = from[k * d + j] - to[k * d + j];
        distances[k] = lengthOf(difference);
      }
    },
  jvp([t, , ...others], { inputs: [y, x], outputs: [distance], params: { name } }) {
    refuse(name, (i) => others[i]);
    return t && sum(mul(away(y, x, distance), t), ROW);
  },
  vjp([ct], { inputs: [y, x], outputs: [distance], params: { name }, wanted }): Derivative[] {
    refuse(name, (i) => wanted[i + 2]);
    return [mul(away(y, x, distance), expandDims(ct as Tensor, 1))];
  },
};

/**
 * Row of the table: x, A, b, E, e to i32 [n], 1 where a_i x <= b_i + t |a_i| max(1, |x|) for all i and |E_i x - e_i| is below the same.
 */
export const containsOp: Op<ProjectionParams> = {
  name: 'contains',
  shape: ([x]) => ({ shape: [x.shape[0]], dtype: 'i32' }),
  prepare:
    ([out], inputs, { name, tolerance }) =>
    () => {
      checkValues(name, 'x', inputs);
      const [x, A, b, E, e] = inputs.map(view);
      const d = inputs[0].shape[1];
      const [lengths, others] = [lengthsOf(A, d), lengthsOf(E, d)];
      const found = out.data();
      for (let k = 0; k < found.length; k++) {
        const point = x.subarray(k * d, (k + 1) * d);
        const share = tolerance * Math.max(1, lengthOf(point));
        const isInside =
          b.every((side, i) => inner(A.subarray(i * d, (i + 1) * d), point) - side <= share * lengths[i]) &&
          e.every(
            (side, i) => Math.abs(inner(E.subarray(i * d, (i + 1) * d), point) - side) <= share * others[i],
          );
        found[k] = Number(isInside);
      }
    },
};

function lengthsOf(rows: Float64Array, d: number): number[] {
  return Array.from({ length: d === 0 ? 0 : rows.length / d }, (_, i) =>
    lengthOf(rows.subarray(i * d, (i + 1) * d)),
  );
}
