// The exponential of matrices, against its series in integers: families far from normal, first and second derivatives.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, jvp, linalg, scope, type Tensor, tensor, vjp } from '#src/index.js';
import { drawing, near, seed } from '../support/check.js';
import { blockOf, cornerOf, exactExponential } from '../support/exact-exponential.js';

/** Draws: uniform numbers of [-1, 1). */
type Draw = () => number;
type Family = (n: number, draw: Draw) => number[];

const square = (n: number, entry: (i: number, j: number) => number) =>
  Array.from({ length: n * n }, (_, t) => entry(Math.floor(t / n), t % n));
/** A number of either sign, its magnitude between 10^-decades and 10^decades. */
const wild = (draw: Draw, decades: number) => Math.sign(draw()) * 10 ** (decades * draw());
/** D⁻¹ A D with entries of D over these decades. */
const rescaled = (a: number[], n: number, draw: Draw, decades: number) => {
  const d = Array.from({ length: n }, () => 2 ** Math.round(3.3 * decades * draw()));
  return a.map((x, t) => (x / d[Math.floor(t / n)]) * d[t % n]);
};

const families: Record<string, Family> = {
  'of size 1': (n, draw) => square(n, draw),
  'of size 10': (n, draw) => square(n, () => 10 * draw()),
  'entries over two decades': (n, draw) => square(n, () => wild(draw, 1)),
  'a small one': (n, draw) => square(n, () => 1e-9 * draw()),
  'triangular, 1e-8 to 1e8 off the diagonal': (n, draw) =>
    square(n, (i, j) => (i > j ? 0 : i === j ? 5 * draw() : wild(draw, 8))),
  'lower triangular, nearly equal diagonal': (n, draw) =>
    square(n, (i, j) => (i < j ? 0 : i === j ? 1 + 1e-9 * draw() : wild(draw, 6))),
  'a Jordan block': (n, draw) => {
    const value = 10 * draw();
    const beside = wild(draw, 10);
    return square(n, (i, j) => (i === j ? value : j === i + 1 ? beside : 0));
  },
  'nilpotent, rows and columns mixed': (n, draw) => {
    const order = Array.from({ length: n }, (_, i) => [draw(), i]).sort((x, y) => x[0] - y[0]);
    return square(n, (i, j) => (order[i][1] < order[j][1] ? wild(draw, 6) : 0));
  },
  'companion, roots of size 1 to 30': (n, draw) => {
    let c = [1];
    for (let k = 0; k < n; k++) {
      const root = -(30 ** ((draw() + 1) / 2));
      c = [...c.map((x, i) => (c[i - 1] ?? 0) - root * x), c[c.length - 1]];
    }
    return square(n, (i, j) => (i === n - 1 ? -c[j] : j === i + 1 ? 1 : 0));
  },
  intensity: (n, draw) => {
    const rates = square(n, (i, j) => (i === j ? 0 : 10 ** (3 * draw())));
    for (let i = 0; i < n; i++) rates[i * n + i] = -rates.slice(i * n, i * n + n).reduce((x, y) => x + y, 0);
    return rates;
  },
  'skew-symmetric': (n, draw) => {
    const a = square(n, () => 4 * draw());
    return square(n, (i, j) => a[i * n + j] - a[j * n + i]);
  },
  'of size 1 in other units': (n, draw) => rescaled(square(n, draw), n, draw, 8),
  'companion in other units': (n, draw) =>
    rescaled(families['companion, roots of size 1 to 30'](n, draw), n, draw, 5),
  'nilpotent and full': (n, draw) => {
    // u vᵀ with vᵀu = 0, of size 100.
    const [u, v] = [1, 2].map(() => Array.from({ length: n }, () => Math.round(10 * draw())));
    if (n > 0) {
      u[n - 1] = 1;
      v[n - 1] = 0;
      v[n - 1] = -u.reduce((total, x, i) => total + x * v[i], 0);
    }
    return square(n, (i, j) => u[i] * v[j]);
  },
};

/** What a change of every entry by some of its last bits does to the results of `f`, entry by entry, several times over. */
function sensitivity(f: (a: number[]) => number[], a: number[], want: number[], draw: Draw): number[] {
  const moved = [0, 1].map(() => f(a.map((x) => x * (1 + 2 ** -49 * draw()))));
  return want.map((x, t) => Math.max(...moved.map((y) => Math.abs(y[t] - x))) / 8);
}

