// The objectives of pnp in plain numbers: sums over the points, with gradient and Hessian by a small motion (ω, τ) of the
// pose, X -> exp(ω) Y + t + τ with Y = R p.
import { type Objective, type Points, PointTerms } from './point-terms.js';
import type { Pose } from './pose.js';
import { writeMatrix } from './quaternion.js';

/** What the sums are at a pose. */
export interface Sums {
  cost: number;
  /** Points that are not in front of the camera. */
  behind: number;
  /** By (ω, τ). */
  readonly gradient: Float64Array;
  /** By rows [36]; of `newton` exact, else Gauss and Newton's approximation. */
  readonly hessian: Float64Array;
  /** The largest absolute entry of the gradient over the size of its terms. */
  stationarity: number;
}

export function newSums(): Sums {
  return {
    cost: 0,
    behind: 0,
    gradient: new Float64Array(6),
    hessian: new Float64Array(36),
    stationarity: 0,
  };
}

const terms = /* @__PURE__ */ new PointTerms();
const matrix = /* @__PURE__ */ new Float64Array(9);

/** The sums over all points. */
export function evaluate(
  points: Points,
  { rotation, translation }: Pose,
  objective: Objective,
  newton: boolean,
  out: Sums,
): void {
  const { world, weights } = points;
  const { gradient: G, hessian: H } = out;
  const { g, h } = terms;
  writeMatrix(rotation, matrix);
  G.fill(0);
  H.fill(0);
  out.cost = out.behind = 0;
  let [turnSize, shiftSize] = [0, 0];
  for (let i = 0; i < points.count; i++) {
    const [p, q, r] = [world[3 * i], world[3 * i + 1], world[3 * i + 2]];
    const a = matrix[0] * p + matrix[1] * q + matrix[2] * r;
    const b = matrix[3] * p + matrix[4] * q + matrix[5] * r;
    const c = matrix[6] * p + matrix[7] * q + matrix[8] * r;
    const z = c + translation[2];
    if (!(z > 0)) out.behind++;
    if (objective === 'cosine') terms.cosine(a + translation[0], b + translation[1], z, i, points, newton);
    else terms.image(a + translation[0], b + translation[1], z, i, points, objective === 'huber', newton);
    const w = weights[i];
    out.cost += w * terms.cost;
    shiftSize += w * terms.size;
    turnSize += w * terms.size * (Math.abs(a) + Math.abs(b) + Math.abs(c));
    addGradient(G, w, a, b, c, g);
    addCurvature(H, w, a, b, c, h);
    if (newton) addTurning(H, w, a, b, c, g);
  }
  mirror(H);
  const turn = Math.max(Math.abs(G[0]), Math.abs(G[1]), Math.abs(G[2]));
  const shift = Math.max(Math.abs(G[3]), Math.abs(G[4]), Math.abs(G[5]));
  out.stationarity = Math.max(turn === 0 ? 0 : turn / turnSize, shift === 0 ? 0 : shift / shiftSize);
  if (Number.isNaN(turn + shift)) out.stationarity = Number.NaN;
}

/** w (Y × g, g). */
function addGradient(G: Float64Array, w: number, a: number, b: number, c: number, g: Float64Array): void {
  G[0] += w * (b * g[2] - c * g[1]);
  G[1] += w * (c * g[0] - a * g[2]);
  G[2] += w * (a * g[1] - b * g[0]);
  G[3] += w * g[0];
  G[4] += w * g[1];
  G[5] += w * g[2];
}

/** w Dᵀ h D with D = (-[Y]×, I); the upper triangle. */
function addCurvature(H: Float64Array, w: number, a: number, b: number, c: number, h: Float64Array): void {
  const [xx, xy, xz, yy, yz, zz] = [w * h[0], w * h[1], w * h[2], w * h[3], w * h[4], w * h[5]];
  // Rows of [Y]× h.
  const [m00, m01, m02] = [b * xz - c * xy, b * yz - c * yy, b * zz - c * yz];
  const [m10, m11, m12] = [c * xx - a * xz, c * xy - a * yz, c * xz - a * zz];
  const [m20, m21, m22] = [a * xy - b * xx, a * yy - b * xy, a * yz - b * xz];
  H[0] += b * m02 - c * m01;
  H[1] += c * m00 - a * m02;
  H[2] += a * m01 - b * m00;
  H[7] += c * m10 - a * m12;
  H[8] += a * m11 - b * m10;
  H[14] += a * m21 - b * m20;
  H[3] += m00;
  H[4] += m01;
  H[5] += m02;
  H[9] += m10;
  H[10] += m11;
  H[11] += m12;
  H[15] += m20;
  H[16] += m21;
  H[17] += m22;
  H[21] += xx;
  H[22] += xy;
  H[23] += xz;
  H[28] += yy;
  H[29] += yz;
  H[35] += zz;
}

/** gᵀ ω × (ω × Y) / 2 turns with the pose: w ((g Yᵀ + Y gᵀ)/2 - gᵀY I). */
function addTurning(H: Float64Array, w: number, a: number, b: number, c: number, g: Float64Array): void {
  H[0] -= w * (b * g[1] + c * g[2]);
  H[7] -= w * (a * g[0] + c * g[2]);
  H[14] -= w * (a * g[0] + b * g[1]);
  H[1] += (w * (a * g[1] + b * g[0])) / 2;
  H[2] += (w * (a * g[2] + c * g[0])) / 2;
  H[8] += (w * (b * g[2] + c * g[1])) / 2;
}

function mirror(H: Float64Array): void {
  for (let i = 1; i < 6; i++) for (let j = 0; j < i; j++) H[6 * i + j] = H[6 * j + i];
}
