// jvp and hvp: tangents, their structure, memory that does not grow with depth.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  astype,
  DTypeError,
  div,
  hvp,
  jvp,
  matmul,
  memory,
  mul,
  ones,
  random,
  scope,
  stopGradient,
  sum,
  type Tensor,
  tensor,
  vjp,
  zeros,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';
import { heapUse } from '../support/heap.js';

const square = (x: Tensor): Tensor => mul(x, x);

test('value and tangent, for trees of any number of arguments', () => {
  scope(() => {
    const f = (p: { w: Tensor }, x: Tensor) => [matmul(p.w, x), sum(x)];
    const { value, tangent } = jvp(
      f,
      [
        {
          w: tensor([
            [1, 2],
            [3, 4],
          ]),
        },
        tensor([5, 6]),
      ],
      [
        {
          w: tensor([
            [1, 0],
            [0, 0],
          ]),
        },
        tensor([0, 1]),
      ],
    );
    assert.equal(
      value.map((y: Tensor) => y.toArray()),
      [[17, 39], 11],
    );
    assert.equal(
      tangent.map((t: Tensor) => t.toArray()),
      [[7, 4], 1],
    );
  });
});

test('constants, integers, stopped values and arguments handed through', () => {
  scope(() => {
    const c = tensor([7]);
    const { value, tangent } = jvp(
      (x: Tensor) => [c, astype(x, 'i32'), stopGradient(x), x],
      [tensor([1.5])],
      [tensor([1])],
    );
    assert.equal(
      value.map((y: Tensor) => y.toArray()),
      [[7], [1], [1.5], [1.5]],
    );
    assert.equal(
      tangent.map((t: Tensor) => [t.dtype, t.toArray()]),
      [
        ['f64', [0]],
        ['i32', [0]],
        ['f64', [0]],
        ['f64', [1]],
      ],
    );
    // Results are handles of their own.
    for (const y of value) y.dispose();
    assert.equal([c.toArray(), tangent[3].toArray()], [[7], [1]]);
  });
});

test('a scalar tangent may be a number, as the primal may', () => {
  scope(() => {
    assert.is(jvp(square, [3], [1]).tangent.item(), 6);
    assert.is(jvp(square, [tensor(3, { dtype: 'f32' })], [1]).tangent.item(), 6);
  });
});

test('memory is flat in the depth of the function where it disposes of what it does not need', () => {
  const [x, t] = [random(1).normal([1000]), ones([1000])];
  const deep = (depth: number, end: (y: Tensor) => void) => (y: Tensor) => {
    let z = add(y, 0);
    for (let i = 0; i < depth; i++) {
      const next = scope(() => div(add(z, mul(z, z)), 2));
      end(z);
      z = next;
    }
    return z;
  };
  const peak = (depth: number) =>
    heapUse(() =>
      jvp(
        deep(depth, (z) => z.dispose()),
        [x],
        [t],
      ),
    ).peak;
  assert.is(peak(200), peak(10));
  assert.ok(
    heapUse(() =>
      jvp(
        deep(200, () => {}),
        [x],
        [t],
      ),
    ).peak >
      10 * peak(10),
    'the test can tell',
  );
  x.dispose();
  t.dispose();
});

test('forward mode agrees with the transpose of reverse mode at points of random functions', () => {
  scope(() => {
    const [a, b] = [random(1).normal([4, 3]), random(2).normal([3, 4])];
    const f = (x: Tensor, y: Tensor) => div(matmul(x, y), add(1, square(sum(x))));
    const [ta, tb] = [random(3).normal([4, 3]), random(4).normal([3, 4])];
    const { tangent } = jvp(f, [a, b], [ta, tb]);
    const u = random(5).normal([4, 4]);
    const [ca, cb] = vjp(f, a, b).pullback(u);
    const inner = (p: Tensor, q: Tensor) => sum(mul(p, q)).item();
    near([inner(u, tangent)], [inner(ca, ta) + inner(cb, tb)], 1e-12);
  });
});

test('hvp: Hessian times vector, for trees', () => {
  scope(() => {
    const f = (p: { a: Tensor; b: Tensor }) => sum(mul(mul(p.a, square(p.a)), p.b));
    const p = { a: tensor([1, 2]), b: tensor([3, 4]) };
    const h = hvp(f, p, { a: tensor([1, 0]), b: tensor([0, 1]) });
    assert.equal(
      [h.a.toArray(), h.b.toArray()],
      [
        [18, 12],
        [3, 0],
      ],
    );
    const before = memory().tensors;
    scope(() => void hvp(f, p, p));
    assert.is(memory().tensors, before);
  });
});

test('errors', () => {
  const [x, single] = [ones([2]), zeros([2], { dtype: 'f32' })];
  const run = (primals: unknown, tangents: unknown) => () =>
    scope(() => void jvp(square, primals as never, tangents as never));
  rejects(run(x, x), ArgumentError, /^jvp: primals and tangents must be arrays of one length/);
  rejects(run([x], []), ArgumentError, /arrays of one length/);
  rejects(run([x], [[x]]), ArgumentError, /^jvp: tangent 0 must have the structure/);
  rejects(
    () => scope(() => void jvp(square, [x], [ones([3])])),
    ArgumentError,
    /tangent 0 must match its f64 \[2\], got f64 \[3\]/,
  );
  rejects(run([x], [single]), ArgumentError, /must match its f64 \[2\], got f32/);
  const i = tensor([1, 2], { dtype: 'i32' });
  rejects(run([i], [x]), DTypeError, /argument 0 must be f64 or f32/);
  i.dispose();
  let escaped: Tensor | undefined;
  scope(() => {
    jvp(
      (y: Tensor) => {
        escaped = square(y);
        return y;
      },
      [x],
      [x],
    );
  });
  rejects(() => add(escaped as Tensor, 1), ArgumentError, /made inside jvp and used after it had ended/);
  const before = memory().tensors;
  try {
    jvp(
      (y: Tensor) => {
        square(square(y));
        throw new Error('mine');
      },
      [x],
      [x],
    );
  } catch {}
  assert.is(memory().tensors, before, 'an error leaves nothing');
  x.dispose();
  single.dispose();
});

test.run();
