// Opaque functions of vectors of two, and the same in plain operations.
import {
  add,
  cos,
  customJvp,
  customVjp,
  div,
  exp,
  implicitRoot,
  linalg,
  log,
  matmul,
  mul,
  sin,
  slice,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
} from '#src/index.js';

export type F = (x: Tensor) => Tensor;

const values = (x: Tensor) => Array.from(x.data());

const head = (x: Tensor) => slice(x, [0], [1]);
const eye2 = () => tensor([1, 0, 0, 1], { shape: [2, 2] });
const matrixOf = (x: Tensor) =>
  add(mul(mul(0.1, sum(x)), eye2()), tensor([3, 0.5, 0.5, 2], { shape: [2, 2] }));

/** Vectors of two to vectors of two: an opaque function, and the same in plain operations. */
export const PAIRS: Record<string, { f: F; reference: F; tolerance?: number }> = {
  customVjp: {
    f: customVjp(
      (x: Tensor) => ({ value: mul(x, sin(x)), residuals: { x, s: sin(x) } }),
      ({ x, s }: { x: Tensor; s: Tensor }, ct: Tensor) => [mul(ct, add(s, mul(x, cos(x))))],
    ) as F,
    reference: (x) => mul(x, sin(x)),
  },
  'customVjp of trees': {
    f: (x) => {
      const { p, q } = customVjp(
        ({ a }: { a: Tensor }, [b]: Tensor[]) => ({
          value: { p: mul(a, b), q: [add(a, square(b))] },
          residuals: [a, b],
        }),
        ([a, b]: Tensor[], { p, q: [q] }: { p: Tensor; q: Tensor[] }) => [
          { a: add(mul(p, b), q) },
          [add(mul(p, a), mul(q, mul(2, b)))],
        ],
      )({ a: sin(x) }, [x]) as { p: Tensor; q: Tensor[] };
      return add(p, mul(q[0], p));
    },
    reference: (x) => {
      const [p, q] = [mul(sin(x), x), add(sin(x), square(x))];
      return add(p, mul(q, p));
    },
  },
  'customVjp whose residual is its value, and one made outside': {
    f: (() => {
      const two = tensor([2, 2]);
      return customVjp(
        (x: Tensor) => {
          const value = exp(mul(x, 2));
          return { value, residuals: [value, two] };
        },
        ([y, c]: Tensor[], ct: Tensor) => [mul(ct, mul(c, y))],
      ) as F;
    })(),
    reference: (x) => exp(mul(x, 2)),
  },
  customJvp: {
    f: customJvp(
      (x: Tensor) => mul(exp(x), x),
      ([x]: Tensor[], [t]: Tensor[]) => {
        const y = exp(x);
        return { value: mul(y, x), tangent: mul(t, add(y, mul(y, x))) };
      },
    ) as F,
    reference: (x) => mul(exp(x), x),
  },
  'an opaque function in an opaque function': {
    f: customVjp(
      (x: Tensor) => ({ value: mul(third(x), x), residuals: x }),
      (x: Tensor, ct: Tensor) => [mul(ct, mul(div(4, 3), third(mul(x, Math.cbrt(3)))))],
    ) as F,
    reference: (x) => div(square(square(x)), 3),
  },
  'implicitRoot of a solver in operations': {
    f: implicitRoot(
      (theta: Tensor, x: Tensor) => sub(mul(x, x), add(square(theta), 1)),
      (theta: Tensor) => sqrt(add(square(theta), 1)),
    ) as F,
    reference: (x) => sqrt(add(square(x), 1)),
  },
  'implicitRoot of a solver that reads values': {
    f: implicitRoot(
      (theta: Tensor, x: Tensor) => sub(exp(x), add(square(theta), 1)),
      (theta: Tensor) => tensor(values(theta).map((t) => Math.log(t * t + 1))),
    ) as F,
    reference: (x) => log(add(square(x), 1)),
  },
  'implicitRoot with like': {
    f: (x) =>
      mul(
        x,
        implicitRoot(
          (theta: Tensor, r: Tensor) => sub(mul(r, r), sum(square(theta))),
          (theta: Tensor) => tensor(Math.hypot(...values(theta))),
          { like: () => ({ shape: [] }) },
        )(x),
      ),
    reference: (x) => mul(x, sqrt(sum(square(x)))),
  },
  'implicitRoot whose F closes over what is differentiated': {
    f: (x) => {
      const w = add(square(x), 1);
      return implicitRoot(
        (theta: Tensor, y: Tensor) => sub(mul(y, w), theta),
        (theta: Tensor) => div(theta, w),
      )(sin(x));
    },
    reference: (x) => div(sin(x), add(square(x), 1)),
  },
  'implicitRoot by gmres, by cg, and by a solver of the user': {
    f: (x) => {
      const [F, solver] = [
        (theta: Tensor, y: Tensor) => sub(add(mul(2, y), mul(0.5, tanh(y))), theta),
        (theta: Tensor) => {
          let y = mul(theta, 0.4);
          for (let i = 0; i < 40; i++) y = div(sub(theta, mul(0.5, tanh(y))), 2);
          return y;
        },
      ];
      const tight = { linearTolerance: 1e-13 };
      const solve = (b: Tensor, _: boolean, { x: at }: { x: Tensor }) =>
        div(b, sub(2.5, mul(0.5, square(tanh(at)))));
      return add(
        add(
          implicitRoot(F, solver, { linearSolver: 'gmres', ...tight })(x),
          implicitRoot(F, solver, { linearSolver: 'cg', ...tight })(mul(x, 2)),
        ),
        implicitRoot(F, solver, { solve })(mul(x, 3)),
      );
    },
    reference: (x) => {
      const root = (theta: Tensor) => {
        let y = mul(theta, 0.4);
        for (let i = 0; i < 40; i++) y = div(sub(theta, mul(0.5, tanh(y))), 2);
        return y;
      };
      return add(add(root(x), root(mul(x, 2))), root(mul(x, 3)));
    },
    tolerance: 1e-8,
  },
  'implicitRoot by gmres of a linear F': {
    f: implicitRoot(
      (theta: Tensor, y: Tensor) => sub(mul(y, 3), theta),
      (theta: Tensor) => div(theta, 3),
      { linearSolver: 'gmres' },
    ) as F,
    reference: (x) => div(x, 3),
  },
};

