// Functions with derivatives of their own and iterative solvers as nodes: everywhere what plain operations give.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  checkpoint,
  compile,
  customVjp,
  div,
  grad,
  hessian,
  hvp,
  implicitRoot,
  jacfwd,
  jacrev,
  jvp,
  memory,
  mul,
  ones,
  random,
  scan,
  scope,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  trace,
  transpose,
  vjp,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';
import { type F, PAIRS, third } from '../support/opaque-functions.js';

const values = (x: Tensor) => Array.from(x.data());

function clean(work: () => void): void {
  const before = memory();
  scope(work);
  const after = memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes], 'nothing is left behind');
}

const SCALARS: Record<string, (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor> = {
  values: (f) => f,
  grad: (f) => grad((x: Tensor) => sum(sin(f(x)))) as F,
  jacfwd: (f) => jacfwd(f) as F,
  jacrev: (f) => jacrev(f) as F,
  jvp: (f) => (x) => jvp(f, [x], [tensor([0.3, -1])]).tangent as Tensor,
  vjp: (f) => (x) => vjp(f, x).pullback(tensor([0.3, -1]))[0] as Tensor,
  hvp: (f) => (x) => hvp((y: Tensor) => sum(sin(f(y))), x, tensor([1, 2])) as Tensor,
  hessian: (f) => hessian((x: Tensor) => sum(sin(f(x)))) as F,
  'grad of grad': (f) =>
    grad((x: Tensor) => sum(square(grad((y: Tensor) => sum(sin(f(y))))(x) as Tensor))) as F,
  checkpoint: (f) => grad((x: Tensor) => sum(sin(checkpoint(f)(x)))) as F,
  'scan and its gradient': (f) =>
    grad((x: Tensor) => {
      const step = (s: Tensor) => ({ carry: mul(0.3, tanh(f(s))), y: s });
      const { carry, ys } = scan(step, x, undefined, { length: 5 });
      return add(sum(sin(carry)), sum(ys));
    }) as F,
  'Hessian of scan': (f) =>
    hessian((x: Tensor) =>
      sum(scan((s: Tensor) => ({ carry: mul(0.3, tanh(f(s))) }), x, undefined, { length: 3 }).carry),
    ) as F,
};

for (const [name, { f, reference, tolerance = 1e-10 }] of Object.entries(PAIRS))
  test(`${name}: eager, compiled and traced`, () => {
    // What is made once with the function is made.
    const failures: string[] = [];
    for (const [what, transformed] of Object.entries(SCALARS)) {
      const attempt = (how: string, work: () => void) => {
        try {
          clean(work);
        } catch (error) {
          failures.push(`${what}, ${how}: ${(error as Error).message.slice(0, 300)}`);
        }
      };
      const x = tensor([0.4, 0.9]);
      const want = transformed(reference)(x);
      const bound = tolerance * Math.max(1, ...values(want).map(Math.abs));
      const [got, along, ct] = [transformed(f), tensor([1, -0.5]), random(1).normal(want.shape)];
      attempt('eager', () => near(values(got(x)), values(want), bound));
      attempt('compiled', () => {
        using plan = compile(got);
        near(values(plan(x)), values(want), bound);
        near(values(plan(x)), values(want), bound);
      });
      attempt('traced', () => {
        using graph = trace(got, x);
        near(values(graph.run(x)), values(want), bound);
        if (what !== 'values' && what !== 'grad') return;
        const tangent = jvp(transformed(reference), [x], [along]).tangent as Tensor;
        near(values(jvp(graph.run, [x], [along]).tangent), values(tangent), 10 * bound, 'jvp of the graph');
        const back = vjp(transformed(reference), x).pullback(ct)[0] as Tensor;
        near(values(vjp(graph.run, x).pullback(ct)[0]), values(back), 10 * bound, 'vjp of the graph');
      });
      for (const y of [x, want, along, ct]) y.dispose();
    }
    assert.equal(failures, []);
  });

test('a function with its own rule that uses what is differentiated is an error', () => {
  const f = (x: Tensor) => {
    const w = mul(x, 2);
    return sum(
      customVjp(
        (y: Tensor) => ({ value: mul(y, w), residuals: y }),
        (_: Tensor, ct: Tensor) => [mul(ct, 2)],
      )(sin(x)) as Tensor,
    );
  };
  const at = tensor([1, 2]);
  const message =
    /customVjp: the function uses a tensor that is differentiated and is not among its arguments/;
  rejects(() => grad(f)(at), ArgumentError, message);
  rejects(() => compile(grad(f))(at), ArgumentError, message);
  const graph = trace(f, at);
  rejects(() => grad(graph.run)(at), ArgumentError, message);
  graph.dispose();
  at.dispose();
});

test('rules that use tensors from around them follow those', () =>
  clean(() => {
    const w = tensor([1, 3]);
    const f = customVjp(
      (x: Tensor) => ({ value: mul(x, w), residuals: x }),
      (_: Tensor, ct: Tensor) => [mul(ct, w)],
    );
    const loop = (x: Tensor) =>
      sum(scan((s: Tensor) => ({ carry: sin(f(s) as Tensor) }), x, undefined, { length: 3 }).carry);
    for (const g of [grad((x: Tensor) => sum(f(x) as Tensor)), grad(loop), hessian(loop)]) {
      using plan = compile(g);
      const x = tensor([0.1, 0.2]);
      near(values(plan(x)), values(g(x)), 1e-14);
      w.data()[0] += 1;
      near(values(plan(x)), values(g(x)), 1e-14);
    }
  }));

test('residuals made in a scope around, and a solution of the user with no check, reach the way back', () =>
  clean(() => {
    const f = (x: Tensor) =>
      scope(() => {
        const c = mul(ones([2]), 3);
        return customVjp(
          (y: Tensor) => ({ value: mul(y, 3), residuals: c }),
          (r: Tensor, ct: Tensor) => [mul(ct, r)],
        )(x) as Tensor;
      });
    assert.equal(values(grad((x: Tensor) => sum(f(x)))(ones([2])) as Tensor), [3, 3]);
    const root = implicitRoot(
      (theta: Tensor, x: Tensor) => sub(mul(3, x), theta),
      (theta: Tensor) => div(theta, 3),
      { solve: (b: Tensor) => div(b, 3), tolerance: Number.POSITIVE_INFINITY },
    );
    near(values(grad((x: Tensor) => sum(root(x)))(ones([2])) as Tensor), [1 / 3, 1 / 3], 1e-15);
  }));

test('the node of an opaque function has its body', () =>
  clean(() => {
    using graph = trace((x: Tensor) => third(x) as Tensor, ones([2]));
    const nodes = graph.nodes.filter(({ kind }) => kind === 'operation');
    assert.equal(
      nodes.map(({ op }) => op),
      ['customVjp'],
    );
    assert.ok(nodes[0].body);
    assert.is(transpose(ones([2, 3])).shape[0], 3);
  }));

test.run();
