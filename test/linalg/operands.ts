// One call of every public function of linalg, and of every way in which its rows run: for tests that walk all of them.
import { add, eye, linalg, matmul, mul, random, type Tensor, tensor, transpose } from '#src/index.js';

/** Matrices of every kind that a function wants, n x n. */
export function operands(n: number) {
  const draw = random(1);
  const a = draw.normal([n, n]);
  return {
    a,
    b: draw.normal([n]),
    B: draw.normal([n, 3]),
    tall: draw.normal([n + 3, n]),
    long: draw.normal([n + 3]),
    stack: draw.normal([2, n, n]),
    sides: draw.normal([2 * n]),
    symmetric: add(a, transpose(a)),
    definite: add(matmul(a, a, { transposeB: true }), mul(eye(n), n)),
    triangle: linalg.cholesky(add(matmul(a, a, { transposeB: true }), mul(eye(n), n))),
    off: draw.normal([n - 1]),
    diagonal: add(mul(draw.normal([n]), 0.1), 9),
    bands: add(draw.normal([3, n]), tensor([[0], [9], [0]])),
    angles: draw.normal([3]),
  };
}

export type Operands = ReturnType<typeof operands>;

export const KINDS = ['cholesky', 'lu', 'qr', 'ldlt'] as const;

/** A function of linalg, which way of calling it, and how. */
export type PublicCall = readonly [name: string, way: string, call: (o: Operands) => unknown];

const planes = { i: [0, 3, 1], j: [1, 2, 2] };

export const calls: readonly PublicCall[] = [
  ['cholesky', '', ({ definite }) => linalg.cholesky(definite)],
  ['lu', '', ({ a }) => linalg.lu(a)],
  ['lu', 'tall', ({ tall }) => linalg.lu(tall)],
  ['qr', '', ({ tall }) => linalg.qr(tall)],
  ['qr', 'pivot, complete', ({ tall }) => linalg.qr(tall, { pivot: true, mode: 'complete' })],
  ['ldlt', '', ({ symmetric, b }) => factored(linalg.ldlt(symmetric), b)],
  ...KINDS.map(
    (kind): PublicCall => [
      'factor',
      kind,
      ({ definite, b }) => factored(linalg.factor(definite, { kind }), b),
    ],
  ),
  ['eigh', '', ({ symmetric }) => linalg.eigh(symmetric)],
  ['eigh', 'jacobi', ({ symmetric }) => linalg.eigh(symmetric, { method: 'jacobi' })],
  ['eigvalsh', '', ({ symmetric }) => linalg.eigvalsh(symmetric)],
  ['svd', '', ({ tall }) => linalg.svd(tall)],
  ['svd', 'full', ({ tall }) => linalg.svd(tall, { full: true })],
  ['svdvals', 'jacobi', ({ tall }) => linalg.svdvals(tall, { method: 'jacobi' })],
  ['solve', '', ({ a, b }) => linalg.solve(a, b)],
  ['solve', 'a stack', ({ stack, B }) => linalg.solve(stack, B)],
  ['solve', 'definite', ({ definite, b }) => linalg.solve(definite, b, { assume: 'positiveDefinite' })],
  ['inv', '', ({ a }) => linalg.inv(a)],
  ['det', '', ({ a }) => linalg.det(a)],
  ['slogdet', '', ({ stack }) => linalg.slogdet(stack)],
  ['rcond', '', ({ a }) => linalg.rcond(a)],
  ['rcond', 'a stack', ({ stack }) => linalg.rcond(stack)],
  ['cond', '', ({ a }) => linalg.cond(a)],
  ['matrixRank', '', ({ a }) => linalg.matrixRank(a)],
  ['matrixRank', 'a stack', ({ stack }) => linalg.matrixRank(stack)],
  ...(['fro', 1, Infinity, 'max', 2, 'nuc'] as const).map(
    (order): PublicCall => ['norm', String(order), ({ a }) => linalg.norm(a, order)],
  ),
  ['trace', '', ({ a }) => linalg.trace(a)],
  ['pinv', '', ({ tall }) => linalg.pinv(tall)],
  ['lstsq', '', ({ tall, long }) => linalg.lstsq(tall, long)],
  ['lstsq', 'qr', ({ tall, long }) => linalg.lstsq(tall, long, { method: 'qr' })],
  ['expm', '', ({ a }) => linalg.expm(a)],
  ['symmetricFunction', '', ({ definite }) => linalg.symmetricFunction(definite, 'sqrt')],
  ['symmetricFunction', 'a function', ({ stack }) => linalg.symmetricFunction(stack, (x) => mul(x, x))],
  ['solveTriangular', '', ({ triangle, B }) => linalg.solveTriangular(triangle, B)],
  ['choleskyUpdate', '', ({ triangle, b }) => linalg.choleskyUpdate(triangle, b)],
  ['solveDiagonal', '', ({ diagonal, B }) => linalg.solveDiagonal(diagonal, B)],
  ['solveBlockDiagonal', '', ({ stack, sides }) => linalg.solveBlockDiagonal(stack, sides)],
  ['solveTridiagonal', '', ({ off, diagonal, B }) => linalg.solveTridiagonal(off, diagonal, off, B)],
  ['solveBanded', '', ({ bands, B }) => linalg.solveBanded(bands, { lower: 1, upper: 1 }, B)],
  ['givens', '', () => linalg.givens(3, 4)],
  ['applyGivens', '', ({ a, angles }) => linalg.applyGivens(a, { ...planes, angles })],
  ['cg', '', ({ definite, B }) => linalg.cg(definite, B).x],
  ['minres', '', ({ definite, B }) => linalg.minres(definite, B).x],
  ['gmres', '', ({ definite, B }) => linalg.gmres(definite, B).x],
  ['lsmr', '', ({ tall, long }) => linalg.lsmr(tall, long).x],
];

/** Everything that a factored matrix can do; the object goes whatever happens. */
function factored(f: ReturnType<typeof linalg.factor>, b: Tensor): unknown {
  const results: Tensor[] = [];
  try {
    results.push(f.solve(b));
    results.push(f.solveTranspose(b));
    results.push(f.inverse());
    results.push(f.det());
    results.push(f.logAbsDet());
    results.push(f.signDet());
    results.push(f.rcond());
    results.push(f.reconstruct());
    return results;
  } catch (error) {
    for (const result of results) result.dispose();
    throw error;
  } finally {
    f.dispose();
  }
}
