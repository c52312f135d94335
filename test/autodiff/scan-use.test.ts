// scan: one node, traced once, memory, scopes, values read in step, and what is left behind.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  compile,
  grad,
  matmul,
  memory,
  mul,
  ones,
  random,
  scan,
  scope,
  sin,
  square,
  sum,
  type Tensor,
  tanh,
  tensor,
  trace,
  zeros,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';

const values = (x: Tensor) => Array.from(x.data());

function clean(work: () => void): void {
  const before = memory();
  scope(work);
  const after = memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes], 'nothing is left behind');
}

const w = random(1).uniform([8, 8], { low: -0.3, high: 0.3 });
const cell = (s: Tensor) => ({ carry: tanh(matmul(w, s)) });

test('the example: sums so far', () =>
  clean(() => {
    const { carry, ys } = scan(
      (s: Tensor, x: Tensor) => ({ carry: add(s, x), y: s }),
      tensor(0),
      tensor([1, 2, 3]),
    );
    assert.equal([carry.toArray(), (ys as Tensor).toArray()], [6, [0, 1, 3]]);
  }));

test('no y: ys are undefined; no steps: carry is init, ys are empty', () =>
  clean(() => {
    assert.is(scan(cell, ones([8]), undefined, { length: 3 }).ys, undefined);
    const step = (s: Tensor, x: Tensor) => ({ carry: mul(s, 2), y: { a: sum(s), b: [x, s] } });
    const f = (init: Tensor) => scan(step, init, zeros([0, 4]));
    const check = ({ carry, ys }: { carry: Tensor; ys: unknown }) => {
      const { a, b } = ys as { a: Tensor; b: Tensor[] };
      assert.equal(values(carry), [1, 1]);
      assert.equal([a.shape, b[0].shape, b[1].shape], [[0], [0, 4], [0, 2]]);
    };
    check(f(ones([2])));
    using plan = compile(f);
    check(plan(ones([2])));
    assert.equal(values(grad((x: Tensor) => sum(f(x).carry))(ones([2])) as Tensor), [1, 1]);
    const reading = (s: Tensor) => ({ carry: mul(s, s.item()) });
    assert.is(scan(reading, tensor(3), undefined, { length: 0 }).carry.item(), 3);
    assert.is(
      scan(() => ({ carry: tensor(1), y: undefined }), tensor(2), undefined, { length: 0 }).ys,
      undefined,
    );
  }));

test('a loop is one node with a body, and step is traced once whatever the length', () =>
  clean(() => {
    for (const length of [1, 10, 10000]) {
      let calls = 0;
      const f = (x: Tensor) => {
        const step = (s: Tensor) => {
          calls++;
          return { carry: tanh(mul(s, 0.5)) };
        };
        return scan(step, x, undefined, { length }).carry;
      };
      using graph = trace(f, ones([2]));
      assert.is(calls, 1);
      const nodes = graph.nodes.filter(({ kind }) => kind === 'operation');
      assert.equal(
        nodes.map(({ op }) => op),
        ['scan'],
      );
      assert.equal(
        nodes[0].body?.nodes.flatMap(({ kind, op }) => (kind === 'operation' ? [op] : [])),
        ['mul', 'tanh'],
      );
      calls = 0;
      using plan = compile(grad((x: Tensor) => sum(f(x))));
      plan(ones([2]));
      plan(ones([2]));
      assert.is(calls, 1);
    }
  }));

test('values may be read in step, but not where it is traced', () =>
  clean(() => {
    const f = (x: Tensor) => {
      const step = (s: Tensor) => ({ carry: s.item() > 1 ? mul(s, 0.5) : mul(s, 3) });
      return scan(step, x, undefined, { length: 4 }).carry;
    };
    const at = tensor(1);
    assert.is(f(at).item(), 2.25);
    assert.is((grad(f)(at) as Tensor).item(), 2.25);
    rejects(() => compile(f)(at), ArgumentError, /item|data|value/);
    rejects(() => trace(f, at), ArgumentError, /item|data|value/);
    const counting = (s: Tensor, i: Tensor) => ({ carry: mul(s, i.item()) });
    rejects(
      () => compile((x: Tensor) => scan(counting, x, undefined, { length: 2 }).carry)(at),
      ArgumentError,
      /item|data|value/,
    );
  }));

