// The errors of the library: every failure is one of these, and its message names the function,
// the argument, what was got and what is wanted.

/** Base class of every error that the library throws. */
export class CotangentError extends Error {
  override name = 'CotangentError';
}

/** A shape does not fit: wrong rank, extents that do not match, a size that differs. */
export class ShapeError extends CotangentError {
  override name = 'ShapeError';
}

/** An element type does not fit: f64 beside f32, or a type that the function does not take. */
export class DTypeError extends CotangentError {
  override name = 'DTypeError';
}

/** An argument is of the wrong kind or out of its range. */
export class ArgumentError extends CotangentError {
  override name = 'ArgumentError';
}

/** A matrix is singular. */
export class SingularMatrixError extends CotangentError {
  override name = 'SingularMatrixError';
  /** The first pivot that is exactly zero, counted from 0. */
  readonly index: number;
  constructor(message: string, index: number) {
    super(message);
    this.index = index;
  }
}

/** A symmetric matrix is not positive definite. */
export class NotPositiveDefiniteError extends CotangentError {
  override name = 'NotPositiveDefiniteError';
  /** The first pivot that is not positive, counted from 0. */
  readonly index: number;
  constructor(message: string, index: number) {
    super(message);
    this.index = index;
  }
}

/** An iteration stopped before it met its tolerance. */
export class ConvergenceError extends CotangentError {
  override name = 'ConvergenceError';
  /** Iterations done. */
  readonly iterations: number;
  /** The residual reached, in the solver's own measure. */
  readonly residual: number;
  /** The best result so far, from functions that return a solution. */
  readonly solution?: unknown;
  constructor(message: string, iterations: number, residual: number, solution?: unknown) {
    super(message);
    this.iterations = iterations;
    this.residual = residual;
    this.solution = solution;
  }
}

/** An enumeration held more rays at a time than it may. */
export class RayLimitError extends CotangentError {
  override name = 'RayLimitError';
  /** Rays held when it stopped: more than `limit`. */
  readonly rays: number;
  /** The bound, `maxRays`. */
  readonly limit: number;
  /** Rows inserted by then. */
  readonly rows: number;
  /** All rows that were given. */
  readonly of: number;
  constructor(message: string, counts: { rays: number; limit: number; rows: number; of: number }) {
    super(message);
    this.rays = counts.rays;
    this.limit = counts.limit;
    this.rows = counts.rows;
    this.of = counts.of;
  }
}

/** The linear memory cannot hold what was asked for; nothing was allocated. */
export class OutOfMemoryError extends CotangentError {
  override name = 'OutOfMemoryError';
}

/** A tensor, factor or plan was used after `dispose()`. */
export class DisposedError extends CotangentError {
  override name = 'DisposedError';
}

/** A device (GPU, worker pool, WASM engine) is missing, lost, or cannot do what was asked. */
export class DeviceError extends CotangentError {
  override name = 'DeviceError';
}
