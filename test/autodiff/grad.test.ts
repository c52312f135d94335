// grad, valueAndGrad: trees, argnums, nesting, control flow, ownership, errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runtime } from '#src/core/runtime.js';
import {
  ArgumentError,
  add,
  compile,
  DTypeError,
  div,
  grad,
  jvp,
  matmul,
  memory,
  mul,
  neg,
  ones,
  random,
  ShapeError,
  scope,
  stopGradient,
  sub,
  sum,
  type Tensor,
  take,
  tensor,
  valueAndGrad,
  vjp,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';

const square = (x: Tensor): Tensor => mul(x, x);
const norm2 = (x: Tensor): Tensor => sum(square(x));

/** Runs `body`, and fails if it leaves anything behind. */
function clean(body: () => void): void {
  const before = memory();
  scope(body);
  const { tensors, bytes } = memory();
  assert.equal([tensors, bytes], [before.tensors, before.bytes], 'nothing may be left behind');
}

test('value and gradient, in the shape and dtype of the argument', () => {
  clean(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      const x = tensor(
        [
          [1, 2],
          [3, -4],
        ],
        { dtype },
      );
      const { value, grad: g } = valueAndGrad(norm2)(x);
      assert.is(value.item(), 30);
      assert.equal(
        [g.dtype, g.toArray()],
        [
          dtype,
          [
            [2, 4],
            [6, -8],
          ],
        ],
      );
    }
    assert.is(grad((x: Tensor) => mul(x, square(x)))(2).item(), 12);
    assert.equal(grad(sum)(ones([0, 2])).shape, [0, 2]);
  });
});

test('arguments are trees, and carry other values along', () => {
  clean(() => {
    const params = { w: tensor([1, 2]), deep: [tensor(3), { scale: 2, name: 'x' }] } as const;
    const f = (p: typeof params, x: Tensor) => {
      assert.is(p.deep[1].name, 'x');
      return sum(mul(mul(p.w, p.deep[0]), mul(x, p.deep[1].scale)));
    };
    const g = grad(f)(params, tensor([5, 7]));
    assert.equal([g.w.toArray(), g.deep[0].toArray(), g.deep[1].name], [[30, 42], 38, 'x']);
  });
});

test('argnums: one, several in any order, with i32 arguments beside them', () => {
  clean(() => {
    const f = (a: Tensor, at: Tensor, b: Tensor) => sum(mul(mul(a, a), mul(b, at.item())));
    const args = [tensor([1, 2]), tensor(3, { dtype: 'i32' }), tensor([5, 7])];
    assert.equal(grad(f, 2)(...args).toArray(), [3, 12]);
    const [b, a] = valueAndGrad(f, [2, 0])(...args).grad;
    assert.equal(
      [b.toArray(), a.toArray()],
      [
        [3, 12],
        [30, 84],
      ],
    );
  });
});

