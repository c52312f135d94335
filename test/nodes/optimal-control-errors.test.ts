// nodes.optimalControl: errors, reports and limits.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  astype,
  ConvergenceError,
  type CotangentError,
  compile,
  concat,
  DTypeError,
  grad,
  jvp,
  mul,
  neg,
  nodes,
  ShapeError,
  SingularMatrixError,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  vjp,
  zeros,
} from '#src/index.js';
import { rejects } from '../support/check.js';
import {
  type Any,
  type ControlOptions,
  half,
  last,
  linear,
  noise,
  overLast,
  pendulum,
  type Report,
  within,
} from './control-problems.js';

const theta = { A: tensor([[1, 0.1], [-0.2, 0.95]]), B: tensor([[0.02], [0.1]]) }; // biome-ignore format: matrices
const start = tensor([1, -0.5]);
const nan = { A: tensor([[1, Number.NaN], [0, 1]]), B: theta.B }; // biome-ignore format: a matrix
const infinite = tensor([1, Number.POSITIVE_INFINITY]);
const [single, three, scalar] = [astype(start, 'f32'), tensor([1, 2, 3]), tensor(1)];
const starts = tensor([[1, 0], [0, 0], [5, 5]]); // biome-ignore format: a list of states
const badStarts = tensor([[1, 0], [Number.NaN, 0]]); // biome-ignore format: a list of states
const [badControls, wrongControls] = [mul(zeros([15, 1]), Number.NaN), zeros([14, 1])];

const problem = (extra: Any = {}): ControlOptions => ({
  horizon: 15,
  controlSize: 1,
  dynamics: linear,
  cost: (x, u) => add(half(x), half(u, 0.3)),
  finalCost: (x) => half(x, 5),
  ...extra,
});

const solve = (extra: Any = {}, z: Any = theta, s: Any = start, u?: Any) => {
  const { states, controls: found } = nodes.optimalControl(problem(extra))(z, s, u);
  states.dispose();
  found.dispose();
};

const against = (_x: Tensor, u: Tensor) => concat([add(u, 1), sub(1, u)], -1);

type Row = [string, () => unknown, new (...args: never[]) => CotangentError, RegExp];

