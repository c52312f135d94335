// nodes.eigh: the symmetric part, chosen indices, derivatives to second order, equal values, batches, edges, errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eigen } from '#src/generated/eigen.js';
import {
  ArgumentError,
  add,
  arange,
  astype,
  compile,
  exp,
  eye,
  grad,
  jvp,
  linalg,
  matmul,
  mul,
  nodes,
  random,
  ShapeError,
  scope,
  slice,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  take,
  tensor,
  transpose,
  valueAndGrad,
  vjp,
  zeros,
} from '#src/index.js';
import { near, rejects, seed } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';
import { withSpectrum } from '../support/spectrum.js';

const { eigh } = nodes;
const right = { transposeB: true };
const normal = (shape: readonly number[], k = 0) => random(seed + k).normal(shape);
const list = (x: Tensor) => Array.from(x.toTypedArray());
const largest = (x: Tensor) => list(x).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
const symmetric = (x: Tensor) =>
  mul(
    add(
      x,
      transpose(
        x,
        [...x.shape.keys()].map((i) => (i < x.ndim - 2 ? i : 2 * x.ndim - 3 - i)),
      ),
    ),
    0.5,
  );
const close = (got: Tensor, want: Tensor, bound: number, what = '') => {
  assert.equal(got.shape, want.shape, what);
  near(list(got), list(want), bound * (1 + largest(want)), what);
};
/** Far from equal values, so that differences tell. */
const spread = (n: number) =>
  tensor(
    withSpectrum(n, (i) => i * i - 1.5),
    { shape: [n, n] },
  );
const repeated = (values: readonly number[]) =>
  tensor(
    withSpectrum(values.length, (i) => values[i]),
    { shape: [values.length, values.length] },
  );

test('the values and vectors of the symmetric part', () =>
  scope(() => {
    for (const n of [1, 2, 5, 17, 40]) {
      const X = normal([n, n], n);
      const { values, vectors } = eigh(X);
      const want = linalg.eigh(symmetric(X));
      close(values, want.values, 1e-13);
      close(vectors, want.vectors, 1e-9);
      const S = symmetric(X);
      close(matmul(S, vectors), mul(vectors, values), 1e-12);
    }
    assert.equal(list(eigh(tensor([[7]])).vectors), [1]);
    for (const scale of [1e-300, 1e300])
      close(mul(eigh(mul(spread(4), scale)).values, 1 / scale), eigh(spread(4)).values, 1e-13);
  }));

test('indices: in their order, negative from the end, more than once, none', () =>
  scope(() => {
    const X = normal([2, 5, 5]);
    const all = eigh(X);
    for (const indices of [[0], [-1], [3, 1], [-1, -2, 0], [2, 2], [0, 1, 2, 3, 4], []]) {
      const { values, vectors } = eigh(X, { indices });
      assert.equal(values.shape, [2, indices.length]);
      assert.equal(vectors.shape, [2, 5, indices.length]);
      const places = tensor(Int32Array.from(indices), { dtype: 'i32' });
      assert.equal(list(values), list(take(all.values, places, 1)));
      assert.equal(list(vectors), list(take(all.vectors, places, 2)));
    }
  }));

const functions: Record<string, (X: Tensor, indices?: number[]) => unknown> = {
  values: (X, indices) => eigh(X, { indices }).values,
  vectors: (X, indices) => square(eigh(X, { indices }).vectors),
  both: (X, indices) => {
    const { values, vectors } = eigh(X, { indices });
    return matmul(mul(vectors, exp(mul(values, 0.1))), vectors, right);
  },
};

test('derivatives, both modes, to second order', () =>
  scope(() => {
    for (const [name, f] of Object.entries(functions)) {
      for (const n of [1, 4]) {
        const X = add(spread(n), mul(normal([n, n]), 0.05));
        try {
          checkDerivatives((x: Tensor) => f(x), [X], { tolerance: 1e-4 });
          if (n > 1) checkDerivatives((x: Tensor) => f(x, [-1, 0]), [X], { tolerance: 1e-4 });
        } catch (error) {
          (error as Error).message += ` (${name}, n = ${n})`;
          throw error;
        }
      }
    }
  }));