/** Largest of each row's and column's bounds, so that an entry that is not sensitive by chance has those of its neighbours. */
function spread(bounds: number[], want: number[], n: number): number[] {
  const size = want.map((x, t) => bounds[t] + 2 ** -52 * Math.abs(x));
  return size.map((x, t) => {
    const [i, j] = [Math.floor(t / n), t % n];
    let shared = 0;
    // What (i, k) and (k, j) suggest for (i, j), as products do.
    for (let k = 0; k < n; k++) {
      const through =
        Math.abs(want[k * n + k]) > 0
          ? (size[i * n + k] * Math.abs(want[k * n + j])) / Math.abs(want[k * n + k])
          : 0;
      shared = Math.max(shared, Number.isFinite(through) ? through : 0);
    }
    return Math.max(x, shared);
  });
}

for (const [name, family] of Object.entries(families)) {
  test(`expm of ${name}, sizes 0 to 9, f64 and f32 (seed ${seed})`, () =>
    scope(() => {
      for (let n = 0; n < 10; n++) {
        const draw = drawing(seed + 100 * n);
        for (const dtype of ['f64', 'f32'] as const) {
          const a = family(n, draw).map((x) => (dtype === 'f32' ? Math.fround(x) : x));
          const want = exactExponential(a, n);
          const nearest = want.map((x) => (dtype === 'f32' ? Math.fround(x) : x));
          const bounds = spread(
            sensitivity((x) => exactExponential(x, n), a, want, draw),
            want,
            n,
          );
          const got = linalg.expm(tensor(a, { shape: [n, n], dtype })).data();
          const last = dtype === 'f32' ? 2 ** -24 : 0;
          const tiny = dtype === 'f32' ? 2 ** -149 : 2 ** -1074;
          near(
            got,
            nearest,
            (i) => 200 * (n + 1) * bounds[i] + last * Math.abs(want[i]) + tiny,
            `${dtype}, n = ${n}, SEED=${seed}`,
          );
        }
      }
    }));
}

test('expm of a Jordan block is right entry by entry, its corner too, wherever halvings begin', () =>
  scope(() => {
    for (const value of [4.2, 4.25, 4.26, 5.36, 8.5, 10.7, -5.36]) {
      const a = square(9, (i, j) => (i === j ? value : j === i + 1 ? 0.01 : 0));
      const want = exactExponential(a, 9);
      near(
        linalg.expm(tensor(a, { shape: [9, 9] })).data(),
        want,
        (i) => 2e-11 * Math.abs(want[i]),
        `${value}`,
      );
    }
  }));

const transposedOf = (a: number[], n: number) => square(n, (i, j) => a[j * n + i]);

/** L(A, E) from the exact exponential. */
const exactDerivative = (a: number[], e: number[], n: number) =>
  cornerOf(exactExponential(blockOf(a, e, a, n), 2 * n), n);
/** The second derivative along E and F. */
const exactSecond = (a: number[], e: number[], f: number[], n: number) => {
  const zero = e.map(() => 0);
  const [first, second] = [blockOf(a, f, a, n), blockOf(e, zero, e, n)];
  return cornerOf(exactDerivative(first, second, 2 * n), n);
};

/** Relative to the largest entries of row and column, in units that balance A. */
function agrees(
  got: ArrayLike<number>,
  want: number[],
  bounds: number[],
  n: number,
  dtype: string,
  what: string,
) {
  const shared = spread(bounds, want, n);
  const last = dtype === 'f32' ? 2 ** -23 : 2 ** -52;
  near(
    got,
    want,
    (i) => 400 * (n + 1) * shared[i] + last * Math.abs(want[i]) + (dtype === 'f32' ? 2 ** -149 : 2 ** -1074),
    what,
  );
}

