// A problem, checked when it is given: what does not fit is an error then, not when the objective is called.

import { type CheckpointSchedule, checkSchedule } from '../../autodiff/schedule.js';
import { closureOf } from '../../compiler/closure.js';
import { checkArray, checkCount, checkOneOf } from '../../core/check.js';
import { zeros } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { checkOptions } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { broadcastShapes, type Shape, sameShape, show, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { allFinite } from '../../dynamics/finite.js';
import { batchOf, checkState, partsOf, type SystemParts } from '../../dynamics/system.js';
import { checkFloat } from '../../linalg/stack.js';
import { isKnown, UnknownValueError } from '../../ops/tracer.js';
import { type CovarianceParts, checkCovariance } from '../covariance/covariance.js';
import { type Observer, observerOf } from '../operators/operator.js';
import { checkMask, type Mask } from './mask.js';
import { PROBLEM, type Problem } from './problem.js';

/** A problem without mistakes, as far as shapes and values are known. */
export interface CheckedProblem {
  readonly own: SystemParts;
  readonly observer: Observer;
  readonly observations: Tensor;
  /** Axes in front of the rows of the observations. */
  readonly batch: Shape;
  readonly observation: Shape;
  /** The interval of each row. */
  readonly steps: readonly number[];
  readonly background: { readonly xb: Tensor; readonly B: CovarianceParts } | undefined;
  readonly R: CovarianceParts | undefined;
  readonly mask: Mask | undefined;
  /** Whether observations that are masked out may be NaN. */
  readonly hasBlanks: boolean;
  /** What J is divided by. */
  readonly divisor: number;
  readonly checkpoint: CheckpointSchedule;
}

/** Checks a problem; `name` is the function that got it. */
export function checkProblem(name: string, problem: Problem): CheckedProblem {
  checkOptions(name, problem, PROBLEM, 'problem');
  const { system, operator, observations, observationSteps, xb, B, R, mask } = problem;
  const { reduction = 'sum', checkpoint = 'sqrt' } = problem;
  const own = partsOf(name, system);
  const observer = observerOf(name, operator);
  checkFloat(name, 'observations', observations);
  checkOneOf(name, 'reduction', reduction, ['sum', 'mean']);
  const observation = observationOf(name, own, observer, observationSteps);
  const batch = checkRows(name, observations, observation, own);
  const rows = observations.shape[batch.length];
  const steps = checkSteps(name, observationSteps, rows);
  checkSchedule(name, 'checkpoint', checkpoint, Math.max(1, (steps.at(-1) as number) * own.innerSteps));
  const row = { shape: observation, dtype: own.dtype };
  const noise = R === undefined ? undefined : checkCovariance(name, 'R', R);
  if (noise !== undefined) checkFits(name, 'a row of observations', noise, row);
  const isMean = reduction === 'mean';
  const masked =
    mask === undefined ? undefined : checkMask(name, mask, [rows, ...observation], noise, isMean);
  const count = masked?.count ?? rows * sizeOf(observation);
  if (isMean && count === 0)
    throw new ArgumentError(`${name}: reduction 'mean' needs an observed value, got none`);
  return {
    ...{ own, observer, observations, batch, observation, steps, checkpoint, R: noise, mask: masked },
    hasBlanks: checkFiniteRows(name, observations, masked),
    background: checkBackground(name, own, xb, B, batch),
    divisor: isMean ? count : 1,
  };
}

/** The shape of what the operator gives for one state; it runs on a symbol, or on zeros if it reads values. */
function observationOf(
  name: string,
  { stateShape, dtype }: SystemParts,
  observer: Observer,
  steps: unknown,
): Shape {
  const first = Array.isArray(steps) && Number.isInteger(steps[0]) ? (steps[0] as number) : 0;
  const spec = { shape: stateShape, dtype };
  const given = specOf(name, (x) => observer.at(x, first), spec);
  if (given.dtype !== dtype)
    throw new DTypeError(`${name}: operator must give ${dtype}, as the system is, got ${given.dtype}`);
  return given.shape;
}

/** Shape and dtype of f's result. */
function specOf(
  name: string,
  f: (x: Tensor) => Tensor,
  spec: { shape: Shape; dtype: 'f64' | 'f32' },
): { shape: Shape; dtype: Tensor['dtype'] } {
  try {
    const { graph } = closureOf(name, f, [spec]);
    const [{ shape, dtype }] = graph.outputs;
    graph.dispose();
    return { shape, dtype };
  } catch (error) {
    if (!(error instanceof UnknownValueError)) throw error;
    let found = { shape: spec.shape, dtype: spec.dtype as Tensor['dtype'] };
    scope(() => {
      const { shape, dtype } = f(zeros(spec.shape, { dtype: spec.dtype }));
      found = { shape, dtype };
    });
    return found;
  }
}

/** The batch of the observations [...batch, rows, ...observation]. */
function checkRows(
  name: string,
  { shape, ndim, dtype }: Tensor,
  observation: Shape,
  own: SystemParts,
): Shape {
  const axis = ndim - observation.length - 1;
  if (axis < 0 || !sameShape(shape.slice(axis + 1), observation))
    throw new ShapeError(
      `${name}: observations must be rows [...batch, m${observation.map((n) => `, ${n}`).join('')}] of what operator gives, got shape ${show(shape)}`,
    );
  if (shape[axis] === 0)
    throw new ArgumentError(`${name}: observations must have at least one row, got none`);
  if (dtype !== own.dtype)
    throw new DTypeError(`${name}: observations must be ${own.dtype}, as ${own.name} is, got ${dtype}`);
  return shape.slice(0, axis);
}

/** The interval of each row. */
function checkSteps(name: string, steps: readonly number[] | undefined, rows: number): readonly number[] {
  if (steps === undefined) return Array.from({ length: rows }, (_, i) => i);
  checkArray(name, 'observationSteps', steps);
  if (steps.length !== rows)
    throw new ArgumentError(
      `${name}: observationSteps must have one interval for each of the ${rows} rows of observations, got ${describe(steps)}`,
    );
  steps.forEach((step, i) => {
    checkCount(name, `observationSteps[${i}]`, step);
    if (i > 0 && step <= steps[i - 1])
      throw new ArgumentError(`${name}: observationSteps must rise, got ${steps[i - 1]} before ${step}`);
  });
  return [...steps];
}

/** Throws for NaN or Infinity among what was observed; whether there is any at all. */
function checkFiniteRows(name: string, observations: Tensor, mask: Mask | undefined): boolean {
  if (!isKnown(observations)) return mask !== undefined;
  if (allFinite(observations)) return false;
  const [data, kept] = [observations.data(), mask?.values.data()];
  const at = data.findIndex(
    (v, i) => !Number.isFinite(v) && (kept === undefined || kept[i % kept.length] !== 0),
  );
  if (at < 0) return true;
  const advice = kept === undefined ? 'give a mask with 0 there' : 'mask must be 0 there';
  throw new ArgumentError(
    `${name}: observations must be finite, got ${data[at]} at position ${at} (${advice}, if nothing was observed)`,
  );
}

function checkBackground(
  name: string,
  own: SystemParts,
  xb: Tensor | undefined,
  B: Problem['B'],
  batch: Shape,
): CheckedProblem['background'] {
  if (xb === undefined && B === undefined) return undefined;
  if (xb === undefined || B === undefined)
    throw new ArgumentError(`${name}: xb and B belong together, got ${xb === undefined ? 'B' : 'xb'} alone`);
  checkState(name, 'xb', own, xb);
  if (isKnown(xb) && !allFinite(xb))
    throw new ArgumentError(`${name}: xb must be finite, got NaN or Infinity in it`);
  broadcastShapes(`${name}: batch axes of xb and observations`, batchOf(own, xb), batch);
  const covariance = checkCovariance(name, 'B', B);
  checkFits(name, 'a state', covariance, { shape: own.stateShape, dtype: own.dtype });
  return { xb, B: covariance };
}

/** Throws unless C⁻¹ takes vectors of this shape; a user's functions run on a symbol. */
function checkFits(
  name: string,
  argument: string,
  covariance: CovarianceParts,
  vector: { shape: Shape; dtype: 'f64' | 'f32' },
): void {
  const { size, kind } = covariance;
  if (size !== undefined && size !== sizeOf(vector.shape))
    throw new ShapeError(
      `${name}: ${argument} must have the ${size} numbers of a vector of ${kind}, got shape ${show(vector.shape)}`,
    );
  covariance.check(name, argument, vector);
  if (covariance.owned.length === 0 && covariance.precision === undefined)
    specOf(name, (x) => covariance.solve(x), vector);
}

/** Batch axes of J: those of x, of the observations, and of the background. */
export function batchOfObjective(name: string, problem: CheckedProblem, x: Tensor): Shape {
  const { own, batch, background } = problem;
  const what = `${name}: batch axes of x0 and observations`;
  const both = broadcastShapes(what, batchOf(own, x), batch);
  return background === undefined ? both : broadcastShapes(what, both, batchOf(own, background.xb));
}