test('chosen ones have the derivatives that all of them have, in every order', () =>
  scope(() => {
    const [n, indices] = [7, [-1, 2, 2, 0]];
    const X = normal([n, n]);
    const places = tensor([6, 2, 2, 0], { dtype: 'i32' });
    const [a, B] = [normal([4], 1), normal([n, 4], 2)];
    const loss = (values: Tensor, vectors: Tensor) =>
      add(sum(mul(a, square(values))), sum(mul(B, square(vectors))));
    const some = (x: Tensor) => {
      const { values, vectors } = eigh(x, { indices });
      return loss(values, vectors);
    };
    const every = (x: Tensor) => {
      const { values, vectors } = linalg.eigh(symmetric(x));
      return loss(take(values, places, 0), take(vectors, places, 1));
    };
    const gradient = grad(some)(X) as Tensor;
    close(gradient, grad(every)(X) as Tensor, 1e-11);
    assert.equal(list(gradient), list(transpose(gradient)), 'symmetric bit by bit');
    const d = normal([n, n], 3);
    const second = (f: (x: Tensor) => Tensor) => [
      jvp((x: Tensor) => grad(f)(x) as Tensor, [X], [d]).tangent as Tensor,
      grad((x: Tensor) => sum(mul(d, grad(f)(x) as Tensor)))(X) as Tensor,
      grad((x: Tensor) => jvp(f, [x], [d]).tangent as Tensor)(X) as Tensor,
    ];
    const [got, want] = [second(some), second(every)];
    got.forEach((x, i) => void close(x, want[i], 1e-8));
  }));

test('large: blocks of the symmetric product, and beyond them', () =>
  scope(() => {
    for (const n of [15, 16, 17, 130, 520]) {
      const X = normal([n, n]);
      const [c, C] = [normal([n], 1), normal([n, n], 2)];
      const f = (eig: typeof eigh) => (x: Tensor) => {
        const { values, vectors } = eig(x);
        return add(sum(mul(c, values)), sum(mul(C, vectors)));
      };
      const got = grad(f(eigh))(X) as Tensor;
      const want = grad((x: Tensor) => f(linalg.eigh as never)(symmetric(x)))(X) as Tensor;
      near(list(got), list(want), 1e-9 * largest(want), `n = ${n}`);
      assert.equal(list(got), list(transpose(got)), 'symmetric bit by bit');
    }
  }));

test('kernels: eigen_turns and mirror', () =>
  scope(() => {
    for (const dtype of ['f64', 'f32'] as const) {
      for (const n of [1, 2, 7, 8, 9, 20]) {
        const [t, x] = [normal([n, n], 1), normal([n, n], 2)].map((y) => astype(y, dtype));
        const w = tensor(
          Float64Array.from({ length: n }, (_, i) => Math.floor(i / 2)),
          { dtype },
        );
        const c = astype(normal([n], 3), dtype);
        const out = zeros([n, n], { dtype });
        for (const hasDiagonal of [true, false]) {
          const own = hasDiagonal ? c.address : 0;
          eigen.exports[`eigen_turns_${dtype}`](n, 0.5, w.address, t.address, own, x.address, out.address);
          const want = list(x).map((v, k) => {
            const [i, j] = [Math.floor(k / n), k % n];
            if (i === j) return v + (hasDiagonal ? c.data()[i] : 0);
            const gap = w.data()[j] - w.data()[i];
            return v + (gap === 0 ? 0 : (t.data()[k] - t.data()[j * n + i]) / (2 * gap));
          });
          near(list(out), want, dtype === 'f64' ? 1e-15 * 4 : 1e-6);
        }
        const before = list(t);
        eigen.exports[`mirror_${dtype}`](n, t.address);
        const below = list(t).map(
          (_, k) => before[Math.max(Math.floor(k / n), k % n) * n + Math.min(Math.floor(k / n), k % n)],
        );
        assert.equal(list(t), below);
      }
    }
  }));

const isKnown = (x: Tensor) => list(x).every(Number.isFinite);

