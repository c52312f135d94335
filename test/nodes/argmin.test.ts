// nodes.argmin: solutions and derivatives against independent values, differences, other nodes and closed forms; batches, solvers of
// one's own, bi-level programs, and every degenerate case of the docs.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  arange,
  ConvergenceError,
  checkGradients,
  compile,
  div,
  dot,
  exp,
  expandDims,
  full,
  grad,
  hessian,
  jacfwd,
  jacrev,
  log,
  matmul,
  memory,
  mul,
  neg,
  nodes,
  ones,
  optim,
  pow,
  random,
  reshape,
  ShapeError,
  SingularMatrixError,
  scope,
  slice,
  sqrt,
  square,
  stack,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tensor,
  vjp,
  zeros,
} from '#src/index.js';
import { near, property, rejects } from '../support/check.js';

interface Case {
  name: string;
  x: number[];
  u0: number[];
  y: number[];
  v: number[];
  dx: number[];
  jacobian: unknown;
  nu?: number[];
}
const file = new URL('../../../test/fixtures/nodes-programs.json', import.meta.url);
const stored = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Case[]>;
const numbersOf = (x: unknown): number[] =>
  ((x as { data?: number[] }).data ?? (x as number[])).flat(9) as number[];
const pick = (x: Tensor, i: number) => reshape(slice(x, [i], [i + 1]), []);
const part = (x: Tensor, i: number, j: number) => slice(x, [i], [j]);
const half = (e: Tensor) => mul(square(e), 0.5);
const one = (e: Tensor) => reshape(e, [1]);
const entropy = (u: Tensor) => sum(mul(u, log(u)));

type Plain = Omit<nodes.Problem, 'multipliers'>;

const problems: Record<string, Plain> = {
  entropy_simplex_6: {
    objective: (x, u) => add(entropy(u), dot(x, u)),
    equality: (_, u) => one(sub(sum(u), 1)),
  },
  entropy_moment_7: {
    objective: (x, u) => add(entropy(u), dot(part(x, 0, 7), u)),
    equality: (x, u) => stack([sub(sum(u), 1), sub(dot(arange(0, 7), u), pick(x, 7))], 0),
  },
  unit_sphere_5: {
    objective: (x, u) => mul(sum(square(sub(u, x))), 0.5),
    equality: (_, u) => one(sub(dot(u, u), 1)),
  },
  ellipsoid_param_3: {
    objective: (_, u) => mul(sum(square(sub(u, tensor([1, -0.5, 2])))), 0.5),
    equality: (x, u) => one(sub(dot(x, square(u)), 1)),
  },
  two_nonlinear_4: {
    objective: (x, u) => add(sum(exp(mul(u, x))), mul(dot(u, u), 0.5)),
    equality: (x, u) =>
      stack(
        [
          sub(add(mul(pick(u, 0), pick(u, 1)), pick(u, 2)), pick(x, 0)),
          sub(add(square(pick(u, 1)), square(pick(u, 3))), add(square(pick(x, 1)), 1)),
        ],
        0,
      ),
  },
  mean_pool_7: { objective: (x, u) => sum(square(sub(u, x))) },
  pseudo_huber_pool_9: {
    objective: (x, u) => sum(mul(sub(sqrt(add(square(div(sub(u, x), 0.5)), 1)), 1), 0.25)),
  },
  welsch_pool_9: { objective: (x, u) => sum(sub(1, exp(mul(square(sub(u, x)), -0.5)))) },
};

