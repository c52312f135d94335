// jacfwd, jacrev, jacobian, hessian: against each other, against formulas, over trees, nested, at edges.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  astype,
  cos,
  customJvp,
  DTypeError,
  div,
  exp,
  grad,
  hessian,
  hvp,
  jacfwd,
  jacobian,
  jacrev,
  jvp,
  linearize,
  matmul,
  memory,
  mul,
  ones,
  random,
  ShapeError,
  scope,
  sin,
  split,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

const square = (x: Tensor): Tensor => mul(x, x);
const KINDS = { jacfwd, jacrev, jacobian };

for (const [name, kind] of Object.entries(KINDS)) {
  test(`${name}: output axes first, in both dtypes`, () => {
    const before = memory();
    scope(() => {
      for (const dtype of ['f64', 'f32'] as const) {
        const [w, x] = [
          tensor(
            [
              [1, 2, 3],
              [4, 5, 6],
            ],
            { dtype },
          ),
          tensor([1, 2, -1], { dtype }),
        ];
        const f = (a: Tensor, b: Tensor) => matmul(a, square(b));
        const byX = kind(f, 1)(w, x);
        assert.equal(
          [byX.dtype, byX.toArray()],
          [
            dtype,
            [
              [2, 8, -6],
              [8, 20, -12],
            ],
          ],
        );
        const byW = kind(f)(w, x);
        assert.equal(byW.shape, [2, 2, 3]);
        assert.equal(byW.toArray(), [
          [
            [1, 4, 1],
            [0, 0, 0],
          ],
          [
            [0, 0, 0],
            [1, 4, 1],
          ],
        ]);
      }
    });
    assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  });

  test(`${name}: trees in and out, scalars, numbers, empty ones`, () => {
    scope(() => {
      const f = (p: { a: Tensor; b: Tensor[] }, x: Tensor) => [mul(p.a, p.b[0]), { s: sum(mul(p.a, x)) }];
      const j = kind(f)({ a: tensor([1, 2]), b: [tensor(3)] }, tensor([5, 7]));
      assert.equal(
        [j[0].a.toArray(), j[0].b[0].toArray()],
        [
          [
            [3, 0],
            [0, 3],
          ],
          [1, 2],
        ],
      );
      assert.equal([j[1].s.a.toArray(), j[1].s.b[0].toArray()], [[5, 7], 0]);
      assert.is(kind(square)(3).item(), 6);
      assert.equal(kind(square)(ones([0])).shape, [0, 0]);
      assert.equal(kind((x: Tensor) => sum(x))(ones([0, 2])).shape, [0, 2]);
      assert.equal(kind((x: Tensor) => matmul(ones([0, 3]), x))(ones([3])).shape, [0, 3]);
      assert.equal(kind((x: Tensor) => matmul(ones([2, 0]), x))(ones([0])).shape, [2, 0]);
      assert.equal(
        kind((x: Tensor) => [x, zeros([3])])(ones([2])).map((y: Tensor) => y.toArray()),
        [
          [
            [1, 0],
            [0, 1],
          ],
          [
            [0, 0],
            [0, 0],
            [0, 0],
          ],
        ],
      );
    });
  });

  test(`${name}: nests with every other, and has derivatives of its own`, () => {
    scope(() => {
      const x = random(1).normal([3]);
      const f = (y: Tensor) => mul(y, div(sum(y), add(1, square(y))));
      const want = jacfwd(jacfwd(f))(x);
      for (const other of Object.values(KINDS)) {
        const got = kind(other(f))(x);
        assert.equal(got.shape, [3, 3, 3]);
        near(got.data(), want.data(), 1e-13);
      }
      checkDerivatives(kind(f), [x], { order: 1 });
      checkDerivatives((y: Tensor) => matmul(kind(f)(y), y), [x]);
    });
  });
}

test('hessian: symmetric, equal to every other way of computing it', () => {
  scope(() => {
    const a = random(1).normal([5, 5]);
    const f = (x: Tensor) => sum(div(square(matmul(a, x)), add(1, square(x))));
    const x = random(2).normal([5]);
    const h = hessian(f)(x);
    const others = [jacrev(grad(f)), jacrev(jacfwd(f)), jacfwd(jacrev(f)), jacrev(jacrev(f))];
    for (const other of others) near(other(x).data(), h.data(), 1e-12);
    for (let j = 0; j < 5; j++) {
      const e = zeros([5]);
      e.data()[j] = 1;
      near(
        hvp(f, x, e).data(),
        Array.from({ length: 5 }, (_, i) => h.data()[i * 5 + j]),
        1e-13,
      );
    }
    for (let i = 0; i < 5; i++)
      for (let j = 0; j < 5; j++) near([h.data()[5 * i + j]], [h.data()[5 * j + i]], 1e-12);
  });
});

test('hessian of a tree: a tree of trees; other arguments are constants', () => {
  scope(() => {
    const f = (k: Tensor, p: { a: Tensor; b: Tensor }) => mul(k, sum(mul(square(p.a), p.b)));
    const h = hessian(f, 1)(tensor(2), { a: tensor([1, 2]), b: tensor(3) });
    assert.equal(h.a.a.toArray(), [
      [12, 0],
      [0, 12],
    ]);
    assert.equal([h.a.b.toArray(), h.b.a.toArray(), h.b.b.toArray()], [[4, 8], [4, 8], 0]);
  });
});

