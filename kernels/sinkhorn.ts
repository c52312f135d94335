// Half a step of Sinkhorn's method on the logarithms of its factors, for rows a_i = log r_i - log Σ_j e^(b_j - gamma M_ij), for columns
// b_j = log c_j - log Σ_i e^(a_i - gamma M_ij), and the plan e^(a_i + b_j - gamma M_ij). Factors themselves would leave the range of f32.
// What these kernels are given stands in elementwise.ts. Vectors are rows, one for each problem, counted through all matrices; problem
// z height + y has its costs in the matrix of that number. (gpu.js declares the counters of all loops side by side: none may have the
// name of another.)

import { expDifference, exponential, logarithm, maximum } from './operation.js';
import type { Four, KernelThis } from './thread.js';

/** Potentials 4x … 4x+3 of the rows, from those of the `count` columns and the masses of the rows. */
export function sinkhornRows(
  this: KernelThis,
  costs: number[][][],
  others: number[][][],
  masses: number[][][],
  gamma: number,
  height: number,
  count: number,
): Four {
  let m0 =
    others[0][this.thread.z * height + this.thread.y][0] -
    gamma * costs[this.thread.z * height + this.thread.y][4 * this.thread.x][0];
  let m1 =
    others[0][this.thread.z * height + this.thread.y][0] -
    gamma * costs[this.thread.z * height + this.thread.y][4 * this.thread.x + 1][0];
  let m2 =
    others[0][this.thread.z * height + this.thread.y][0] -
    gamma * costs[this.thread.z * height + this.thread.y][4 * this.thread.x + 2][0];
  let m3 =
    others[0][this.thread.z * height + this.thread.y][0] -
    gamma * costs[this.thread.z * height + this.thread.y][4 * this.thread.x + 3][0];
  for (let k = 1; k < count; k++) {
    const other = others[0][this.thread.z * height + this.thread.y][k];
    m0 = maximum(m0, other - gamma * costs[this.thread.z * height + this.thread.y][4 * this.thread.x][k]);
    m1 = maximum(m1, other - gamma * costs[this.thread.z * height + this.thread.y][4 * this.thread.x + 1][k]);
    m2 = maximum(m2, other - gamma * costs[this.thread.z * height + this.thread.y][4 * this.thread.x + 2][k]);
    m3 = maximum(m3, other - gamma * costs[this.thread.z * height + this.thread.y][4 * this.thread.x + 3][k]);
  }
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let q = 0; q < count; q++) {
    const other = others[0][this.thread.z * height + this.thread.y][q];
    s0 += expDifference(
      other - gamma * costs[this.thread.z * height + this.thread.y][4 * this.thread.x][q],
      m0,
    );
    s1 += expDifference(
      other - gamma * costs[this.thread.z * height + this.thread.y][4 * this.thread.x + 1][q],
      m1,
    );
    s2 += expDifference(
      other - gamma * costs[this.thread.z * height + this.thread.y][4 * this.thread.x + 2][q],
      m2,
    );
    s3 += expDifference(
      other - gamma * costs[this.thread.z * height + this.thread.y][4 * this.thread.x + 3][q],
      m3,
    );
  }
  return [
    logarithm(masses[0][this.thread.z * height + this.thread.y][4 * this.thread.x]) - m0 - logarithm(s0),
    logarithm(masses[0][this.thread.z * height + this.thread.y][4 * this.thread.x + 1]) - m1 - logarithm(s1),
    logarithm(masses[0][this.thread.z * height + this.thread.y][4 * this.thread.x + 2]) - m2 - logarithm(s2),
    logarithm(masses[0][this.thread.z * height + this.thread.y][4 * this.thread.x + 3]) - m3 - logarithm(s3),
  ];
}

