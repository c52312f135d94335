// Table of contents of the kernels that `cotangent bench` knows.

import type { Case } from '../case.js';
import { gemm } from './gemm.js';
import { cholesky, choleskyBatched, eigh, lu, qr, solve, svd } from './linalg.js';
import { matmul } from './matmul.js';
import { gemv, ger } from './matrix-vector.js';
import { add, mul, randomNormal, sum, transpose } from './tensors.js';
import { axpy, dot, nrm2 } from './vectors.js';

export const cases: readonly Case[] = [
  matmul,
  gemm,
  gemv,
  ger,
  dot,
  axpy,
  nrm2,
  add,
  mul,
  sum,
  transpose,
  randomNormal,
  cholesky,
  lu,
  qr,
  eigh,
  svd,
  solve,
  choleskyBatched,
];