test('control flow on values works inside', () => {
  scope(() => {
    const f = (x: Tensor) => (x.data()[0] > 0 ? square(x) : mul(x, 3));
    for (const kind of Object.values(KINDS)) {
      assert.equal(kind(f)(tensor([1, 2])).toArray(), [
        [2, 0],
        [0, 4],
      ]);
      assert.equal(kind(f)(tensor([-1, 2])).toArray(), [
        [3, 0],
        [0, 3],
      ]);
    }
    assert.is(jvp((x: Tensor) => sum(jacfwd(f)(x)), [tensor([1, 2])], [ones([2])]).tangent.item(), 4);
  });
});

test('many columns: f runs once, and the columns are those of one jvp each', () => {
  scope(() => {
    for (const n of [3, 20, 70]) {
      const [a, x] = [random(1).normal([n, n]), random(2).normal([n])];
      let calls = 0;
      const f = (y: Tensor) => {
        calls++;
        return { u: div(matmul(a, square(y)), add(2, sum(square(y)))), y, c: ones([2]) };
      };
      const j = jacfwd(f)(x);
      assert.is(calls, 1);
      const want = jacrev(f)(x);
      for (const key of ['u', 'y', 'c']) near(j[key].data(), want[key].data(), 1e-13, key);
    }
  });
});

test('a rule that reads values of tangents takes the slower way', () => {
  scope(() => {
    const f = customJvp(
      (x: Tensor) => square(x),
      ([x], [t]) => ({ value: square(x), tangent: mul(2, mul(x, tensor(t.toTypedArray()))) }),
    );
    assert.equal(jacfwd(f)(tensor([1, 2, 3])).toArray(), [
      [2, 0, 0],
      [0, 4, 0],
      [0, 0, 6],
    ]);
  });
});

test('linearize: one evaluation, any number of tangents, with derivatives of its own', () => {
  const before = memory();
  scope(() => {
    let calls = 0;
    const f = (p: { a: Tensor }, k: Tensor) => {
      calls++;
      return [mul(k, square(p.a)), { n: 3, k }];
    };
    const { value, apply, dispose } = linearize(f, { a: tensor([1, 2]) }, 3);
    assert.equal([value[0].toArray(), value[1].n, value[1].k.item()], [[3, 12], 3, 3]);
    assert.equal(apply({ a: tensor([1, 0]) }, tensor(0))[0].toArray(), [6, 0]);
    assert.equal(apply({ a: tensor([0, 0]) }, tensor(1))[0].toArray(), [1, 4]);
    assert.is(calls, 1);
    // The map is linear in its tangents.
    checkDerivatives((a: Tensor, k: Tensor) => apply({ a }, k)[0], [tensor([5, 7]), tensor(2)]);
    assert.throws(
      () => apply({ a: tensor([1]) }, tensor(0)),
      /^ArgumentError|linearize: the tangents must match/,
    );
    dispose();
    dispose();
    assert.throws(() => apply({ a: tensor([1, 0]) }, tensor(0)), /called after dispose/);
    // Inside a gradient it follows the point.
    const d = (x: Tensor) => {
      using map = linearize(square, x);
      return map.apply(ones([2]));
    };
    checkDerivatives(d, [tensor([1, 2])]);
  });
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test('the dissertation’s function (Figure 5): golden values of gradient, Hessian and products', () => {
  const { scalar_function } = JSON.parse(
    readFileSync(new URL('../../../test/fixtures/ad.json', import.meta.url), 'utf8'),
  );
  const f = (x: Tensor) => {
    const [a, b] = split(x, 2);
    return sum(mul(mul(sin(a), cos(b)), exp(mul(a, b))));
  };
  scope(() => {
    for (const point of scalar_function.points) {
      const [x, v] = [tensor(point.x), tensor(point.v)];
      near([f(x).item()], [point.f], 1e-15);
      for (const kind of Object.values(KINDS)) near(kind(f)(x).data(), point.grad, 1e-14);
      near(hessian(f)(x).data(), point.hessian.data, 1e-14);
      near([jvp(f, [x], [v]).tangent.item()], [point.jvp], 1e-14);
      near(hvp(f, x, v).data(), point.hvp, 1e-14);
    }
  });
});

test('errors name the function, and leave nothing', () => {
  const [x, i] = [ones([2]), tensor([1], { dtype: 'i32' })];
  for (const [name, kind] of Object.entries(KINDS)) {
    rejects(() => kind(square)(i), DTypeError, new RegExp(`^${name}: argument 0 must be f64 or f32`));
    rejects(
      () => kind(square, 1)(x),
      ArgumentError,
      new RegExp(`^${name}: argnums must name arguments from 0 to 0`),
    );
    rejects(
      () => kind(square, [0] as never)(x),
      ArgumentError,
      new RegExp(`^${name}: argnum must be the position`),
    );
    rejects(
      () => kind((y: Tensor) => astype(y, 'i32'))(x),
      DTypeError,
      new RegExp(`^${name}: the function must return f64`),
    );
    rejects(() => kind(() => 3)(x), ArgumentError, new RegExp(`^${name}: the function must return a tensor`));
  }
  rejects(() => hessian(square)(x), ShapeError, /^hessian: the function must return a real scalar/);
  x.dispose();
  i.dispose();
});

test('f runs once when it fails, and its own error comes', () =>
  scope(() => {
    const x = ones([5]);
    for (const [name, kind] of Object.entries({ ...KINDS, hessian })) {
      let calls = 0;
      const f = (y: Tensor) => {
        calls++;
        return sum(split(mul(y, y), 7)[0]);
      };
      rejects(() => kind(f)(x), ShapeError, /^split: /);
      assert.is(calls, 1, name);
    }
  }));

test.run();
