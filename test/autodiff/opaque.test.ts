// Functions with derivatives of their own and iterative solvers as nodes: everywhere what plain operations give.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  checkpoint,
  compile,
  cos,
  customJvp,
  customVjp,
  div,
  exp,
  grad,
  hessian,
  hvp,
  implicitRoot,
  jacfwd,
  jacrev,
  jvp,
  linalg,
  log,
  matmul,
  memory,
  mul,
  ones,
  random,
  scan,
  scope,
  sin,
  slice,
  sqrt,
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

type F = (x: Tensor) => Tensor;

const values = (x: Tensor) => Array.from(x.data());

function clean(work: () => void): void {
  const before = memory();
  scope(work);
  const after = memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes], 'nothing is left behind');
}

const head = (x: Tensor) => slice(x, [0], [1]);
const eye2 = () => tensor([1, 0, 0, 1], { shape: [2, 2] });
const matrixOf = (x: Tensor) =>
  add(mul(mul(0.1, sum(x)), eye2()), tensor([3, 0.5, 0.5, 2], { shape: [2, 2] }));

/** Vectors of two to vectors of two: an opaque function, and the same in plain operations. */
const PAIRS: Record<string, { f: F; reference: F; tolerance?: number }> = {
  customVjp: {
    f: customVjp(
      (x: Tensor) => ({ value: mul(x, sin(x)), residuals: { x, s: sin(x) } }),
      ({ x, s }: { x: Tensor; s: Tensor }, ct: Tensor) => [mul(ct, add(s, mul(x, cos(x))))],
    ) as F,
    reference: (x) => mul(x, sin(x)),
  },
  'customVjp of trees': {
    f: (x) => {
      const { p, q } = customVjp(
        ({ a }: { a: Tensor }, [b]: Tensor[]) => ({
          value: { p: mul(a, b), q: [add(a, square(b))] },
          residuals: [a, b],
        }),
        ([a, b]: Tensor[], { p, q: [q] }: { p: Tensor; q: Tensor[] }) => [
          { a: add(mul(p, b), q) },
          [add(mul(p, a), mul(q, mul(2, b)))],
        ],
      )({ a: sin(x) }, [x]) as { p: Tensor; q: Tensor[] };
      return add(p, mul(q[0], p));
    },
    reference: (x) => {
      const [p, q] = [mul(sin(x), x), add(sin(x), square(x))];
      return add(p, mul(q, p));
    },
  },
  'customVjp whose residual is its value, and one made outside': {
    f: (() => {
      const two = tensor([2, 2]);
      return customVjp(
        (x: Tensor) => {
          const value = exp(mul(x, 2));
          return { value, residuals: [value, two] };
        },
        ([y, c]: Tensor[], ct: Tensor) => [mul(ct, mul(c, y))],
      ) as F;
    })(),
    reference: (x) => exp(mul(x, 2)),
  },
  customJvp: {
    f: customJvp(
      (x: Tensor) => mul(exp(x), x),
      ([x]: Tensor[], [t]: Tensor[]) => {
        const y = exp(x);
        return { value: mul(y, x), tangent: mul(t, add(y, mul(y, x))) };
      },
    ) as F,
    reference: (x) => mul(exp(x), x),
  },
  'an opaque function in an opaque function': {
    f: customVjp(
      (x: Tensor) => ({ value: mul(third(x), x), residuals: x }),
      (x: Tensor, ct: Tensor) => [mul(ct, mul(div(4, 3), third(mul(x, Math.cbrt(3)))))],
    ) as F,
    reference: (x) => div(square(square(x)), 3),
  },
  'implicitRoot of a solver in operations': {
    f: implicitRoot(
      (theta: Tensor, x: Tensor) => sub(mul(x, x), add(square(theta), 1)),
      (theta: Tensor) => sqrt(add(square(theta), 1)),
    ) as F,
    reference: (x) => sqrt(add(square(x), 1)),
  },
  'implicitRoot of a solver that reads values': {
    f: implicitRoot(
      (theta: Tensor, x: Tensor) => sub(exp(x), add(square(theta), 1)),
      (theta: Tensor) => tensor(values(theta).map((t) => Math.log(t * t + 1))),
    ) as F,
    reference: (x) => log(add(square(x), 1)),
  },
  'implicitRoot with like': {
    f: (x) =>
      mul(
        x,
        implicitRoot(
          (theta: Tensor, r: Tensor) => sub(mul(r, r), sum(square(theta))),
          (theta: Tensor) => tensor(Math.hypot(...values(theta))),
          { like: () => ({ shape: [] }) },
        )(x),
      ),
    reference: (x) => mul(x, sqrt(sum(square(x)))),
  },
  'implicitRoot whose F closes over what is differentiated': {
    f: (x) => {
      const w = add(square(x), 1);
      return implicitRoot(
        (theta: Tensor, y: Tensor) => sub(mul(y, w), theta),
        (theta: Tensor) => div(theta, w),
      )(sin(x));
    },
    reference: (x) => div(sin(x), add(square(x), 1)),
  },
  'implicitRoot by gmres, by cg, and by a solver of the user': {
    f: (x) => {
      const [F, solver] = [
        (theta: Tensor, y: Tensor) => sub(add(mul(2, y), mul(0.5, tanh(y))), theta),
        (theta: Tensor) => {
          let y = mul(theta, 0.4);
          for (let i = 0; i < 40; i++) y = div(sub(theta, mul(0.5, tanh(y))), 2);
          return y;
        },
      ];
      const tight = { linearTolerance: 1e-13 };
      const solve = (b: Tensor, _: boolean, { x: at }: { x: Tensor }) =>
        div(b, sub(2.5, mul(0.5, square(tanh(at)))));
      return add(
        add(
          implicitRoot(F, solver, { linearSolver: 'gmres', ...tight })(x),
          implicitRoot(F, solver, { linearSolver: 'cg', ...tight })(mul(x, 2)),
        ),
        implicitRoot(F, solver, { solve })(mul(x, 3)),
      );
    },
    reference: (x) => {
      const root = (theta: Tensor) => {
        let y = mul(theta, 0.4);
        for (let i = 0; i < 40; i++) y = div(sub(theta, mul(0.5, tanh(y))), 2);
        return y;
      };
      return add(add(root(x), root(mul(x, 2))), root(mul(x, 3)));
    },
    tolerance: 1e-8,
  },
  'implicitRoot by gmres of a linear F': {
    f: implicitRoot(
      (theta: Tensor, y: Tensor) => sub(mul(y, 3), theta),
      (theta: Tensor) => div(theta, 3),
      { linearSolver: 'gmres' },
    ) as F,
    reference: (x) => div(x, 3),
  },
};