const rows: Row[] = [
  [
    'an option that there is not',
    () => nodes.optimalControl(problem({ horizn: 3 })),
    ArgumentError,
    /optimalControl.*horizn/,
  ],
  ['no options', () => nodes.optimalControl(undefined as Any), ArgumentError, /optimalControl/],
  ['half a step', () => nodes.optimalControl(problem({ horizon: 0.5 })), ArgumentError, /horizon/],
  ['no step', () => nodes.optimalControl(problem({ horizon: 0 })), ArgumentError, /horizon/],
  ['no controls', () => nodes.optimalControl(problem({ controlSize: 0 })), ArgumentError, /controlSize/],
  ['no dynamics', () => nodes.optimalControl(problem({ dynamics: undefined })), ArgumentError, /dynamics/],
  ['no cost', () => nodes.optimalControl(problem({ cost: 3 })), ArgumentError, /cost/],
  [
    'constraints that are no function',
    () => nodes.optimalControl(problem({ equality: 3 })),
    ArgumentError,
    /equality/,
  ],
  ['tolerance', () => nodes.optimalControl(problem({ tolerance: 0 })), ArgumentError, /tolerance/],
  [
    'maxIterations',
    () => nodes.optimalControl(problem({ maxIterations: -1 })),
    ArgumentError,
    /maxIterations/,
  ],
  ['throws', () => nodes.optimalControl(problem({ throws: 1 })), ArgumentError, /throws/],
  ['onSolve', () => nodes.optimalControl(problem({ onSolve: 1 })), ArgumentError, /onSolve/],
  ['NaN in theta', () => solve({}, nan), ArgumentError, /optimalControl.*theta.*NaN.*\[0, 1\]/],
  ['infinite state', () => solve({}, theta, infinite), ArgumentError, /initialState.*Infinity.*\[1\]/],
  ['NaN in a batch', () => solve({}, theta, badStarts), ArgumentError, /initialState.*problem 1 of 2/],
  ['NaN in controls0', () => solve({}, theta, start, badControls), ArgumentError, /controls0/],
  [
    'NaN under grad',
    () => grad((s: Tensor) => sum(nodes.optimalControl(problem())(theta, s).states))(infinite),
    ArgumentError,
    /initialState/,
  ],
  ['a state that is no tensor', () => solve({}, theta, [1, 2]), ArgumentError, /initialState/],
  ['a state without axes', () => solve({}, theta, scalar), ShapeError, /initialState/],
  [
    'controls0 of another horizon',
    () => solve({}, theta, start, wrongControls),
    ShapeError,
    /controls0.*\[15, 1\].*\[14, 1\]/,
  ],
  ['dtypes', () => solve({}, theta, single), DTypeError, /theta/],
  [
    'dynamics of the wrong shape',
    () => solve({ dynamics: (x: Tensor) => overLast(x) }),
    ShapeError,
    /dynamics.*\[15, 2\].*\[15\]/,
  ],
  [
    'dynamics of the wrong shape, under vjp',
    () =>
      vjp(
        (s) => nodes.optimalControl(problem({ dynamics: (x: Tensor) => overLast(x) }))(theta, s).states,
        start,
      ),
    ShapeError,
    /dynamics/,
  ],
  ['cost of the wrong shape', () => solve({ cost: (x: Tensor) => square(x) }), ShapeError, /: cost.*\[15\]/],
  ['a total cost', () => solve({ cost: (x: Tensor) => sum(x) }), ShapeError, /: cost/],
  ['final cost of the wrong shape', () => solve({ finalCost: (x: Tensor) => x }), ShapeError, /finalCost/],
  [
    'equality without an axis',
    () => solve({ equality: (x: Tensor) => overLast(x) }),
    ShapeError,
    /: equality/,
  ],
  [
    'inequality without an axis',
    () => solve({ inequality: (x: Tensor) => overLast(x) }),
    ShapeError,
    /: inequality/,
  ],
  ['final equality', () => solve({ finalEquality: (x: Tensor) => overLast(x) }), ShapeError, /finalEquality/],
  [
    'final inequality',
    () => solve({ finalInequality: (x: Tensor) => overLast(x) }),
    ShapeError,
    /finalInequality/,
  ],
  ['a number', () => solve({ cost: () => 3 }), ArgumentError, /: cost/],
  ['another dtype', () => solve({ cost: (x: Tensor) => astype(overLast(x), 'f32') }), DTypeError, /: cost/],
  ['an error of the user', () => solve({ dynamics: (x: Tensor) => add(x, three) }), ShapeError, /./],
  ['infeasible', () => solve({ inequality: against }), ConvergenceError, /optimalControl.*infeasible/],
  [
    'infeasible, with throws: false',
    () => solve({ inequality: against, throws: false }),
    ConvergenceError,
    /infeasible/,
  ],
  [
    'a state that is out of bounds',
    () => solve({ inequality: (x: Tensor) => sub(last(x, 0), 0.9) }),
    ConvergenceError,
    /infeasible/,
  ],
  [
    'a point that is too far',
    () => solve({ horizon: 1, finalEquality: (x: Tensor) => x }),
    ConvergenceError,
    /infeasible/,
  ],
  [
    'infeasible in a batch',
    () =>
      solve(
        { inequality: (x: Tensor, u: Tensor) => concat([sub(last(x, 0), 3), neg(u)], -1) },
        theta,
        starts,
      ),
    ConvergenceError,
    /infeasible.*problem 2 of 3/,
  ],
  [
    'unbounded',
    () => solve({ cost: (x: Tensor, u: Tensor) => overLast(add(x, u)), finalCost: undefined }),
    ConvergenceError,
    /unbounded/,
  ],
  [
    'not converged',
    () => solve({ dynamics: pendulum(0.1), maxIterations: 1 }, tensor([3, 0.2])),
    ConvergenceError,
    /optimalControl: not converged after 1 iterations/,
  ],
];

for (const [name, f, kind, message] of rows)
  test(`error: ${name}`, () => void rejects(() => scope(() => void f()), kind, message));

