// One wrong input per function, argument and way of being wrong: the typed error, naming function, argument and value; nothing is left.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  CotangentError,
  DTypeError,
  eye,
  optim,
  ShapeError,
  scope,
  square,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { attempts } from '../support/check.js';

const not = 'no tensor' as unknown as Tensor;
const cost = (x: Tensor) => sum(square(x));
const one = () => tensor([1, 2]);

const { failures, attempt } = attempts();

type Wrong = [
  what: string,
  call: () => unknown,
  kind: new (...a: never[]) => CotangentError,
  message: RegExp,
];

/** Of every function that takes problems, points and functions: what it refuses of them. */
const table: Record<string, () => Wrong[]> = {
  minimize: () => [
    ['f', () => optim.minimize(not as never, one()), ArgumentError, /f must be .*, got "no tensor"/],
    ['x0', () => optim.minimize(cost, not), ArgumentError, /x0 must be .*tensor/],
    [
      'x0 in i32',
      () => optim.minimize(cost, zeros([2], { dtype: 'i32' })),
      DTypeError,
      /x0 must be f64 or f32, got i32/,
    ],
    [
      'f of two values',
      () => optim.minimize((x: Tensor) => x, one()),
      ShapeError,
      /f must return .*, got .*\[2\]/,
    ],
    [
      'method',
      () => optim.minimize(cost, one(), optim.lbfgs as never),
      ArgumentError,
      /method must be .*call it/,
    ],
  ],
  lineSearch: () => [
    ['f', () => optim.lineSearch(not as never, one(), one()), ArgumentError, /f must be .*, got "no tensor"/],
    ['direction', () => optim.lineSearch(cost, one(), zeros([3])), ArgumentError, /direction.*\[2\].*\[3\]/],
    [
      'search',
      () => optim.lineSearch(cost, one(), one(), optim.exact as never),
      ArgumentError,
      /lineSearch must be .*call it/,
    ],
  ],
  leastSquares: () => [
    ['f', () => optim.leastSquares(not as never, one()), ArgumentError, /must be .*, got "no tensor"/],
    ['x0', () => optim.leastSquares((x: Tensor) => x, not), ArgumentError, /x0 must be .*tensor/],
    [
      'method',
      () => optim.leastSquares((x: Tensor) => x, one(), optim.lbfgs() as never),
      ArgumentError,
      /method must be/,
    ],
  ],
  rootFind: () => [
    ['f', () => optim.rootFind(not as never, one()), ArgumentError, /must be .*, got "no tensor"/],
    [
      'two equations for three',
      () => optim.rootFind(() => one(), zeros([3])),
      ShapeError,
      /\[?3\]?.*\[?2\]?/,
    ],
    [
      'method',
      () => optim.rootFind((x: Tensor) => x, one(), 3 as never),
      ArgumentError,
      /method must be .*, got 3/,
    ],
  ],
  fixedPoint: () => [
    ['f', () => optim.fixedPoint(not as never, one()), ArgumentError, /must be .*, got "no tensor"/],
    ['another shape', () => optim.fixedPoint(() => one(), zeros([3])), ArgumentError, /\[3\].*\[2\]/],
    [
      'method',
      () => optim.fixedPoint((x: Tensor) => x, one(), 3 as never),
      ArgumentError,
      /method must be .*, got 3/,
    ],
  ],
  proximalGradient: () => [
    [
      'f',
      () => optim.proximalGradient(not as never, optim.penalty.l1(), one()),
      ArgumentError,
      /f must be .*, got "no tensor"/,
    ],
    ['g', () => optim.proximalGradient(cost, 3 as never, one()), ArgumentError, /g must be .*, got 3/],
    [
      'shape of the prox',
      () => optim.proximalGradient(cost, () => zeros([3]), one()),
      ArgumentError,
      /\[2\].*\[3\]/,
    ],
  ],
  admm: () => [
    ['problem', () => optim.admm(3 as never, one()), ArgumentError, /problem must be .*, got 3/],
    [
      'f',
      () => optim.admm({ f: 3 as never, g: optim.penalty.l1() }, one()),
      ArgumentError,
      /f must be .*, got 3/,
    ],
    [
      'P',
      () => optim.admm({ f: { P: eye(3) }, g: optim.penalty.l1() }, one()),
      ShapeError,
      /f\.P must be a matrix \[2, 2\], got shape \[3, 3\]/,
    ],
    [
      'P in f32',
      () => optim.admm({ f: { P: eye(2, 2, { dtype: 'f32' }) }, g: optim.penalty.l1() }, one()),
      DTypeError,
      /f\.P must be f64 as x0 is, got f32/,
    ],
    [
      'what a prox gives',
      () => optim.admm({ f: () => zeros([3]), g: optim.penalty.l1() }, one()),
      ArgumentError,
      /prox of f.*\[2\].*\[3\]/,
    ],
    [
      'c',
      () => optim.admm({ f: { P: eye(2) }, g: optim.penalty.l1(), c: zeros([3]) }, one()),
      ShapeError,
      /c must be a vector \[2\], got shape \[3\]/,
    ],
  ],
  quadraticProgram: () => [
    [
      'problem',
      () => optim.quadraticProgram(null as never),
      ArgumentError,
      /problem must be an object, got null/,
    ],
    ['q', () => optim.quadraticProgram({ P: eye(2), q: not }), ArgumentError, /q must be a tensor/],
    [
      'P',
      () => optim.quadraticProgram({ P: eye(3), q: one() }),
      ShapeError,
      /P must have shape \[2, 2\], got \[3, 3\]/,
    ],
    [
      'P in f32',
      () => optim.quadraticProgram({ P: eye(2, 2, { dtype: 'f32' }), q: one() }),
      DTypeError,
      /P must have the dtype of q, f64, got f32/,
    ],
    [
      'NaN',
      () => optim.quadraticProgram({ P: eye(2), q: tensor([1, Number.NaN]) }),
      ArgumentError,
      /q must hold finite numbers, got NaN at element 1/,
    ],
  ],
  linearProgram: () => [
    [
      'problem',
      () => optim.linearProgram(null as never),
      ArgumentError,
      /problem must be an object, got null/,
    ],
    [
      'c',
      () => optim.linearProgram({ c: eye(2) }),
      ShapeError,
      /c must be a vector \[n\], got shape \[2, 2\]/,
    ],
    [
      'G alone',
      () => optim.linearProgram({ c: one(), G: eye(2) }),
      ArgumentError,
      /h must be given with G, got undefined/,
    ],
  ],
  operatorSplitting: () => [
    ['warmStart', () => optim.operatorSplitting({ warmStart: null as never }), ArgumentError, /got null/],
    [
      'warmStart.x',
      () => optim.operatorSplitting({ warmStart: { x: 3 as never } }),
      ArgumentError,
      /warmStart\.x must be a tensor, got 3/,
    ],
  ],
  'quadraticProgram with a warm start': () => [
    [
      'of another size',
      () =>
        optim.quadraticProgram(
          { P: eye(2), q: one() },
          { method: optim.operatorSplitting({ warmStart: { x: zeros([3]) } }) },
        ),
      ShapeError,
      /warmStart\.x must have 2 numbers, got 3/,
    ],
  ],
  kktResiduals: () => [
    [
      'problem',
      () => optim.kktResiduals(3 as never, { x: one() }),
      ArgumentError,
      /problem must be an object, got 3/,
    ],
    [
      'point',
      () => optim.kktResiduals({ P: eye(2), q: one() }, 3 as never),
      ArgumentError,
      /point must be .*, got 3/,
    ],
    [
      'x',
      () => optim.kktResiduals({ P: eye(2), q: one() }, { x: zeros([3]) }),
      ShapeError,
      /x must have shape \[2\], got \[3\]/,
    ],
    [
      'lambda',
      () => optim.kktResiduals({ P: eye(2), q: one() }, { x: one(), lambda: one() }),
      ShapeError,
      /lambda must have shape \[0\], got \[2\]/,
    ],
  ],
  minimizeEquality: () => [
    [
      'A',
      () => optim.minimizeEquality(cost, one(), { A: eye(3), b: zeros([3]) }),
      ShapeError,
      /A must .*\[3, 3\]/,
    ],
    [
      'b',
      () => optim.minimizeEquality(cost, one(), { A: eye(2), b: zeros([3]) }),
      ShapeError,
      /b must .*\[3\]/,
    ],
    [
      'f',
      () => optim.minimizeEquality(not as never, one(), { A: eye(2), b: one() }),
      ArgumentError,
      /f must be/,
    ],
  ],
  minimizeBarrier: () => [
    [
      'inequalities',
      () => optim.minimizeBarrier(cost, one(), { inequalities: 3 as never }),
      ArgumentError,
      /inequalities must be .*, got 3/,
    ],
    [
      'what they give',
      () => optim.minimizeBarrier(cost, one(), { inequalities: (() => 3) as never }),
      ArgumentError,
      /inequalities must return a tensor, got 3/,
    ],
  ],
};

for (const [name, wrongs] of Object.entries(table)) {
  test(`${name}: problems, points and functions`, () =>
    scope(() => {
      failures.length = 0;
      const start = RegExp(`^${name.split(' ')[0]}: `);
      for (const [what, call, kind, message] of wrongs()) {
        attempt(what, () => scope(() => void call()), kind, message);
        attempt(what, () => scope(() => void call()), CotangentError as never, start);
      }
      assert.equal(failures, []);
    }));
}

test.run();
