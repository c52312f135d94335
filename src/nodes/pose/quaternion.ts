// Rotations in plain numbers: unit quaternions (w, x, y, z), matrices by rows and vectors angle · axis.
import { stumpffNumber } from './stumpff.js';

/** (w, x, y, z) of unit length. */
export type Quaternion = readonly [number, number, number, number];

/** Three numbers. */
export type Vector = readonly [number, number, number];

/** exp of a rotation vector. */
export function quaternionOf([a, b, c]: Vector): Quaternion {
  const quarter = (a * a + b * b + c * c) / 4;
  const half = stumpffNumber(1, quarter) / 2;
  return unit([stumpffNumber(0, quarter), half * a, half * b, half * c]);
}

/** The rotation vector, |angle| <= π: atan2 of the skew part, so that angles near 0 and π keep their digits. */
export function vectorOf(q: Quaternion): Vector {
  const [w, x, y, z] = q[0] < 0 ? [-q[0], -q[1], -q[2], -q[3]] : q;
  const sine = Math.sqrt(x * x + y * y + z * z);
  const ratio = sine / w;
  const square = ratio * ratio;
  const factor =
    ratio < 1e-4 ? (2 / w) * (1 - square * (1 / 3 - square / 5)) : (2 * quadrantAngle(sine, w)) / sine;
  return [factor * x, factor * y, factor * z];
}

/** atan2(s, c) of a point of the unit circle with s, c >= 0. */
function quadrantAngle(s: number, c: number): number {
  const arc = (t: number) => t / (1 + 0.28 * t * t);
  let angle = s <= c ? arc(s / c) : Math.PI / 2 - arc(c / s);
  // The sine of what is missing, twice: the start is right to 0.005.
  for (let pass = 0; pass < 2; pass++) {
    const z = angle * angle;
    const missing = s * stumpffNumber(0, z) - c * angle * stumpffNumber(1, z);
    angle += missing * (1 + (missing * missing) / 6);
  }
  return angle;
}

/** First q, then p. */
export function product(p: Quaternion, q: Quaternion): Quaternion {
  return unit([
    p[0] * q[0] - p[1] * q[1] - p[2] * q[2] - p[3] * q[3],
    p[0] * q[1] + p[1] * q[0] + p[2] * q[3] - p[3] * q[2],
    p[0] * q[2] - p[1] * q[3] + p[2] * q[0] + p[3] * q[1],
    p[0] * q[3] + p[1] * q[2] - p[2] * q[1] + p[3] * q[0],
  ]);
}

function unit([w, x, y, z]: Quaternion): Quaternion {
  const length = Math.sqrt(w * w + x * x + y * y + z * z);
  return [w / length, x / length, y / length, z / length];
}

/** The rotation matrix, by rows, written into `to`. */
export function writeMatrix([w, x, y, z]: Quaternion, to: Float64Array): void {
  to[0] = 1 - 2 * (y * y + z * z);
  to[1] = 2 * (x * y - w * z);
  to[2] = 2 * (x * z + w * y);
  to[3] = 2 * (x * y + w * z);
  to[4] = 1 - 2 * (x * x + z * z);
  to[5] = 2 * (y * z - w * x);
  to[6] = 2 * (x * z - w * y);
  to[7] = 2 * (y * z + w * x);
  to[8] = 1 - 2 * (x * x + y * y);
}

/** The quaternion of a rotation matrix, by its largest component (Shepperd 1978). */
export function quaternionOfMatrix(m: ArrayLike<number>): Quaternion {
  const trace = m[0] + m[4] + m[8];
  const skew = [m[7] - m[5], m[2] - m[6], m[3] - m[1]];
  if (trace >= m[0] && trace >= m[4] && trace >= m[8]) return unit([1 + trace, skew[0], skew[1], skew[2]]);
  const i = m[0] >= m[4] ? (m[0] >= m[8] ? 0 : 2) : m[4] >= m[8] ? 1 : 2;
  const [j, k] = [(i + 1) % 3, (i + 2) % 3];
  const q = [skew[i], 0, 0, 0];
  q[1 + i] = 1 + m[4 * i] - m[4 * j] - m[4 * k];
  q[1 + j] = m[3 * i + j] + m[3 * j + i];
  q[1 + k] = m[3 * i + k] + m[3 * k + i];
  return unit([q[0], q[1], q[2], q[3]]);
}
