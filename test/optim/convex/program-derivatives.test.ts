// How solutions of quadratic and linear programs move with their data: both modes and orders, compiled, f32, and where there is no derivative.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  ConvergenceError,
  type CotangentError,
  compile,
  grad,
  jvp,
  mul,
  ones,
  optim,
  scope,
  slice,
  sum,
  type Tensor,
  tensor,
  trace,
  vjp,
} from '#src/index.js';
import { UnknownValueError } from '#src/ops/tracer.js';
import { near, numbers, rejects } from '../../support/check.js';
import { checkDerivatives } from '../../support/derivatives.js';

const P = () =>
  tensor([
    [2, 0.5, 0.1],
    [0.5, 1, 0.2],
    [0.1, 0.2, 1.5],
  ]);
const q = () => tensor([-1, 0.7, -2]);
/** At the solution the first and the third hold with equality. */
const G = () =>
  tensor([
    [1, 1, 1],
    [-1, 0, 0],
    [0, -1, 0.5],
    [0, 0, 1],
  ]);
const h = () => tensor([0.9, 0.4, 0.1, Number.POSITIVE_INFINITY]);
const A = () => tensor([[1, -1, 0.5]]);
const b = () => tensor([0.3]);
const options = { gradientTolerance: 1e-13 };
type Parts = Record<string, Tensor>;
const tensorsOf = ({ x, lambda, nu }: { x: Tensor; lambda: Tensor; nu: Tensor }) => ({ x, lambda, nu });
const solve = (parts: Parts) =>
  tensorsOf(
    optim.quadraticProgram(parts as unknown as Parameters<typeof optim.quadraticProgram>[0], options),
  );

test.before(() => scope(() => void slice(ones([3, 3]), [1, 1])));

test('quadratic programs: in all parts, to second order', () =>
  scope(() => {
    const problems: Parts[] = [
      { P: P(), q: q() },
      { P: P(), q: q(), G: G(), h: tensor([0.9, 0.4, 0.1, 7]) },
      { P: P(), q: q(), A: A(), b: b() },
      { P: P(), q: q(), G: G(), h: tensor([0.2, 0.4, 0.1, 7]), A: A(), b: b() },
    ];
    for (const problem of problems) checkDerivatives(solve, [problem], { tolerance: 1e-5 });
    const { active } = optim.quadraticProgram({ P: P(), q: q(), G: G(), h: h() });
    assert.ok(active.length > 0 && active.length < 3, `${active}: some hold with equality, others do not`);
  }));

test('an asymmetric P counts by its symmetric part, an infinite h as no constraint', () =>
  scope(() => {
    const skew = tensor([
      [2, 1, 0.1],
      [0, 1, 0.2],
      [0.1, 0.2, 1.5],
    ]);
    checkDerivatives((x: Tensor) => solve({ P: x, q: q() }), [skew], { tolerance: 1e-5 });
    checkDerivatives((x: Tensor, y: Tensor) => solve({ P: P(), q: x, G: y, h: h() }), [q(), G()], {
      tolerance: 1e-5,
    });
  }));

test('a linear program at its corner: x in G, h, A, b; multipliers in c', () =>
  scope(() => {
    const c = () => tensor([-1, -2]);
    const rows = () =>
      tensor([
        [1, 1],
        [-1, 0],
        [0, -1],
        [0.2, 1],
      ]);
    const right = () => tensor([4, 0.1, 0, 3]);
    checkDerivatives(
      (x: Tensor, y: Tensor, z: Tensor) => tensorsOf(optim.linearProgram({ c: x, G: y, h: z }, options)),
      [c(), rows(), right()],
      { tolerance: 1e-5 },
    );
    checkDerivatives(
      (x: Tensor, y: Tensor) =>
        tensorsOf(optim.linearProgram({ c: c(), G: rows(), h: right(), A: x, b: y }, options)),
      [tensor([[1, -1]]), tensor([0.5])],
      { tolerance: 1e-5 },
    );
  }));

test('by operator splitting, too', () =>
  scope(() => {
    const f = (x: Tensor) =>
      optim.quadraticProgram({ P: P(), q: x, G: G(), h: h() }, { method: optim.operatorSplitting() }).x;
    checkDerivatives(f, [q()], { order: 1, tolerance: 1e-5 });
  }));

test('inside plans and graphs: the same values and derivatives, with new data every time', () =>
  scope(() => {
    const f = (y: Tensor, z: Tensor) => solve({ P: P(), q: y, G: G(), h: h(), A: A(), b: z });
    const plan = compile(f);
    const gradient = grad((y: Tensor) => sum(mul(f(y, b()).x, q())));
    const compiled = compile(gradient);
    for (const other of [q(), tensor([1, 2, 3]), tensor([-5, 0, 0])]) {
      const [got, want] = [plan(other, b()), f(other, b())];
      for (const key of ['x', 'lambda', 'nu'] as const)
        near(got[key].toTypedArray(), want[key].toTypedArray(), 0);
      near(compiled(other).toTypedArray(), gradient(other).toTypedArray(), 1e-14);
    }
    const graph = trace((y: Tensor) => f(y, b()).x, q());
    near(graph.run(q()).data(), f(q(), b()).x.data(), 0);
    near(
      vjp(graph.run, q())
        .pullback(ones([3]))[0]
        .data(),
      vjp((y: Tensor) => f(y, b()).x, q())
        .pullback(ones([3]))[0]
        .data(),
      1e-15,
    );
  }));