/** The same of the columns, from those of the `count` rows. */
export function sinkhornColumns(
  this: KernelThis,
  costs: number[][][],
  others: number[][][],
  masses: number[][][],
  gamma: number,
  height: number,
  count: number,
): Four {
  let m0 =
    others[0][this.thread.z * height + this.thread.y][0] -
    gamma * costs[this.thread.z * height + this.thread.y][0][4 * this.thread.x];
  let m1 =
    others[0][this.thread.z * height + this.thread.y][0] -
    gamma * costs[this.thread.z * height + this.thread.y][0][4 * this.thread.x + 1];
  let m2 =
    others[0][this.thread.z * height + this.thread.y][0] -
    gamma * costs[this.thread.z * height + this.thread.y][0][4 * this.thread.x + 2];
  let m3 =
    others[0][this.thread.z * height + this.thread.y][0] -
    gamma * costs[this.thread.z * height + this.thread.y][0][4 * this.thread.x + 3];
  for (let k = 1; k < count; k++) {
    const other = others[0][this.thread.z * height + this.thread.y][k];
    m0 = maximum(m0, other - gamma * costs[this.thread.z * height + this.thread.y][k][4 * this.thread.x]);
    m1 = maximum(m1, other - gamma * costs[this.thread.z * height + this.thread.y][k][4 * this.thread.x + 1]);
    m2 = maximum(m2, other - gamma * costs[this.thread.z * height + this.thread.y][k][4 * this.thread.x + 2]);
    m3 = maximum(m3, other - gamma * costs[this.thread.z * height + this.thread.y][k][4 * this.thread.x + 3]);
  }
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let q = 0; q < count; q++) {
    const other = others[0][this.thread.z * height + this.thread.y][q];
    s0 += expDifference(
      other - gamma * costs[this.thread.z * height + this.thread.y][q][4 * this.thread.x],
      m0,
    );
    s1 += expDifference(
      other - gamma * costs[this.thread.z * height + this.thread.y][q][4 * this.thread.x + 1],
      m1,
    );
    s2 += expDifference(
      other - gamma * costs[this.thread.z * height + this.thread.y][q][4 * this.thread.x + 2],
      m2,
    );
    s3 += expDifference(
      other - gamma * costs[this.thread.z * height + this.thread.y][q][4 * this.thread.x + 3],
      m3,
    );
  }
  return [
    logarithm(masses[0][this.thread.z * height + this.thread.y][4 * this.thread.x]) - m0 - logarithm(s0),
    logarithm(masses[0][this.thread.z * height + this.thread.y][4 * this.thread.x + 1]) - m1 - logarithm(s1),
    logarithm(masses[0][this.thread.z * height + this.thread.y][4 * this.thread.x + 2]) - m2 - logarithm(s2),
    logarithm(masses[0][this.thread.z * height + this.thread.y][4 * this.thread.x + 3]) - m3 - logarithm(s3),
  ];
}

/** Row y, columns 4x … 4x+3 of the plan of problem z. */
export function transportPlan(
  this: KernelThis,
  costs: number[][][],
  ofRows: number[][][],
  ofColumns: number[][][],
  gamma: number,
): Four {
  const a = ofRows[0][this.thread.z][this.thread.y];
  return [
    exponential(
      a +
        (ofColumns[0][this.thread.z][4 * this.thread.x] -
          gamma * costs[this.thread.z][this.thread.y][4 * this.thread.x]),
    ),
    exponential(
      a +
        (ofColumns[0][this.thread.z][4 * this.thread.x + 1] -
          gamma * costs[this.thread.z][this.thread.y][4 * this.thread.x + 1]),
    ),
    exponential(
      a +
        (ofColumns[0][this.thread.z][4 * this.thread.x + 2] -
          gamma * costs[this.thread.z][this.thread.y][4 * this.thread.x + 2]),
    ),
    exponential(
      a +
        (ofColumns[0][this.thread.z][4 * this.thread.x + 3] -
          gamma * costs[this.thread.z][this.thread.y][4 * this.thread.x + 3]),
    ),
  ];
}
