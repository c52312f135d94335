// Test problems of Moré, Garbow and Hillstrom, ACM Trans. Math. Softw. 7 (1981) 17-41: f(x) = Σ r_i(x)², starts, minima known.
import {
  add,
  atan2,
  concat,
  cos,
  div,
  exp,
  matmul,
  mul,
  neg,
  pad,
  prod,
  reshape,
  sin,
  slice,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
} from '#src/index.js';

export interface Problem {
  name: string;
  n: number;
  /** [m], in the dtype of x. */
  residuals(x: Tensor): Tensor;
  /** The standard start. */
  x0: number[];
  /** The least Σ r², as printed, or to more digits where it was computed in many. */
  minimum: number;
  /** Other local minima that a descent from x0 may end in. */
  others?: number[];
}

/** The objective of a problem. */
export const sumOfSquares =
  ({ residuals }: Problem) =>
  (x: Tensor): Tensor =>
    sum(square(residuals(x)));

/** The numbers of x, one scalar each. */
const scalars = (x: Tensor): Tensor[] =>
  Array.from({ length: x.size }, (_, i) => reshape(slice(x, [i], [i + 1]), []));
const like = (x: Tensor, data: number[]): Tensor => tensor(data, { dtype: x.dtype });
const range = (count: number, f: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => f(i + 1));
/** Every other number of x: those at 0, 2, … or at 1, 3, …. */
const strided = (x: Tensor, stride: number): Tensor[] => {
  const rows = reshape(x, [x.size / stride, stride]);
  return Array.from({ length: stride }, (_, j) =>
    reshape(slice(rows, [0, j], [x.size / stride, j + 1]), [-1]),
  );
};

const BARD = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39];
const GAUSSIAN = [0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521, 0.3989];
const KOWALIK_Y = [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246];
const KOWALIK_U = [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625];
const MEYER = [
  34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872,
];
const OSBORNE = [
  0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628,
  0.603, 0.58, 0.558, 0.538, 0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42, 0.414,
  0.411, 0.406,
];

/** r = (10 (x_{2i} - x_{2i-1}²), 1 - x_{2i-1}) for all pairs (problem 21; 1 for n = 2). */
function rosenbrock(x: Tensor): Tensor {
  const [a, b] = strided(x, 2);
  return concat([mul(sub(b, square(a)), 10), sub(1, a)], 0);
}

/** Problem 22; 13 for n = 4. */
function powellSingular(x: Tensor): Tensor {
  const [a, b, c, d] = strided(x, 4);
  return concat(
    [
      add(a, mul(b, 10)),
      mul(sub(c, d), Math.sqrt(5)),
      square(sub(b, mul(c, 2))),
      mul(square(sub(a, d)), Math.sqrt(10)),
    ],
    0,
  );
}

/** Problem 20. */
function watson(x: Tensor): Tensor {
  const n = x.size;
  const powers = range(29, (i) => i / 29).map((t) => range(n, (j) => t ** (j - 1)));
  const slopes = range(29, (i) => i / 29).map((t) => range(n, (j) => (j > 1 ? (j - 1) * t ** (j - 2) : 0)));
  const times = (rows: number[][]) => matmul(tensor(rows, { dtype: x.dtype }), x);
  const fit = sub(sub(times(slopes), square(times(powers))), 1);
  const [a, b] = scalars(x);
  return concat([fit, stack([a, sub(sub(b, square(a)), 1)])], 0);
}