test('solutions, multipliers and Jacobians of independent software', () => {
  let seen = 0;
  scope(() => {
    for (const c of [...stored.equality_constrained, ...stored.unconstrained]) {
      const problem = problems[c.name];
      if (problem === undefined) continue;
      seen++;
      const [x, u0] = [tensor(c.x), tensor(c.u0)];
      const f = (z: Tensor) => nodes.argmin(problem)(z, u0);
      const { value, pullback } = vjp(f, x);
      near(value.toTypedArray(), numbersOf(c.y), 1e-10, `${c.name} u`);
      const want = numbersOf(c.jacobian);
      const size = Math.max(...want.map(Math.abs));
      near((jacrev(f)(x) as Tensor).toTypedArray(), want, 1e-9 * size, `${c.name} jacrev`);
      near((jacfwd(f)(x) as Tensor).toTypedArray(), want, 1e-9 * size, `${c.name} jacfwd`);
      near(pullback(tensor(c.v))[0].toTypedArray(), numbersOf(c.dx), 1e-9 * size, `${c.name} dx`);
      if (c.nu === undefined) continue;
      // The notes' multipliers have the other sign.
      const { nu } = nodes.argmin({ ...problem, multipliers: true })(x, u0);
      near(
        nu.toTypedArray(),
        numbersOf(c.nu).map((value) => -value),
        1e-9 * Math.max(1, size),
        `${c.name} nu`,
      );
    }
  });
  assert.ok(seen >= 4, `${seen}`);
});

test('random constrained problems: first and second derivatives against differences', () => {
  property(
    fc.nat(1e6),
    (seed) =>
      scope(() => {
        const draw = (k: number, shape: number[]) => random(8 * seed + k).normal(shape);
        const [a, x] = [draw(1, [2, 3]), draw(2, [3])];
        const node = nodes.argmin({
          objective: (z: Tensor, u) =>
            add(sum(mul(exp(mul(z, 0.3)), square(sub(u, z)))), mul(sum(pow(u, 4)), 0.05)),
          equality: (z: Tensor, u) => one(sub(sum(mul(u, add(1, mul(0.1, square(u))))), pick(z, 1))),
          inequality: (_, u) => sub(matmul(a, u), 0.5),
          multipliers: true,
        });
        const start = zeros([3]);
        const { u, lambda } = node(x, start);
        const slack = sub(0.5, matmul(a, u)).toTypedArray();
        const multipliers = lambda.toTypedArray();
        // Near a change of the active set differences mean nothing.
        if (Array.from(slack).some((s, i) => Math.max(s, multipliers[i]) < 2e-2)) return;
        const f = (z: Tensor) => {
          const found = node(z, u);
          return add(sum(square(found.u)), add(sum(found.lambda), mul(sum(found.nu), 2)));
        };
        checkGradients(f, [x], { order: 2, tolerance: 1e-4 });
      }),
    4,
  );
});

test('inequalities: active, inactive, weakly active, relaxed', () => {
  scope(() => {
    const problem = {
      objective: (x: Tensor, u: Tensor) => sum(half(sub(u, x))),
      inequality: (_: Tensor, u: Tensor) => neg(u),
    };
    const node = nodes.argmin<Tensor>(problem);
    const J = jacrev((x: Tensor) => node(x, full([2], 0.5)))(tensor([0.7, -0.7])) as Tensor;
    near(J.toTypedArray(), [1, 0, 0, 0], 1e-12);
    const weak = nodes.argmin<Tensor>({ ...problem, solver: () => tensor([0]) });
    near((jacrev((x: Tensor) => weak(x))(tensor([0])) as Tensor).toTypedArray(), [1], 1e-12);
    // u = (x + √(x² + 4κ)) / 2.
    const kappa = 1e-3;
    const soft = nodes.argmin<Tensor>({ ...problem, relax: kappa });
    const at = tensor([0, -0.5, 0.2]);
    const start = full([3], 0.5);
    const slope = (x: number) => (1 + x / Math.sqrt(x * x + 4 * kappa)) / 2;
    const relaxed = jacfwd((x: Tensor) => soft(x, start))(at) as Tensor;
    const want = Array.from(at.toTypedArray()).flatMap((x, i) =>
      [0, 1, 2].map((j) => (i === j ? slope(x) : 0)),
    );
    near(relaxed.toTypedArray(), want, 1e-9);
    near(soft(at, start).toTypedArray(), [0, 0, 0.2], 1e-12);
    const H = hessian((x: Tensor) => sum(soft(x, start)))(at) as Tensor;
    const bend = (x: number) => (2 * kappa) / (x * x + 4 * kappa) ** 1.5;
    const wantH = Array.from(at.toTypedArray()).flatMap((x, i) =>
      [0, 1, 2].map((j) => (i === j ? bend(x) : 0)),
    );
    near(H.toTypedArray(), wantH, 1e-6);
  });
});

