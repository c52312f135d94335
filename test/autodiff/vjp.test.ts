// vjp: values and pullbacks, again and again; ownership and errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  astype,
  DisposedError,
  DTypeError,
  grad,
  jvp,
  matmul,
  memory,
  mul,
  ones,
  random,
  reshape,
  scope,
  sum,
  type Tensor,
  tensor,
  transpose,
  vjp,
  zeros,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';
import { heapUse } from '../support/heap.js';

const square = (x: Tensor): Tensor => mul(x, x);

test('the pullback runs any number of times, with the same result', () => {
  scope(() => {
    const { value, pullback } = vjp((x: Tensor) => square(x), tensor([1, 2]));
    assert.equal(value.toArray(), [1, 4]);
    for (const [u, want] of [
      [
        [1, 0],
        [2, 0],
      ],
      [
        [0, 1],
        [0, 4],
      ],
      [
        [1, 0],
        [2, 0],
      ],
    ])
      assert.equal(pullback(tensor(u))[0].toArray(), want);
  });
});

test('trees in, trees out, one cotangent per argument', () => {
  scope(() => {
    const f = (p: { w: Tensor; n: string }, x: Tensor) => ({ y: matmul(p.w, x), parts: [sum(x), p.w] });
    const [w, x] = [
      tensor([
        [1, 2],
        [3, 4],
      ]),
      tensor([5, 6]),
    ];
    const { value, pullback } = vjp(f, { w, n: 'name' }, x);
    assert.equal(value.y.toArray(), [17, 39]);
    const [p, ct] = pullback({ y: tensor([1, 10]), parts: [tensor(100), ones([2, 2])] });
    assert.equal(
      [p.w.toArray(), p.n, ct.toArray()],
      [
        [
          [6, 7],
          [51, 61],
        ],
        'name',
        [131, 142],
      ],
    );
  });
});

test('what is dispose of frees all, at once or by the scope around; then the pullback is an error', () => {
  const x = random(1).normal([100]);
  const before = memory();
  const result = vjp((y: Tensor) => square(square(y)), x);
  assert.ok(memory().tensors > before.tensors + 1);
  result.dispose();
  result.dispose();
  rejects(() => result.pullback(x), DisposedError, /^vjp: pullback was called after dispose/);
  assert.is(memory().tensors, before.tensors + 1, 'the value is the caller’s');
  result.value.dispose();
  scope(() => {
    vjp((y: Tensor) => square(square(y)), x);
  });
  assert.is(memory().tensors, before.tensors);
  x.dispose();
});

test('a pullback inside other transformations is differentiated', () => {
  scope(() => {
    const x = tensor([1, 2]);
    // u -> Jᵀu is linear with derivative J; x -> J(x)ᵀu has the Hessian of uᵀf.
    const { pullback } = vjp((y: Tensor) => mul(y, square(y)), x);
    assert.equal(jvp((u: Tensor) => pullback(u)[0], [ones([2])], [tensor([1, 0])]).tangent.toArray(), [3, 0]);
    assert.equal(grad((u: Tensor) => sum(pullback(u)[0]))(ones([2])).toArray(), [3, 12]);
    const back = (y: Tensor, u: Tensor) => vjp((z: Tensor) => mul(z, square(z)), y).pullback(u)[0];
    checkDerivatives(back, [x, tensor([3, -1])]);
    checkDerivatives((y: Tensor) => back(y, back(y, y)), [x]);
  });
});

test('the value of a vjp inside a gradient carries it on', () => {
  scope(() => {
    const f = (x: Tensor) => {
      const { value, pullback } = vjp(square, x);
      return sum(add(value, pullback(value)[0]));
    };
    near(grad(f)(tensor([1, 2])).data(), [2 + 6, 4 + 24], 1e-13);
    checkDerivatives(f, [tensor([1, 2])]);
  });
});

test('views, casts and shapes on the way', () => {
  scope(() => {
    checkDerivatives((x: Tensor) => transpose(reshape(mul(x, x), [3, 2])), [random(1).normal([2, 3])]);
    const f = (x: Tensor) => astype(square(astype(x, 'f32')), 'f64');
    const { pullback } = vjp(f, tensor([3]));
    const [ct] = pullback(tensor([1]));
    assert.equal([ct.dtype, ct.toArray()], ['f64', [6]]);
  });
});

test('backward frees cotangents as it goes: three of them are held at a time, however deep the function', () => {
  const x = random(1).normal([1000]);
  const bytes = 8 * 1000;
  for (const depth of [10, 100]) {
    const { pullback, value, dispose } = vjp((y: Tensor) => {
      let z = y;
      for (let i = 0; i < depth; i++) z = mul(z, 0.9);
      return z;
    }, x);
    const u = ones([1000]);
    assert.ok(heapUse(() => pullback(u)).peak < 4 * bytes + 1024, `depth ${depth}`);
    for (const t of [u, value]) t.dispose();
    dispose();
  }
  x.dispose();
});

test('grad frees values as it goes back: its peak is that of the values', () => {
  const x = random(1).normal([1000]);
  const depth = 50;
  const loss = (y: Tensor) => {
    let z = y;
    for (let i = 0; i < depth; i++) z = mul(z, z);
    return sum(z);
  };
  const { peak, kept } = heapUse(() => grad(loss)(x));
  assert.ok(peak < (depth + 5) * 8 * 1000 + 8192, `${peak} bytes`);
  assert.ok(kept < 8 * 1000 + 1024);
  x.dispose();
});

test('errors', () => {
  const x = ones([2]);
  const wrong = (ct: unknown) => () =>
    scope(() => {
      vjp((y: Tensor) => ({ a: square(y) }), x).pullback(ct);
    });
  rejects(wrong(ones([2])), ArgumentError, /^vjp: cotangent must have the structure \{a:\*\}, got \*/);
  rejects(wrong({ b: ones([2]) }), ArgumentError, /must have the structure \{a:\*\}, got \{b:\*\}/);
  rejects(wrong({ a: ones([3]) }), ArgumentError, /cotangent must match its f64 \[2\], got f64 \[3\]/);
  rejects(
    wrong({ a: zeros([2], { dtype: 'f32' }) }),
    ArgumentError,
    /must match its f64 \[2\], got f32 \[2\]/,
  );
  rejects(wrong(undefined), ArgumentError, /must have the structure/);
  rejects(
    () => scope(() => void vjp(square, tensor([1], { dtype: 'i32' }))),
    DTypeError,
    /^vjp: argument 0 must be f64 or f32/,
  );
  rejects(
    () =>
      vjp((y: Tensor) => {
        square(y);
        throw new ArgumentError('mine');
      }, x),
    ArgumentError,
    /^mine/,
  );
  x.dispose();
});

test('integers in the result are carried along, and their cotangents are ignored', () => {
  scope(() => {
    const { value, pullback } = vjp((y: Tensor) => [square(y), astype(y, 'i32')], tensor([1.5, 2.5]));
    assert.equal([value[1].dtype, value[1].toArray()], ['i32', [1, 2]]);
    assert.equal(pullback([ones([2]), tensor([7, 7], { dtype: 'i32' })])[0].toArray(), [3, 5]);
  });
});

test.run();
