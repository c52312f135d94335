// scan: values and derivatives of a loop are those of the same operations written out.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flatten } from '#src/core/tree.js';
import {
  checkpoint,
  compile,
  grad,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jvp,
  memory,
  mul,
  random,
  reshape,
  type ScanOptions,
  scope,
  sum,
  type Tensor,
  trace,
  vjp,
} from '#src/index.js';
import { near } from '../support/check.js';
import { loops, RECURRENCES, type Recurrence, resultsOf } from '../support/recurrences.js';

type F = (theta: Tensor) => Tensor;

const start = (recurrence: Recurrence, steps: number) =>
  random(7).uniform([recurrence.size(steps)], { low: -0.8, high: 0.8 });

function same(got: Tensor, want: Tensor, tolerance: number, what: string): void {
  assert.equal([got.shape, got.dtype], [want.shape, want.dtype], what);
  const largest = Array.from(want.data()).reduce((m, v) => Math.max(m, Math.abs(v)), 1);
  near(got.data(), want.data(), tolerance * largest, what);
}

/** What is left behind by work, which must be nothing. */
function clean(work: () => void): void {
  const before = memory();
  scope(work);
  const after = memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes], 'nothing is left behind');
}

/** Transformations of a scalar function of a vector, as functions of the vector. */
const TRANSFORMED: Record<string, (f: F) => F> = {
  value: (f) => f,
  grad: (f) => grad(f) as F,
  jvp: (f) => (x) => jvp(f, [x], [random(1).normal(x.shape)]).tangent as Tensor,
  vjp: (f) => (x) => vjp(f, x).pullback(random(2).normal([]))[0] as Tensor,
  'jacfwd of f': (f) => jacfwd(f) as F,
  'jacrev of f': (f) => jacrev(f) as F,
  checkpoint: (f) => grad(checkpoint(f)) as F,
  hvp: (f) => (x) => hvp(f, x, random(3).normal(x.shape)) as Tensor,
  'grad of grad': (f) => grad((x: Tensor) => sum(mul(grad(f)(x), random(4).normal(x.shape)))) as F,
  'grad of jvp': (f) => grad((x: Tensor) => jvp(f, [x], [random(5).normal(x.shape)]).tangent as Tensor) as F,
  'jvp of jvp': (f) => (x) =>
    jvp((y: Tensor) => jvp(f, [y], [random(6).normal(x.shape)]).tangent, [x], [random(7).normal(x.shape)])
      .tangent as Tensor,
};

const HEAVY: Record<string, (f: F) => F> = {
  hessian: (f) => hessian(f) as F,
  'jacrev of grad': (f) => jacrev(grad(f) as F) as F,
  'third order': (f) =>
    grad((x: Tensor) =>
      sum(mul(hvp(f, x, random(8).normal(x.shape)) as Tensor, random(9).normal(x.shape))),
    ) as F,
};

for (const recurrence of RECURRENCES) {
  for (const reverse of [false, true]) {
    const named = `${recurrence.name}${reverse ? ', in reverse' : ''}`;
    test(`${named}: values`, () =>
      clean(() => {
        for (const steps of [1, 2, 5]) {
          const theta = start(recurrence, steps);
          const run = (loop: typeof loops.scan) => flatten(recurrence.run(loop, theta, steps, { reverse }));
          const [got, want] = [run(loops.scan), run(loops.unrolled)];
          assert.is(got.structure.text, want.structure.text);
          got.leaves.forEach((leaf, i) => void same(leaf, want.leaves[i], 1e-14, `leaf ${i}`));
        }
      }));

    for (const [name, transformed] of Object.entries({ ...TRANSFORMED, ...HEAVY }))
      test(`${named}: ${name}, eager, compiled and traced`, () =>
        clean(() => {
          const steps = name in HEAVY ? 3 : 5;
          const theta = start(recurrence, steps);
          const [f, g] = [loops.scan, loops.unrolled].map((loop) =>
            transformed(resultsOf(recurrence, loop, steps, { reverse })),
          );
          const { tolerance } = recurrence;
          const want = g(theta);
          same(f(theta), want, tolerance, 'eager');
          using plan = compile(f);
          same(plan(theta), want, tolerance, 'compiled');
          same(plan(theta), want, tolerance, 'compiled, again');
          using graph = trace(f, theta);
          same(graph.run(theta) as Tensor, want, tolerance, 'traced');
          if (!(name in TRANSFORMED) || recurrence.tolerance > 1e-5) return;
          const along = random(10).normal(theta.shape);
          const tangent = jvp(g, [theta], [along]).tangent as Tensor;
          const ran = (x: Tensor) => graph.run(x) as Tensor;
          same(jvp(ran, [theta], [along]).tangent as Tensor, tangent, 10 * tolerance, 'jvp of the graph');
          const ct = random(11).normal(want.shape);
          const back = vjp(g, theta).pullback(ct)[0] as Tensor;
          same(vjp(ran, theta).pullback(ct)[0] as Tensor, back, 10 * tolerance, 'vjp of the graph');
        }));
  }
}

const SCHEDULES: NonNullable<ScanOptions['checkpoint']>[] = [
  'none',
  'sqrt',
  'binomial',
  'log',
  { snapshots: 1 },
  { snapshots: 2 },
  { snapshots: 5 },
];

for (const schedule of SCHEDULES)
  test(`gradients with checkpoint ${JSON.stringify(schedule)}, for all lengths`, () =>
    clean(() => {
      for (const recurrence of RECURRENCES.slice(0, 4)) {
        for (const steps of [0, 1, 2, 7, 10, 100]) {
          for (const reverse of [false, true]) {
            const what = `${recurrence.name}, ${steps} steps${reverse ? ' in reverse' : ''}`;
            const theta = mul(start(recurrence, steps), steps > 20 ? 0.3 : 1);
            const [f, g] = [loops.scan, loops.unrolled].map((loop) =>
              grad(resultsOf(recurrence, loop, steps, { reverse, checkpoint: schedule })),
            );
            const want = g(theta) as Tensor;
            same(f(theta) as Tensor, want, 10 * recurrence.tolerance, `${what}, eager`);
            using plan = compile(f);
            same(plan(theta) as Tensor, want, 10 * recurrence.tolerance, `${what}, compiled`);
          }
        }
      }
    }));

test('a plan in a plan, and vectors of results', () =>
  clean(() => {
    const steps = 4;
    for (const recurrence of RECURRENCES) {
      const theta = start(recurrence, steps);
      const vector = (loop: typeof loops.scan) => (x: Tensor) => {
        const { leaves } = flatten(recurrence.run(loop, x, steps).carry);
        return reshape(leaves[0], [-1]);
      };
      using inner = compile(vector(loops.scan));
      using plan = compile((x: Tensor) => jacrev((y: Tensor) => mul(inner(y), 2))(x) as Tensor);
      const want = jacfwd((y: Tensor) => mul(vector(loops.unrolled)(y), 2))(theta) as Tensor;
      same(plan(theta), want, recurrence.tolerance, recurrence.name);
      same(jacfwd(inner)(theta) as Tensor, mul(want, 0.5), recurrence.tolerance, recurrence.name);
    }
  }));

test.run();