test('equal values: what does not depend on the basis is right in both modes', () =>
  scope(() => {
    const values = [-2, 1, 1, 1, 3];
    const X = repeated(values);
    const n = values.length;
    const [W, d] = [symmetric(normal([n, n], 1)), normal([n, n], 2)];
    const { vectors } = linalg.eigh(X);
    const projection = (indices: number[]) => (x: Tensor) => {
      const v = eigh(x, { indices }).vectors;
      return sum(mul(W, matmul(v, v, right)));
    };
    const sliced = (x: Tensor) => {
      const v = slice(eigh(x).vectors, [0, 1], [n, 4]);
      return sum(mul(W, matmul(v, v, right)));
    };
    // <dP, W> = 2 Σ <v_i, W v_j> <v_i, D v_j> / (λ_i - λ_j), i in the space and j not.
    const M = matmul(matmul(vectors, W, { transposeA: true }), vectors).data();
    const K = zeros([n, n]);
    for (const i of [1, 2, 3])
      for (const j of [0, 4])
        for (const [p, q] of [
          [i, j],
          [j, i],
        ])
          K.data()[p * n + q] = M[i * n + j] / (values[i] - values[j]);
    const want = matmul(matmul(vectors, K), vectors, right);
    for (const f of [projection([1, 2, 3]), projection([3, 1, 2]), sliced]) {
      close(grad(f)(X) as Tensor, want, 1e-11);
      near([(jvp(f, [X], [d]).tangent as Tensor).item()], [sum(mul(want, d)).item()], 1e-11);
    }
    const trace = (x: Tensor) => sum(exp(eigh(x).values));
    close(grad(trace)(X) as Tensor, linalg.symmetricFunction(X, exp), 1e-11);
    near(
      [(jvp(trace, [X], [d]).tangent as Tensor).item()],
      [sum(mul(grad(trace)(X) as Tensor, d)).item()],
      1e-10,
    );
    // A vector beside the space is known, too.
    assert.ok(isKnown(grad((x: Tensor) => sum(square(slice(eigh(x).vectors, [0, 4], [n, 5]))))(X) as Tensor));
  }));

test('equal values: what depends on the basis is NaN, never another number', () =>
  scope(() => {
    const X = repeated([-2, 1, 1, 1, 3]);
    const c = normal([5, 1], 1);
    const unknown: Record<string, (x: Tensor) => Tensor> = {
      'a vector of the space': (x) => sum(mul(c, square(slice(eigh(x).vectors, [0, 1], [5, 2])))),
      'by indices': (x) => sum(mul(tensor([[1], [2], [3], [4], [5]]), eigh(x, { indices: [2] }).vectors)),
      'part of the space': (x) => {
        const v = eigh(x, { indices: [1, 2] }).vectors;
        return sum(mul(symmetric(normal([5, 5], 4)), matmul(v, v, right)));
      },
      'one of the values': (x) => sum(eigh(x, { indices: [1] }).values),
      'values with weights': (x) => sum(mul(arange(0, 5), eigh(x).values)),
    };
    for (const [name, f] of Object.entries(unknown)) assert.ok(!isKnown(grad(f)(X) as Tensor), name);
    // Second derivatives: unknown where differences within the space would count.
    const hvp = (f: (x: Tensor) => Tensor, d: Tensor) =>
      [
        jvp((x: Tensor) => grad(f)(x) as Tensor, [X], [d]).tangent,
        grad((x: Tensor) => sum(mul(d, grad(f)(x) as Tensor)))(X),
        grad((x: Tensor) => jvp(f, [x], [d]).tangent as Tensor)(X),
      ] as Tensor[];
    const squares = (x: Tensor) => sum(square(eigh(x).values));
    const d = symmetric(normal([5, 5], 2));
    for (const got of hvp(squares, d))
      if (isKnown(got)) close(got, mul(d, 2), 1e-9, 'the Hessian of tr X² is 2');
    const space = (x: Tensor) => {
      const v = eigh(x, { indices: [1, 2, 3] }).vectors;
      return sum(mul(symmetric(normal([5, 5], 3)), matmul(v, v, right)));
    };
    const h = 1e-4;
    const at = (s: number) => grad(stable)(add(X, mul(d, s * h))) as Tensor;
    // The same function without equal values: the projection onto the other two vectors.
    const stable = (x: Tensor) => {
      const v = eigh(x, { indices: [0, 4] }).vectors;
      return sum(mul(symmetric(normal([5, 5], 3)), sub(eye(5), matmul(v, v, right))));
    };
    const want = mul(sub(at(1), at(-1)), 1 / (2 * h));
    for (const got of hvp(space, d)) if (isKnown(got)) close(got, want, 1e-4, 'a space');
    for (const got of hvp(stable, d)) if (isKnown(got)) close(got, want, 1e-4, 'the others');
    for (const f of [space, stable]) close(hvp(f, d)[0], want, 1e-4, 'forward over reverse');
  }));

