// A step of the classical Runge-Kutta method for Lorenz's model of 1996, dx_k/dt = (x_{k+1} - x_{k-2}) x_{k-1} - x_k + F, indices modulo K.
// A thread makes four numbers of a state from the sixteen that they depend on: x_{k-8} … x_{k+7}; each stage needs two fewer before and
// one fewer behind. Every number is rounded as on the CPU. What these kernels are given stands in elementwise.ts.

import { advance, slope } from './operation.js';
import type { Four, KernelThis } from './thread.js';

/** Row y of matrix z is a member; `places[k + 8]` is k modulo K. `half` is dt / 2, `sixth` dt / 6. */
export function lorenz96Step(
  this: KernelThis,
  x: number[][][],
  places: number[],
  F: number,
  dt: number,
  half: number,
  sixth: number,
): Four {
  // Not one index inside the other: gpu.js cannot read that for WebGL2.
  const i0 = places[4 * this.thread.x];
  const i1 = places[4 * this.thread.x + 1];
  const i2 = places[4 * this.thread.x + 2];
  const i3 = places[4 * this.thread.x + 3];
  const i4 = places[4 * this.thread.x + 4];
  const i5 = places[4 * this.thread.x + 5];
  const i6 = places[4 * this.thread.x + 6];
  const i7 = places[4 * this.thread.x + 7];
  const i8 = places[4 * this.thread.x + 8];
  const i9 = places[4 * this.thread.x + 9];
  const i10 = places[4 * this.thread.x + 10];
  const i11 = places[4 * this.thread.x + 11];
  const i12 = places[4 * this.thread.x + 12];
  const i13 = places[4 * this.thread.x + 13];
  const i14 = places[4 * this.thread.x + 14];
  const i15 = places[4 * this.thread.x + 15];
  const x0 = x[this.thread.z][this.thread.y][i0];
  const x1 = x[this.thread.z][this.thread.y][i1];
  const x2 = x[this.thread.z][this.thread.y][i2];
  const x3 = x[this.thread.z][this.thread.y][i3];
  const x4 = x[this.thread.z][this.thread.y][i4];
  const x5 = x[this.thread.z][this.thread.y][i5];
  const x6 = x[this.thread.z][this.thread.y][i6];
  const x7 = x[this.thread.z][this.thread.y][i7];
  const x8 = x[this.thread.z][this.thread.y][i8];
  const x9 = x[this.thread.z][this.thread.y][i9];
  const x10 = x[this.thread.z][this.thread.y][i10];
  const x11 = x[this.thread.z][this.thread.y][i11];
  const x12 = x[this.thread.z][this.thread.y][i12];
  const x13 = x[this.thread.z][this.thread.y][i13];
  const x14 = x[this.thread.z][this.thread.y][i14];
  const x15 = x[this.thread.z][this.thread.y][i15];
  // The first slopes and the states at dt / 2 that they lead to.
  const p2 = slope(x3, x0, x1, x2, F);
  const p3 = slope(x4, x1, x2, x3, F);
  const p4 = slope(x5, x2, x3, x4, F);
  const p5 = slope(x6, x3, x4, x5, F);
  const p6 = slope(x7, x4, x5, x6, F);
  const p7 = slope(x8, x5, x6, x7, F);
  const p8 = slope(x9, x6, x7, x8, F);
  const p9 = slope(x10, x7, x8, x9, F);
  const p10 = slope(x11, x8, x9, x10, F);
  const p11 = slope(x12, x9, x10, x11, F);
  const p12 = slope(x13, x10, x11, x12, F);
  const p13 = slope(x14, x11, x12, x13, F);
  const p14 = slope(x15, x12, x13, x14, F);
  const u2 = advance(x2, half, p2);
  const u3 = advance(x3, half, p3);
  const u4 = advance(x4, half, p4);
  const u5 = advance(x5, half, p5);
  const u6 = advance(x6, half, p6);
  const u7 = advance(x7, half, p7);
  const u8 = advance(x8, half, p8);
  const u9 = advance(x9, half, p9);
  const u10 = advance(x10, half, p10);
  const u11 = advance(x11, half, p11);
  const u12 = advance(x12, half, p12);
  const u13 = advance(x13, half, p13);
  const u14 = advance(x14, half, p14);
  // The second slopes, and the states at dt / 2 again.
  const q4 = slope(u5, u2, u3, u4, F);
  const q5 = slope(u6, u3, u4, u5, F);
  const q6 = slope(u7, u4, u5, u6, F);
  const q7 = slope(u8, u5, u6, u7, F);
  const q8 = slope(u9, u6, u7, u8, F);
  const q9 = slope(u10, u7, u8, u9, F);
  const q10 = slope(u11, u8, u9, u10, F);
  const q11 = slope(u12, u9, u10, u11, F);
  const q12 = slope(u13, u10, u11, u12, F);
  const q13 = slope(u14, u11, u12, u13, F);
  const v4 = advance(x4, half, q4);
  const v5 = advance(x5, half, q5);
  const v6 = advance(x6, half, q6);
  const v7 = advance(x7, half, q7);
  const v8 = advance(x8, half, q8);
  const v9 = advance(x9, half, q9);
  const v10 = advance(x10, half, q10);
  const v11 = advance(x11, half, q11);
  const v12 = advance(x12, half, q12);
  const v13 = advance(x13, half, q13);
  // The third slopes, and the states at dt.
  const r6 = slope(v7, v4, v5, v6, F);
  const r7 = slope(v8, v5, v6, v7, F);
  const r8 = slope(v9, v6, v7, v8, F);
  const r9 = slope(v10, v7, v8, v9, F);
  const r10 = slope(v11, v8, v9, v10, F);
  const r11 = slope(v12, v9, v10, v11, F);
  const r12 = slope(v13, v10, v11, v12, F);
  const w6 = advance(x6, dt, r6);
  const w7 = advance(x7, dt, r7);
  const w8 = advance(x8, dt, r8);
  const w9 = advance(x9, dt, r9);
  const w10 = advance(x10, dt, r10);
  const w11 = advance(x11, dt, r11);
  const w12 = advance(x12, dt, r12);
  // The fourth slopes.
  const s8 = slope(w9, w6, w7, w8, F);
  const s9 = slope(w10, w7, w8, w9, F);
  const s10 = slope(w11, w8, w9, w10, F);
  const s11 = slope(w12, w9, w10, w11, F);
  return [
    advance(x8, sixth, advance(advance(advance(p8, 2, q8), 2, r8), 1, s8)),
    advance(x9, sixth, advance(advance(advance(p9, 2, q9), 2, r9), 1, s9)),
    advance(x10, sixth, advance(advance(advance(p10, 2, q10), 2, r10), 1, s10)),
    advance(x11, sixth, advance(advance(advance(p11, 2, q11), 2, r11), 1, s11)),
  ];
}