/** x³ / 3. */
export const third = customVjp(
  (x: Tensor) => ({ value: div(mul(x, square(x)), 3), residuals: x }),
  (x: Tensor, ct: Tensor) => [mul(ct, square(x))],
);

const exact = { tolerance: 1e-14 };
for (const method of ['cg', 'minres', 'gmres'] as const) {
  const solve = linalg[method];
  PAIRS[`${method} of a matrix`] = {
    f: (x) => solve(matrixOf(x), sin(x), exact).x,
    reference: (x) => linalg.solve(matrixOf(x), sin(x)),
    tolerance: 1e-9,
  };
  PAIRS[`${method} of a function`] = {
    f: (x) => {
      const a = matrixOf(x);
      return solve((z) => matmul(a, z), sin(x), exact).x;
    },
    reference: (x) => linalg.solve(matrixOf(x), sin(x)),
    tolerance: 1e-9,
  };
  PAIRS[`${method} of a function that captures nothing`] = {
    f: (x) => solve((z) => mul(z, 2), sin(x), exact).x,
    reference: (x) => div(sin(x), 2),
    tolerance: 1e-9,
  };
  PAIRS[`${method} with a preconditioner and a start`] = {
    f: (x) => {
      const a = matrixOf(x);
      return solve(a, x, {
        ...exact,
        preconditioner: (r) => div(r, add(2, square(head(x)))),
        x0: mul(x, 0.3),
      }).x;
    },
    reference: (x) => linalg.solve(matrixOf(x), x),
    tolerance: 1e-9,
  };
}
