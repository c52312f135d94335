// nodes.quadraticProgram and nodes.projectPolyhedron: solutions and derivatives against independent values, differences, and one
// problem at a time; every degenerate case of the docs.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  ConvergenceError,
  checkGradients,
  compile,
  concat,
  eye,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jvp,
  matmul,
  memory,
  mul,
  neg,
  nodes,
  ones,
  optim,
  random,
  reshape,
  ShapeError,
  SingularMatrixError,
  scope,
  slice,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
  zeros,
} from '#src/index.js';
import { near, property, rejects } from '../support/check.js';

/** The arguments are made before, so that what the call leaves behind shows. */
function refuses(
  args: Tensor[],
  f: (...xs: Tensor[]) => unknown,
  kind: Parameters<typeof rejects>[1],
  message: RegExp,
): void {
  scope(() => rejects(() => f(...args), kind, message));
  for (const x of args) x.dispose();
}

interface Stored {
  shape: number[];
  data: number[];
}
const file = new URL('../../../test/fixtures/nodes-programs.json', import.meta.url);
const { qp } = JSON.parse(readFileSync(file, 'utf8')) as { qp: Record<string, Stored & number[]>[] };
const KEYS = ['P', 'q', 'G', 'h', 'A', 'b'] as const;
const made = (x: unknown): Tensor =>
  (x as Stored).data ? tensor((x as Stored).data, { shape: (x as Stored).shape }) : tensor(x as number[]);
const listOf = (x: unknown): number[] => ((x as Stored).data ?? (x as number[][])).flat(9) as number[];
const largest = (x: ArrayLike<number>) => Array.from(x).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** A random program that has a strictly feasible point, with some constraints active. */
function randomProgram(seed: number, n: number, p: number, q: number, dtype: 'f64' | 'f32' = 'f64') {
  const at = (i: number, shape: number[]) => random(8 * seed + i).normal(shape, { dtype });
  const L = at(0, [n, n]);
  const inside = at(1, [n]);
  const [G, A] = [at(2, [p, n]), at(3, [q, n])];
  const times = (M: Tensor) => (M.shape[0] > 0 ? matmul(M, inside) : zeros([0], { dtype }));
  return {
    P: add(mul(matmul(L, L, { transposeB: true }), 1 / n), mul(eye(n, n, { dtype }), 0.1)),
    q: mul(at(4, [n]), 3),
    ...(p > 0 && { G, h: add(times(G), mul(ones([p], { dtype }), 0.3)) }),
    ...(q > 0 && { A, b: times(A) }),
  };
}
type Program = ReturnType<typeof randomProgram>;
const keysOf = (program: Program) => KEYS.filter((key) => program[key as 'P'] !== undefined);
const call =
  (keys: readonly string[], options: object = {}) =>
  (...xs: Tensor[]) =>
    nodes.quadraticProgram(
      Object.fromEntries(keys.map((key, i) => [key, xs[i]])) as never,
      options,
    ) as Tensor;

test('solutions, multipliers and gradients of independent software', () => {
  assert.ok(qp.length > 0);
  scope(() => {
    for (const c of qp) {
      const keys = KEYS.filter((key) => c[key] !== undefined && listOf(c[key]).length > 0);
      const args = keys.map((key) => made(c[key]));
      const { value, pullback } = vjp(call(keys), ...args);
      near(value.toTypedArray(), listOf(c.y), 1e-9, `${c.name} x`);
      pullback(made(c.v)).forEach((g: Tensor, i: number) => {
        const want = listOf(c[`d${keys[i]}`]);
        near(g.toTypedArray(), want, 1e-7 * Math.max(1, largest(want)), `${c.name} d${keys[i]}`);
      });
      const { lambda, nu } = nodes.quadraticProgram(
        Object.fromEntries(keys.map((key, i) => [key, args[i]])) as never,
        { multipliers: true },
      );
      near(lambda.toTypedArray(), listOf(c.lam ?? []), 1e-7, `${c.name} lambda`);
      near(nu.toTypedArray(), listOf(c.nu ?? []), 1e-7, `${c.name} nu`);
    }
  });
});

