// Rows of linear algebra inside plans: their memory is known before the first run, and runs ask the heap for nothing.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Graph } from '#src/compiler/graph.js';
import { recording } from '#src/compiler/graph-trace.js';
import { programOf } from '#src/compiler/program.js';
import { runtime } from '#src/core/runtime.js';
import { flatten } from '#src/core/tree.js';
import {
  ArgumentError,
  add,
  compile,
  eye,
  grad,
  hessian,
  jacfwd,
  jvp,
  linalg,
  linearize,
  memory,
  mul,
  SingularMatrixError,
  scope,
  square,
  sum,
  type Tensor,
  tensor,
  trace,
  transpose,
  valueAndGrad,
  vjp,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';
import { heapUse } from '../support/heap.js';
import { numbersIn } from '../support/results.js';
import { calls, KINDS, type Operands, operands } from './operands.js';

/** What reads values, or is no row: it runs outside of plans. */
const NOT_IN_PLANS = ['givens', 'cg', 'minres', 'gmres', 'lsmr'];

const held = () => [memory().tensors, memory().bytes, runtime().heap.used];

test('what every function takes in a plan is known before the first run and does not change; a run asks the heap for nothing', () =>
  scope(() => {
    const o = operands(6);
    const keys = Object.keys(o) as (keyof Operands)[];
    const leaves = keys.map((key) => o[key]);
    for (const [name, way, call] of calls) {
      if (NOT_IN_PLANS.includes(name)) continue;
      const where = `${name} ${way}`;
      const before = held();
      const want = scope(() => ({ numbers: numbersIn(call(o)) })).numbers;
      const f = (...xs: Tensor[]) =>
        flatten(call(Object.fromEntries(keys.map((key, i) => [key, xs[i]])) as unknown as Operands)).leaves;
      const program = programOf(new Graph(recording('compile', f, leaves)));
      const bytes = program.bytes;
      assert.ok(bytes <= runtime().heap.used - before[2] + 64, `${where}: ${bytes} bytes are held`);
      for (let run = 0; run < 3; run++)
        assert.is(heapUse(() => void program.run(leaves)).calls, 0, `${where}, run ${run}`);
      assert.is(program.bytes, bytes, where);
      const got = numbersIn(program.result);
      // Beside what is no tensor in an eager result, a plan has a tensor.
      near(got.sort(), want.sort(), 1e-9 * Math.max(...want.map(Math.abs)), where);
      program.dispose();
      assert.equal(held(), before, where);
    }
  }));

test('columns of a Hessian have their memory before the first run, too', () =>
  scope(() => {
    const f = hessian((x: Tensor) => linalg.slogdet(add(mul(x, x), eye(4))).logabsdet);
    const { definite } = operands(4);
    const before = held();
    const program = programOf(new Graph(recording('compile', f, [definite])));
    assert.ok(program.graph.steps.some(({ op }) => op.name === 'columns'));
    const bytes = program.bytes;
    for (let run = 0; run < 3; run++) assert.is(heapUse(() => void program.run([definite])).calls, 0);
    assert.is(program.bytes, bytes);
    program.dispose();
    assert.equal(held(), before);
  }));

/** A system and its solution. */
const A = () =>
  tensor([
    [4, 1, 0],
    [1, 3, 1],
    [0, 1, 2],
  ]);
const b = () => tensor([1, 2, 3]);

/** Ways in which the factors go while the way back still wants them. */
const FREED: Record<string, (a: Tensor, x: Tensor, kind: (typeof KINDS)[number]) => Tensor> = {
  scope: (a, x, kind) => scope(() => linalg.factor(a, { kind }).solve(x)),
  dispose: (a, x, kind) => {
    const f = linalg.factor(a, { kind });
    const y = f.solve(x);
    f.dispose();
    return y;
  },
};

for (const kind of KINDS) {
  const assume = kind === 'cholesky' || kind === 'ldlt' ? 'positiveDefinite' : 'general';

  test(`${kind}: the way back has the factors, wherever they were freed, and A may be followed`, () => {
    const before = held();
    scope(() => {
      const loss = (solve: (a: Tensor, x: Tensor) => Tensor) => (a: Tensor, x: Tensor) =>
        sum(square(solve(a, x)));
      const reference = loss((a, x) => linalg.solve(a, x, { assume }));
      for (const [way, solve] of Object.entries(FREED)) {
        const f = loss((a, x) => solve(a, x, kind));
        const want = grad(reference, [0, 1])(A(), b());
        near(numbersIn(grad(f, [0, 1])(A(), b())), numbersIn(want), 1e-12, way);
        const plan = compile(grad(f, [0, 1]));
        plan(eye(3), b());
        near(numbersIn(plan(A(), b())), numbersIn(want), 1e-12, `${way}, compiled`);
        plan.dispose();
        const tangents = [mul(A(), 0.5), b()];
        near(
          numbersIn(jvp(f, [A(), b()], tangents)),
          numbersIn(jvp(reference, [A(), b()], tangents)),
          1e-12,
          `${way}, jvp`,
        );
        const alongA = (g: typeof f) => hessian((a: Tensor) => g(a, b()))(A());
        near(numbersIn(alongA(f)), numbersIn(alongA(reference)), 1e-11, `${way}, hessian in A`);
      }
    });
    assert.equal(held(), before);
  });

  test(`${kind}: the other verbs have derivatives in A`, () =>
    scope(() => {
      const symmetric = assume === 'positiveDefinite';
      /** Of a function of one triangle, as that of the symmetric matrix. */
      const part = (x: Tensor) => (symmetric ? mul(add(x, transpose(x)), 0.5) : x);
      const verbs: [string, (a: Tensor) => Tensor, (a: Tensor) => Tensor][] = [
        ['inverse', (a) => linalg.factor(a, { kind }).inverse(), (a) => linalg.inv(a)],
        ['det', (a) => linalg.factor(a, { kind }).det(), (a) => linalg.det(a)],
        ['logAbsDet', (a) => linalg.factor(a, { kind }).logAbsDet(), (a) => linalg.slogdet(a).logabsdet],
        ['reconstruct', (a) => linalg.factor(a, { kind }).reconstruct(), (a) => mul(a, 1)],
      ];
      for (const [name, f, g] of verbs) {
        const [lossF, lossG] = [f, g].map((h) => (a: Tensor) => sum(square(h(a))));
        near(grad(lossF)(A()).data(), part(grad(lossG)(A())).data(), 1e-9, name);
        near(numbersIn(jacfwd(f)(A())), numbersIn(jacfwd((a: Tensor) => g(part(a)))(A())), 1e-9, name);
        const plan = compile(f);
        plan(eye(3));
        near(numbersIn(plan(A())), numbersIn(f(A())), 1e-14, `${name}, compiled`);
      }
      const a = A();
      rejects(() => grad((m: Tensor) => linalg.factor(m, { kind }).rcond())(a), ArgumentError, /rcond/);
      assert.is(
        numbersIn(grad((a: Tensor) => linalg.factor(a, { kind }).signDet())(A())).join(''),
        '000000000',
      );
    }));

  test(`${kind}: a plan with a factorization factors anew, and allocates nothing`, () =>
    scope(() => {
      const { definite } = operands(3);
      const other = compile((a: Tensor, x: Tensor) => linalg.factor(a, { kind }).solve(x));
      const [a, x, singular] = [A(), b(), mul(A(), 0)];
      other(a, x);
      assert.is(heapUse(() => void other(definite, x)).calls, 0);
      near(other(definite, b()).data(), linalg.solve(definite, b()).data(), 1e-12);
      const w = A();
      const captured = compile((x: Tensor) => linalg.factor(w, { kind }).solve(x));
      near(captured(b()).data(), [2 / 9, 1 / 9, 13 / 9], 1e-14);
      w.data().set(definite.data());
      near(captured(x).data(), linalg.solve(definite, x).data(), 1e-12, 'A is captured, and changes');
      assert.is(heapUse(() => void captured(x)).calls, 0);
      if (kind === 'cholesky') return;
      rejects(() => other(singular, x), SingularMatrixError, /solve: matrix is singular: pivot 0 is 0/);
      near(other(A(), b()).data(), [2 / 9, 1 / 9, 13 / 9], 1e-14);
    }));

  test(`${kind}: scope and transformations keep the factors of what is returned`, () => {
    const before = held();
    const a = A();
    const x = b();
    const want = [2 / 9, 1 / 9, 13 / 9];
    const f = scope(() => linalg.factor(a, { kind }));
    const { parts } = scope(() => scope(() => ({ parts: [linalg.factor(a, { kind }), 1] as const })));
    const { aux, ...rest } = valueAndGrad((y: Tensor) => [sum(y), linalg.factor(a, { kind })], 0, {
      aux: true,
    })(x);
    const l = linearize((y: Tensor) => ({ y, f: linalg.factor(a, { kind }) }), x);
    const j = jvp((y: Tensor) => ({ y, f: linalg.factor(a, { kind }) }), [x], [x]);
    const r = vjp((y: Tensor) => ({ y: mul(y, 2), f: linalg.factor(a, { kind }) }), x);
    for (const g of [f, parts[0], aux, l.value.f, j.value.f]) {
      const y = g.solve(x);
      near(y.data(), want, 1e-14);
      y.dispose();
      g.dispose();
      g.dispose();
      rejects(() => g.solve(x), Error, /solve: the factorization has been disposed/);
    }
    for (const t of [rest.value, rest.grad, r.value.y, l, l.value.y, j.value.y, j.tangent.y]) t.dispose();
    r.dispose();
    const y = r.value.f.solve(x);
    near(y.data(), want, 1e-14);
    for (const t of [a, x, y, r.value.f]) t.dispose();
    assert.equal(held(), before);
  });
}

test('what vjp gives is kept by a scope that returns it', () => {
  const before = held();
  const x = b();
  const r = scope(() => vjp((y: Tensor) => mul(y, y), x));
  const [back] = r.pullback(x);
  assert.equal([...back.data()], [2, 8, 18]);
  for (const t of [x, back, r.value, r]) t.dispose();
  assert.equal(held(), before);
});

test('numbers of a matrix are tensors while a program is recorded', () =>
  scope(() => {
    const low = tensor([
      [1, 2],
      [2, 4],
      [3, 6],
    ]);
    for (const method of ['svd', 'qr'] as const) {
      const plan = compile((a: Tensor, c: Tensor) => linalg.lstsq(a, c, { method }));
      const whole = plan(add(low, tensor([[1, 0]])), b());
      assert.is((whole.rank as Tensor).dtype, 'i32');
      assert.equal([(whole.rank as Tensor).shape.length, (whole.rank as Tensor).item()], [0, 2]);
    }
    const plan = compile((a: Tensor, c: Tensor) => linalg.lstsq(a, c));
    assert.is((plan(low, b()).rank as Tensor).item(), 1);
    assert.is(linalg.lstsq(low, b()).rank, 1);
    assert.is((trace((a: Tensor) => linalg.matrixRank(a), low).run(low) as Tensor).item(), 1);
    assert.is(linalg.matrixRank(low), 1);
    const rcond = compile((a: Tensor) => linalg.rcond(a) as Tensor);
    assert.is(rcond(A()).item(), linalg.rcond(A()) as number);
    const m = A();
    rejects(() => grad((a: Tensor) => linalg.rcond(a) as Tensor)(m), ArgumentError, /no derivative/);
  }));

test.run();
