// Rows of linear algebra in plans: all memory is planned, so that not even the first run asks the heap.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runtime } from '#src/core/runtime.js';
import { flatten } from '#src/core/tree.js';
import {
  add,
  compile,
  defineOp,
  expandDims,
  eye,
  grad,
  hessian,
  linalg,
  log,
  matmul,
  memory,
  mul,
  NotPositiveDefiniteError,
  random,
  scope,
  slice,
  square,
  stack,
  stopGradient,
  sum,
  type Tensor,
  tensor,
} from '#src/index.js';
import { linalgOperations } from '#src/linalg/table.js';
import { near, rejects } from '../support/check.js';
import { heapUse } from '../support/heap.js';

const n = 40;
const definite = (x: Tensor) =>
  add(matmul(x, x, { transposeB: true }), linalg.solveDiagonal(tensor(Array(n).fill(1 / n)), eye(n)));

/** A function for every row; x is [n, n], y is [n]. */
const ROWS: Record<string, (x: Tensor, y: Tensor) => unknown> = {
  cholesky: (x) => linalg.cholesky(definite(x)),
  choleskyUpdate: (x, y) => linalg.choleskyUpdate(linalg.cholesky(definite(x)), y),
  cond: (x) => linalg.cond(definite(x)),
  det: (x) => linalg.det(mul(definite(x), 1 / n)),
  eigh: (x) => linalg.eigh(definite(x)),
  eigvalsh: (x) => linalg.eigvalsh(definite(x)),
  expm: (x) => linalg.expm(x),
  inv: (x) => linalg.inv(definite(x)),
  lstsq: (x, y) => linalg.lstsq(x, y, { method: 'qr' }).x,
  lu: (x) => linalg.lu(x),
  norm: (x) => linalg.norm(x, 1),
  pinv: (x) => linalg.pinv(definite(x)),
  qr: (x) => linalg.qr(x),
  slogdet: (x) => linalg.slogdet(x).logabsdet,
  solveBanded: (x, y) => linalg.solveBanded(add(stack([y, y, y], 0), 9), { lower: 1, upper: 1 }, x),
  solveDiagonal: (x, y) => linalg.solveDiagonal(add(y, 9), x),
  solve: (x, y) => linalg.solve(x, y),
  solveTriangular: (x, y) => linalg.solveTriangular(definite(x), y),
  solveTridiagonal: (x, y) => linalg.solveTridiagonal(slice(y, [1], [n]), add(y, 9), slice(y, [1], [n]), x),
  svd: (x) => linalg.svd(x),
  symmetricFunction: (x, y) => linalg.symmetricFunction(definite(x), (v) => mul(log(add(v, 1)), sum(y))),
  svdvals: (x) => linalg.svdvals(x),
  trace: (x) => linalg.trace(x),
  matrixRank: (x) => [linalg.matrixRank(expandDims(x, 0)), linalg.trace(x)],
  rcond: (x) => linalg.rcond(stopGradient(expandDims(definite(x), 0))),
  ...Object.fromEntries(
    (['cholesky', 'lu', 'qr', 'ldlt'] as const).map((kind) => [
      `factor ${kind}`,
      (x: Tensor, y: Tensor) => {
        const f = linalg.factor(definite(x), { kind });
        return [f.solve(y), f.inverse(), f.reconstruct(), f.logAbsDet()];
      },
    ]),
  ),
  applyGivens: (x, y) => linalg.applyGivens(x, { i: [0, 3, 1], j: [1, 2, 2], angles: slice(y, [0], [3]) }),
};

/** Everything in a tree as one number, so that there is a gradient. */
const total = (tree: unknown): Tensor =>
  flatten(tree)
    .leaves.filter(({ dtype }) => dtype !== 'i32')
    .map((leaf) => sum(square(leaf)))
    .reduce((a, b) => add(a, b));

const held = () => [memory().tensors, memory().bytes, runtime().heap.used];