test('in a scope, and with one inside step', () =>
  clean(() => {
    const step = (s: Tensor, x: Tensor) =>
      scope(() => {
        const t = mul(s, x);
        return { carry: sin(add(t, s)), y: [t, s] };
      });
    const f = (x: Tensor) => scope(() => scan(step, tensor(0.3), x));
    const want = scan(
      (s: Tensor, x: Tensor) => ({ carry: sin(add(mul(s, x), s)), y: [mul(s, x), s] }),
      tensor(0.3),
      ones([5]),
    );
    const got = f(ones([5]));
    near(values(got.carry), values(want.carry), 1e-15);
    (got.ys as Tensor[]).forEach((y, i) => void near(values(y), values((want.ys as Tensor[])[i]), 1e-15));
    using plan = compile(f);
    near(values(plan(ones([5])).carry), values(want.carry), 1e-15);
    const g = grad((x: Tensor) => f(x).carry);
    using gradient = compile(g);
    near(values(gradient(ones([5]))), values(g(ones([5])) as Tensor), 1e-14);
  }));

test('replay makes nothing, and dispose frees all', () => {
  const before = memory();
  const x = random(2).normal([8]);
  const f = (y: Tensor) => sum(square(scan(cell, y, undefined, { length: 50 }).carry));
  for (const g of [f, grad(f)]) {
    const plan = compile(g);
    plan(x);
    const { tensors, bytes, heapBytes } = memory();
    for (let i = 0; i < 20; i++) plan(x);
    assert.equal(memory(), { tensors, bytes, heapBytes });
    plan.dispose();
  }
  x.dispose();
  const after = memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes]);
});

test('memory of the gradient grows with the square root of the steps', () =>
  clean(() => {
    const bytesOf = (length: number, checkpoint: 'none' | 'sqrt' | 'log' | 'binomial') => {
      using plan = compile(grad((y: Tensor) => sum(scan(cell, y, undefined, { length, checkpoint }).carry)));
      plan(ones([8]));
      return plan.bytes;
    };
    const state = 64;
    assert.ok(bytesOf(10000, 'sqrt') - bytesOf(100, 'sqrt') < 2.5 * 100 * state);
    assert.ok(bytesOf(10000, 'none') - bytesOf(100, 'none') > 9000 * state);
    for (const kind of ['log', 'binomial'] as const)
      assert.ok(bytesOf(10000, kind) - bytesOf(100, kind) < 20 * state, kind);
  }));

test('an eager gradient keeps about the square root of the states', () => {
  const { tensors } = memory();
  let most = 0;
  const step = (s: Tensor) => {
    most = Math.max(most, memory().tensors - tensors);
    return cell(s);
  };
  scope(() => {
    grad((y: Tensor) => sum(scan(step, y, undefined, { length: 400 }).carry))(ones([8]));
  });
  assert.ok(most < 400, `${most} tensors`);
});

test('the carry goes by names, not by the order in which step writes them', () =>
  clean(() => {
    const step = ({ a, b }: { a: Tensor; b: Tensor }) => ({ carry: { b: add(b, 1), a: mul(a, 2) } });
    const init = { a: tensor(1), b: tensor(10) };
    const f = (x: Tensor) => scan(step, { ...init, a: x }, undefined, { length: 3 }).carry;
    const check = ({ a, b }: { a: Tensor; b: Tensor }) => assert.equal([a.item(), b.item()], [8, 13]);
    check(f(tensor(1)));
    using plan = compile(f);
    check(plan(tensor(1)));
    assert.is((grad((x: Tensor) => f(x).a)(tensor(1)) as Tensor).item(), 8);
  }));

test('xs that are made in a scope around the loop are there when its steps run again', () =>
  clean(() => {
    const [x, xs] = [random(1).normal([3]), random(2).normal([7, 3])];
    const run = (rows: () => Tensor) => (c: Tensor) =>
      scope(() => sum(scan((s: Tensor, u: Tensor) => ({ carry: sin(add(s, u)) }), c, rows()).carry));
    const doubled = mul(xs, 2);
    near(values(grad(run(() => mul(xs, 2)))(x)), values(grad(run(() => doubled))(x)), 0);
  }));

test.run();
