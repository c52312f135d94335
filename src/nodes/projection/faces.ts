// The projections: values, and derivatives on the face that the nearest point lies on. Those of the polyhedral sets are
// piecewise linear.
import type { Tensor } from '../../core/tensor.js';
import { div, mul, sub } from '../../ops/arithmetic.js';
import { equal, greater, notEqual } from '../../ops/compare.js';
import { maximum } from '../../ops/minmax.js';
import { norm } from '../../ops/norm.js';
import { square } from '../../ops/roots.js';
import { where } from '../../ops/select.js';
import { lengthOf, sumOfRow } from '../../optim/prox/rows.js';
import { thresholdTo } from '../../optim/prox/simplex.js';
import type { Projection } from './node.js';

/** Marks a row that lies in the ball: it stays where it is. No face has this sign. */
const INSIDE = 2;

const isInside = (face: Tensor) => equal(face, INSIDE);

/** Copies x, which is in the ball. */
function stay(x: Float64Array, y: Float64Array, face: Float64Array): true {
  y.set(x);
  face.fill(INSIDE);
  return true;
}

/** Signs of the entries that the sum of a face runs over, and how many they are. */
const count = (face: Tensor) => maximum(sumOfRow(square(face)), 1);

/** Of faces Σ face_i y_i = radius, on which the other entries are 0. */
const onSimplex: Pick<Projection, 'along' | 'slope'> = {
  along(v, { radius, face }) {
    const mean = div(sumOfRow(mul(face, v)), count(face));
    const kept = where(greater(mul(square(face), radius), 0), sub(v, mul(face, mean)), 0);
    return where(isInside(face), v, kept);
  },
  slope: ({ face }) => where(isInside(face), 0, div(face, count(face))),
};

/** Writes the nearest point on the face where `sizes` are above a threshold; for radius 0 the limit of that face. */
function shrink(
  x: Float64Array,
  sizes: Float64Array,
  radius: number,
  y: Float64Array,
  face: Float64Array,
  rounding: number,
): true {
  if (radius > 0) thresholdTo(sizes, radius, y, new Float64Array(x.length));
  else y.fill(0);
  const top = sizes.reduce((most, v) => Math.max(most, v), Number.NEGATIVE_INFINITY);
  for (let i = 0; i < x.length; i++) {
    const sign = x[i] === sizes[i] ? 1 : -1;
    // On the threshold: left out.
    if (y[i] <= rounding * radius) y[i] = 0;
    face[i] = y[i] > 0 || (radius === 0 && sizes[i] === top) ? sign : 0;
    if (y[i] > 0) y[i] *= sign;
  }
  return true;
}

const total = (x: Float64Array) => x.reduce((sum, v) => sum + Math.abs(v), 0);

export const simplex: Projection = {
  nearest: (x, radius, y, face, rounding) => shrink(x, x, radius, y, face, rounding),
  ...onSimplex,
};

export const l1Ball: Projection = {
  nearest: (x, radius, y, face, rounding) =>
    total(x) <= radius * (1 + rounding)
      ? stay(x, y, face)
      : shrink(x, x.map(Math.abs), radius, y, face, rounding),
  ...onSimplex,
};

export const l1Sphere: Projection = {
  nearest(x, radius, y, face, rounding) {
    const sum = total(x);
    if (sum === 0 && radius > 0) return false;
    if (sum > radius) return shrink(x, x.map(Math.abs), radius, y, face, rounding);
    for (let i = 0; i < x.length; i++) {
      const sign = x[i] < 0 ? -1 : 1;
      y[i] = x[i] + (sign * (radius - sum)) / x.length;
      face[i] = y[i] === 0 ? 0 : sign;
    }
    return true;
  },
  ...onSimplex,
};

/** Of faces y_i = face_i radius; where face_i is 0, the entry is free. */
const onBox: Pick<Projection, 'along' | 'slope'> = {
  along: (v, { face }) => where(notEqual(face, 0), 0, v),
  slope: ({ face }) => face,
};

function cut(x: Float64Array, radius: number, y: Float64Array, face: Float64Array): true {
  for (let i = 0; i < x.length; i++) {
    face[i] = Math.abs(x[i]) > radius ? Math.sign(x[i]) : 0;
    y[i] = face[i] === 0 ? x[i] : face[i] * radius;
  }
  return true;
}

export const linfBall: Projection = { nearest: cut, ...onBox };

export const linfSphere: Projection = {
  nearest(x, radius, y, face) {
    cut(x, radius, y, face);
    const largest = x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    if (largest > radius) return true;
    if (largest === 0) return radius === 0 || x.length === 0;
    const first = x.findIndex((v) => Math.abs(v) === largest);
    face[first] = Math.sign(x[first]);
    y[first] = face[first] * radius;
    return true;
  },
  along: (v, at) => where(greater(at.radius, 0), onBox.along(v, at), 0),
  slope: onBox.slope,
};

/** The norm of each row, or 1 for a row of zeros; and the row over it. */
function directionOf(x: Tensor) {
  const size = norm(x, { axis: -1, keepDims: true });
  const length = where(equal(size, 0), 1, size);
  return { unit: div(x, length), length };
}

function scale(x: Float64Array, radius: number, y: Float64Array, face: Float64Array): true {
  const { scale, length } = lengthOf(x);
  face.fill(0);
  for (let i = 0; i < x.length; i++) y[i] = length > 0 ? (x[i] / scale / length) * radius : 0;
  return true;
}

const onBall: Pick<Projection, 'along' | 'slope'> = {
  along(v, { x, radius, face }) {
    const { unit, length } = directionOf(x);
    const across = sub(v, mul(unit, sumOfRow(mul(unit, v))));
    return where(isInside(face), v, mul(across, div(radius, length)));
  },
  slope: ({ x, face }) => where(isInside(face), 0, directionOf(x).unit),
};

export const l2Ball: Projection = {
  nearest(x, radius, y, face, rounding) {
    const { scale: most, length } = lengthOf(x);
    return most * length <= radius * (1 + rounding) ? stay(x, y, face) : scale(x, radius, y, face);
  },
  ...onBall,
};

export const l2Sphere: Projection = {
  nearest(x, radius, y, face) {
    const isCentre = x.length > 0 && x.every((v) => v === 0);
    return !(isCentre && radius > 0) && scale(x, radius, y, face);
  },
  ...onBall,
};