for (const [name, family] of Object.entries(families)) {
  test(`derivatives of expm of ${name}: first by jvp and vjp, second, eager and compiled (seed ${seed})`, () =>
    scope(() => {
      for (const n of [1, 2, 3]) {
        const draw = drawing(seed + 1000 * n);
        for (const dtype of ['f64', 'f32'] as const) {
          const round = (x: number) => (dtype === 'f32' ? Math.fround(x) : x);
          const a = family(n, draw).map((x) => round(x / 2));
          const matrix = (x: number[]) => tensor(x, { shape: [n, n], dtype });
          const [e, f] = [1, 2].map(() => square(n, () => round(wild(draw, 2))));
          const what = `${dtype}, n = ${n}, SEED=${seed}`;
          const first = exactDerivative(a, e, n);
          if (dtype === 'f32' && first.some((x) => Math.abs(x) > 1e30)) continue;
          const firstBounds = sensitivity((x) => exactDerivative(x, e, n), a, first, draw);
          agrees(
            jvp(linalg.expm, [matrix(a)], [matrix(e)]).tangent.data(),
            first,
            firstBounds,
            n,
            dtype,
            `jvp, ${what}`,
          );
          // <W, L(A, E)> = <L(Aᵀ, W), E>
          const turned = transposedOf(a, n);
          const back = exactDerivative(turned, e, n);
          const backBounds = sensitivity((x) => exactDerivative(x, e, n), turned, back, draw);
          const pulled = vjp(linalg.expm, matrix(a)).pullback(matrix(e))[0];
          agrees(pulled.data(), back, backBounds, n, dtype, `vjp, ${what}`);
          const plan = compile((x: Tensor, w: Tensor) => vjp(linalg.expm, x).pullback(w)[0]);
          near(plan(matrix(a), matrix(e)).data(), pulled.toTypedArray(), 0, `compiled, ${what}`);
          plan.dispose?.();
          const second = exactSecond(a, e, f, n);
          if (dtype === 'f32' && second.some((x) => Math.abs(x) > 1e30)) continue;
          const secondBounds = sensitivity((x) => exactSecond(x, e, f, n), a, second, draw);
          const inner = (x: Tensor) => jvp(linalg.expm, [x], [matrix(e)]).tangent;
          agrees(
            jvp(inner, [matrix(a)], [matrix(f)]).tangent.data(),
            second,
            secondBounds,
            n,
            dtype,
            `second, ${what}`,
          );
        }
      }
    }));
}

test('a stack is done matrix by matrix, and far from normal is right in f32', () =>
  scope(() => {
    const parts = ['a Jordan block', 'intensity', 'companion, roots of size 1 to 30', 'of size 1'].map(
      (name, k) => families[name](5, drawing(seed + k)),
    );
    for (const dtype of ['f64', 'f32'] as const) {
      const whole = linalg.expm(tensor(parts.flat(), { shape: [2, 2, 5, 5], dtype })).toTypedArray();
      parts.forEach((part, k) => {
        const one = linalg.expm(tensor(part, { shape: [5, 5], dtype })).toTypedArray();
        near(whole.subarray(25 * k, 25 * k + 25), one, 0, `matrix ${k}`);
      });
    }
    for (const size of [1e4, 1e6, 1e8]) {
      const got = linalg
        .expm(
          tensor(
            [
              [1, size],
              [0, -1],
            ],
            { dtype: 'f32' },
          ),
        )
        .data();
      near(got, [Math.E, size * Math.sinh(1), 0, 1 / Math.E], (i) => 2 ** -23 * [3, size * 1.2, 0, 0.4][i]);
    }
  }));

test('large matrices are computed in their own type, balanced too; what overflows is Infinity, not NaN', () =>
  scope(() => {
    const n = 260;
    const draw = drawing(seed);
    const values = square(n, () => 0).map((_, t) => {
      const [i, j] = [Math.floor(t / n), t % n];
      const unit = 2 ** ((i % 7) - (j % 7));
      return (Math.abs(i - j) < 2 ? ((i * 7 + j * 3) % 11) / 11 - 0.5 + draw() / 1e3 : 0) * unit;
    });
    const [wide, narrow] = (['f64', 'f32'] as const).map((dtype) =>
      linalg.expm(tensor(values.map(Math.fround), { shape: [n, n], dtype })).toTypedArray(),
    );
    near(narrow, wide, (t) => 1e-5 * 2 ** ((Math.floor(t / n) % 7) - ((t % n) % 7)), 'f32 against f64');
    assert.equal(
      linalg
        .expm(
          tensor([
            [1000, 0],
            [0, -1000],
          ]),
        )
        .toArray(),
      [
        [Infinity, 0],
        [0, 0],
      ],
    );
    assert.equal(
      linalg
        .expm(
          tensor([
            [1e308, 0, 0],
            [0, 0, 1],
            [0, 0, 0],
          ]),
        )
        .toArray(),
      [
        [Infinity, 0, 0],
        [0, 1, 1],
        [0, 0, 1],
      ],
    );
    near(
      linalg
        .expm(
          tensor([
            [0, 1e300],
            [0, 0],
          ]),
        )
        .data(),
      [1, 1e300, 0, 1],
      0,
    );
    near(
      linalg
        .expm(
          tensor([
            [0, 1e140],
            [1e-140, 0],
          ]),
        )
        .data(),
      [Math.cosh(1), 1e140 * Math.sinh(1), 1e-140 * Math.sinh(1), Math.cosh(1)],
      (i) => [1e-15, 1e125, 1e-155, 1e-15][i],
    );
  }));

test.run();
