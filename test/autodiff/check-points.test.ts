// checkGradients at kinks, at equal values and in far tails: it finds planted faults that it does not find elsewhere, and passes what is
// right.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as ct from '#src/index.js';
import { rejects } from '../support/check.js';

type Options = NonNullable<Parameters<typeof ct.checkGradients>[2]>;
type Where = 'kinks' | 'equal' | 'tails';
// biome-ignore lint/suspicious/noExplicitAny: functions of any tensors
type F = (...xs: any[]) => any;

/** Passes without `at`, is refused with it. */
function finds(
  name: string,
  where: Where,
  f: F,
  args: ct.Tensor[],
  message: RegExp,
  options: Options = {},
): void {
  test(`at '${where}': ${name}`, () => {
    ct.scope(() => void ct.checkGradients(f, args, options));
    rejects(
      () => ct.scope(() => ct.checkGradients(f, args, { ...options, at: [where] })),
      ct.GradientError,
      message,
    );
  });
}

const point = ct.tensor([0.3, 1.7]);
const other = ct.tensor([0.8, 0.4]);

const wrongSigmoid = ct.customVjp(
  (x: ct.Tensor) => {
    const y = ct.sigmoid(x);
    return { value: y, residuals: y };
  },
  (y: ct.Tensor, c: ct.Tensor) => [ct.mul(c, ct.mul(y, ct.sub(1, y)))],
);
finds('a derivative that is written with the result', 'tails', wrongSigmoid, [point], /in f32, against f64/);

const wrongAngle = ct.customVjp(
  (y: ct.Tensor, x: ct.Tensor) => ({ value: ct.atan2(y, x), residuals: { y, x } }),
  ({ y, x }: { y: ct.Tensor; x: ct.Tensor }, c: ct.Tensor) => {
    const squares = ct.add(ct.mul(x, x), ct.mul(y, y));
    return [ct.mul(c, ct.div(x, squares)), ct.neg(ct.mul(c, ct.div(y, squares)))];
  },
);
finds('a quotient of squares', 'tails', wrongAngle, [point, other], /times the arguments/);
finds(
  'a quotient of squares, by differences alone',
  'tails',
  (y, x) => {
    // Of f64 only.
    return ct.add(wrongAngle(y, x), ct.tensor([0, 0]));
  },
  [point, other],
  /vjp at .* times the arguments for/,
);

const plainSqrt = ct.customVjp(
  (x: ct.Tensor) => {
    const y = ct.sqrt(x);
    return { value: y, residuals: y };
  },
  (y: ct.Tensor, c: ct.Tensor) => [ct.mul(c, ct.div(0.5, y))],
);
finds(
  'a branch that is not taken',
  'kinks',
  (x) => ct.where(ct.greater(x, 0), plainSqrt(x), x),
  [point],
  /with .* the rules give NaN, differences/,
);

const wrongAbs = ct.customVjp(
  (x: ct.Tensor) => ({ value: ct.abs(x), residuals: x }),
  (x: ct.Tensor, c: ct.Tensor) => [ct.mul(c, ct.where(ct.equal(x, 0), 2, ct.sign(x)))],
);
finds(
  'a derivative at a kink that lies outside',
  'kinks',
  wrongAbs,
  [point],
  /the rules give 2, differences 1/,
);

const silent = (x: ct.Tensor): ct.Tensor =>
  // A projection whose derivative is lost as soon as a constraint holds.
  x.ndim === 1 ? ct.where(ct.greater(x, 0), x, ct.stopGradient(ct.mul(0.1, x))) : x;
finds('a derivative that is 0 without a word', 'kinks', silent, [point], /the rules give 0, differences 0.1/);

/** (a² - b²) / (a - b), whose rule leaves out what it would divide by a - b. */
const wrongQuotient = ct.customVjp(
  (a: ct.Tensor, b: ct.Tensor) => ({ value: ct.add(a, b), residuals: { a, b } }),
  ({ a, b }: { a: ct.Tensor; b: ct.Tensor }, c: ct.Tensor) => {
    const g = ct.where(ct.equal(a, b), 0, c);
    return [g, g];
  },
);
finds('terms left out where values meet', 'equal', wrongQuotient, [point, other], /with equal entries/);
finds(
  'terms left out where eigenvalues meet',
  'equal',
  (a: ct.Tensor) => {
    const entry = (i: number, j: number) => ct.slice(a, [i, j], [i + 1, j + 1]);
    return wrongQuotient(entry(0, 0), entry(1, 1));
  },
  [
    ct.tensor([
      [2, 0.3],
      [0.3, 1],
    ]),
  ],
  /with (a multiple of the identity|equal entries)/,
);

test('what is right passes everywhere, in both types', () => {
  const everywhere: Options = { at: ['kinks', 'equal', 'tails'] };
  const functions: Record<string, F> = {
    ...Object.fromEntries(
      'exp expm1 sin cos tan atan sinh cosh tanh erf sigmoid softplus relu elu silu gelu abs square sqrt log rsqrt log1p asin'
        .split(' ')
        .map((name) => [name, ct[name as 'exp'] as F]),
    ),
    softmax: ct.softmax,
    logsumexp: ct.logsumexp,
    variance: ct.variance,
    norm: (x) => ct.add(ct.norm(x), 0),
    max: ct.max,
    'where sqrt': (x) => ct.where(ct.greater(x, 0), ct.sqrt(x), x),
    'sqrt relu': (x) => ct.sqrt(ct.add(ct.relu(x), 1)),
    clip: (x) => ct.clip(x, -1, 1),
    prod: ct.prod,
    cumsum: ct.cumsum,
  };
  for (const dtype of ['f64', 'f32'] as const)
    for (const [name, f] of Object.entries(functions))
      ct.scope(() => {
        try {
          ct.checkGradients(f, [ct.tensor([0.3, 0.7, 0.45], { dtype })], everywhere);
        } catch (error) {
          (error as Error).message += ` (${name} in ${dtype})`;
          throw error;
        }
      });
  const two: Record<string, F> = {
    atan2: ct.atan2,
    div: ct.div,
    mul: ct.mul,
    pow: ct.pow,
    maximum: ct.maximum,
    matmul: (a, b) => ct.matmul(ct.reshape(a, [1, 2]), ct.reshape(b, [2, 1])),
  };
  for (const [name, f] of Object.entries(two))
    ct.scope(() => {
      try {
        ct.checkGradients(f, [point, other], everywhere);
      } catch (error) {
        (error as Error).message += ` (${name})`;
        throw error;
      }
    });
  ct.scope(() => {
    const a = ct.random(3).normal([3, 3]);
    const b = ct.random(4).normal([3, 3]);
    assert.ok(ct.checkGradients((x: ct.Tensor, y: ct.Tensor) => ct.matmul(x, y), [a, b], everywhere) < 1e-5);
    ct.checkGradients((x: ct.Tensor) => ct.linalg.det(x), [a], { at: ['kinks', 'equal'] });
  });
});

test('leaves no memory behind', () => {
  const before = ct.memory();
  ct.scope(() => void ct.checkGradients(ct.tanh, [point], { at: ['kinks', 'equal', 'tails'] }));
  const after = ct.memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes]);
});

test.run();