test('every row and its gradient ask the heap for nothing from the second run on, and give what the function gives', () => {
  const [x, y] = [random(3).normal([n, n]), mul(random(4).normal([n]), 0.1)];
  const met = new Set<string>();
  scope(() => linalg.svd(x)); // what is made once is made
  for (const [name, row] of Object.entries(ROWS)) {
    for (const f of [row, grad((a: Tensor, b: Tensor) => total(row(a, b)))]) {
      const before = held();
      const plan = compile(f);
      let want: number[][] = [];
      const eager = heapUse(() => {
        want = scope(() => flatten(f(x, y)).leaves.map((leaf) => [...leaf.data()]));
      });
      const first = heapUse(() => void plan(x, y));
      for (let run = 2; run <= 4; run++)
        assert.is(heapUse(() => void plan(x, y)).calls, 0, `${name}, run ${run}`);
      flatten(plan(x, y)).leaves.forEach((leaf, i) => {
        const size = Math.max(...want[i].map(Math.abs));
        near(leaf.data(), want[i], 1e-9 * size, name);
      });
      for (const { op } of plan.graph?.steps ?? []) met.add(op.name);
      assert.ok(runtime().heap.used - before[2] <= plan.bytes + 64 * n, `${name}: bytes says what is held`);
      // Copies of constants beside them, and blocks of two sizes that an eager run has one after the other.
      assert.ok(first.peak <= 2 * eager.peak + 20_000, `${name}: ${first.peak} against ${eager.peak}`);
      plan.dispose();
      assert.equal(held(), before, name);
    }
  }
  assert.equal(
    linalgOperations.map(({ name }) => name).filter((name) => !met.has(name)),
    [],
  );
});

test('columns of a Hessian with factorizations in it: a program in a program', () => {
  const x = random(3).normal([6, 6]);
  const f = hessian((a: Tensor) => linalg.slogdet(add(matmul(a, a, { transposeB: true }), eye(6))).logabsdet);
  const want = scope(() => [...f(x).data()]);
  const before = held();
  const plan = compile(f);
  plan(x);
  assert.ok(plan.graph?.steps.some(({ op }) => op.name === 'columns'));
  for (let run = 0; run < 3; run++) assert.is(heapUse(() => void plan(x)).calls, 0);
  near(plan(x).data(), want, 1e-10);
  plan.dispose();
  assert.equal(held(), before);
});

test('what a step keeps is its own: valid after the run, counted, and freed to the heap', () => {
  const kept: Tensor[] = [];
  const keep = defineOp({
    name: 'keep',
    shape: ([x]) => x,
    run(out, [x]) {
      kept.push(mul(x, 2));
      scope(() => out.data().set(add(x, 1).data()));
    },
  });
  const x = tensor([1, 2, 3]);
  scope(() => keep(x));
  kept.pop()?.dispose();
  const before = held();
  const plan = compile((y: Tensor) => keep(y));
  for (let i = 0; i < 3; i++) plan(x);
  plan.dispose();
  for (const y of kept) assert.equal([...y.data()], [2, 4, 6]);
  assert.is(new Set(kept.map((y) => y.address)).size, 3);
  assert.is(memory().tensors, before[0] + 3);
  for (const y of kept) y.dispose();
  assert.equal(held(), before);
});

test('a step that throws leaves nothing lost, and the plan works on', () => {
  const before = held();
  const plan = compile((a: Tensor) => linalg.cholesky(linalg.inv(a)));
  scope(() => {
    const [good, bad] = [mul(eye(n), 2), mul(eye(n), -2)];
    plan(good);
    const used = runtime().heap.used;
    for (let i = 0; i < 3; i++) rejects(() => plan(bad), NotPositiveDefiniteError, /pivot 0/);
    assert.is(runtime().heap.used, used);
    assert.is(heapUse(() => void plan(good)).calls, 0);
    near([plan(good).data()[0]], [Math.SQRT1_2], 1e-15);
  });
  plan.dispose();
  assert.equal(held(), before);
});

test('a plan says what it holds of the heap, programs inside it included', () =>
  scope(() => {
    const [x, z] = [random(1).normal([n, n]), random(1).normal([300])];
    const plans = [
      [compile(hessian((y: Tensor) => sum(square(square(y))))), z],
      [compile((y: Tensor) => linalg.solve(definite(y), y)), x],
    ] as const;
    for (const [plan, argument] of plans) {
      const before = runtime().heap.used;
      plan(argument);
      const taken = runtime().heap.used - before;
      assert.ok(Math.abs(taken - plan.bytes) <= 2048, `${plan.bytes} bytes said, ${taken} taken`);
      plan.dispose();
      assert.is(runtime().heap.used, before);
    }
  }));

test.run();
