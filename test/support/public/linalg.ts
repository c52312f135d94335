// Public functions of linalg, with arguments.
import * as cotangent from '#src/index.js';
import { linalg, mul, square, tensor } from '#src/index.js';
import { numbers } from '../check.js';
import type { Any, PublicFunction } from '../public-functions.js';
import {
  definite,
  matrix,
  noTensors,
  scoped,
  square3,
  symmetric,
  tensorsOf,
  through,
  vector,
} from './makers.js';

export const linalgFunctions: Record<string, PublicFunction> = {
  'linalg.applyGivens': { args: () => [vector(), { i: [0, 1], j: [1, 2], angles: tensor([0.3, -0.7]) }] },
  'linalg.cg': {
    args: () => [definite(), vector(), { tolerance: 1e-13 }],
    call: (g, a, b, o) => through(symmetric(a), (m) => g(m, b, o).x),
  },
  'linalg.cholesky': { args: () => [definite()], call: (g, a) => through(symmetric(a), g) },
  'linalg.choleskyUpdate': {
    args: () => [scoped(() => linalg.cholesky(definite())), vector()],
    call: (g, l, x) => through(cotangent.tril(l), (m) => g(m, x)),
  },
  'linalg.cond': { args: () => [square3()] },
  'linalg.det': { args: () => [square3()] },
  'linalg.eigh': {
    args: () => [definite()],
    call: (g, a) => through(symmetric(a), (m) => through(g(m), ({ vectors }: Any) => square(vectors))),
  },
  'linalg.eigvalsh': { args: () => [definite()], call: (g, a) => through(symmetric(a), g) },
  'linalg.expm': { args: () => [matrix(3, 3)] },
  'linalg.factor': {
    args: () => [square3(), vector()],
    call: (g, a, b) => through(g(a, { kind: 'lu' }), (made: Any) => made.solve(b)),
  },
  'linalg.givens': noTensors(1, 2),
  'linalg.gmres': {
    args: () => [square3(), vector(), { tolerance: 1e-13 }],
    call: (g, a, b, o) => g(a, b, o).x,
  },
  'linalg.inv': { args: () => [square3()] },
  'linalg.ldlt': {
    args: () => [definite(), vector()],
    call: (g, a, b) => through(symmetric(a), (m) => through(g(m), (made: Any) => made.solve(b))),
  },
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
  'linalg.matrixRank': { args: () => [square3()] },
  'linalg.minres': {
    args: () => [definite(), vector(), { tolerance: 1e-13 }],
    call: (g, a, b, o) => through(symmetric(a), (m) => g(m, b, o).x),
  },
  'linalg.norm': { args: () => [square3()] },
  'linalg.pinv': { args: () => [matrix(4, 3)] },
  'linalg.qr': {
    args: () => [matrix(4, 3)],
    call: (g, a) => through(g(a), ({ q, r }: Any) => cotangent.scope(() => [q, r].map((y) => square(y)))),
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
      through(
        scoped(() =>
          mul(
            bands,
            tensor([
              [0, 1, 1],
              [1, 1, 1],
              [1, 1, 0],
            ]),
          ),
        ),
        (m) => g(m, w, b),
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
  'linalg.solveTriangular': {
    args: () => [square3(), vector()],
    call: (g, a, b) => through(cotangent.tril(a), (m) => g(m, b)),
  },
  'linalg.solveTridiagonal': { args: () => [tensor([1, 1]), tensor([4, 5, 4]), tensor([1, 2]), vector()] },
  'linalg.symmetricFunction': {
    args: () => [definite(), 'log'],
    call: (g, a, f) => through(symmetric(a), (m) => g(m, f)),
  },
  'linalg.svd': {
    args: () => [matrix(4, 3)],
    call: (g, a) =>
      through(g(a), ({ u, s, vt }: Any) => cotangent.scope(() => [u, s, vt].map((y) => square(y)))),
  },
  'linalg.svdvals': { args: () => [matrix(4, 3)] },
  'linalg.trace': { args: () => [square3()] },
};
