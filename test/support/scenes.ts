// Scenes for the pose of a camera: points in space, and where a camera of known pose sees them.
import { type Tensor, tensor } from '#src/index.js';
import { drawing } from './check.js';

/** The rotation matrix by rows, by Rodrigues' formula. */
export function rodrigues([a, b, c]: readonly number[]): number[][] {
  const angle = Math.hypot(a, b, c);
  if (angle === 0) return [0, 1, 2].map((i) => [0, 1, 2].map((j) => Number(i === j)));
  const [x, y, z] = [a / angle, b / angle, c / angle];
  const s = Math.sin(angle);
  const v = 2 * Math.sin(angle / 2) ** 2;
  return [
    [1 - v * (y * y + z * z), v * x * y - s * z, v * x * z + s * y],
    [v * x * y + s * z, 1 - v * (x * x + z * z), v * y * z - s * x],
    [v * x * z - s * y, v * y * z + s * x, 1 - v * (x * x + y * y)],
  ];
}

export interface Scene {
  p2d: Tensor;
  p3d: Tensor;
  /** (angle-axis, translation) */
  theta: number[];
}

export interface SceneOptions {
  seed: number;
  n: number;
  angle?: number;
  planar?: boolean;
  /** Size of the errors in the image. */
  noise?: number;
  /** How many image points are anywhere. */
  outliers?: number;
  /** (fx, fy, cx, cy) */
  K?: readonly number[];
}

/** A scene in front of the camera. */
export function sceneOf({
  seed,
  n,
  angle,
  planar,
  noise = 0,
  outliers = 0,
  K = [1, 1, 0, 0],
}: SceneOptions): Scene {
  const next = drawing(seed + 1);
  const axis = [next(), next(), next()];
  const length = Math.hypot(...axis);
  const turn = angle ?? Math.abs(next()) * 3;
  const theta = [...axis.map((x) => (x / length) * turn), next() / 2, next() / 2, 4 + next()];
  const R = rodrigues(theta);
  const p3d = Array.from({ length: n }, () => [next(), next(), planar ? 0 : next()]);
  const p2d = p3d.map((p, i) => {
    const X = R.map((row, k) => row[0] * p[0] + row[1] * p[1] + row[2] * p[2] + theta[3 + k]);
    const seen = i < outliers ? [next() / 2, next() / 2] : [X[0] / X[2], X[1] / X[2]];
    return seen.map((u, k) => K[k] * (u + noise * next()) + K[2 + k]);
  });
  return { p2d: tensor(p2d), p3d: tensor(p3d), theta };
}