test('arguments that are not used, used twice, returned, or the same tensor', () => {
  clean(() => {
    const x = tensor(3);
    assert.equal(
      grad((_a: Tensor, b: Tensor) => square(b), [0, 1])(x, x).map((g: Tensor) => g.item()),
      [0, 6],
    );
    assert.is(grad((a: Tensor) => a)(x).item(), 1);
    assert.is(grad((a: Tensor) => add(mul(a, a), a))(x).item(), 7);
    assert.is(grad(() => tensor(5))(x).item(), 0);
    assert.is(grad((a: Tensor) => square(stopGradient(a)))(x).item(), 0);
    assert.is(grad((a: Tensor) => mul(a, stopGradient(a)))(x).item(), 3);
    // The result is a tensor of its own: what it was made of may go.
    const y = tensor([1, 2]);
    const g = grad((a: Tensor) => sum(mul(a, y)))(tensor([0, 0]));
    y.dispose();
    assert.equal(g.toArray(), [1, 2]);
    const { value, grad: same } = valueAndGrad((a: Tensor) => a)(x);
    value.dispose();
    same.dispose();
    assert.is(x.item(), 3);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: scalar functions of scalars
type Scalar = (x: any) => Tensor;
const MODES: Record<string, (f: Scalar) => Scalar> = {
  grad: (f) => grad(f),
  vjp: (f) => (x) => vjp(f, x).pullback(tensor(1))[0],
  jvp: (f) => (x) => jvp(f, [x], [tensor(1)]).tangent,
};
const NAMES = Object.keys(MODES);

for (const first of NAMES) {
  for (const second of NAMES) {
    test(`${first} of ${second} of grad, vjp and jvp: third derivatives`, () => {
      clean(() => {
        for (const third of NAMES) {
          const d3 = [third, second, first].reduce((f, name) => MODES[name](f), ((x) =>
            div(1, add(1, square(x)))) as Scalar);
          const x = 0.7;
          // The third derivative of 1/(1 + x²) is 24 x (1 - x²)/(1 + x²)⁴.
          near([d3(tensor(x)).item()], [(24 * x * (1 - x * x)) / (1 + x * x) ** 4], 1e-13, third);
        }
      });
    });
    test(`${first} around ${second}: the inner variable is not confused with the outer one`, () => {
      clean(() => {
        const [outer, inner] = [MODES[first], MODES[second]];
        assert.is(outer((x) => mul(x, inner((y) => add(x, y))(tensor(1))))(tensor(1)).item(), 1);
        assert.is(outer((x) => inner((y) => mul(square(x), mul(y, square(y))))(x))(tensor(2)).item(), 12 * 8);
        assert.is(outer((x) => inner((y) => mul(x, stopGradient(mul(x, y))))(x))(tensor(2)).item(), 0);
      });
    });
  }
}

test('JavaScript control flow on values: loops, branches, recursion', () => {
  clean(() => {
    /** Newton's (the Babylonian) iteration for the square root, until it stands still. */
    const root = (x: Tensor): Tensor => {
      let y = add(x, 0);
      for (let i = 0; i < 60; i++) {
        const next = mul(0.5, add(y, div(x, y)));
        if (Math.abs(next.item() - y.item()) < 1e-15) return next;
        y = next;
      }
      return y;
    };
    near([grad(root)(tensor(2)).item()], [0.5 / Math.sqrt(2)], 1e-15);
    near([grad(grad(root))(tensor(2)).item()], [-0.25 * 2 ** -1.5], 1e-14);
    const power = (x: Tensor, n: number): Tensor =>
      n === 0 ? tensor(1) : n % 2 === 1 ? mul(x, power(x, n - 1)) : power(square(x), n / 2);
    near([grad((x: Tensor) => power(x, 13))(tensor(1.1)).item()], [13 * 1.1 ** 12], 1e-13);
    const hinge = (x: Tensor) => (x.data()[0] > 0 ? sum(x) : neg(sum(x)));
    assert.equal(grad(hinge)(tensor([-1, 2])).toArray(), [-1, -1]);
    assert.equal(grad((x: Tensor) => sum(mul(x, x.toArray() as never as number)))(tensor(4)).item(), 4);
  });
});

test('disposing inside the function frees no value that the way back needs', () => {
  clean(() => {
    const f = (x: Tensor) => {
      const two = tensor([2, 2]);
      const y = mul(x, two);
      two.dispose();
      const z = mul(y, y);
      y.dispose();
      return scope(() => sum(mul(z, add(z, 1))));
    };
    near(
      grad(f)(tensor([1, 2])).data(),
      [4 * (2 * 4 + 1) * 2, 8 * (2 * 16 + 1) * 2].map((v, i) => v / [1, 1][i]),
      1e-12,
    );
  });
});

test('gradients inside gradients of a training step', () => {
  clean(() => {
    // One step of descent inside, differentiated by its step size: d/dt |w - t w|² = -2 (1 - t) |w|².
    const w = tensor([1, 2]);
    const after = (t: Tensor) => norm2(sub(w, mul(t, mul(0.5, grad(norm2)(w)))));
    near([grad(after)(tensor(0.25)).item()], [-2 * 0.75 * 5], 1e-14);
  });
});

test('10,000 gradient steps leave memory where it was, without a scope and without garbage collection', () => {
  const target = random(1).normal([8]);
  const a = random(2).normal([8, 8]);
  const loss = (p: { w: Tensor; b: Tensor }) => norm2(sub(add(matmul(a, p.w), p.b), target));
  let p = { w: ones([8]), b: ones([8]) };
  let before = { used: 0, heapBytes: 0 };
  for (let i = 0; i < 10_000; i++) {
    const { value, grad: g } = valueAndGrad(loss)(p);
    const scaled = { w: mul(g.w, 0.01), b: mul(g.b, 0.01) };
    const next = { w: sub(p.w, scaled.w), b: sub(p.b, scaled.b) };
    for (const t of [value, g.w, g.b, scaled.w, scaled.b, p.w, p.b]) t.dispose();
    p = next;
    if (i === 100) before = { used: runtime().heap.used, heapBytes: memory().heapBytes };
  }
  assert.equal({ used: runtime().heap.used, heapBytes: memory().heapBytes }, before);
  for (const t of [target, a, p.w, p.b]) t.dispose();
});

test('aux is handed through, not differentiated, eagerly and compiled', () =>
  scope(() => {
    const f = (x: Tensor) => {
      const y = mul(x, x);
      return [sum(y), { y, x }];
    };
    const both = valueAndGrad(f, 0, { aux: true });
    const x = tensor([1, 2, 3]);
    for (const run of [both, compile(both)]) {
      const { value, grad: g, aux } = run(x);
      assert.is(value.item(), 14);
      near(g.data(), [2, 4, 6], 0);
      near(aux.y.data(), [1, 4, 9], 0);
      near(aux.x.data(), [1, 2, 3], 0);
    }
    rejects(() => valueAndGrad((z: Tensor) => sum(z), 0, { aux: true })(x), ArgumentError, /\[scalar, aux\]/);
  }));

test('errors name the transformation, and leave nothing', () => {
  const [x, i] = [ones([3]), tensor([1, 2], { dtype: 'i32' })];
  rejects(
    () => grad(square)(x),
    ShapeError,
    /^grad: the function must return a real scalar \(shape \[\]\), got f64 \[3\]/,
  );
  rejects(() => valueAndGrad(square)(x), ShapeError, /^valueAndGrad: /);
  rejects(() => grad((y: Tensor) => [sum(y)])(x), ArgumentError, /must return a tensor, got a tree/);
  rejects(() => grad(() => 3)(x), ArgumentError, /must return a tensor, got 3/);
  rejects(() => grad(() => undefined)(x), ArgumentError, /must return a tensor, got undefined/);
  rejects(() => grad(sum)(i), DTypeError, /argument 0 must be f64 or f32 to be differentiated, got i32/);
  rejects(() => grad(() => sum(take(i, [0])))(x), ShapeError, /real scalar/);
  rejects(() => grad(sum, 1)(x), ArgumentError, /argnums must name arguments from 0 to 0, got 1/);
  rejects(() => grad(sum, [0, 0])(x), ArgumentError, /names an argument twice/);
  rejects(() => grad(sum)('x'), ArgumentError, /argument 0 must have tensors in it, got "x"/);
  rejects(() => grad((y: Tensor) => sum(add(y, ones([2]))))(x), ShapeError, /^add: /);
  rejects(
    () =>
      grad((y: Tensor) => {
        square(square(y));
        throw new ArgumentError('mine');
      })(x),
    ArgumentError,
    /^mine$/,
  );
  x.dispose();
  i.dispose();
});

test('a tensor that escaped from a gradient says so', () => {
  const x = ones([3]);
  let escaped: Tensor | undefined;
  scope(() => {
    grad((y: Tensor) => {
      escaped = square(y);
      return sum(escaped);
    })(x);
  });
  rejects(
    () => add(escaped as Tensor, 1),
    ArgumentError,
    /^add: an operand was made inside grad and used after it had ended/,
  );
  x.dispose();
});

test('memory of a traced tensor is not to be had', () => {
  const x = ones([3]);
  rejects(
    () => grad((y: Tensor) => tensor(y.address))(x),
    ArgumentError,
    /^grad: a function that has no derivative was called/,
  );
  x.dispose();
});

test.run();