/** x³ / 3. */
const third = customVjp(
  (x: Tensor) => ({ value: div(mul(x, square(x)), 3), residuals: x }),
  (x: Tensor, ct: Tensor) => [mul(ct, square(x))],
);

const exact = { tolerance: 1e-14 };
for (const method of ['cg', 'minres', 'gmres'] as const) {
  const solve = linalg[method];
  PAIRS[`${method} of a matrix`] = {
    f: (x) => solve(matrixOf(x), sin(x), exact).x,
    reference: (x) => linalg.solve(matrixOf(x), sin(x)),
    tolerance: 1e-9,
  };
  PAIRS[`${method} of a function`] = {
    f: (x) => {
      const a = matrixOf(x);
      return solve((z) => matmul(a, z), sin(x), exact).x;
    },
    reference: (x) => linalg.solve(matrixOf(x), sin(x)),
    tolerance: 1e-9,
  };
  PAIRS[`${method} of a function that captures nothing`] = {
    f: (x) => solve((z) => mul(z, 2), sin(x), exact).x,
    reference: (x) => div(sin(x), 2),
    tolerance: 1e-9,
  };
  PAIRS[`${method} with a preconditioner and a start`] = {
    f: (x) => {
      const a = matrixOf(x);
      return solve(a, x, {
        ...exact,
        preconditioner: (r) => div(r, add(2, square(head(x)))),
        x0: mul(x, 0.3),
      }).x;
    },
    reference: (x) => linalg.solve(matrixOf(x), x),
    tolerance: 1e-9,
  };
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