test('numbers: known where it has run, an error while it is traced', () =>
  scope(() => {
    let seen: number[] = [];
    grad((y: Tensor) => {
      const s = optim.quadraticProgram({ P: P(), q: y, G: G(), h: h() });
      seen = [s.value, s.iterations, s.active.length];
      return sum(s.x);
    })(q());
    const s = optim.quadraticProgram({ P: P(), q: q(), G: G(), h: h() });
    assert.equal(seen, [s.value, s.iterations, s.active.length]);
    const [p, y] = [P(), q()];
    const reading = compile((x: Tensor) => mul(x, optim.quadraticProgram({ P: p, q: x }).value));
    rejects(() => reading(y), UnknownValueError, /^quadraticProgram: value is read while/);
    const whole = compile((x: Tensor) => optim.quadraticProgram({ P: p, q: x }));
    near(whole(y).x.toTypedArray(), optim.quadraticProgram({ P: p, q: y }).x.data(), 0);
  }));

test('a weakly active inequality counts as absent', () =>
  scope(() => {
    // The unconstrained minimum lies on x_0 <= 1.
    const f = (x: Tensor) =>
      optim.quadraticProgram({ P: tensor([[1]]), q: x, G: tensor([[1]]), h: tensor([1]) }).x;
    near(grad((x: Tensor) => sum(f(x)))(tensor([-1])).data(), [-1], 1e-12);
  }));

test('dependent equalities: x moves as without them', () =>
  scope(() => {
    const f = (y: Tensor, M: Tensor, z: Tensor) => optim.quadraticProgram({ P: P(), q: y, A: M, b: z }).x;
    const twice = tensor([
      [1, -1, 0.5],
      [2, -2, 1],
    ]);
    const [once, both] = [
      grad((y: Tensor) => sum(mul(q(), f(y, A(), b()))))(q()),
      grad((y: Tensor) => sum(mul(q(), f(y, twice, tensor([0.3, 0.6])))))(q()),
    ];
    near(both.data(), once.data(), 1e-12);
    const along = (d: number[]) =>
      jvp((z: Tensor) => f(q(), twice, z), [tensor([0.3, 0.6])], [tensor(d)]).tangent;
    near(
      along([1, 2]).data(),
      jvp((z: Tensor) => f(q(), A(), z), [b()], [tensor([1])]).tangent.data(),
      1e-12,
    );
    const [right, d] = [tensor([0.3, 0.6]), tensor([1, 0])];
    const [p, y] = [P(), q()];
    rejects(
      () => jvp((z: Tensor) => optim.quadraticProgram({ P: p, q: y, A: twice, b: z }).x, [right], [d]),
      Error as unknown as new () => CotangentError,
      /^quadraticProgram: the solution has no derivative here/,
    );
  }));

test('a solution that is not unique has no derivative', () =>
  scope(() => {
    const [c, rows, right] = [
      tensor([-1, -1]),
      tensor([
        [1, 1],
        [-1, 0],
        [0, -1],
      ]),
      tensor([1, 0, 0]),
    ];
    const f = (x: Tensor) => sum(mul(optim.linearProgram({ c, G: rows, h: x }).x, c));
    // The value is unique, and has one.
    near(grad(f)(right).data(), [-1, 0, 0], 1e-9);
    const weights = tensor([1, 2]);
    const g = grad((x: Tensor) => sum(mul(optim.linearProgram({ c, G: rows, h: x }).x, weights)));
    rejects(
      () => g(right),
      Error as unknown as new () => CotangentError,
      /^linearProgram: the solution has no derivative here/,
    );
  }));

test('no solution, no derivative', () =>
  scope(() => {
    const [p, rows, right, y] = [
      P(),
      tensor([
        [1, 0, 0],
        [-1, 0, 0],
      ]),
      tensor([-1, -1]),
      q(),
    ];
    const f = (x: Tensor) => optim.quadraticProgram({ P: p, q: x, G: rows, h: right }, { throws: false }).x;
    rejects(
      () => grad((x: Tensor) => sum(f(x)))(y),
      ArgumentError,
      /^quadraticProgram: there is a derivative only at a solution/,
    );
    const gradient = compile(grad((x: Tensor) => sum(f(x))));
    assert.ok(gradient(y).data().every(Number.isNaN));
    gradient.dispose();
    const strict = compile((x: Tensor) => optim.quadraticProgram({ P: p, q: x, G: rows, h: right }).x);
    assert.throws(
      () => strict(y),
      (error: unknown) => error instanceof ConvergenceError,
    );
    strict.dispose();
    const wrong = grad((x: Tensor) => sum(optim.quadraticProgram({ P: p, q: x }).x));
    const nan = tensor([1, Number.NaN, 0]);
    rejects(() => wrong(nan), ArgumentError, /^quadraticProgram: q must hold finite numbers/);
  }));

test('f32', () =>
  scope(() => {
    const single = (x: Tensor) => tensor(x.data() as Float64Array, { shape: [...x.shape], dtype: 'f32' });
    const f = (p: Tensor, y: Tensor, rows: Tensor, right: Tensor) =>
      sum(
        mul(
          optim.quadraticProgram({ P: p, q: y, G: rows, h: right }).x,
          tensor(numbers(3, 1), { dtype: y.dtype }),
        ),
      );
    const args = [P(), q(), G(), h()];
    const all = [0, 1, 2, 3];
    const [want, got] = [grad(f, all)(...args), grad(f, all)(...args.map(single))] as Tensor[][];
    want.forEach((x, i) => {
      assert.is(got[i].dtype, 'f32');
      near(got[i].data(), x.data(), 1e-5, `argument ${i}`);
    });
  }));

test.run();