test('random programs: derivatives in all data against differences, first and second order, both modes', () => {
  property(
    fc.record({
      seed: fc.nat(1e6),
      n: fc.integer({ min: 1, max: 5 }),
      p: fc.integer({ min: 0, max: 6 }),
      q: fc.integer({ min: 0, max: 2 }),
    }),
    ({ seed, n, p, q }) =>
      scope(() => {
        const program = randomProgram(seed, n, p, Math.min(q, n - 1));
        const keys = keysOf(program);
        const args = keys.map((key) => program[key as 'P'] as Tensor);
        const f = call(keys);
        // Near a change of the active set differences mean nothing.
        const { lambda } = nodes.quadraticProgram(program, { multipliers: true });
        if (p > 0) {
          const slack = sub(program.h as Tensor, matmul(program.G as Tensor, f(...args))).toTypedArray();
          const multipliers = lambda.toTypedArray();
          if (Array.from(slack).some((s, i) => Math.max(s, multipliers[i]) < 1e-2)) return;
        }
        checkGradients((...xs: Tensor[]) => sum(square(f(...xs))), args, { order: 2, tolerance: 1e-4 });
      }),
    8,
  );
});

test('a batch is a loop, and what is shared gets the sum', () => {
  scope(() => {
    const programs = [1, 2, 3].map((seed) => randomProgram(seed, 4, 5, 1));
    const keys = keysOf(programs[0]);
    const stacked = keys.map((key) =>
      stack(
        programs.map((program) => program[key as 'P'] as Tensor),
        0,
      ),
    );
    const V = random(9).normal([3, 4]);
    const whole = vjp(call(keys), ...stacked);
    const grads = whole.pullback(V);
    programs.forEach((program, k) => {
      const one = vjp(call(keys), ...keys.map((key) => program[key as 'P'] as Tensor));
      const row = reshape(slice(V, [k, 0], [k + 1, 4]), [4]);
      near(whole.value.toTypedArray().slice(4 * k, 4 * k + 4), one.value.toTypedArray(), 1e-12);
      one.pullback(row).forEach((g: Tensor, i: number) => {
        const { size } = g;
        near(grads[i].toTypedArray().slice(k * size, (k + 1) * size), g.toTypedArray(), 1e-9, keys[i]);
      });
    });
    const [first] = programs;
    const shared = vjp(
      (P: Tensor, q: Tensor) => nodes.quadraticProgram({ ...first, P, q }),
      first.P,
      stacked[1],
    );
    const [gP] = shared.pullback(V);
    assert.equal(gP.shape, [4, 4]);
    const loop = programs.map(
      (program, k) =>
        vjp((P: Tensor) => nodes.quadraticProgram({ ...first, P, q: program.q }), first.P).pullback(
          reshape(slice(V, [k, 0], [k + 1, 4]), [4]),
        )[0],
    ) as Tensor[];
    near(gP.toTypedArray(), add(add(loop[0], loop[1]), loop[2]).toTypedArray(), 1e-9);
    const empty = nodes.quadraticProgram({ P: zeros([0, 2, 2]), q: zeros([0, 2]) });
    assert.equal(empty.shape, [0, 2]);
  });
});

test('compiled: other numbers and another active set at every run', () => {
  scope(() => {
    const program = randomProgram(5, 4, 6, 1);
    const keys = keysOf(program);
    const args = keys.map((key) => program[key as 'P'] as Tensor);
    let reports = 0;
    const f = call(keys, { onSolve: () => reports++ });
    const g = valueAndGrad(
      (...xs: Tensor[]) => sum(square(f(...xs))),
      keys.map((_, i) => i),
    );
    const plan = compile(g);
    reports = 0;
    for (const by of [1, -1, 3]) {
      const xs = args.map((x, i) => (keys[i] === 'q' ? mul(x, by) : x));
      const got = plan(...xs);
      assert.is(reports, 1);
      const want = g(...xs);
      reports = 0;
      near(got.value.toTypedArray(), want.value.toTypedArray(), 1e-12);
      for (const [i, x] of got.grad.entries()) near(x.toTypedArray(), want.grad[i].toTypedArray(), 1e-10);
    }
    plan.dispose();
  });
});

test('a multiplier that is 0 to rounding is 0, in f64 and f32', () => {
  for (const dtype of ['f64', 'f32'] as const)
    for (let k = 0; k < 40; k++)
      scope(() => {
        const [a, b, c] = [0, 1, 2].map((i) => random(3 * k + i).normal([4], { dtype }));
        const G = stack([a, b], 0);
        const f = (x: Tensor) => nodes.projectPolyhedron(x, { G, h: matmul(G, c) });
        // On the boundary, up to the rounding of h.
        near(vjp(f, c).pullback(a)[0].toTypedArray(), a.toTypedArray(), dtype === 'f64' ? 1e-12 : 1e-5);
        // A small one counts.
        const away = vjp(f, add(c, mul(a, 1e-3)))
          .pullback(a)[0]
          .toTypedArray();
        assert.ok(Math.hypot(...away) < 0.999 * Math.hypot(...a.toTypedArray()));
      });
});

