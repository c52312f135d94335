// implicitRoot: against formulas, unrolled iterations and differences, in both modes and to second order, by every linear solver.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  ConvergenceError,
  compile,
  DTypeError,
  div,
  exp,
  eye,
  grad,
  hessian,
  type ImplicitOptions,
  implicitRoot,
  jacfwd,
  jacobian,
  jacrev,
  jvp,
  linalg,
  matmul,
  memory,
  mul,
  ones,
  random,
  ShapeError,
  SingularMatrixError,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
  vjp,
  zeros,
} from '#src/index.js';
import { Tracer } from '#src/ops/tracer.js';
import { near, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

/** Newton's method on values: any F that `implicitRoot` takes. */
function newton(F: (theta: Tensor, x: Tensor) => Tensor, start: (theta: Tensor) => Tensor) {
  return (theta: Tensor): Tensor => {
    let x = start(theta);
    for (let i = 0; i < 60; i++) {
      const step = linalg.solve(jacfwd(F, 1)(theta, x), F(theta, x));
      x = sub(x, step);
      if (Math.max(...step.data().map(Math.abs)) < 1e-15) break;
    }
    return x;
  };
}

test('the Babylonian square root: unrolled and implicit agree, first, second and third derivatives', () => {
  scope(() => {
    const babylonian = (theta: Tensor): Tensor => {
      let y: Tensor = theta;
      for (let i = 0; i < 12; i++) y = mul(0.5, add(y, div(theta, y)));
      return y;
    };
    const root = implicitRoot((theta: Tensor, x: Tensor) => sub(mul(x, x), theta), babylonian);
    for (const value of [0.3, 2, 9]) {
      const theta = tensor(value);
      near([root(theta).item()], [Math.sqrt(value)], 1e-15);
      let [a, b] = [root as (x: Tensor) => Tensor, babylonian];
      for (const want of [0.5 * value ** -0.5, -0.25 * value ** -1.5, 0.375 * value ** -2.5]) {
        [a, b] = [grad(a), grad(b)];
        near([a(theta).item(), b(theta).item()], [want, want], 1e-11 * Math.abs(want));
      }
    }
    near([grad(root)(4).item()], [0.25], 1e-15);
    // The iteration that is unrolled in the lecture notes, one Jacobian per step, is not needed.
    checkDerivatives(root, [tensor(2)]);
  });
});

test('ridge regression (dissertation, equations (48) to (53)): dx/dlambda = -(AᵀA + lambda I)⁻¹ x', () => {
  scope(() => {
    const [A, b] = [random(1).normal([20, 5]), random(2).normal([20])];
    const gram = matmul(transpose(A), A);
    const right = matmul(transpose(A), b);
    const F = (lambda: Tensor, x: Tensor) => sub(add(matmul(gram, x), mul(lambda, x)), right);
    const solver = (lambda: Tensor) => linalg.solve(add(gram, mul(lambda, eye(5))), right);
    const x = implicitRoot(F, solver);
    const lambda = tensor(0.7);
    const matrix = add(gram, mul(lambda, eye(5)));
    const want = linalg.solve(matrix, x(lambda));
    for (const kind of [jacfwd, jacrev, jacobian]) near(kind(x)(lambda).data(), mul(want, -1).data(), 1e-14);
    // d²x/dlambda² = 2 (AᵀA + lambda I)⁻² x
    near(jacfwd(jacfwd(x))(lambda).data(), mul(2, linalg.solve(matrix, want)).data(), 1e-14);
    near(jacrev(jacrev(x))(lambda).data(), mul(2, linalg.solve(matrix, want)).data(), 1e-14);
    checkDerivatives(x, [lambda]);
  });
});

/** A system with a positive definite ∂F/∂x in which theta stands everywhere. */
const coupled = (n: number) => {
  const a = random(n).normal([n, n]);
  const definite = add(mul(0.1, matmul(transpose(a), a)), eye(n));
  const F = (theta: { s: Tensor; t: Tensor }, x: Tensor) =>
    sub(add(matmul(definite, x), mul(theta.s, mul(x, square(x)))), exp(mul(0.3, theta.t)));
  const theta = { s: tensor(0.4), t: random(n + 1).normal([n]) };
  const value = (p: typeof theta) =>
    newton(
      (_, x) => F(p, x),
      () => zeros([n]),
    )(p.s);
  return { F, theta, value };
};

const SOLVERS: Record<string, ImplicitOptions> = {
  default: {},
  dense: { linearSolver: 'dense' },
  cg: { linearSolver: 'cg', linearTolerance: 1e-14 },
  gmres: { linearSolver: 'gmres', linearTolerance: 1e-14 },
};

for (const [name, options] of Object.entries(SOLVERS)) {
  test(`a nonlinear system with trees, by ${name}: differences, and second order`, () => {
    scope(() => {
      const { F, theta, value } = coupled(4);
      checkDerivatives(implicitRoot(F, value, options), [theta]);
    });
  });
}

test('a solver of the user’s own sees the transposed systems and the point', () => {
  scope(() => {
    const { F, theta, value } = coupled(3);
    const seen = new Set<boolean>();
    const solve = (b: Tensor, isTransposed: boolean, at: { theta: typeof theta; x: Tensor }) => {
      seen.add(isTransposed);
      const a = jacfwd(F, 1)(at.theta, at.x) as Tensor;
      return linalg.solve(isTransposed ? transpose(a) : a, b);
    };
    checkDerivatives(implicitRoot(F, value, { solve }), [theta]);
    assert.is(seen.size, 2);
  });
});

test('trees of unknowns of several shapes, and equations shaped otherwise', () => {
  scope(() => {
    const F = (theta: Tensor, { u, v }: { u: Tensor; v: Tensor[] }) => [
      sub(add(mul(u, 2), mul(0.1, sum(v[0]))), theta),
      transpose(sub(add(v[0], mul(0.2, mul(v[0], u))), ones([2, 2]))),
    ];
    const value = (theta: Tensor) => {
      // u from a scalar equation: all entries of v are 1/(1 + 0.2 u).
      let u = 0;
      for (let i = 0; i < 200; i++) u = (theta.item() - 0.1 * (4 / (1 + 0.2 * u))) / 2;
      const v = 1 / (1 + 0.2 * u);
      return {
        u: tensor(u),
        v: [
          tensor([
            [v, v],
            [v, v],
          ]),
        ],
      };
    };
    const x = implicitRoot(F, value);
    checkDerivatives(x, [tensor(1.3)]);
    assert.equal(x(tensor(1.3)).v[0].shape, [2, 2]);
  });
});

test('the solver sees plain values at any depth, and runs once per evaluation', () => {
  scope(() => {
    let [calls, traced] = [0, 0];
    const root = implicitRoot(
      (theta: Tensor, x: Tensor) => sub(mul(x, x), theta),
      (theta: Tensor, start: Tensor) => {
        calls++;
        if (theta instanceof Tracer || start instanceof Tracer) traced++;
        return tensor(Math.sqrt(theta.item()));
      },
    );
    const f = (theta: Tensor) => root(theta, theta);
    near([grad(grad(grad(f)))(tensor(2)).item()], [0.375 * 2 ** -2.5], 1e-13);
    near(
      [jvp((t: Tensor) => grad(f)(t), [tensor(2)], [tensor(1)]).tangent.item()],
      [-0.25 * 2 ** -1.5],
      1e-13,
    );
    assert.equal([calls, traced], [2, 0]);
  });
});

test('integers in theta are constants, unused parameters have zeros', () => {
  scope(() => {
    const x = implicitRoot(
      (p: { k: Tensor; a: Tensor; unused: Tensor }, y: Tensor) => sub(mul(y, p.k.item()), p.a),
      (p: { k: Tensor; a: Tensor }) => div(p.a, p.k.item()),
    );
    const k = tensor(4, { dtype: 'i32' });
    const g = grad((a: Tensor, unused: Tensor) => sum(x({ k, a, unused })), [0, 1])(
      tensor([1, 2]),
      ones([3]),
    );
    assert.equal(
      [g[0].toArray(), g[1].toArray()],
      [
        [0.25, 0.25],
        [0, 0, 0],
      ],
    );
  });
});

test('hessians of losses on the solution: a bilevel problem', () => {
  scope(() => {
    const { F, theta, value } = coupled(4);
    const x = implicitRoot(F, value);
    const loss = (t: Tensor) => sum(square(x({ ...theta, t })));
    const h = hessian(loss)(theta.t);
    near(h.data(), jacrev(grad(loss))(theta.t).data(), 1e-12);
    near(h.data(), transpose(h).data(), 1e-12);
  });
});

test('a thousand unknowns without a matrix', () => {
  scope(() => {
    const n = 1000;
    const d = add(1, square(random(1).normal([n])));
    const F = (theta: Tensor, x: Tensor) => sub(add(mul(d, x), mul(0.01, sum(x))), mul(theta, d));
    // Sherman and Morrison: (D + 0.01 1 1ᵀ) x = theta d.
    const solver = (theta: Tensor) => {
      const inverse = div(1, d);
      const s = (0.01 * theta.item() * n) / (1 + 0.01 * sum(inverse).item());
      return sub(theta, mul(s, inverse));
    };
    for (const linearSolver of ['cg', 'gmres'] as const) {
      const x = implicitRoot(F, solver, { linearSolver });
      near(grad((t: Tensor) => sum(x(t)))(tensor(3)).data(), [sum(x(tensor(1))).item()], 1e-6 * n);
      near(jvp(x, [tensor(3)], [tensor(1)]).tangent.data(), x(tensor(1)).data(), 1e-9);
    }
  });
});

test('in f32, and in compiled programs where the solver is made of operations', () => {
  scope(() => {
    const F = (theta: Tensor, x: Tensor) => sub(mul(x, x), theta);
    const root = implicitRoot(F, (theta: Tensor) => {
      let y: Tensor = theta;
      for (let i = 0; i < 8; i++) y = mul(0.5, add(y, div(theta, y)));
      return y;
    });
    const g = grad((t: Tensor) => sum(root(t)))(tensor([4, 9], { dtype: 'f32' }));
    assert.is(g.dtype, 'f32');
    near(g.data(), [0.25, 1 / 6], 1e-7);
    using plan = compile(grad((t: Tensor) => sum(root(t))));
    near(plan(tensor([4, 9])).data(), [0.25, 1 / 6], 1e-14);
  });
});

test('a solver that has not converged is an error, with the residual', () => {
  const theta = tensor(2);
  const F = (t: Tensor, x: Tensor) => sub(mul(x, x), t);
  const far = implicitRoot(F, () => tensor(1.5));
  rejects(
    () => scope(() => void far(theta)),
    ConvergenceError,
    /^implicitRoot: F must be 0 at what solver gives, got 2\.50e-1/,
  );
  rejects(() => scope(() => void grad(far)(theta)), ConvergenceError, /let the solver converge/);
  try {
    scope(() => void far(theta));
  } catch (error) {
    assert.is((error as ConvergenceError).residual, 0.25);
  }
  const nan = implicitRoot(F, () => tensor(Number.NaN));
  rejects(() => scope(() => void nan(theta)), ConvergenceError, /got NaN/);
  scope(() => {
    const loose = implicitRoot(F, () => tensor(1.5), { tolerance: Number.POSITIVE_INFINITY });
    near([grad(loose)(theta).item()], [1 / 3], 1e-15);
    // Near enough passes: solvers stop at tolerances of their own; and so does exactly 0.
    implicitRoot(F, () => tensor(Math.SQRT2 * (1 + 1e-7)))(theta);
    implicitRoot(
      (t: Tensor, x: Tensor) => sub(x, mul(t, 0)),
      () => zeros([3]),
    )(theta);
    implicitRoot(
      (t: Tensor, x: Tensor) => sub(x, mul(t, 0)),
      () => tensor(1e-12),
    )(theta);
  });
  theta.dispose();
});

test('errors, and nothing is left behind', () => {
  const theta = tensor([1, 2]);
  const identity = (t: Tensor) => mul(t, 1);
  const F = (t: Tensor, x: Tensor) => sub(x, t);
  const run = (x: (t: Tensor) => Tensor) => () => scope(() => void grad((t: Tensor) => sum(x(t)))(theta));
  rejects(
    () => implicitRoot(F, identity, { linearSolver: 'lu' as never }),
    ArgumentError,
    /'dense', 'cg' or 'gmres', got "lu"/,
  );
  rejects(
    () => implicitRoot(F, identity, { tolerance: 0 }),
    ArgumentError,
    /tolerance must be positive, got 0/,
  );
  rejects(
    run(implicitRoot((t: Tensor, x: Tensor) => sum(sub(x, t)), identity)),
    ShapeError,
    /as many numbers as x has, 2, got 1/,
  );
  rejects(
    run(implicitRoot(F, () => tensor([1, 2], { dtype: 'i32' }))),
    DTypeError,
    /solver must give f64 or f32, got i32/,
  );
  rejects(run(implicitRoot(F, () => 'x' as never)), ArgumentError, /solver must give a tensor/);
  rejects(
    run(
      implicitRoot(
        (t: Tensor, x: Tensor) => mul(x, sub(t, 1)),
        () => zeros([2]),
      ),
    ),
    SingularMatrixError,
    /^implicitRoot: /,
  );
  rejects(
    run(implicitRoot(F, identity, { solve: () => [] })),
    ArgumentError,
    /solve must give back a tree of the structure \*/,
  );
  const before = memory();
  run(implicitRoot(F, identity))();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  theta.dispose();
});

test('a Jacobian by rows makes and factors the matrix twice, not once per row; a gradient keeps nothing', () => {
  const n = 30;
  const [a, b] = [add(mul(random(1).normal([n, n]), 0.1), mul(eye(n), 2)), random(2).normal([n])];
  let calls = 0;
  const root = implicitRoot(
    (theta: Tensor, x: Tensor) => {
      calls++;
      return sub(matmul(a, x), theta);
    },
    (theta: Tensor) => linalg.solve(a, theta),
  );
  const before = memory();
  const inverse = linalg.inv(a);
  const rows = jacrev(root)(b);
  near(rows.data(), inverse.data(), 1e-13);
  // One per row for ∂F/∂theta, two for the matrices, and the check of the solution.
  assert.ok(calls <= n + 5, `${calls} calls`);
  const { value, pullback, dispose } = vjp(root, b);
  const held = memory().bytes;
  for (const [i, kept] of [0, 1, 1].entries()) {
    scope(() => void pullback(ones([n])));
    assert.is(memory().bytes - held > 0 ? 1 : 0, kept, `bytes after walk ${i}`);
  }
  dispose();
  for (const x of [value, inverse, rows]) x.dispose();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  for (const x of [a, b]) x.dispose();
});

test.run();
