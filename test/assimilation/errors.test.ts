// What does not fit a problem is an error when the problem is given, which names the function, the argument, what was got and what is wanted.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  assimilation,
  type CotangentError,
  DisposedError,
  DTypeError,
  dynamics,
  full,
  memory,
  mul,
  ones,
  optim,
  random,
  ShapeError,
  scope,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { attempts } from '../support/check.js';

type Any = never;
type Kind = new (...args: never[]) => CotangentError;
const { covariance, cycle, ensemble, fourDVar, hybrid, incremental, objective, physicsProblem, subsample } =
  assimilation;

test('problems', () =>
  scope(() => {
    const { failures, attempt } = attempts();
    const [system, operator, observations] = [dynamics.lorenz96({ K: 8 }), subsample(2), zeros([3, 4])];
    const good = { system, operator, observations };
    const [x, f32, rows5, rowsI, nan, infinite, cube] = [zeros([8]), zeros([3, 4], { dtype: 'f32' }), zeros([3, 5]), zeros([3, 4], { dtype: 'i32' }), full([3, 4], Number.NaN), full([3, 4], Number.POSITIVE_INFINITY), zeros([3])]; // biome-ignore format: short
    const [B, R3, dense3, low, unit] = [covariance.diagonal(1), covariance.diagonal(ones([3])), covariance.dense(tensor([1, 0, 0, 1], { shape: [2, 2] })), covariance.lowRank(ones([5, 1]), 1), covariance.diagonal(ones([4], { dtype: 'f32' }))]; // biome-ignore format: short
    const dense4 = covariance.dense(
      tensor([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], { shape: [4, 4] }),
    );
    const [none, halves, mask5, x7, xNaN, empty, batch, xbBatch] = [zeros([3, 4]), full([3, 4], 0.5), zeros([3, 5]), zeros([7]), full([8], Number.NaN), zeros([0, 4]), zeros([2, 3, 4]), zeros([3, 8])]; // biome-ignore format: short
    const gone = covariance.dense(tensor([[1]]));
    gone.dispose();
    const cases: [string, object, Kind, RegExp][] = [
      ['an unknown name', { ...good, obs: x }, ArgumentError, /problem has no|there is no option 'obs'/],
      ['no system', { operator, observations }, ArgumentError, /system must be a system/],
      ['no operator', { system, observations }, ArgumentError, /operator must be a function .*got undefined/],
      ['no observations', { system, operator }, ArgumentError, /observations must be a tensor, got undefined/],
      ['rows of 5', { ...good, observations: rows5 }, ShapeError, /observations must be rows \[\.\.\.batch, m, 4\].*got shape \[3, 5\]/],
      ['one axis', { ...good, observations: cube }, ShapeError, /observations must be rows/],
      ['no rows', { ...good, observations: empty }, ArgumentError, /at least one row/],
      ['f32', { ...good, observations: f32 }, DTypeError, /observations must be f64, as lorenz96 is, got f32/],
      ['i32', { ...good, observations: rowsI }, DTypeError, /observations must be f64 or f32/],
      ['NaN', { ...good, observations: nan }, ArgumentError, /observations must be finite, got NaN at position 0 \(give a mask/],
      ['Infinity', { ...good, observations: infinite }, ArgumentError, /got Infinity at position 0/],
      ['NaN that is not masked', { ...good, observations: nan, mask: ones([3, 4]) }, ArgumentError, /mask must be 0 there/],
      ['steps', { ...good, observationSteps: 3 }, ArgumentError, /observationSteps must be an array/],
      ['two steps', { ...good, observationSteps: [0, 1] }, ArgumentError, /one interval for each of the 3 rows/],
      ['steps that fall', { ...good, observationSteps: [0, 2, 1] }, ArgumentError, /must rise, got 2 before 1/],
      ['steps that stand', { ...good, observationSteps: [0, 1, 1] }, ArgumentError, /must rise, got 1 before 1/],
      ['a step below 0', { ...good, observationSteps: [-1, 1, 2] }, ArgumentError, /observationSteps\[0\]/],
      ['half a step', { ...good, observationSteps: [0, 0.5, 1] }, ArgumentError, /observationSteps\[1\]/],
      ['xb alone', { ...good, xb: x }, ArgumentError, /xb and B belong together, got xb alone/],
      ['B alone', { ...good, B }, ArgumentError, /got B alone/],
      ['xb of 7', { ...good, xb: x7, B }, ShapeError, /xb must end in the axes \[8\]/],
      ['xb NaN', { ...good, xb: xNaN, B }, ArgumentError, /xb must be finite/],
      ['batches that differ', { ...good, observations: batch, xb: xbBatch, B }, ShapeError, /batch axes of xb and observations/],
      ['B of 5', { ...good, xb: x, B: low }, ShapeError, /a state must have the 5 numbers/],
      ['B of no kind', { ...good, xb: x, B: 2 }, ArgumentError, /B must be a covariance/],
      ['R of 3', { ...good, R: R3 }, ShapeError, /a row of observations must be vectors to which variances of shape \[3\]/],
      ['R of 2', { ...good, R: dense3 }, ShapeError, /a row of observations must have the 2 numbers/],
      ['R f32', { ...good, R: unit }, DTypeError, /must be f32/],
      ['R disposed of', { ...good, R: gone }, DisposedError, /covariance\.dense has been disposed/],
      ['R of functions', { ...good, R: covariance.operators({ solve: (z) => sum(z) }) }, ShapeError, /solve must return the shape/],
      ['mask of halves', { ...good, mask: halves }, ArgumentError, /mask must hold zeros and ones, got 0.5/],
      ['mask of 5', { ...good, mask: mask5 }, ShapeError, /mask must have the shape \[3, 4\]/],
      ['mask a number', { ...good, mask: 1 }, ArgumentError, /mask must be a tensor/],
      ['mask with R', { ...good, mask: none, R: dense4 }, ArgumentError, /mask needs a diagonal R, got covariance\.dense/],
      ['the mean of nothing', { ...good, mask: none, reduction: 'mean' }, ArgumentError, /needs an observed value/],
      ['reduction', { ...good, reduction: 'total' }, ArgumentError, /reduction must be 'sum' or 'mean', got "total"/],
      ['checkpoint', { ...good, checkpoint: 'always' }, ArgumentError, /checkpoint must be/],
      ['an operator that returns a number', { ...good, operator: () => 1 }, ArgumentError, /operator must return a tensor, got 1/],
      ['an operator of f32', { ...good, operator: () => f32 }, DTypeError, /operator must give f64/],
    ]; // biome-ignore format: short
    for (const [name, problem, kind, message] of cases) {
      attempt(name, () => objective(problem as Any), kind, message);
      attempt(`fourDVar, ${name}`, () => fourDVar(problem as Any, x), kind, message);
    }
    const J = objective(good);
    attempt('a start of 7', () => J(x7), ShapeError, /x0 must end in the axes \[8\]/);
    const [x32, two] = [zeros([8], { dtype: 'f32' }), zeros([2, 8])];
    attempt('a start f32', () => J(x32), DTypeError, /x0 must be f64/);
    attempt('no start', () => J(undefined as Any), ArgumentError, /x0 must be a tensor/);
    attempt(
      'batches',
      () => objective({ ...good, observations: zeros3() })(two),
      ShapeError,
      /batch axes of x0/,
    );
    // An operator that gives another shape later.
    const late = (z: Tensor, step: number) => (step > 1 ? sum(z) : subsample(2).apply(z));
    attempt('a later shape', () => objective({ ...good, operator: late })(x), ShapeError, /stack|shape/);
    assert.equal(failures, []);
  }));
const many = zeros([3, 3, 4]);
const zeros3 = () => many;

test('methods and their options', () =>
  scope(() => {
    const { failures, attempt } = attempts();
    const [system, operator] = [dynamics.lorenz96({ K: 8 }), subsample(2)];
    const observations = zeros([4, 4]);
    const problem = { system, operator, observations };
    const [x, x7, nan] = [ones([8]), ones([7]), full([8], Number.NaN)];
    const [B, W] = [covariance.diagonal(1), assimilation.whitening(tensor([[1]]))];
    const dense = covariance.dense(tensor([[1]]));
    attempt('x0 of 7', () => fourDVar(problem, x7), ShapeError, /fourDVar: x0 must end/);
    attempt('x0 NaN', () => fourDVar(problem, nan), ArgumentError, /x0 must be finite/);
    attempt('method', () => fourDVar(problem, x, 'lbfgs' as Any), ArgumentError, /method must be a method/);
    attempt(
      'options',
      () => fourDVar(problem, x, undefined, { tol: 1 } as Any),
      ArgumentError,
      /no option 'tol'/,
    );
    attempt('tolerance', () => fourDVar(problem, x, undefined, { gradientTolerance: -1 }), ArgumentError, /gradientTolerance/); // biome-ignore format: short
    attempt('iterations', () => fourDVar(problem, x, incremental(), { maxIterations: 1.5 }), ArgumentError, /maxIterations/); // biome-ignore format: short
    attempt('precondition', () => fourDVar(problem, x, undefined, { precondition: 1 as Any }), ArgumentError, /precondition must be a whitening or a covariance, got 1/); // biome-ignore format: short
    attempt('whitening of 1', () => fourDVar(problem, x, undefined, { precondition: W }), ShapeError, /8 numbers of a state \[8\], got a whitening of 1/); // biome-ignore format: short
    attempt('covariance of 1', () => fourDVar(problem, x, undefined, { precondition: dense }), ShapeError, /got a covariance\.dense of 1/); // biome-ignore format: short
    const solve = covariance.operators({ solve: (z) => mul(z, 1) });
    attempt('no root', () => fourDVar(problem, x, undefined, { precondition: solve }), ArgumentError, /sqrtTranspose is wanted here/); // biome-ignore format: short
    for (const [options, message] of [
      [{ outer: 0 }, /outer/],
      [{ inner: 0 }, /inner/],
      [{ innerTolerance: -1 }, /innerTolerance/],
      [{ tolerance: 1 }, /no option 'tolerance'/],
    ] as const)
      attempt('incremental', () => incremental(options as Any), ArgumentError, message);
    attempt(
      'optim',
      () => optim.minimize(sum, x, incremental() as Any),
      ArgumentError,
      /method must be a method/,
    );
    const whole = { ...problem, xb: x, B };
    attempt('window 5', () => cycle({ ...whole, window: 5 }), ArgumentError, /the 5 rows of a window, got 4/);
    attempt('window 0', () => cycle({ ...whole, window: 0 }), ArgumentError, /window must be a whole number/);
    attempt('shift 0', () => cycle({ ...whole, window: 2, shift: 0 }), ArgumentError, /shift must be/);
    attempt('shift 3', () => cycle({ ...whole, window: 2, shift: 3 }), ArgumentError, /shift must be a whole number from 1 to 2/); // biome-ignore format: short
    attempt('no xb', () => cycle({ ...problem, window: 2 } as Any), ArgumentError, /xb is wanted/);
    attempt('steps', () => cycle({ ...whole, window: 2, observationSteps: [0] } as Any), ArgumentError, /no option 'observationSteps'/); // biome-ignore format: short
    attempt(
      'cycle options',
      () => cycle({ ...whole, window: 2 }, { windows: 1 } as Any),
      ArgumentError,
      /no option/,
    );
    attempt('cycle B', () => cycle({ ...problem, xb: x, window: 2, B: null } as Any), ArgumentError, /B must be a covariance/); // biome-ignore format: short
    attempt('cycle mask', () => cycle({ ...problem, xb: x, window: 2, mask: null } as Any), ArgumentError, /mask must be a tensor/); // biome-ignore format: short
    attempt('cycle xb', () => cycle({ ...problem, xb: x7, window: 2 }), ShapeError, /x0 must end/);
    attempt(
      'no inverse',
      () => physicsProblem(problem, undefined as Any),
      ArgumentError,
      /inverse must be a function/,
    );
    attempt('inverse of one', () => physicsProblem(problem, () => x), ShapeError, /inverse must return the states \[4, 8\]/); // biome-ignore format: short
    attempt('inverse of none', () => physicsProblem(problem, () => 1 as Any), ArgumentError, /inverse must return a tensor/); // biome-ignore format: short
    const inverse = () => zeros([4, 8]);
    attempt('hybrid', () => hybrid(problem, x, {} as Any), ArgumentError, /inverse must be a function/);
    attempt('hybrid options', () => hybrid(problem, x, { inverse, physics: 1 } as Any), ArgumentError, /no option 'physics'/); // biome-ignore format: short
    attempt('hybrid limit', () => hybrid(problem, x, { inverse, physicsIterations: -1 }), ArgumentError, /physicsIterations/); // biome-ignore format: short
    attempt('hybrid x0', () => hybrid(problem, x7, { inverse }), ShapeError, /x0 must end/);
    const generator = random(1);
    attempt(
      '1 member',
      () => ensemble(problem, x, { members: 1, generator }),
      ArgumentError,
      /members must be/,
    );
    attempt('no generator', () => ensemble(problem, x, { members: 2 } as Any), ArgumentError, /generator must be a generator/); // biome-ignore format: short
    const two = ones([2, 8]);
    attempt('3 members', () => ensemble(problem, two, { members: 3, generator }), ArgumentError, /one for each of the 3 members/); // biome-ignore format: short
    attempt('windows', () => ensemble({ ...problem, observations: many }, x, { members: 3, generator }), ArgumentError, /must be one window/); // biome-ignore format: short
    attempt(
      'ensemble NaN',
      () => ensemble(problem, nan, { members: 2, generator }),
      ArgumentError,
      /x0 must be finite/,
    );
    attempt('roots', () => ensemble({ ...problem, R: solve }, x, { members: 2, generator }), ArgumentError, /sqrt is wanted here/); // biome-ignore format: short
    const simulate = (options: object) => assimilation.simulate(system, operator, generator, options as Any);
    for (const [
      name,
      options,
    ] of [['count', {}], ['count', { count: 0 }], ['states', { count: 1 }], ['spinUp', { count: 1, states: 1, spinUp: -1 }], ['batchSize', { count: 1, states: 1, batchSize: 0 }]] as const) // biome-ignore format: short
      attempt(`simulate ${name}`, () => simulate(options), ArgumentError, new RegExp(name));
    assert.equal(failures, []);
  }));

test('after an error the next call works', () => {
  const system = dynamics.lorenz96({ K: 4 });
  const observations = zeros([2, 4]);
  const x = ones([4]);
  const before = memory();
  const operator = (z: Tensor, step: number) => {
    if (step === 1 && isBad) throw new Error('now');
    return mul(z, 2);
  };
  let isBad = false;
  const J = objective({ system, operator, observations });
  const value = scope(() => J(x)).item();
  isBad = true;
  assert.throws(() => J(x), /now/);
  isBad = false;
  assert.is(scope(() => J(x)).item(), value);
  assert.ok(memory().tensors <= before.tensors + 2);
  observations.dispose();
  x.dispose();
});

test.run();
