// Tensors from outside: a plan reads them at every run, so that it gives what its function would give now.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  compile,
  concat,
  div,
  full,
  grad,
  greater,
  hessian,
  implicitRoot,
  jvp,
  linalg,
  linearize,
  matmul,
  memory,
  mul,
  ones,
  type Plan,
  random,
  scan,
  scope,
  sin,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  trace,
  transpose,
  vjp,
  where,
  zeros,
} from '#src/index.js';
import { near } from '../support/check.js';

type Numbers = (...xs: Tensor[]) => Tensor;

const values = (x: Tensor) => Array.from(x.data());

/** Values changed in place. */
function change(...xs: Tensor[]): void {
  for (const x of xs) {
    const data = x.data();
    for (let i = 0; i < data.length; i++)
      data[i] = x.dtype === 'i32' ? (data[i] === 0 ? -1 : 0) : 1.7 * data[i] + 0.3;
  }
}

function clean(work: () => void): void {
  const before = memory();
  scope(work);
  const after = memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes], 'nothing is left behind');
}

/** The plan gives what f gives, before and after what f uses has changed, and with other arguments. */
function follows(f: Numbers, args: readonly Tensor[], captured: readonly Tensor[], what = ''): Plan<Numbers> {
  const plan = compile(f);
  for (let round = 0; round < 3; round++) {
    const want = f(...args);
    const size = Math.max(1, ...values(want).map(Math.abs));
    near(values(plan(...args)), values(want), 1e-11 * size, `${what} round ${round}`);
    change(...captured);
  }
  return plan;
}

/** As far as rounding allows, which is not that far where v has grown. */
const TIGHT = { tolerance: 1e-14, throws: false };

const x = () => tensor([0.3, -0.7, 1.1]);
const matrix = () => random(3).uniform([3, 3], { low: -0.5, high: 0.5 });
const regular = (a: Tensor) =>
  add(mul(0.2, tanh(a)), mul(3, linalg.inv(tensor([1, 0, 0, 0, 1, 0, 0, 0, 1], { shape: [3, 3] }))));

test('one captured tensor in two places is one value', () =>
  clean(() => {
    const w = tensor([1, 2]);
    using p = compile((y: Tensor) => add(mul(w, 2), mul(y, w)));
    assert.equal(p(ones([2])).toArray(), [3, 6]);
    w.data()[0] = 5;
    assert.equal(p(ones([2])).toArray(), [15, 6]);
  }));

/** Functions of an argument that capture: made anew for each use. */
const CASES: Record<string, () => { f: Numbers; captured: Tensor[] }> = {
  scalar: () => {
    const s = tensor(2);
    return { f: (y) => mul(sin(mul(y, s)), s), captured: [s] };
  },
  'uniform values': () => {
    const u = full([3], 2);
    return { f: (y) => mul(add(y, u), u), captured: [u] };
  },
  'zeros and ones, which are no longer such': () => {
    const [zero, one] = [zeros([3]), ones([3])];
    return { f: (y) => add(mul(y, one), mul(zero, add(y, zero))), captured: [zero, one] };
  },
  condition: () => {
    const flags = tensor([0, -1, 0], { dtype: 'i32' });
    return { f: (y) => where(flags, y, square(y)), captured: [flags] };
  },
  'comparison of two captured': () => {
    const [a, b] = [tensor([1, 2, 3]), tensor([2, 2, 2])];
    return { f: (y) => where(greater(a, b), mul(a, y), y), captured: [a, b] };
  },
  indices: () => {
    const at = tensor([0, -2, -1], { dtype: 'i32' });
    return { f: (y) => take(concat([y, y, y, y], 0), at, 0), captured: [at] };
  },
  'product of two captured': () => {
    const [a, b] = [matrix(), matrix()];
    return { f: (y) => matmul(matmul(a, b), y), captured: [a, b] };
  },
  'a matrix and its transpose': () => {
    const a = matrix();
    return { f: (y) => matmul(transpose(a), matmul(a, y)), captured: [a] };
  },
  factorization: () => {
    const a = matrix();
    return { f: (y) => add(linalg.solve(regular(a), y), linalg.det(a)), captured: [a] };
  },
  cg: () => {
    const v = tensor([1, -1, 0.5]);
    return {
      f: (y) => linalg.cg((z) => add(mul(3, z), mul(v, sum(mul(v, z)))), y, TIGHT).x,
      captured: [v],
    };
  },
  gradient: () => {
    const w = matrix();
    return { f: grad((y: Tensor) => sum(square(tanh(matmul(w, y))))) as Numbers, captured: [w] };
  },
  'product of two captured in a gradient': () => {
    const [a, b] = [matrix(), matrix()];
    return { f: grad((y: Tensor) => sum(sin(matmul(matmul(a, b), y)))) as Numbers, captured: [a, b] };
  },
  tangent: () => {
    const [w, t] = [matrix(), tensor([1, 2, 3])];
    return { f: (y) => jvp((z: Tensor) => tanh(matmul(w, z)), [y], [t]).tangent, captured: [w, t] };
  },
  'derivative in a captured point': () => {
    const p = tensor([0.5, 0.1, -0.2]);
    return { f: (y) => grad((q: Tensor) => sum(mul(square(q), y)))(p) as Tensor, captured: [p] };
  },
  Hessian: () => {
    const w = matrix();
    return { f: hessian((y: Tensor) => sum(square(sin(matmul(w, y))))) as Numbers, captured: [w] };
  },
  'a loop': () => {
    const [w, c, rows] = [matrix(), tensor([1, 0, -1]), random(4).normal([4, 3])];
    return {
      f: (y) =>
        scan((s: Tensor, row: Tensor) => ({ carry: tanh(add(matmul(w, s), mul(row, y))) }), c, rows).carry,
      captured: [w, c, rows],
    };
  },
  'a loop over what f makes': () => {
    const w = matrix();
    return {
      f: (y) =>
        add(y, scan((s: Tensor) => ({ carry: matmul(w, s) }), ones([3]), undefined, { length: 3 }).carry),
      captured: [w],
    };
  },
  'cg for what f makes': () => {
    const v = tensor([1, -1, 0.5]);
    return {
      f: (y) => mul(y, linalg.cg((z) => add(mul(3, z), mul(v, sum(mul(v, z)))), ones([3]), TIGHT).x),
      captured: [v],
    };
  },
  'a root for what f makes': () => {
    const v = tensor([2, 3, 4]);
    const root = implicitRoot(
      (theta: Tensor, z: Tensor) => sub(mul(square(z), theta), v),
      (theta: Tensor) => sqrt(div(v, theta)),
    );
    const reads = implicitRoot(
      (theta: Tensor, z: Tensor) => sub(mul(square(z), theta), v),
      (theta: Tensor) => tensor(values(theta).map((t, i) => Math.sqrt(v.data()[i] / t))),
    );
    return { f: (y) => mul(y, add(root(ones([3])), reads(add(ones([3]), mul(0, y))))), captured: [v] };
  },
  'returned as it is': () => {
    const w = tensor([1, 2, 3]);
    return { f: () => w, captured: [w] };
  },
};