test('rows that are there twice share a multiplier, also at x = 0; of bounds that meet one has none', () => {
  for (const dtype of ['f64', 'f32'] as const)
    for (let k = 0; k < 40; k++)
      scope(() => {
        const g = random(k).normal([1, 3], { dtype });
        const { lambda } = nodes.quadraticProgram(
          {
            P: eye(3, undefined, { dtype }),
            q: reshape(mul(g, -0.8), [3]),
            G: concat([g, g], 0),
            h: zeros([2], { dtype }),
          },
          { multipliers: true },
        );
        near(lambda.toTypedArray(), [0.4, 0.4], dtype === 'f64' ? 1e-12 : 1e-5);
      });
  scope(() => {
    const G = tensor([
      [1, 0],
      [-1, 0],
    ]);
    const solve = (h: Tensor) =>
      nodes.quadraticProgram({ P: eye(2), q: tensor([-3, 0.5]), G, h }, { multipliers: true });
    const h = tensor([1, -1]);
    near(solve(h).lambda.toTypedArray(), [2, 0], 1e-12);
    near(
      vjp((h: Tensor) => solve(h).x, h)
        .pullback(tensor([1, 1]))[0]
        .toTypedArray(),
      [0.5, -0.5],
      1e-12,
    );
  });
});

test('derivatives of a batch with unbounded programs that may fail', () =>
  scope(() => {
    const q = tensor([[-3], [-1], [1]]);
    for (const relax of [undefined, 1e-3]) {
      const f = (q: Tensor) =>
        nodes.quadraticProgram(
          {
            P: tensor([[[1]], [[0]], [[1]]]),
            q,
            G: tensor([[1], [-1]]),
            h: tensor([
              [5, 5],
              [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
              [0, -1],
            ]),
          },
          { failed: 'zero', relax },
        );
      near(
        vjp(f, q)
          .pullback(ones([3, 1]))[0]
          .toTypedArray(),
        [-1, 0, 0],
        1e-3,
      );
      near(jvp(f, [q], [ones([3, 1])]).tangent.toTypedArray(), [-1, 0, 0], 1e-3);
    }
  }));

test('a weakly active constraint is ignored; Infinity is no constraint; the vertex of a linear program', () => {
  scope(() => {
    const f = (q: Tensor) => nodes.quadraticProgram({ P: eye(2), q, G: tensor([[1, 0]]), h: tensor([1]) });
    for (const jacobian of [jacrev, jacfwd])
      near((jacobian(f)(tensor([-1, 0.5])) as Tensor).toTypedArray(), [-1, 0, 0, -1], 1e-9);
    const open = nodes.quadraticProgram({
      P: eye(2),
      q: tensor([-1, 0.5]),
      G: eye(2),
      h: tensor([0.25, Infinity]),
    });
    near(open.toTypedArray(), [0.25, -0.5], 1e-12);
    const lp = (q: Tensor, h: Tensor) =>
      nodes.quadraticProgram({
        P: zeros([2, 2]),
        q,
        G: tensor([
          [-1, 0],
          [0, -1],
          [1, 2],
        ]),
        h,
      });
    const { value, pullback } = vjp(lp, tensor([-1, -1]), tensor([0, 0, 4]));
    near(value.toTypedArray(), [4, 0], 1e-12);
    const [dq, dh] = pullback(tensor([1, 3]));
    near(dq.toTypedArray(), [0, 0], 1e-12);
    near(dh.toTypedArray(), [0, -1, 1], 1e-12);
  });
});

test('relaxed: exact solutions, and derivatives of the point with s lambda = relax', () => {
  scope(() => {
    const solve = (q: Tensor, relax?: number) =>
      nodes.quadraticProgram(
        { P: eye(2), q, G: tensor([[1, 0]]), h: tensor([1]) },
        { ...(relax && { relax }) },
      );
    // min 1/2 x² + q x with (1 - x) λ = κ and x + q + λ = 0: x is a root of (1 - x)(x + q) + κ = 0.
    const kappa = 1e-2;
    const root = (q: number) => {
      const b = 1 - q;
      return (b - Math.sqrt(b * b - 4 * (-q - kappa))) / 2;
    };
    const q0 = -1.1;
    const slope = (root(q0 + 1e-5) - root(q0 - 1e-5)) / 2e-5;
    const J = jacrev((q: Tensor) => solve(q, kappa))(tensor([q0, 0.5])) as Tensor;
    near(J.toTypedArray(), [slope, 0, 0, -1], 1e-6);
    near(solve(tensor([q0, 0.5]), kappa).toTypedArray(), solve(tensor([q0, 0.5])).toTypedArray(), 1e-15);
    // Weakly active: between the two one-sided derivatives -1 and 0.
    const weak = jacfwd((q: Tensor) => solve(q, 1e-6))(tensor([-1, 0.5])) as Tensor;
    near(weak.toTypedArray(), [-0.5, 0, 0, -1], 1e-6);
    const H = hessian((q: Tensor) => sum(solve(q, kappa)))(tensor([q0, 0.5])) as Tensor;
    const bend = (root(q0 + 1e-3) - 2 * root(q0) + root(q0 - 1e-3)) / 1e-6;
    near(H.toTypedArray(), [bend, 0, 0, 0], 1e-3 * Math.abs(bend));
  });
});

test('rows twice: x has its derivative, multipliers and gradients of the rows are shared', () => {
  property(
    fc.nat(1e6),
    (seed) =>
      scope(() => {
        const { P, q, G, h, A, b } = randomProgram(seed, 5, 4, 2) as Required<Program>;
        const once = vjp((A: Tensor, b: Tensor) => nodes.quadraticProgram({ P, q, G, h, A, b }), A, b);
        const V = random(seed + 1).normal([5]);
        const [gA, gb] = once.pullback(V);
        const twice = (x: Tensor) => concat([x, x], 0);
        const double = vjp(
          (A: Tensor, b: Tensor) => nodes.quadraticProgram({ P, q, G, h, A, b }),
          twice(A),
          twice(b),
        );
        near(double.value.toTypedArray(), once.value.toTypedArray(), 1e-8);
        const [hA, hb] = double.pullback(V);
        const half = (x: Tensor) => twice(mul(x, 0.5)).toTypedArray();
        near(hA.toTypedArray(), half(gA), 1e-6 * Math.max(1, largest(gA.toTypedArray())));
        near(hb.toTypedArray(), half(gb), 1e-6 * Math.max(1, largest(gb.toTypedArray())));
        const { nu } = nodes.quadraticProgram(
          { P, q, G, h, A: twice(A), b: twice(b) },
          { multipliers: true },
        );
        const values = nu.toTypedArray();
        near(values.slice(0, 2), values.slice(2), 1e-9 * Math.max(1, largest(values)));
      }),
    20,
  );
});

test('without a solution: typed errors, or NaN or 0 for that problem alone', () => {
  const I = eye(2);
  const [G, two] = [
    tensor([
      [1, 0],
      [-1, 0],
    ]),
    ones([2]),
  ];
  const h = tensor([
    [1, 1],
    [2, 2],
    [-1, -1],
  ]);
  const qp = nodes.quadraticProgram;
  refuses([h], (h) => qp({ P: I, q: two, G, h }), ConvergenceError, /infeasible.*problem 2 of 3/);
  refuses([zeros([2, 2])], (P) => qp({ P, q: two }), ConvergenceError, /unbounded/);
  refuses([tensor([1, 0, 0, -1], { shape: [2, 2] })], (P) => qp({ P, q: two }), ArgumentError, /\bP\b/);
  refuses(
    [tensor([Number.NaN, 0])],
    (q) => qp({ P: I, q }),
    ArgumentError,
    /q must be finite, got NaN at \[0\]/,
  );
  refuses([tensor([1, -Infinity])], (h) => qp({ P: I, q: two, G, h }), ArgumentError, /\bh\b/);
  refuses([ones([1, 3]), ones([1])], (G, h) => qp({ P: I, q: two, G, h }), ShapeError, /\bG\b/);
  refuses([], () => qp({ P: I, q: two, G } as never), ArgumentError, /\bh\b/);
  refuses([], () => qp({ P: I, q: two }, { relax: 0 }), ArgumentError, /relax/);
  refuses(
    [zeros([2]), zeros([2, 2]), concat([I, neg(I)], 0), ones([4])],
    (q, P, G, h) => grad((q: Tensor) => sum(qp({ P, q, G, h })))(q),
    SingularMatrixError,
    /unique/,
  );
  try {
    qp({ P: I, q: two, G, h: tensor([-1, -1]) });
    assert.unreachable();
  } catch (error) {
    const { status, certificate } = (error as ConvergenceError).solution as {
      status: string;
      certificate: { lambda: number[] };
    };
    assert.is(status, 'infeasible');
    near([certificate.lambda[0] - certificate.lambda[1]], [0], 1e-9);
  }
  scope(() => {
    const again = tensor([1, 1, 2, 2, -1, -1], { shape: [3, 2] });
    for (const [failed, value] of [
      ['nan', Number.NaN],
      ['zero', 0],
    ] as const) {
      let statuses: string[] | undefined;
      const solve = (q: Tensor) =>
        nodes.quadraticProgram(
          { P: I, q, G, h: again },
          { failed, onSolve: (report) => void ({ statuses } = report) },
        );
      const { value: x, pullback } = vjp(solve, stack([two, two, two], 0));
      assert.equal(statuses, ['converged', 'converged', 'infeasible']);
      near(x.toTypedArray(), [-1, -1, -1, -1, value, value], 1e-9);
      const [g] = pullback(ones([3, 2]));
      near(g.toTypedArray(), [-1, -1, -1, -1, value, value], 1e-9);
    }
  });
  for (const x of [I, G, two]) x.dispose();
});

test('what has not converged: the best point, whose derivative is the error', () => {
  scope(() => {
    const program = randomProgram(3, 5, 8, 1);
    const limited = { maxIterations: 1, throws: false };
    const x = nodes.quadraticProgram(program, limited);
    assert.equal(x.shape, [5]);
    const f = (q: Tensor) => sum(nodes.quadraticProgram({ ...program, q }, limited));
    rejects(() => grad(f)(program.q), ConvergenceError, /quadraticProgram.*derivative/);
    rejects(() => jvp(f, [program.q], [program.q]), ConvergenceError, /quadraticProgram/);
    rejects(() => nodes.quadraticProgram(program, { maxIterations: 1 }), ConvergenceError, /not converged/);
  });
});

test('the way back keeps nothing that grows, and leaves nothing', () => {
  const program = randomProgram(7, 6, 8, 2);
  const f = (q: Tensor) => nodes.quadraticProgram({ ...program, q });
  const held = () => [memory().tensors, memory().bytes];
  const before = held();
  const { value, pullback, dispose } = vjp(f, program.q);
  const V = ones([6]);
  const [first] = pullback(V);
  const [second] = pullback(V);
  assert.equal(first.toArray(), second.toArray());
  for (const x of [value, V, first, second]) x.dispose();
  dispose();
  assert.equal(held(), before);
  for (const x of Object.values(program)) (x as Tensor).dispose();
});

test('f32', () => {
  scope(() => {
    const program = randomProgram(11, 4, 5, 1, 'f32');
    const exact = Object.fromEntries(
      Object.entries(program).map(([key, x]) => [
        key,
        tensor(Float64Array.from((x as Tensor).toTypedArray()), { shape: [...(x as Tensor).shape] }),
      ]),
    ) as Program;
    const single = vjp((q: Tensor) => nodes.quadraticProgram({ ...program, q }), program.q);
    const double = vjp((q: Tensor) => nodes.quadraticProgram({ ...exact, q }), exact.q);
    assert.is(single.value.dtype, 'f32');
    near(single.value.toTypedArray(), double.value.toTypedArray(), 1e-5);
    const [g] = single.pullback(ones([4], { dtype: 'f32' }));
    near(g.toTypedArray(), double.pullback(ones([4]))[0].toTypedArray(), 1e-4);
  });
});

test('the nearest point of a polyhedron: inside it is x; on the simplex it is projectSimplex of optim', () => {
  property(
    fc.record({ seed: fc.nat(1e6), n: fc.integer({ min: 1, max: 7 }) }),
    ({ seed, n }) =>
      scope(() => {
        const x = random(seed).normal([3, n]);
        const set = { G: neg(eye(n)), h: zeros([n]), A: ones([1, n]), b: ones([1]) };
        near(nodes.projectPolyhedron(x, set).toTypedArray(), optim.project.simplex(x).toTypedArray(), 1e-10);
        const wide = { G: concat([eye(n), neg(eye(n))], 0), h: mul(ones([2 * n]), 100) };
        near(nodes.projectPolyhedron(x, wide).toTypedArray(), x.toTypedArray(), 1e-12);
      }),
    20,
  );
  refuses(
    [ones([3]), eye(2), ones([2])],
    (x, G, h) => nodes.projectPolyhedron(x, { G, h }),
    ShapeError,
    /projectPolyhedron/,
  );
});

test.run();
