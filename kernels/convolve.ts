// Y[n][o][i][j] = bias_o + sum over channels c, rows p and columns q of the kernel of
// W[o][c][p][q] X[n][c][strideY i + dilationY p - beforeY][strideX j + dilationX q - beforeX]; X is 0 outside, or goes on periodically.
// What these kernels are given stands in elementwise.ts. Rows and columns are f32, and exact up to 2^24.

import type { Four, KernelThis } from './thread.js';

/**
 * Row y, columns 4x … 4x+3 of plane z. x has a matrix for each image and channel, w one for each out and channel; `images[z]` and
 * `outs[z]` name the image and the out of a plane. `biasStep` is 0 if all outs have bias[0], else 1.
 */
export function convolvePlanes(
  this: KernelThis,
  x: number[][][],
  w: number[][][],
  bias: number[][][],
  images: number[],
  outs: number[],
  biasStep: number,
  channels: number,
  height: number,
  width: number,
  kernelY: number,
  kernelX: number,
  strideY: number,
  strideX: number,
  dilationY: number,
  dilationX: number,
  beforeY: number,
  beforeX: number,
  periodicY: number,
  periodicX: number,
): Four {
  const image = images[this.thread.z] * channels;
  const out = outs[this.thread.z] * channels;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < kernelY; p++) {
      let row = strideY * this.thread.y + dilationY * p - beforeY;
      if (periodicY > 0) {
        // The quotient may be wrong by one where it is whole.
        row = row - height * Math.floor(row / height);
        if (row >= height) row = row - height;
        if (row < 0) row = row + height;
      }
      for (let q = 0; q < kernelX; q++) {
        const weight = w[out + c][p][q];
        let j0 = strideX * 4 * this.thread.x + dilationX * q - beforeX;
        let j1 = strideX * (4 * this.thread.x + 1) + dilationX * q - beforeX;
        let j2 = strideX * (4 * this.thread.x + 2) + dilationX * q - beforeX;
        let j3 = strideX * (4 * this.thread.x + 3) + dilationX * q - beforeX;
        if (periodicX > 0) {
          j0 = j0 - width * Math.floor(j0 / width);
          j1 = j1 - width * Math.floor(j1 / width);
          j2 = j2 - width * Math.floor(j2 / width);
          j3 = j3 - width * Math.floor(j3 / width);
          if (j0 >= width) j0 = j0 - width;
          if (j1 >= width) j1 = j1 - width;
          if (j2 >= width) j2 = j2 - width;
          if (j3 >= width) j3 = j3 - width;
          if (j0 < 0) j0 = j0 + width;
          if (j1 < 0) j1 = j1 + width;
          if (j2 < 0) j2 = j2 + width;
          if (j3 < 0) j3 = j3 + width;
        }
        // Outside, zeros are multiplied too: an infinite weight makes NaN of them, as on the CPU.
        let x0 = 0;
        let x1 = 0;
        let x2 = 0;
        let x3 = 0;
        if (row >= 0 && row < height) {
          if (j0 >= 0 && j0 < width) x0 = x[image + c][row][j0];
          if (j1 >= 0 && j1 < width) x1 = x[image + c][row][j1];
          if (j2 >= 0 && j2 < width) x2 = x[image + c][row][j2];
          if (j3 >= 0 && j3 < width) x3 = x[image + c][row][j3];
        }
        s0 += weight * x0;
        s1 += weight * x1;
        s2 += weight * x2;
        s3 += weight * x3;
      }
    }
  }
  const b = bias[0][0][biasStep * outs[this.thread.z]];
  return [s0 + b, s1 + b, s2 + b, s3 + b];
}
