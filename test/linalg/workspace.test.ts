// Workspace: what every routine takes of the heap beyond its results, in n² elements; the table is in docs/kernels.md.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { add, eye, linalg, matmul, mul, random, scope, type Tensor, transpose } from '#src/index.js';
import { heapUse } from '../support/heap.js';

/** A copy and twice as much to work in. */
const RULE = 3;

const KINDS = ['cholesky', 'lu', 'qr', 'ldlt'] as const;

/** One matrix, right sides and parameters, made once for all calls. */
function operands(n: number) {
  const draw = random(1);
  const a = draw.normal([n, n]);
  const definite = add(matmul(a, a, { transposeB: true }), mul(eye(n), n));
  const pairs = Array.from({ length: n * n }, (_, t) => [Math.floor(t / n), t % n]).filter(([i, j]) => i < j);
  return {
    a,
    b: draw.normal([n]),
    B: draw.normal([n, n]),
    symmetric: add(a, transpose(a)),
    definite,
    triangle: linalg.cholesky(definite),
    off: draw.normal([n - 1]),
    diagonal: add(mul(draw.normal([n]), 0.1), 9),
    bands: draw.normal([17, n]),
    blocks: draw.normal([8, n / 8, n / 8]),
    rotations: {
      i: pairs.map(([i]) => i),
      j: pairs.map(([, j]) => j),
      angles: pairs.map((_, t) => t / 100),
    },
    factors: Object.fromEntries(KINDS.map((kind) => [kind, linalg.factor(definite, { kind })])),
  };
}

type Call = (o: ReturnType<typeof operands>) => unknown;

/** A function of linalg, what of it is called, and how. */
const table: [string, string, Call][] = [
  ['cholesky', '', ({ definite }) => linalg.cholesky(definite)],
  ['lu', '', ({ a }) => linalg.lu(a)],
  ['qr', '', ({ a }) => linalg.qr(a)],
  ['qr', 'pivot', ({ a }) => linalg.qr(a, { pivot: true })],
  ['qr', 'complete', ({ a }) => linalg.qr(a, { mode: 'complete' })],
  ['ldlt', '', ({ symmetric }) => linalg.ldlt(symmetric)],
  ['eigh', '', ({ symmetric }) => linalg.eigh(symmetric)],
  ['eigh', 'jacobi', ({ symmetric }) => linalg.eigh(symmetric, { method: 'jacobi' })],
  ['eigvalsh', '', ({ symmetric }) => linalg.eigvalsh(symmetric)],
  ['svd', '', ({ a }) => linalg.svd(a)],
  ['svd', 'full', ({ a }) => linalg.svd(a, { full: true })],
  ['svd', 'jacobi', ({ a }) => linalg.svd(a, { method: 'jacobi' })],
  ['svdvals', '', ({ a }) => linalg.svdvals(a)],
  ['svdvals', 'jacobi', ({ a }) => linalg.svdvals(a, { method: 'jacobi' })],
  ...KINDS.flatMap(verbs),
  ['solve', '', ({ a, b }) => linalg.solve(a, b)],
  ['solve', 'n right sides', ({ a, B }) => linalg.solve(a, B)],
  [
    'solve',
    'positive definite',
    ({ definite, b }) => linalg.solve(definite, b, { assume: 'positiveDefinite' }),
  ],
  ['inv', '', ({ a }) => linalg.inv(a)],
  ['det', '', ({ a }) => linalg.det(a)],
  ['slogdet', '', ({ a }) => linalg.slogdet(a)],
  ['rcond', '', ({ a }) => linalg.rcond(a)],
  ['cond', '', ({ a }) => linalg.cond(a)],
  ['matrixRank', '', ({ a }) => linalg.matrixRank(a)],
  ['norm', '', ({ a }) => (['fro', 1, Infinity, 'max'] as const).map((order) => linalg.norm(a, order))],
  ['trace', '', ({ a }) => linalg.trace(a)],
  ['pinv', '', ({ a }) => linalg.pinv(a)],
  ['lstsq', '', ({ a, b }) => linalg.lstsq(a, b)],
  ['lstsq', 'n right sides', ({ a, B }) => linalg.lstsq(a, B)],
  ['lstsq', 'qr', ({ a, b }) => linalg.lstsq(a, b, { method: 'qr' })],
  ['expm', '', ({ a }) => linalg.expm(a)],
  ['symmetricFunction', '', ({ definite }) => linalg.symmetricFunction(definite, 'sqrt')],
  ['solveTriangular', 'n right sides', ({ triangle, B }) => linalg.solveTriangular(triangle, B)],
  ['choleskyUpdate', '', ({ triangle, b }) => linalg.choleskyUpdate(triangle, b)],
  ['solveDiagonal', 'n right sides', ({ diagonal, B }) => linalg.solveDiagonal(diagonal, B)],
  ['solveBlockDiagonal', 'n right sides', ({ blocks, B }) => linalg.solveBlockDiagonal(blocks, B)],
  [
    'solveTridiagonal',
    'n right sides',
    ({ off, diagonal, B }) => linalg.solveTridiagonal(off, diagonal, off, B),
  ],
  ['solveBanded', 'n right sides', ({ bands, B }) => linalg.solveBanded(bands, { lower: 8, upper: 8 }, B)],
  ['givens', '', () => linalg.givens(3, 4)],
  ['applyGivens', 'n (n - 1) / 2 rotations', ({ a, rotations }) => linalg.applyGivens(a, rotations)],
  ...iterative('cg', linalg.cg),
  ...iterative('minres', linalg.minres),
  ...iterative('gmres', linalg.gmres),
  ...iterative('lsmr', linalg.lsmr),
];