test('linear objectives: a vertex, a ball, a sphere from any start', () =>
  scope(() => {
    const vertex = nodes.argmin<Tensor>({
      objective: (c, u) => dot(c, u),
      inequality: (_, u) => sub(u, 1),
      multipliers: true,
    })(tensor([-1, -2]), zeros([2]));
    near([...vertex.u.toTypedArray(), ...vertex.lambda.toTypedArray()], [1, 1, 1, 2], 1e-12);
    const round = (_: Tensor, u: Tensor) => reshape(sub(sum(square(u)), 1), [1]);
    const c = tensor([3, 4]);
    for (const start of [
      [0.3, 0.5],
      [1, 1],
      [-2, 0.1],
    ])
      for (const constraint of ['equality', 'inequality']) {
        const node = nodes.argmin<Tensor>({ objective: (c, u) => dot(c, u), [constraint]: round });
        near(node(c, tensor(start)).toTypedArray(), [-0.6, -0.8], 1e-10);
      }
  }));

test('singular Hessians and dependent constraints', () => {
  scope(() => {
    const at = (problem: Plain, x: number[], u0: number[]) => {
      const node = nodes.argmin<Tensor>(problem);
      return (jacrev((z: Tensor) => node(z, tensor(u0)))(tensor(x)) as Tensor).toTypedArray();
    };
    const singular = {
      objective: (x: Tensor, u: Tensor) => half(sub(sum(u), pick(x, 0))),
      equality: (_: Tensor, u: Tensor) => one(sub(pick(u, 0), pick(u, 1))),
    };
    near(at(singular, [3], [1, 1]), [0.5, 0.5], 1e-12);
    const twice = {
      objective: (_: Tensor, u: Tensor) => mul(sum(square(u)), 0.5),
      equality: (x: Tensor, u: Tensor) => {
        const h = sub(sum(u), pick(x, 0));
        return stack([h, mul(h, 2)], 0);
      },
    };
    near(at(twice, [3], [1.5, 1.5]), [0.5, 0.5], 1e-12);
    const { nu } = nodes.argmin({ ...twice, multipliers: true })(tensor([3]), ones([2]));
    // Of smallest norm: along the rows' factors 1 and 2.
    near(nu.toTypedArray(), [-0.3, -0.6], 1e-12);
  });
});

test('a batch is a loop; what is shared gets the sum; problems end at different times', () => {
  scope(() => {
    const shared = tensor(0.5);
    const objective = (z: { x: Tensor; alpha: Tensor }, u: Tensor) => {
      const far = div(sub(u, z.x), z.alpha);
      return sum(mul(sub(sqrt(add(square(far), 1)), 1), square(z.alpha)), { axis: -1 });
    };
    const x = mul(random(4).normal([4, 9]), tensor([[1], [10], [100], [0.01]]));
    const node = nodes.argmin({ objective, batchAxes: 1 });
    const loss = (z: { x: Tensor; alpha: Tensor }) =>
      sum(mul(tensor([[1], [2], [3], [4]]), node(z, zeros([4, 1]))));
    const g = grad(loss)({ x, alpha: shared });
    const single = nodes.argmin({ objective });
    let alpha = 0;
    for (let k = 0; k < 4; k++) {
      const own = reshape(slice(x, [k, 0], [k + 1, 9]), [9]);
      const h = grad((z: { x: Tensor; alpha: Tensor }) => mul(k + 1, sum(single(z, zeros([1])))))({
        x: own,
        alpha: shared,
      });
      near(g.x.toTypedArray().slice(9 * k, 9 * k + 9), h.x.toTypedArray(), 1e-9, `problem ${k}`);
      alpha += h.alpha.item();
    }
    near([g.alpha.item()], [alpha], 1e-8 * Math.abs(alpha));
    const empty = node({ x: zeros([0, 9]), alpha: shared }, zeros([0, 1]));
    assert.equal(empty.shape, [0, 1]);
  });
});

