// What both modes of pnp multiply by: the inverse of the Hessian, and the step from motions of the pose to rotation vectors.
import { inverseOf } from './cholesky.js';
import { evaluate, newSums } from './objective.js';
import type { Objective, Points } from './point-terms.js';
import { poseAt, turned } from './pose.js';
import type { Vector } from './quaternion.js';
import { stumpffNumber } from './stumpff.js';

/**
 * H⁻¹ T⁻ᵀ by rows [36], written into `to`: H the Hessian by (ω, τ) and (ω, τ) = T dθ at θ; false if H is singular.
 * @param centre which the turns ω are about.
 * @param scale by which the weights of the points were divided.
 */
export function writeInverse(
  points: Points,
  theta: Float64Array,
  centre: Vector,
  objective: Objective,
  scale: number,
  to: Float64Array,
): boolean {
  const [a, b, c] = theta;
  const pose = poseAt(theta, points.centre);
  const sums = newSums();
  evaluate(points, pose, objective, true, sums);
  const inverse = inverseOf(sums.hessian);
  if (inverse === undefined) return false;
  const apart = turned(pose.rotation, difference(points.centre, centre));
  moveRows(inverse, apart);
  moveColumns(inverse, apart);
  moveColumns(inverse, turned(pose.rotation, centre));
  const J = inverseJacobian(a, b, c);
  for (let i = 0; i < 6; i++)
    for (let j = 0; j < 6; j++) {
      let x = j < 3 ? 0 : inverse[6 * i + j];
      // (J⁻ᵀ)_kj = (J⁻¹)_jk
      if (j < 3) for (let k = 0; k < 3; k++) x += inverse[6 * i + k] * J[3 * j + k];
      to[6 * i + j] = x / scale;
    }
  return true;
}

const difference = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

/** A G with A = (I, 0; [c]×, I): A G Aᵀ is the inverse for turns about a point that is c away, in the camera's frame. */
function moveRows(G: Float64Array, [a, b, c]: Vector): void {
  for (let j = 0; j < 6; j++) {
    const [x, y, z] = [G[j], G[6 + j], G[12 + j]];
    G[18 + j] += b * z - c * y;
    G[24 + j] += c * x - a * z;
    G[30 + j] += a * y - b * x;
  }
}

/** G Aᵀ. */
function moveColumns(G: Float64Array, [a, b, c]: Vector): void {
  for (let i = 0; i < 36; i += 6) {
    const [x, y, z] = [G[i], G[i + 1], G[i + 2]];
    G[i + 3] += b * z - c * y;
    G[i + 4] += c * x - a * z;
    G[i + 5] += a * y - b * x;
  }
}

/** The inverse of J = c₁ I + c₂ [a]× + c₃ a aᵀ, by cofactors. */
function inverseJacobian(a: number, b: number, c: number): Float64Array {
  const z = a * a + b * b + c * c;
  const [s, v, w] = [stumpffNumber(1, z), stumpffNumber(2, z), stumpffNumber(3, z)];
  const J = [
    [s + w * a * a, w * a * b - v * c, w * a * c + v * b],
    [w * a * b + v * c, s + w * b * b, w * b * c - v * a],
    [w * a * c - v * b, w * b * c + v * a, s + w * c * c],
  ];
  const cofactor = (i: number, j: number) => {
    const [p, q] = [(i + 1) % 3, (i + 2) % 3];
    const [r, t] = [(j + 1) % 3, (j + 2) % 3];
    return J[p][r] * J[q][t] - J[p][t] * J[q][r];
  };
  const determinant = J[0][0] * cofactor(0, 0) + J[0][1] * cofactor(0, 1) + J[0][2] * cofactor(0, 2);
  const inverse = new Float64Array(9);
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) inverse[3 * i + j] = cofactor(j, i) / determinant;
  return inverse;
}
