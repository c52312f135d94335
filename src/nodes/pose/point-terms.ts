// The objectives of pnp for one point in the camera's frame: value, gradient and curvature in plain numbers.

import type { Vector } from './quaternion.js';

export type Objective = 'reprojection' | 'cosine' | 'huber';

/** The points of one problem with positive weight, and its camera. */
export interface Points {
  readonly count: number;
  /** [2 count], [3 count], [count]; the largest weight is 1. */
  readonly image: Float64Array;
  readonly world: Float64Array;
  readonly weights: Float64Array;
  /** What was subtracted from the points in space. */
  readonly centre: Vector;
  /** Unit vectors towards the image points [3 count]. */
  readonly bearings: Float64Array;
  /** (fx, fy, cx, cy). */
  readonly camera: ArrayLike<number>;
  readonly alpha: number;
}

/** Of one point: cost, size of the gradient's terms, gradient [3], curvature xx, xy, xz, yy, yz, zz. */
export class PointTerms {
  cost = 0;
  size = 0;
  readonly g = new Float64Array(3);
  readonly h = new Float64Array(6);

  /** |r|², r the distance in the image; or half |r|² with Huber's tail. */
  image(x: number, y: number, z: number, i: number, p: Points, huber: boolean, newton: boolean): void {
    const { g, h } = this;
    const [fx, fy, cx, cy] = [p.camera[0], p.camera[1], p.camera[2], p.camera[3]];
    const inverse = 1 / z;
    const [a, b] = [x * inverse, y * inverse];
    const [u, v] = [p.image[2 * i], p.image[2 * i + 1]];
    const [r, s] = [fx * a + cx - u, fy * b + cy - v];
    const square = r * r + s * s;
    // The gradient in r is `slope` r, its curvature slope (I - tail r rᵀ).
    let slope = huber ? 1 : 2;
    let tail = 0;
    this.cost = huber ? square / 2 : square;
    if (huber && square > p.alpha * p.alpha) {
      const length = Math.sqrt(square);
      slope = p.alpha / length;
      tail = newton ? 1 / square : 0;
      this.cost = p.alpha * (length - p.alpha / 2);
    }
    const [jr, js] = [fx * inverse, fy * inverse];
    g[0] = slope * r * jr;
    g[1] = slope * s * js;
    g[2] = -(g[0] * a + g[1] * b);
    const terms = Math.abs(jr) * (Math.abs(fx * a) + Math.abs(cx - u)) * (1 + Math.abs(a));
    this.size = slope * (terms + Math.abs(js) * (Math.abs(fy * b) + Math.abs(cy - v)) * (1 + Math.abs(b)));
    const rr = slope * (1 - tail * r * r) * jr * jr;
    const rs = -slope * tail * r * s * jr * js;
    const ss = slope * (1 - tail * s * s) * js * js;
    h[0] = rr;
    h[1] = rs;
    h[2] = -(rr * a + rs * b);
    h[3] = ss;
    h[4] = -(rs * a + ss * b);
    h[5] = -(h[2] * a + h[4] * b);
    if (!newton) return;
    h[2] -= g[0] * inverse;
    h[4] -= g[1] * inverse;
    h[5] -= 2 * g[2] * inverse;
  }

  /** 1 - bᵀX/|X| = |b - X/|X||²/2, which keeps its digits where it is small. */
  cosine(x: number, y: number, z: number, i: number, { bearings }: Points, newton: boolean): void {
    const { g, h } = this;
    const inverse = 1 / Math.sqrt(x * x + y * y + z * z);
    const [a, b, c] = [x * inverse, y * inverse, z * inverse];
    const [p, q, r] = [bearings[3 * i], bearings[3 * i + 1], bearings[3 * i + 2]];
    const [d, e, f] = [p - a, q - b, r - c];
    this.cost = (d * d + e * e + f * f) / 2;
    // b - (bᵀx)x with bᵀx = 1 - cost, from the difference.
    const along = d * a + e * b + f * c;
    g[0] = -(d - along * a) * inverse;
    g[1] = -(e - along * b) * inverse;
    g[2] = -(f - along * c) * inverse;
    this.size = 2 * inverse;
    const square = inverse * inverse;
    if (!newton) {
      h[0] = (1 - a * a) * square;
      h[1] = -a * b * square;
      h[2] = -a * c * square;
      h[3] = (1 - b * b) * square;
      h[4] = -b * c * square;
      h[5] = (1 - c * c) * square;
      return;
    }
    const dot = 1 - this.cost;
    h[0] = (2 * p * a + dot * (1 - 3 * a * a)) * square;
    h[1] = (p * b + a * q - 3 * dot * a * b) * square;
    h[2] = (p * c + a * r - 3 * dot * a * c) * square;
    h[3] = (2 * q * b + dot * (1 - 3 * b * b)) * square;
    h[4] = (q * c + b * r - 3 * dot * b * c) * square;
    h[5] = (2 * r * c + dot * (1 - 3 * c * c)) * square;
  }
}