test('a batch of constrained problems is the projection onto the simplex', () => {
  property(
    fc.record({ seed: fc.nat(1e6), n: fc.integer({ min: 1, max: 6 }) }),
    ({ seed, n }) =>
      scope(() => {
        const x = mul(random(seed).normal([3, n]), 2);
        const node = nodes.argmin<Tensor>({
          batchAxes: 1,
          objective: (z, v) => mul(sum(square(sub(v, z)), { axis: -1 }), 0.5),
          equality: (_, v) => expandDims(sub(sum(v, { axis: -1 }), 1), -1),
          inequality: (_, v) => neg(v),
        });
        const V = random(seed + 1).normal([3, n]);
        const { value, pullback } = vjp((z: Tensor) => node(z, full([3, n], 1 / n)), x);
        const want = vjp((z: Tensor) => optim.project.simplex(z), x);
        near(value.toTypedArray(), want.value.toTypedArray(), 1e-10);
        near(pullback(V)[0].toTypedArray(), want.pullback(V)[0].toTypedArray(), 1e-8);
      }),
    8,
  );
});

test('solvers: a method of optim, a function, a Solution, one that runs unrolled', () => {
  scope(() => {
    const [problem, x] = [problems.pseudo_huber_pool_9, random(3).normal([9])];
    const want = nodes.argmin(problem)(x, tensor([0]));
    for (const method of [optim.newton(), optim.lbfgs(), optim.bfgs()])
      near(
        nodes
          .argmin({ ...problem, solver: method })(x, tensor([0]))
          .toTypedArray(),
        want.toTypedArray(),
        1e-10,
      );
    let plain = false;
    const own = nodes.argmin<Tensor>({
      ...problem,
      solver: (z: Tensor) => {
        plain = z.constructor.name === 'Tensor';
        return optim.minimize((u: Tensor) => problem.objective(z, u), tensor([0]), optim.newton(), {
          gradientTolerance: 1e-13,
          throws: false,
        });
      },
    });
    const g = grad((z: Tensor) => sum(own(z)))(x);
    assert.ok(plain, 'a solver sees plain values');
    near(
      g.toTypedArray(),
      grad((z: Tensor) => sum(nodes.argmin(problem)(z, tensor([0]))))(x).toTypedArray(),
      1e-9,
    );
    // The Babylonian square root: unrolled it is the derivative of the steps, implicit that of the root.
    const steps = (z: Tensor) => {
      let y = mul(z, 0.5);
      for (let k = 0; k < 2; k++) y = mul(add(y, div(z, y)), 0.5);
      return y;
    };
    const unrolled = nodes.argmin<Tensor>({
      objective: (z, u) => square(sub(square(u), z)),
      solver: steps,
      backward: 'unroll',
    });
    const at = tensor(2);
    near([grad((z: Tensor) => unrolled(z))(at).item()], [grad(steps)(at).item()], 1e-15);
    const implicit = nodes.argmin<Tensor>({
      objective: (z, u) => sum(square(sub(square(u), z))),
      solver: (z: Tensor) => tensor([Math.sqrt(z.item())]),
    });
    near([grad((z: Tensor) => sum(implicit(z)))(at).item()], [0.5 / Math.SQRT2], 1e-12);
  });
});

