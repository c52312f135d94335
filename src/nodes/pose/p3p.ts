// The poses that see three points in three directions: Grunert's equations for the distances, solved as the common zeros
// of two quadratic forms (Persson and Nordberg, "Lambda Twist", ECCV 2018, choose the pencil of conics likewise).
import { commonZeros, cross, type Form } from './conics.js';
import type { Pose } from './pose.js';
import { quaternionOfMatrix, type Vector } from './quaternion.js';

/** At most four poses with X_i = R p_i + t = d_i b_i, d_i > 0. */
export function posesOfThree(world: readonly Vector[], bearings: readonly Vector[]): Pose[] {
  const [p, q, r] = world;
  const sides = [square(minus(p, q)), square(minus(p, r)), square(minus(q, r))];
  const dots = [dot(bearings[0], bearings[1]), dot(bearings[0], bearings[2]), dot(bearings[1], bearings[2])];
  const total = sides[0] + sides[1] + sides[2];
  const [u, v, w] = [sides[0] / total, sides[1] / total, sides[2] / total];
  if (!(u > 0 && v > 0 && w > 0)) return [];
  // d_i² + d_j² - 2 d_i d_j cos = side²: the combinations of two of them without the right-hand side.
  const [a, b, c] = dots;
  const first: Form = [w, -a * w, 0, w - u, c * u, -u];
  const second: Form = [w, 0, -b * w, -v, c * v, w - v];
  const poses: Pose[] = [];
  for (const [x, y, z] of commonZeros(first, second)) {
    const sign = x + y + z < 0 ? -1 : 1;
    if (!(sign * x > 0 && sign * y > 0 && sign * z > 0)) continue;
    const form = 2 * (x * x + y * y + z * z - a * x * y - b * x * z - c * y * z);
    const scale = sign * Math.sqrt(total / form);
    const distances = polished([x * scale, y * scale, z * scale], sides, dots);
    const pose = aligned(world, [
      times(bearings[0], distances[0]),
      times(bearings[1], distances[1]),
      times(bearings[2], distances[2]),
    ]);
    if (pose !== undefined) poses.push(pose);
  }
  return poses;
}

/** Two steps of Newton's method on the three equations. */
function polished(start: Vector, sides: readonly number[], [a, b, c]: readonly number[]): Vector {
  let [x, y, z] = start;
  for (let pass = 0; pass < 2; pass++) {
    const e = x * x + y * y - 2 * a * x * y - sides[0];
    const f = x * x + z * z - 2 * b * x * z - sides[1];
    const g = y * y + z * z - 2 * c * y * z - sides[2];
    const [ex, ey] = [x - a * y, y - a * x];
    const [fx, fz] = [x - b * z, z - b * x];
    const [gy, gz] = [y - c * z, z - c * y];
    const determinant = -2 * (ex * fz * gy + ey * fx * gz);
    const dx = (-e * fz * gy - ey * (f * gz - fz * g)) / determinant;
    const dy = (ex * (f * gz - fz * g) - e * fx * gz) / determinant;
    const dz = (-ex * f * gy - ey * fx * g + e * fx * gy) / determinant;
    const next = [x - dx, y - dy, z - dz];
    if (!next.every((d) => d > 0)) break;
    [x, y, z] = next;
  }
  return [x, y, z];
}

/** The motion of a triangle onto a congruent one: orthonormal frames of both. */
function aligned(from: readonly Vector[], to: readonly Vector[]): Pose | undefined {
  const [F, T] = [frame(from), frame(to)];
  const R = new Float64Array(9);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) R[3 * i + j] = T[0][i] * F[0][j] + T[1][i] * F[1][j] + T[2][i] * F[2][j];
  if (!R.every(Number.isFinite)) return undefined;
  // The centroids, so that the errors of the distances are shared.
  const [p, q] = [centroid(from), centroid(to)];
  const shift = (i: number) => q[i] - R[3 * i] * p[0] - R[3 * i + 1] * p[1] - R[3 * i + 2] * p[2];
  return { rotation: quaternionOfMatrix(R), translation: [shift(0), shift(1), shift(2)] };
}

function frame([p, q, r]: readonly Vector[]): readonly [Vector, Vector, Vector] {
  const u = unit(minus(q, p));
  const n = unit(cross(u, minus(r, p)));
  return [u, cross(n, u), n];
}

const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const times = (a: Vector, s: number): Vector => [a[0] * s, a[1] * s, a[2] * s];
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const square = (a: Vector): number => dot(a, a);
const unit = (a: Vector): Vector => times(a, 1 / Math.sqrt(square(a)));
const centroid = ([p, q, r]: readonly Vector[]): Vector => [
  (p[0] + q[0] + r[0]) / 3,
  (p[1] + q[1] + r[1]) / 3,
  (p[2] + q[2] + r[2]) / 3,
];