test('a batch is a loop, whatever is equal in it', () =>
  scope(() => {
    const parts = [spread(4), repeated([1, 1, 2, 2]), normal([4, 4])];
    const X = stack(parts, 0);
    const f = (x: Tensor) => eigh(x, { indices: [2, 3] }).values;
    const { value, pullback } = vjp(f, X);
    const gradient = list(
      pullback(
        tensor([
          [1, 1],
          [1, 1],
          [1, 2],
        ]),
      )[0] as Tensor,
    );
    parts.forEach((part, i) => {
      const one = vjp(f, part);
      assert.equal(list(one.value as Tensor), list(value as Tensor).slice(2 * i, 2 * i + 2));
      assert.equal(
        list(one.pullback(tensor(i < 2 ? [1, 1] : [1, 2]))[0] as Tensor),
        gradient.slice(16 * i, 16 * i + 16),
      );
    });
    assert.equal(eigh(zeros([0, 3, 3])).vectors.shape, [0, 3, 3]);
    assert.equal(eigh(zeros([2, 0, 0])).values.shape, [2, 0]);
    assert.equal((grad((x: Tensor) => sum(eigh(x).values))(zeros([0, 3, 3])) as Tensor).shape, [0, 3, 3]);
  }));

test('compiled, f32, reports', () =>
  scope(() => {
    const seen: nodes.SolveReport[] = [];
    const C = normal([4, 2]);
    const loss = (x: Tensor) =>
      sum(mul(C, eigh(x, { indices: [0, -1], onSolve: (r) => void seen.push(r) }).vectors));
    const plan = compile(valueAndGrad(loss));
    for (let run = 0; run < 3; run++) {
      const X = normal([4, 4], run);
      const want = valueAndGrad(loss)(X) as unknown as { value: Tensor; grad: Tensor };
      seen.length = 0;
      const got = plan(X) as unknown as { value: Tensor; grad: Tensor };
      assert.is(seen.length, 1);
      assert.equal(list(got.value), list(want.value));
      close(got.grad, want.grad, 1e-13);
    }
    plan.dispose();
    const { residuals, ...rest } = seen[0];
    assert.equal(rest, { node: 'eigh', problems: 1, iterations: 0, converged: true });
    assert.equal(Object.keys(residuals).sort(), ['orthogonality', 'stationarity']);
    for (const value of Object.values(residuals)) assert.ok(value < 1e-14, String(value));

    const X = spread(5);
    const f = (x: Tensor) => [eigh(x).values, square(eigh(x).vectors)];
    const [exact, single] = [X, astype(X, 'f32')].map((x) => {
      const { value, pullback } = vjp(f, x);
      const ones = (value as Tensor[]).map((y, i) => astype(normal(y.shape, i), x.dtype));
      return [...(value as Tensor[]), pullback(ones)[0] as Tensor];
    });
    single.forEach((x, i) => {
      assert.is(x.dtype, 'f32');
      near(list(x), list(exact[i]), 1e-4 * (1 + largest(exact[i])));
    });
  }));

test('what is wrong is refused, and leaves no memory', () =>
  scope(() => {
    const [I, wide, hole] = [
      eye(2),
      zeros([2, 3]),
      tensor([
        [
          [1, 0],
          [0, 1],
        ],
        [
          [1, Number.NaN],
          [0, 1],
        ],
      ]),
    ];
    rejects(() => eigh(wide), ShapeError, /eigh: X/);
    rejects(
      () => eigh(hole),
      ArgumentError,
      /eigh: X must be finite, got NaN at \[0, 1\] \(problem 1 of 2\)/,
    );
    rejects(() => grad((x: Tensor) => sum(eigh(x).values))(hole), ArgumentError, /eigh/);
    for (const bad of [2, -3, 0.5, Number.NaN])
      rejects(() => eigh(I, { indices: [0, bad] }), ArgumentError, /eigh: indices/);
    rejects(() => eigh(I, { indices: 1 as never }), ArgumentError, /indices/);
    rejects(() => eigh(I, { index: [1] } as never), ArgumentError, /indices/);
    rejects(() => eigh(I, { onSolve: 1 as never }), ArgumentError, /onSolve/);
  }));

test.run();