test('finalCost: undefined is no final cost', () => solve({ finalCost: undefined }));

test('controls that are not unique are given, without derivatives', () => {
  const node = nodes.optimalControl({
    horizon: 3,
    controlSize: 2,
    dynamics: (x, u) => add(x, sum(u, { axis: -1, keepDims: true })),
    cost: (x) => half(x),
    finalCost: (x) => half(x),
  });
  scope(() => assert.ok(Math.abs(node(null, tensor([1])).states.toTypedArray()[1]) < 1e-9));
  rejects(
    () => scope(() => void grad((s: Tensor) => sum(node(null, s).states))(tensor([1]))),
    SingularMatrixError,
    /optimalControl.*unique/,
  );
});

test('a point that is not a solution: given with throws: false, its derivative is the error', () =>
  scope(() => {
    let report: Report | undefined;
    const node = nodes.optimalControl(
      problem({
        dynamics: pendulum(0.1),
        maxIterations: 1,
        throws: false,
        onSolve: (r: Report) => void (report = r),
      }),
    );
    const z = tensor([3, 0.2]);
    assert.equal(node(z, start).states.shape, [16, 2]);
    assert.is(report?.converged, false);
    assert.is(report?.iterations, 1);
    const f = (w: Tensor) => sum(node(w, start).states);
    rejects(() => scope(() => void grad(f)(z)), ConvergenceError, /optimalControl.*1 iterations/);
    rejects(() => scope(() => void jvp(f, [z], [z])), ConvergenceError, /optimalControl/);
    try {
      grad(f)(z);
    } catch (error) {
      const { iterations, residual } = error as ConvergenceError;
      assert.is(iterations, 1);
      assert.ok(residual > 1e-10 && Number.isFinite(residual));
    }
  }));

test('reports: once per call, also of derivatives, with the residuals that apply', () =>
  scope(() => {
    const seen: Report[] = [];
    const onSolve = (r: Report) => void seen.push(r);
    const keys = (extra: Any, s: Tensor = start) => {
      seen.length = 0;
      nodes.optimalControl(problem({ ...extra, onSolve }))(theta, s);
      assert.is(seen.length, 1);
      const [{ node, converged, residuals, iterations }] = seen;
      assert.is(node, 'optimalControl');
      assert.ok(converged && Number.isInteger(iterations));
      assert.ok(Object.values(residuals).every((v) => v >= 0 && v <= 1e-10));
      return Object.keys(residuals).sort();
    };
    assert.equal(keys({}), ['dynamics', 'stationarity']);
    assert.equal(keys({ finalEquality: (x: Tensor) => last(x, 0) }), ['dynamics', 'primal', 'stationarity']);
    assert.equal(keys({ inequality: within(0.4) }), [
      'complementarity',
      'dual',
      'dynamics',
      'primal',
      'stationarity',
    ]);
    keys({}, starts);
    assert.is(seen[0].problems, 3);
    seen.length = 0;
    const node = nodes.optimalControl(problem({ onSolve }));
    grad((s: Tensor) => sum(node(theta, s).states))(start);
    vjp((s) => node(theta, s).states, start).pullback(noise([16, 2]));
    jvp((s) => node(theta, s).states, [start], [start]);
    assert.is(seen.length, 3);
    assert.ok(seen.every((r) => r.problems === 1));
    // No row of the table: a plan cannot replay it.
    rejects(() => compile((s: Tensor) => node(theta, s).states)(start), ArgumentError, /./);
  }));

test('a wider tolerance ends sooner; a tolerance below rounding is not met', () => {
  const [z, s] = [tensor([3, 0.2]), tensor([2.5, 0])];
  const iterations = (tolerance: number) => {
    let count = 0;
    const options = {
      dynamics: pendulum(0.1),
      tolerance,
      onSolve: (r: Report) => void (count = r.iterations),
    };
    solve(options, z, s);
    return count;
  };
  assert.ok(iterations(1e-2) <= iterations(1e-10));
  rejects(() => iterations(1e-20), ConvergenceError, /residual/);
});

test.run();