/** Everything that a factored matrix can do. */
function verbs(kind: (typeof KINDS)[number]): [string, string, Call][] {
  const of = (o: ReturnType<typeof operands>) => o.factors[kind];
  return [
    ['factor', kind, ({ definite }) => linalg.factor(definite, { kind })],
    ['factor', `${kind}, solve, n right sides`, (o) => of(o).solve(o.B)],
    ['factor', `${kind}, solveTranspose, n right sides`, (o) => of(o).solveTranspose(o.B)],
    ['factor', `${kind}, inverse`, (o) => of(o).inverse()],
    ['factor', `${kind}, reconstruct`, (o) => of(o).reconstruct()],
    ['factor', `${kind}, rcond`, (o) => of(o).rcond()],
    ['factor', `${kind}, det`, (o) => [of(o).det(), of(o).signDet(), of(o).logAbsDet()]],
  ];
}

function iterative(name: string, solve: (a: Tensor, b: Tensor) => unknown): [string, string, Call][] {
  return [
    [name, '', ({ definite, b }) => solve(definite, b)],
    [name, 'n right sides', ({ definite, B }) => solve(definite, B)],
  ];
}

/**
 * What a call takes beyond its results at the highest point, in n² elements of f64. VERBOSE=1 prints it, at n = SIZE.
 */
function workspaceOf(call: Call, o: ReturnType<typeof operands>): number {
  const { peak, kept } = heapUse(() => call(o));
  return (peak - kept) / (8 * o.a.size);
}

test('no routine takes more than 3 n² beyond its results', () =>
  scope(() => {
    const o = operands(Number(process.env.SIZE ?? 256));
    const over: string[] = [];
    for (const [name, what, call] of table) {
      const taken = workspaceOf(call, o);
      const row = `${name}${what && `, ${what}`}: ${taken.toFixed(2)} n²`;
      if (process.env.VERBOSE) console.log(row);
      if (!(taken <= RULE)) over.push(row);
    }
    for (const f of Object.values(o.factors)) f.dispose();
    assert.equal(over, []);
  }));

test('every function is in the table', () => {
  const names = new Set(table.map(([name]) => name));
  assert.equal([...names].sort(), Object.keys(linalg).sort());
});

test.run();