test('a node inside an objective, captured tensors, and a tree of parameters', () => {
  scope(() => {
    const inner = (u: Tensor) =>
      nodes.argmin<Tensor>({ objective: (v, z) => sum(add(half(sub(z, v)), mul(pow(z, 4), 0.25))) })(
        u,
        zeros([1]),
      );
    const outer = nodes.argmin<Tensor>({
      objective: (x, u) => sum(add(half(sub(inner(u), x)), mul(square(u), 0.05))),
    });
    checkGradients((x: Tensor) => sum(outer(x, tensor([0.5]))), [tensor([0.8])], { tolerance: 1e-5 });
    const captured = (a: Tensor) =>
      sum(
        nodes.argmin<Tensor>({ objective: (_, u) => add(sum(mul(a, square(u))), neg(sum(u))) })(
          tensor(1),
          zeros([2]),
        ),
      );
    near(grad(captured)(tensor([1, 2])).toTypedArray(), [-0.5, -0.125], 1e-12);
    const [A, b, w] = [random(1).normal([6, 3]), random(2).normal([6]), exp(random(3).normal([6]))];
    const node = nodes.argmin({
      objective: (z: { data: { A: Tensor; b: Tensor }; weights: Tensor }, u: Tensor) =>
        sum(mul(z.weights, square(sub(matmul(z.data.A, u), z.data.b)))),
    });
    const closed = (A: Tensor, b: Tensor, w: Tensor) => {
      const WA = mul(A, expandDims(w, 1));
      return sum(
        square(
          matmul(nodesInverse(matmul(A, WA, { transposeA: true })), matmul(WA, b, { transposeA: true })),
        ),
      );
    };
    const g = grad((z: { data: { A: Tensor; b: Tensor }; weights: Tensor }) =>
      sum(square(node(z, zeros([3])))),
    )({ data: { A, b }, weights: w });
    const want = grad(closed, [0, 1, 2])(A, b, w) as Tensor[];
    [g.data.A, g.data.b, g.weights].forEach((value: Tensor, i) => {
      near(value.toTypedArray(), want[i].toTypedArray(), 1e-9);
    });
  });
});

/** (AᵀA)⁻¹ by a node whose derivative is not what is tested here. */
function nodesInverse(M: Tensor): Tensor {
  const n = M.shape[0];
  const columns = Array.from({ length: n }, (_, i) => {
    const e = new Float64Array(n);
    e[i] = 1;
    return nodes.quadraticProgram({ P: M, q: neg(tensor(e)) });
  });
  return stack(columns, 1);
}

test('reports: once per call, also under derivatives', () => {
  scope(() => {
    const reports: nodes.SolveReport[] = [];
    const node = nodes.argmin<Tensor>({
      objective: (x, u) => sum(square(sub(u, x))),
      onSolve: (report) => reports.push(report),
    });
    const x = tensor([1, 2]);
    node(x, zeros([2]));
    grad((z: Tensor) => sum(node(z, zeros([2]))))(x);
    jacfwd((z: Tensor) => node(z, zeros([2])))(x);
    assert.ok(reports.length >= 3);
    for (const { node: name, problems: count, converged, residuals } of reports) {
      assert.equal([name, count, converged, Object.keys(residuals)], ['argmin', 1, true, ['stationarity']]);
      assert.ok(residuals.stationarity < 1e-12);
    }
    const bounded = nodes.argmin<Tensor>({
      objective: (z, u) => sum(square(sub(u, z))),
      inequality: (_, u) => sub(u, 1),
      onSolve: ({ residuals }) =>
        assert.equal(Object.keys(residuals).sort(), ['complementarity', 'dual', 'primal', 'stationarity']),
    });
    bounded(x, zeros([2]));
  });
});