for (const [name, make] of Object.entries(CASES)) {
  test(`${name}: as f now`, () =>
    clean(() => {
      const { f, captured } = make();
      follows(f, [x()], captured, name).dispose();
    }));
  test(`${name}: in gradients, tangents, plans in plans and graphs`, () =>
    clean(() => {
      if (name === 'returned as it is') return;
      const { f, captured } = make();
      using inner = compile(f);
      inner(x());
      follows(grad((y: Tensor) => sum(sin(inner(y)))) as Numbers, [x()], captured, 'grad').dispose();
      follows((y) => jvp(inner, [y], [ones([3])]).tangent, [x()], captured, 'jvp').dispose();
      follows((y) => mul(inner(add(y, 1)), 2), [x()], captured, 'a plan in a plan').dispose();
      using graph = trace(f, x());
      follows((y) => graph.run(y), [x()], captured, 'a graph in a plan').dispose();
      change(...captured);
      const back = (g: Numbers) => {
        const { value, pullback } = vjp(g, x());
        return values(pullback(ones(value.shape))[0] as Tensor);
      };
      near(back(graph.run), back(f), 1e-11 * Math.max(1, ...back(f).map(Math.abs)), 'vjp of a graph');
    }));
}

test('Hessians of more than 64 columns, and in plans', () =>
  clean(() => {
    const [w, scale] = [random(5).uniform([70, 70], { low: -0.1, high: 0.1 }), tensor(0.7)];
    const h = hessian((y: Tensor) => sum(mul(scale, square(sin(matmul(w, y)))))) as Numbers;
    follows(h, [random(6).normal([70])], [w, scale]).dispose();
  }));

test('linearize at a captured point, inside a plan', () =>
  clean(() => {
    const [w, p] = [matrix(), tensor([0.1, 0.2, 0.3])];
    const f = (y: Tensor) => {
      using map = linearize((z: Tensor) => tanh(matmul(w, z)), p);
      return add(map.apply(y), map.apply(mul(y, y)));
    };
    follows(f, [x()], [w, p]).dispose();
  }));

test('results of plans are read like any tensor', () =>
  clean(() => {
    using other = compile((y: Tensor) => mul(y, 2));
    const result = other(tensor([1, 2, 3]));
    using plan = compile((y: Tensor) => add(y, result));
    assert.equal(plan(ones([3])).toArray(), [3, 5, 7]);
    other(tensor([5, 5, 5]));
    assert.equal(plan(ones([3])).toArray(), [11, 11, 11]);
  }));

test('what f makes itself is computed ahead', () =>
  clean(() => {
    const f = (y: Tensor) => {
      const a = random(1).normal([3, 3]);
      return matmul(matmul(a, a), y);
    };
    using plan = compile(f);
    near(values(plan(x())), values(f(x())), 1e-14);
    const operations = () => plan.graph?.nodes.filter(({ kind }) => kind === 'operation').length;
    assert.is(operations(), 1);
  }));

test.run();