/** One problem a row, in the order of the paper. */
export const problems: readonly Problem[] = [
  { name: 'Rosenbrock', n: 2, residuals: rosenbrock, x0: [-1.2, 1], minimum: 0 },
  {
    name: 'Freudenstein and Roth',
    n: 2,
    residuals(x) {
      const [a, b] = scalars(x);
      return stack([
        add(sub(a, 13), mul(sub(mul(sub(5, b), b), 2), b)),
        add(sub(a, 29), mul(sub(mul(add(b, 1), b), 14), b)),
      ]);
    },
    x0: [0.5, -2],
    minimum: 0,
    others: [48.98425367924],
  },
  {
    name: 'Powell badly scaled',
    n: 2,
    residuals(x) {
      const [a, b] = scalars(x);
      return stack([sub(mul(mul(a, b), 1e4), 1), sub(add(exp(neg(a)), exp(neg(b))), 1.0001)]);
    },
    x0: [0, 1],
    minimum: 0,
  },
  {
    name: 'Brown badly scaled',
    n: 2,
    residuals(x) {
      const [a, b] = scalars(x);
      return stack([sub(a, 1e6), sub(b, 2e-6), sub(mul(a, b), 2)]);
    },
    x0: [1, 1],
    minimum: 0,
  },
  {
    name: 'Beale',
    n: 2,
    residuals(x) {
      const [a, b] = scalars(x);
      const b2 = square(b);
      const gaps = stack([sub(1, b), sub(1, b2), sub(1, mul(b2, b))]);
      return sub(like(x, [1.5, 2.25, 2.625]), mul(a, gaps));
    },
    x0: [1, 1],
    minimum: 0,
  },
  {
    name: 'Jennrich and Sampson',
    n: 2,
    residuals(x) {
      const [a, b] = scalars(x);
      const i = like(
        x,
        range(10, (k) => k),
      );
      return sub(
        like(
          x,
          range(10, (k) => 2 + 2 * k),
        ),
        add(exp(mul(i, a)), exp(mul(i, b))),
      );
    },
    x0: [0.3, 0.4],
    minimum: 124.3621823556,
  },
  {
    name: 'Helical valley',
    n: 3,
    residuals(x) {
      const [a, b, c] = scalars(x);
      // The angle with its cut along the negative second axis, as the paper has it.
      const theta = sub(0.25, div(atan2(a, b), 2 * Math.PI));
      return stack([mul(sub(c, mul(theta, 10)), 10), mul(sub(sqrt(add(square(a), square(b))), 1), 10), c]);
    },
    x0: [-1, 0, 0],
    minimum: 0,
  },
  {
    name: 'Bard',
    n: 3,
    residuals(x) {
      const [a, b, c] = scalars(x);
      const u = like(
        x,
        range(15, (i) => i),
      );
      const v = like(
        x,
        range(15, (i) => 16 - i),
      );
      const w = like(
        x,
        range(15, (i) => Math.min(i, 16 - i)),
      );
      return sub(like(x, BARD), add(a, div(u, add(mul(v, b), mul(w, c)))));
    },
    x0: [1, 1, 1],
    minimum: 8.21487730657896e-3,
    others: [17.4286],
  },
  {
    name: 'Gaussian',
    n: 3,
    residuals(x) {
      const [a, b, c] = scalars(x);
      const t = like(
        x,
        range(15, (i) => (8 - i) / 2),
      );
      const y = [...GAUSSIAN, ...GAUSSIAN.slice(0, -1).reverse()];
      return sub(mul(a, exp(mul(mul(b, -0.5), square(sub(t, c))))), like(x, y));
    },
    x0: [0.4, 1, 0],
    minimum: 1.12793276961871e-8,
  },
  {
    name: 'Meyer',
    n: 3,
    residuals(x) {
      const [a, b, c] = scalars(x);
      const t = like(
        x,
        range(16, (i) => 45 + 5 * i),
      );
      return sub(mul(a, exp(div(b, add(t, c)))), like(x, MEYER));
    },
    x0: [0.02, 4000, 250],
    minimum: 87.9458551709,
  },
  {
    name: 'Box, three dimensions',
    n: 3,
    residuals(x) {
      const [a, b, c] = scalars(x);
      const t = like(
        x,
        range(10, (i) => -0.1 * i),
      );
      const y = like(
        x,
        range(10, (i) => Math.exp(-0.1 * i) - Math.exp(-i)),
      );
      return sub(sub(exp(mul(t, a)), exp(mul(t, b))), mul(y, c));
    },
    x0: [0, 10, 20],
    minimum: 0,
  },
  { name: 'Powell singular', n: 4, residuals: powellSingular, x0: [3, -1, 0, 1], minimum: 0 },
  {
    name: 'Wood',
    n: 4,
    residuals(x) {
      const [a, b, c, d] = scalars(x);
      return stack([
        mul(sub(b, square(a)), 10),
        sub(1, a),
        mul(sub(d, square(c)), Math.sqrt(90)),
        sub(1, c),
        mul(sub(add(b, d), 2), Math.sqrt(10)),
        div(sub(b, d), Math.sqrt(10)),
      ]);
    },
    x0: [-3, -1, -3, -1],
    minimum: 0,
  },
  {
    name: 'Kowalik and Osborne',
    n: 4,
    residuals(x) {
      const [a, b, c, d] = scalars(x);
      const u = like(x, KOWALIK_U);
      const u2 = like(
        x,
        KOWALIK_U.map((v) => v * v),
      );
      const fit = div(mul(a, add(u2, mul(u, b))), add(add(u2, mul(u, c)), d));
      return sub(like(x, KOWALIK_Y), fit);
    },
    x0: [0.25, 0.39, 0.415, 0.39],
    minimum: 3.07505603849e-4,
    others: [1.02734e-3],
  },
  {
    name: 'Brown and Dennis',
    n: 4,
    residuals(x) {
      const [a, b, c, d] = scalars(x);
      const at = (f: (t: number) => number) =>
        like(
          x,
          range(20, (i) => f(i / 5)),
        );
      const first = sub(
        add(
          a,
          mul(
            at((t) => t),
            b,
          ),
        ),
        at(Math.exp),
      );
      return add(square(first), square(sub(add(c, mul(at(Math.sin), d)), at(Math.cos))));
    },
    x0: [25, 5, -5, -1],
    minimum: 85822.20162635634,
  },
  {
    name: 'Osborne 1',
    n: 5,
    residuals(x) {
      const [a, b, c, d, e] = scalars(x);
      const t = like(
        x,
        range(33, (i) => -10 * (i - 1)),
      );
      return sub(like(x, OSBORNE), add(a, add(mul(b, exp(mul(t, d))), mul(c, exp(mul(t, e))))));
    },
    x0: [0.5, 1.5, -1, 0.01, 0.02],
    minimum: 5.46489469748e-5,
  },
  {
    name: 'Biggs EXP6',
    n: 6,
    residuals(x) {
      const [a, b, c, d, e, f] = scalars(x);
      const t = like(
        x,
        range(13, (i) => -0.1 * i),
      );
      const y = range(13, (i) => Math.exp(-0.1 * i) - 5 * Math.exp(-i) + 3 * Math.exp(-0.4 * i));
      const fit = add(sub(mul(c, exp(mul(t, a))), mul(d, exp(mul(t, b)))), mul(f, exp(mul(t, e))));
      return sub(fit, like(x, y));
    },
    x0: [1, 2, 1, 1, 1, 1],
    minimum: 0,
    others: [5.65564992552e-3],
  },
  { name: 'Watson', n: 6, residuals: watson, x0: Array(6).fill(0), minimum: 2.28767005355e-3 },
  {
    name: 'Extended Rosenbrock',
    n: 10,
    residuals: rosenbrock,
    x0: Array(5).fill([-1.2, 1]).flat(),
    minimum: 0,
  },
  {
    name: 'Extended Powell singular',
    n: 12,
    residuals: powellSingular,
    x0: Array(3).fill([3, -1, 0, 1]).flat(),
    minimum: 0,
  },
  {
    name: 'Penalty I',
    n: 4,
    residuals: (x) => concat([mul(sub(x, 1), Math.sqrt(1e-5)), reshape(sub(sum(square(x)), 0.25), [1])], 0),
    x0: [1, 2, 3, 4],
    minimum: 2.249977501e-5,
  },
  {
    name: 'Variably dimensioned',
    n: 10,
    residuals(x) {
      const weighted = sum(
        mul(
          sub(x, 1),
          like(
            x,
            range(10, (j) => j),
          ),
        ),
        { keepDims: true },
      );
      return concat([sub(x, 1), weighted, square(weighted)], 0);
    },
    x0: range(10, (j) => 1 - j / 10),
    minimum: 0,
  },
  {
    name: 'Trigonometric',
    n: 10,
    residuals(x) {
      const c = cos(x);
      const i = like(
        x,
        range(10, (k) => k),
      );
      return sub(add(sub(10, sum(c)), mul(i, sub(1, c))), sin(x));
    },
    x0: Array(10).fill(0.1),
    minimum: 0,
    others: [2.79506e-5],
  },
  {
    name: 'Brown almost-linear',
    n: 10,
    residuals(x) {
      const rows = sub(add(slice(x, [0], [9]), sum(x)), 11);
      return concat([rows, reshape(sub(prod(x), 1), [1])], 0);
    },
    x0: Array(10).fill(0.5),
    minimum: 0,
    others: [1],
  },
  {
    name: 'Broyden tridiagonal',
    n: 10,
    residuals(x) {
      const before = pad(slice(x, [0], [9]), [[1, 0]]);
      const after = pad(slice(x, [1], [10]), [[0, 1]]);
      return add(sub(sub(mul(sub(3, mul(x, 2)), x), before), mul(after, 2)), 1);
    },
    x0: Array(10).fill(-1),
    minimum: 0,
  },
];
