// Public functions of linalg, with arguments.
import * as cotangent from '#src/index.js';
import { linalg, mul, square, tensor } from '#src/index.js';
import { numbers } from '../check.js';
import type { PublicFunction } from '../public-functions.js';
import { definite, matrix, noTensors, scoped, square3, symmetric, tensorsOf, vector } from './makers.js';

export const linalgFunctions: Record<string, PublicFunction> = {
  'linalg.applyGivens': { args: () => [vector(), { i: [0, 1], j: [1, 2], angles: tensor([0.3, -0.7]) }] },
  'linalg.cg': {
    args: () => [definite(), vector(), { tolerance: 1e-13 }],
    call: (g, a, b, o) => g(symmetric(a), b, o).x,
  },
  'linalg.cholesky': { args: () => [definite()], call: (g, a) => g(symmetric(a)) },
  'linalg.choleskyUpdate': {
    args: () => [scoped(() => linalg.cholesky(definite())), vector()],
    call: (g, l, x) => g(cotangent.tril(l), x),
  },
  'linalg.cond': { args: () => [square3()] },
  'linalg.det': { args: () => [square3()] },
  'linalg.eigh': { args: () => [definite()], call: (g, a) => square(g(symmetric(a)).vectors) },
  'linalg.eigvalsh': { args: () => [definite()], call: (g, a) => g(symmetric(a)) },
  'linalg.expm': { args: () => [matrix(3, 3)] },
  'linalg.factor': {
    args: () => [square3(), vector()],
    call: (g, a, b) => g(a, { kind: 'lu' }).solve(b),
  },
  'linalg.givens': noTensors(1, 2),
  'linalg.gmres': {
    args: () => [square3(), vector(), { tolerance: 1e-13 }],
    call: (g, a, b, o) => g(a, b, o).x,
  },
  'linalg.inv': { args: () => [square3()] },
  'linalg.ldlt': { args: () => [definite(), vector()], call: (g, a, b) => g(symmetric(a)).solve(b) },
  'linalg.lsmr': {
    refuses: 'all',
    args: () => [matrix(4, 3), tensor(numbers(4, 6)), { tolerance: 1e-13 }],
    call: (g, a, b, o) => g(a, b, o).x,
  },
  'linalg.lstsq': {
    args: () => [matrix(4, 3), tensor(numbers(4, 6))],
    call: (g, a, b) => tensorsOf(g(a, b)),
  },
  'linalg.lu': {
    args: () => [square3()],
    call: (g, a) => {
      const { l, u } = g(a);
      return { l, u };
    },
  },
  'linalg.matrixRank': { constant: 'it gives integers', args: () => [square3()] },
  'linalg.minres': {
    args: () => [definite(), vector(), { tolerance: 1e-13 }],
    call: (g, a, b, o) => g(symmetric(a), b, o).x,
  },
  'linalg.norm': { args: () => [square3()] },
  'linalg.pinv': { args: () => [matrix(4, 3)] },
  'linalg.qr': {
    args: () => [matrix(4, 3)],
    call: (g, a) => {
      const { q, r } = g(a);
      return { q: square(q), r: square(r) };
    },
  },
  'linalg.rcond': { refuses: 'all', args: () => [square3()] },
  'linalg.slogdet': { args: () => [square3()] },
  'linalg.solve': { args: () => [square3(), vector()] },
  'linalg.solveBanded': {
    args: () => [
      tensor([
        [0, 1, 1],
        [4, 5, 4],
        [1, 1, 0],
      ]),
      { lower: 1, upper: 1 },
      vector(),
    ],
    call: (g, bands, w, b) =>
      g(
        mul(
          bands,
          tensor([
            [0, 1, 1],
            [1, 1, 1],
            [1, 1, 0],
          ]),
        ),
        w,
        b,
      ),
  },
  'linalg.solveBlockDiagonal': {
    args: () => [
      tensor([
        [
          [2, 1],
          [0, 3],
        ],
        [
          [1, 0],
          [1, 4],
        ],
      ]),
      tensor([1, 2, 3, 4]),
    ],
  },
  'linalg.solveDiagonal': { args: () => [vector(), vector(2)] },
  'linalg.solveTriangular': { args: () => [square3(), vector()], call: (g, a, b) => g(cotangent.tril(a), b) },
  'linalg.solveTridiagonal': { args: () => [tensor([1, 1]), tensor([4, 5, 4]), tensor([1, 2]), vector()] },
  'linalg.svd': {
    args: () => [matrix(4, 3)],
    call: (g, a) => {
      const { u, s, vt } = g(a);
      return { u: square(u), s, vt: square(vt) };
    },
  },
  'linalg.svdvals': { args: () => [matrix(4, 3)] },
  'linalg.trace': { args: () => [square3()] },
};
