// cycle: windows of linear models against their closed forms, with every shift, masks, batches, methods, without B; what fails frees all.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  assimilation,
  ConvergenceError,
  dynamics,
  full,
  matmul,
  memory,
  mul,
  optim,
  random,
  reshape,
  scope,
  slice,
  stack,
  type Tensor,
  tensor,
} from '#src/index.js';
import { near, seed } from '../support/check.js';
import { diagonalOf, type Matrix, parabola, rowsOf, times } from '../support/linear-window.js';

const { covariance, cycle, incremental, linear } = assimilation;
const matrixOf = (x: Tensor) => rowsOf(x.toTypedArray(), x.shape[x.ndim - 1]);
const asTensor = (A: Matrix) => tensor(A.flat(), { shape: [A.length, A[0].length] });
const rowOf = (x: Tensor, i: number) => [...reshape(slice(x, [i], [i + 1]), x.shape.slice(1)).data()];

function model(rows: number) {
  const g = random(seed);
  const [n, p] = [4, 5];
  const M = mul(g.normal([n, n]), 0.7 / Math.sqrt(n));
  const H = g.normal([p, n]);
  const A = g.normal([n, n]);
  const Bm = add(matmul(A, A, { transposeB: true }), asTensor(diagonalOf(new Array(n).fill(0.3))));
  const r = g.uniform([p], { low: 0.5, high: 2 });
  const system = dynamics.system({ stateShape: [n], advance: (z) => matmul(z, M, { transposeB: true }) });
  const [y, xb] = [g.normal([rows, p]), g.normal([n])];
  return { system, operator: linear(H), M, H, Bm, r, y, xb };
}

test('every window is the minimum of its own problem, and its background the analysis before, advanced', () =>
  scope(() => {
    for (const [
      rows,
      window,
      shift,
    ] of [[8, 4, undefined], [9, 4, 2], [7, 3, 1], [5, 5, 5], [10, 3, 3], [4, 1, 1]] as const) // biome-ignore format: short
      for (const masked of [false, true])
        for (const [name, options] of Object.entries({
          'by default': {},
          incremental: { method: incremental({ innerTolerance: 1e-13 }) },
          preconditioned: { precondition: covariance.diagonal(2), method: optim.bfgs() },
        })) {
          const { system, operator, M, H, Bm, r, y, xb } = model(rows);
          const mask = tensor(Array.from({ length: rows * 5 }, (_, i) => Number(i % 3 !== 1)), { shape: [rows, 5] }); // biome-ignore format: short
          const c = cycle(
            {
              ...{ system, operator, observations: y, xb, window, ...(shift && { shift }) },
              ...{ B: covariance.dense(Bm), R: covariance.diagonal(r), ...(masked && { mask }) },
            },
            { gradientTolerance: 1e-10, ...options },
          );
          const by = shift ?? window;
          const count = Math.floor((rows - window) / by) + 1;
          assert.equal([c.analyses.shape, c.backgrounds.shape, c.solutions.length], [[count, 4], [count, 4], count]); // biome-ignore format: short
          let background = [...xb.data()];
          for (let w = 0; w < count; w++) {
            const at = Array.from({ length: window }, (_, i) => i);
            const part = (x: Tensor) => matrixOf(slice(x, [w * by], [w * by + window]));
            const form = parabola({
              ...{
                M: matrixOf(M),
                H: () => matrixOf(H),
                steps: at,
                y: part(y),
                R: diagonalOf([...r.data()]),
              },
              ...{ B: matrixOf(Bm), xb: background, ...(masked && { mask: part(mask) }) },
            });
            const what = `window ${w} of ${rows} rows, ${window} by ${shift}, ${name}, mask ${masked}`;
            near(rowOf(c.backgrounds, w), background, 1e-7, what);
            near(rowOf(c.analyses, w), form.best(), 1e-7, what);
            near(c.solutions[w].x.data(), rowOf(c.analyses, w), 0);
            background = form.best();
            for (let i = 0; i < by; i++) background = times(matrixOf(M), background);
          }
        }
  }));

test('without B the background is only where a window starts', () =>
  scope(() => {
    const { system, operator, y, xb, M, H } = model(6);
    const starts: number[][] = [];
    const c = cycle(
      { system, operator, observations: y, xb, window: 3 },
      { gradientTolerance: 1e-10, onIteration: ({ iteration, x }) => void (iteration === 1 && starts.push([...x.data()])) }, // biome-ignore format: short
    );
    for (const w of [0, 1]) {
      const at = [0, 1, 2];
      const form = parabola({
        ...{ M: matrixOf(M), H: () => matrixOf(H), steps: at, R: diagonalOf(new Array(5).fill(1)) },
        y: matrixOf(slice(y, [3 * w], [3 * w + 3])),
      });
      near(rowOf(c.analyses, w), form.best(), 1e-6);
      assert.is(c.solutions[w].terms.background, 0);
    }
    assert.is(starts.length, 2);
    // No iterations: analyses are the backgrounds, each the one before, advanced.
    const free = cycle({ system, operator, observations: y, xb, window: 2, shift: 1 }, { maxIterations: 0 });
    let x = [...xb.data()];
    for (let w = 0; w < 5; w++) {
      near(rowOf(free.analyses, w), x, 1e-13);
      x = times(matrixOf(M), x);
    }
  }));

test('a batch of times', () =>
  scope(() => {
    const { system, operator, y, xb, Bm } = model(6);
    const other = random(9).normal([6, 5]);
    const B = covariance.dense(Bm);
    const given = { system, operator, xb, B, window: 3 };
    const options = { gradientTolerance: 1e-10 };
    const both = cycle({ ...given, observations: stack([y, other], 0), xb: stack([xb, xb], 0) }, options);
    assert.equal(both.analyses.shape, [2, 2, 4]);
    const parts = [y, other].map((observations) => cycle({ ...given, observations }, options).analyses);
    for (const w of [0, 1])
      for (const i of [0, 1]) near(rowOf(both.analyses, w).slice(4 * i, 4 * i + 4), rowOf(parts[i], w), 1e-7);
  }));

test('what it returns is all that is left; a window that fails leaves nothing', () => {
  const { tensors } = memory();
  scope(() => {
    const { system, operator, y, xb } = model(6);
    const before = memory();
    const c = cycle({ system, operator, observations: y, xb, window: 2 });
    assert.is(memory().tensors, before.tensors + 2 + 3);
    for (const x of [c.analyses, c.backgrounds, ...c.solutions.map((s) => s.x)]) x.dispose();
    const explosive = dynamics.system({ stateShape: [4], advance: (z) => mul(z, 1e200) });
    const far = full([4], 1e200);
    const held = memory();
    assert.throws(
      () => cycle({ system: explosive, operator, observations: y, xb: far, window: 2 }),
      (error: unknown) => error instanceof ConvergenceError,
    );
    assert.equal([memory().tensors, memory().bytes], [held.tensors, held.bytes]);
  });
  assert.is(memory().tensors, tensors);
});

test.run();
