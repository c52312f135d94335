// customVjp, customJvp: rules of the user's own, in both modes and to higher orders.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  customJvp,
  customVjp,
  div,
  grad,
  jvp,
  memory,
  mul,
  neg,
  ones,
  scope,
  sub,
  sum,
  type Tensor,
  tensor,
  vjp,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

const square = (x: Tensor): Tensor => mul(x, x);

/** 1/x by Newton's iteration on plain numbers, which no derivative passes through. */
const reciprocalValue = (x: Tensor): Tensor => {
  const data = x.toTypedArray().map((v) => 1 / v);
  return tensor(data, { shape: x.shape });
};
const byVjp = customVjp(
  (x: Tensor) => {
    const value = reciprocalValue(x);
    return { value, residuals: value };
  },
  (y: Tensor, ct: Tensor) => [neg(mul(ct, square(y)))],
);
const byJvp = customJvp(
  (x: Tensor) => reciprocalValue(x),
  ([x], [t]) => {
    const value = byJvp(x);
    return { value, tangent: neg(mul(t, square(value))) };
  },
);

test('customVjp: value, gradient, forward mode by transposition', () => {
  scope(() => {
    const x = tensor([1, 2, -4]);
    assert.equal(byVjp(x).toArray(), [1, 0.5, -0.25]);
    near(grad((y: Tensor) => sum(byVjp(y)))(x).data(), [-1, -0.25, -1 / 16], 0);
    near(jvp(byVjp, [x], [tensor([1, 2, 3])]).tangent.data(), [-1, -0.5, -3 / 16], 0);
  });
});

test('customJvp: value, tangent, reverse mode by transposition, any order', () => {
  scope(() => {
    const x = tensor([1, 2, -4]);
    near(jvp(byJvp, [x], [tensor([1, 2, 3])]).tangent.data(), [-1, -0.5, -3 / 16], 0);
    near(grad((y: Tensor) => sum(byJvp(y)))(x).data(), [-1, -0.25, -1 / 16], 0);
    // The rule calls the function again, so that its derivatives are those of the rule.
    checkDerivatives(byJvp, [x]);
    const third = grad(grad(grad((y: Tensor) => sum(byJvp(y)))))(tensor(2));
    near([third.item()], [-6 / 16], 1e-15);
  });
});

test('second derivatives go through the rule: through residuals that were computed by operations', () => {
  scope(() => {
    const reciprocal = customVjp(
      (x: Tensor) => ({ value: div(1, x), residuals: { x } }),
      ({ x }: { x: Tensor }, ct: Tensor) => [neg(div(ct, square(x)))],
    );
    checkDerivatives(reciprocal, [tensor([1, 2, -4])]);
    near([grad(grad(grad(reciprocal)))(tensor(2)).item()], [-6 / 16], 1e-15);
    for (const second of [
      (x: Tensor) => jvp(grad(reciprocal), [x], [tensor(1)]).tangent,
      (x: Tensor) => grad((y: Tensor) => jvp(reciprocal, [y], [tensor(1)]).tangent)(x),
      (x: Tensor) => jvp((y: Tensor) => jvp(reciprocal, [y], [tensor(1)]).tangent, [x], [tensor(1)]).tangent,
    ])
      near([second(tensor(2)).item()], [2 / 8], 1e-15);
  });
});

test('in nested derivatives every level meets the rule, for the value and for residuals that are the value', () => {
  scope(() => {
    const x = tensor([1, 2, -4]);
    for (const f of [byVjp, byJvp]) {
      checkDerivatives((y: Tensor) => square(f(y)), [x]);
      checkDerivatives(f, [x]);
      near([grad(grad(grad(f)))(tensor(2)).item()], [-6 / 16], 1e-15);
      near([jvp(grad(grad(f)), [tensor(2)], [tensor(1)]).tangent.item()], [-6 / 16], 1e-15);
    }
  });
});