test('errors leave nothing behind', () => {
  const bowl = (x: Tensor, u: Tensor) => mul(sum(square(sub(u, x))), 0.5);
  const table: [string, (x: Tensor, u0: Tensor) => unknown, Parameters<typeof rejects>[1], RegExp][] = [
    ['no objective', () => nodes.argmin({} as never), ArgumentError, /objective/],
    ['unknown option', () => nodes.argmin({ objective: bowl, tol: 1 } as never), ArgumentError, /tol/],
    ['no start', (x) => nodes.argmin<Tensor>({ objective: bowl })(x), ArgumentError, /u0/],
    [
      'a vector',
      (x, u0) => nodes.argmin<Tensor>({ objective: (p, u) => sub(u, p) })(x, u0),
      ShapeError,
      /objective/,
    ],
    [
      'an objective that is no tensor',
      (x, u0) => nodes.argmin<Tensor>({ objective: () => 1 as never })(x, u0),
      ArgumentError,
      /objective/,
    ],
    [
      'a scalar constraint',
      (x, u0) => nodes.argmin<Tensor>({ objective: bowl, equality: (_, u) => sum(u) })(x, u0),
      ShapeError,
      /equality/,
    ],
    [
      'a method with constraints',
      () => nodes.argmin({ objective: bowl, equality: (_, u) => u, solver: optim.newton() }),
      ArgumentError,
      /unconstrained/,
    ],
    [
      'a solver that is off',
      (x) =>
        grad((z: Tensor) => sum(nodes.argmin<Tensor>({ objective: bowl, solver: (p) => add(p, 0.1) })(z)))(x),
      ConvergenceError,
      /argmin.*\d/,
    ],
    [
      'contradiction',
      (x, u0) =>
        nodes.argmin<Tensor>({
          objective: (_, u) => sum(square(u)),
          equality: (_, u) => stack([sub(sum(u), 1), sub(sum(u), 2)], 0),
        })(x, u0),
      ConvergenceError,
      /infeasible/,
    ],
    [
      'no lower bound',
      (x, u0) => nodes.argmin<Tensor>({ objective: (_, u) => neg(sum(exp(u))) })(x, u0),
      ConvergenceError,
      /argmin/,
    ],
    [
      'not unique',
      (x, u0) =>
        grad((z: Tensor) =>
          sum(nodes.argmin<Tensor>({ objective: (p, u) => square(sub(sum(u), sum(p))) })(z, u0)),
        )(x),
      SingularMatrixError,
      /unique/,
    ],
    [
      'an error of the user',
      (x, u0) => nodes.argmin<Tensor>({ objective: (_, u) => sum(matmul(u, zeros([7, 3]))) })(x, u0),
      ShapeError,
      /./,
    ],
    [
      'too few iterations',
      (x, u0) =>
        nodes.argmin<Tensor>({ objective: (z, u) => sum(pow(sub(u, z), 4)), maxIterations: 1 })(x, u0),
      ConvergenceError,
      /not converged/,
    ],
  ];
  for (const [what, f, kind, message] of table) {
    const [x, u0] = [tensor([1, 2]), zeros([2])];
    try {
      rejects(() => f(x, u0), kind, message);
    } catch (error) {
      throw new Error(`${what}: ${(error as Error).message}`);
    }
    for (const y of [x, u0]) y.dispose();
  }
  const x = tensor([1, Number.NaN]);
  rejects(() => nodes.argmin<Tensor>({ objective: bowl })(x, x), ArgumentError, /finite, got NaN/);
  x.dispose();
});

test('what has not converged gives its point, and the error as derivative', () => {
  scope(() => {
    const node = nodes.argmin<Tensor>({
      objective: (z, u) => sum(pow(sub(u, z), 4)),
      maxIterations: 2,
      throws: false,
    });
    const x = tensor([1, 2]);
    assert.equal(node(x, zeros([2])).shape, [2]);
    rejects(() => grad((z: Tensor) => sum(node(z, zeros([2]))))(x), ConvergenceError, /argmin/);
  });
});

