// Table of contents of the kernels that `cotangent bench` knows.

import type { Case } from '../case.js';
import { cholesky, eigh, eigvalsh, ldlt, lu, qr, qrPivoted, svd, svdvals } from './factorizations.js';
import { erf, exp, log, sigmoid, sin, softmax, tanh } from './functions.js';
import { gemm } from './gemm.js';
import { cg, cgOperator, gmres, lsmr, minres } from './iterative.js';
import { matmul } from './matmul.js';
import { gemv, ger } from './matrix-vector.js';
import { eighNode, leastSquaresNode, quadraticProgramNode, totalVariationNode } from './nodes.js';
import { expm, inv, lstsq, solve, solveTriangular } from './solves.js';
import { choleskyBatched, qrBatched, solveBatched } from './stacks.js';
import { applyGivens, applyGivensShort, solveBanded, solveTridiagonal } from './structured.js';
import { add, mul, randomNormal, randomUniform, sum, transpose } from './tensors.js';
import { axpy, dot, nrm2 } from './vectors.js';

export const cases: readonly Case[] = [
  ...[matmul, gemm, gemv, ger, dot, axpy, nrm2],
  ...[add, mul, sum, transpose, randomNormal, randomUniform],
  ...[exp, log, sin, tanh, sigmoid, erf, softmax],
  ...[cholesky, ldlt, lu, qr, qrPivoted, eigh, eigvalsh, svd, svdvals],
  ...[solve, solveTriangular, lstsq, inv, expm],
  ...[solveTridiagonal, solveBanded, applyGivens, applyGivensShort],
  ...[cg, cgOperator, minres, gmres, lsmr],
  ...[choleskyBatched, solveBatched, qrBatched],
  ...[leastSquaresNode, eighNode, quadraticProgramNode, totalVariationNode],
];