test('trees in and out; cotangents of several arguments; results without a cotangent come as zeros', () => {
  scope(() => {
    const seen: number[][] = [];
    const f = customVjp(
      (p: { a: Tensor; b: Tensor[] }, x: Tensor) => ({
        value: { y: mul(p.a, x), z: [add(p.b[0], x)] },
        residuals: [p.a, x],
      }),
      ([a, x]: Tensor[], ct: { y: Tensor; z: Tensor[] }) => {
        seen.push([ct.y.item(), ct.z[0].item()]);
        return [{ a: mul(ct.y, x), b: [ct.z[0]] }, add(mul(ct.y, a), ct.z[0])];
      },
    );
    const args = [{ a: tensor(2), b: [tensor(3)] }, tensor(5)];
    const [p, x] = grad((q: unknown, y: Tensor) => f(q, y).y, [0, 1])(...args);
    assert.equal([p.a.item(), p.b[0].item(), x.item()], [5, 0, 2]);
    assert.equal(seen, [[1, 0]]);
    checkDerivatives(f, args);
  });
});

test('a rule that clips: gradients are what the author says, values what they were', () => {
  scope(() => {
    const clipped = customVjp(
      (x: Tensor) => ({ value: x, residuals: undefined }),
      (_, ct: Tensor) => [tensor(ct.toTypedArray().map((v) => Math.max(-1, Math.min(1, v))))],
    );
    const x = tensor([0.1, 3]);
    assert.equal(grad((y: Tensor) => sum(square(clipped(y))))(x).toArray(), [0.2, 1]);
    assert.equal(x.toArray(), [0.1, 3]);
  });
});

test('rules inside rules, and functions of outer variables that are not arguments', () => {
  scope(() => {
    const outer = customVjp(
      (x: Tensor) => ({ value: byVjp(square(x)), residuals: x }),
      (x: Tensor, ct: Tensor) => [mul(-2, mul(ct, byJvp(mul(x, square(x)))))],
    );
    checkDerivatives(outer, [tensor([1.5, -2])]);
    // What a forward function closes over gets no derivative through the rule.
    const closing = (w: Tensor) =>
      customVjp(
        (x: Tensor) => ({ value: mul(x, w), residuals: w }),
        (v: Tensor, ct: Tensor) => [mul(ct, v)],
      );
    assert.is(jvp((w: Tensor) => closing(w)(tensor(3)), [tensor(2)], [tensor(1)]).tangent.item(), 3);
    assert.is(grad((x: Tensor) => closing(tensor(2))(x))(tensor(3)).item(), 2);
  });
});

test('nothing is left behind: residuals and temporaries of the rule are freed', () => {
  const x = ones([100]);
  const before = memory();
  scope(() => {
    for (const f of [byVjp, byJvp]) {
      vjp((y: Tensor) => f(f(y)), x).pullback(x);
      jvp((y: Tensor) => f(f(y)), [x], [x]);
      grad((y: Tensor) => sum(f(y)))(x);
    }
  });
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  x.dispose();
});

test('errors name the rule', () => {
  const x = ones([2]);
  const bad = (backward: (r: unknown, ct: Tensor) => unknown) =>
    customVjp((y: Tensor) => ({ value: square(y), residuals: y }), backward as never);
  const run = (f: (y: Tensor) => Tensor) => () => scope(() => void grad((y: Tensor) => sum(f(y)))(x));
  rejects(
    run(bad((_, ct) => ct)),
    ArgumentError,
    /^customVjp: backward must return an array of 1 cotangents/,
  );
  rejects(run(bad((_, ct) => [ct, ct])), ArgumentError, /an array of 1 cotangents/);
  rejects(
    run(bad((_, ct) => [sum(ct)])),
    ArgumentError,
    /^customVjp: .*must match its f64 \[2\], got f64 \[\]/,
  );
  rejects(run(bad((_, ct) => [{ ct }])), ArgumentError, /^customVjp: .* structure/);
  const wrong = customJvp(square, ([y], [t]) => ({ value: y, tangent: sum(t) }));
  rejects(
    () => scope(() => void jvp(wrong, [x], [x])),
    ArgumentError,
    /^customJvp: the tangent must match its f64 \[2\]/,
  );
  rejects(
    run(
      bad(() => {
        sub(x, 1);
        throw new ArgumentError('mine');
      }),
    ),
    ArgumentError,
    /^mine/,
  );
  x.dispose();
});

test.run();