test('a start on a maximum or a saddle is left for a minimum', () => {
  scope(() => {
    const quartic = nodes.argmin<Tensor>({
      objective: (p, u) => sub(mul(0.25, sum(pow(u, 4))), mul(p, mul(0.5, sum(square(u))))),
    });
    near([Math.abs(quartic(tensor(1), tensor([0])).item())], [1], 1e-12);
    checkGradients((p: Tensor) => sum(square(quartic(p, tensor([0])))), [tensor(1.3)]);
    const box = nodes.argmin<Tensor>({
      objective: (_, u) => neg(sum(square(u))),
      inequality: (p, u) => sub(mul(u, u), p),
    });
    near(Array.from(box(tensor(4), zeros([2])).toTypedArray(), Math.abs), [2, 2], 1e-9);
    // On the unit sphere the largest eigenvector is where uᵀDu is largest; the smallest where it is least.
    const ball = nodes.argmin<Tensor>({
      objective: (d, u) => sum(mul(d, square(u))),
      equality: (_, u) => one(sub(dot(u, u), 1)),
    });
    near(Array.from(ball(tensor([3, 2, 5]), tensor([1, 0, 0])).toTypedArray(), Math.abs), [0, 1, 0], 1e-9);
  });
});

test('statuses are those of each problem; failed problems do not cost the others theirs', () => {
  scope(() => {
    const flat = { batchAxes: 1, objective: (x: Tensor, u: Tensor) => sum(pow(sub(u, x), 4), { axis: -1 }) };
    const start = tensor([[0], [1]]);
    let report: nodes.SolveReport | undefined;
    const onSolve = (found: nodes.SolveReport) => void (report = found);
    const few = { maxIterations: 2, onSolve };
    nodes.argmin<Tensor>({ ...flat, ...few, throws: false })(tensor([1]), start);
    assert.equal(report?.statuses, ['maxIterations', 'converged']);
    assert.is(report?.converged, false);
    for (const [failed, value] of [
      ['nan', Number.NaN],
      ['zero', 0],
    ] as const) {
      const node = nodes.argmin<Tensor>({ ...flat, ...few, failed });
      const x = tensor([[1], [1]]);
      near(node(x, start).toTypedArray(), [value, 1], 1e-12);
      const at = nodes.argmin<Tensor>({
        batchAxes: 1,
        failed,
        objective: (x, u) => sum(square(sub(u, x)), { axis: -1 }),
        equality: (x, u) => mul(expandDims(sum(mul(x, 0), { axis: -1 }), -1), sum(u)),
        inequality: (x, u) => add(sub(mul(u, u), x), tensor([[0], [1]])),
      });
      near(
        at(tensor([[4], [0]]), ones([2, 1]))
          .toTypedArray()
          .slice(1),
        [value],
        0,
      );
    }
  });
});

test('derivatives leave nothing behind, and a second pullback gives the same bits', () => {
  const x = random(2).normal([5]);
  const start = zeros([5]);
  const node = nodes.argmin<Tensor>(problems.unit_sphere_5);
  const held = () => [memory().tensors, memory().bytes];
  const before = held();
  const { value, pullback, dispose } = vjp((z: Tensor) => node(z, start), x);
  const V = ones([5]);
  const [first] = pullback(V);
  const [second] = pullback(V);
  assert.equal(first.toArray(), second.toArray());
  for (const y of [value, V, first, second]) y.dispose();
  dispose();
  assert.equal(held(), before);
  x.dispose();
  start.dispose();
});

test('f32, and a call inside compile is a typed error', () => {
  scope(() => {
    const x = tensor([1, -2, 3], { dtype: 'f32' });
    const node = nodes.argmin<Tensor>({
      objective: (z, u) => sum(square(sub(u, z))),
      inequality: (_, u) => neg(u),
    });
    const { value, pullback } = vjp((z: Tensor) => node(z, ones([3], { dtype: 'f32' })), x);
    assert.is(value.dtype, 'f32');
    near(value.toTypedArray(), [1, 0, 3], 1e-6);
    near(pullback(ones([3], { dtype: 'f32' }))[0].toTypedArray(), [1, 0, 1], 1e-5);
    const plan = compile((z: Tensor) => node(z, ones([3])));
    assert.throws(() => plan(tensor([1, 2, 3])), /argmin.*(read|values)/);
    assert.type(stopGradient, 'function');
  });
});

test.run();
