// The rows of the table for windows of Lorenz96: states by one kernel, their tangent and their adjoint. What comes after the first derivative is that of the
// same steps in operations.
import { jvp } from '../../autodiff/jvp.js';
import { Tape } from '../../autodiff/reverse.js';
import { vjp } from '../../autodiff/vjp.js';
import { bytesPerElement } from '../../core/dtype.js';
import { threadsFor } from '../../core/runtime.js';
import { sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { ranges } from '../../core/threads/ranges.js';
import { type Lorenz96Exports, lorenz96 } from '../../generated/lorenz96.js';
import type { Float } from '../../linalg/stack.js';
import { add, mul, plus, sub } from '../../ops/arithmetic.js';
import { roll } from '../../ops/flip.js';
import { apply, applyAll, type Op, type TensorSpec } from '../../ops/op.js';
import { traceOf } from '../../ops/tracer.js';
import { eulerStep, rk4Step } from '../integrate/runge-kutta.js';
import { repeated, statesAlong } from '../repeated.js';

/** A window of the model. */
export interface WindowParams {
  readonly F: number;
  readonly dt: number;
  readonly inner: number;
  readonly intervals: number;
  readonly euler: boolean;
  /** All states, the first one before: [...batch, intervals + 1, K]; or the last one: [...batch, K]. */
  readonly all: boolean;
}

/** Bytes of all members' stages that reverse mode keeps; above it computes them again, member by member. */
const MOST_KEPT = 1 << 24;
/** Multiply-adds of a number's stage. */
const STAGE = 6;

/** dx_k/dt = (x_{k+1} - x_{k-2}) x_{k-1} - x_k + F, in operations. */
export function slopeOf(x: Tensor, F: number): Tensor {
  const turned = (by: number): Tensor => roll(x, by, -1);
  return add(sub(mul(sub(turned(-1), turned(2)), turned(1)), x), F);
}

/** A step, in operations. */
function stepOf(x: Tensor, { F, dt, euler }: WindowParams): Tensor {
  return (euler ? eulerStep : rk4Step)(([y]) => [slopeOf(y, F)], [x], 0, dt)[0];
}

/** The window in operations. */
export function composed(x: Tensor, params: WindowParams): Tensor {
  const { inner, intervals, all } = params;
  const interval = (y: Tensor): Tensor => repeated((z) => stepOf(z, params), y, inner, 'sqrt');
  return all
    ? statesAlong(interval, x, intervals, x.ndim - 1, 'sqrt')
    : repeated(interval, x, intervals, 'sqrt');
}

const specOf = ({ shape, dtype }: TensorSpec, { intervals, all }: WindowParams): TensorSpec => ({
  shape: all ? [...shape.slice(0, -1), intervals + 1, ...shape.slice(-1)] : shape,
  dtype,
});

type Kernel = 'lorenz96' | 'lorenz96_tangent' | 'lorenz96_adjoint';
type Arguments = number[];

/** Prepares a kernel on members of K numbers; `args` gives the arguments behind those of the window, from addresses for the part that starts at a member. */
function prepared(
  kernel: Kernel,
  { F, dt, inner, intervals, euler }: WindowParams,
  x: Tensor,
  bytes: number,
  space: { scratch(bytes: number): number },
  args: (member: number, work: number) => Arguments,
): () => void {
  const dtype = x.dtype as Float;
  const K = x.shape[x.ndim - 1];
  const members = x.size / K;
  const own = space.scratch(bytes);
  const name = `${kernel}_${dtype}` as const;
  const call = (first: number, count: number, work: number) =>
    [count, K, F, dt, inner, intervals, Number(euler), ...args(first, work)] as never;
  const work = STAGE * x.size * inner * intervals * (euler ? 1 : 4);
  return () => {
    const parallel = members > 1 ? threadsFor(work) : undefined;
    const isShared = parallel?.run({
      module: lorenz96,
      kernel: name,
      parts: ranges(members, parallel.pool.threads, 1),
      ...{ bytes, work: own, isRepeatable: true },
      args: ([first, count], place) => call(first, count, place),
    });
    if (!isShared)
      (lorenz96.exports[name] as (...list: never[]) => void)(...(call(0, members, own) as never[]));
  };
}

/** Bytes of workspace, or of a tape. */
const bytesOf = (name: keyof Lorenz96Exports, ...args: (number | boolean)[]): number =>
  (lorenz96.exports[name] as (...list: unknown[]) => number)(...args) >>> 0;

/** Row of the table: the states of a window; if it is taped, also the stages, which derivatives need. */
function windowOp(taped: boolean): Op<WindowParams> {
  return {
    name: 'lorenz96',
    shape([x], params) {
      const states = specOf(x, params);
      if (!taped) return states;
      const dtype = x.dtype as Float;
      const tape = bytesOf(
        `lorenz96_tape_${dtype}_work`,
        x.shape[x.shape.length - 1],
        stepsOf(params),
        params.euler,
      );
      return [states, { shape: [sizeOf(x.shape.slice(0, -1)), tape / bytesPerElement(dtype)], dtype }];
    },
    prepare([out, tape], [x], params, space) {
      const dtype = x.dtype as Float;
      const K = x.shape[x.ndim - 1];
      const size = bytesPerElement(dtype);
      const [from, to] = [K * size, K * size * (params.all ? params.intervals + 1 : 1)];
      const pace = tape === undefined ? 0 : tape.shape[1] * size;
      return prepared('lorenz96', params, x, bytesOf(`lorenz96_${dtype}_work`, K), space, (i, work) => [
        ...[x.address + i * from, out.address + i * to, Number(params.all)],
        ...[tape === undefined ? 0 : tape.address + i * pace, work],
      ]);
    },
    jvp: ([v], { inputs: [x], params }) =>
      taped ? [alongside(x, v as Tensor, params), undefined] : alongside(x, v as Tensor, params),
    vjp: ([ct], { inputs: [x], outputs, params }) => [
      ct && pulledBack(x, ct, params, taped ? outputs[1] : undefined),
    ],
  };
}

const stepsOf = ({ inner, intervals }: WindowParams): number => inner * intervals;

/** The states of a window. */
export function lorenz96Window(x: Tensor, params: WindowParams): Tensor {
  const isTaped =
    traceOf('lorenz96', [x]) instanceof Tape &&
    (x.size / x.shape[x.ndim - 1]) * memberBytes(x, params) <= MOST_KEPT;
  return applyAll(isTaped ? tapedOp : lorenz96Op, [x], params)[0];
}

/** Bytes of the stages of a member. */
export function memberBytes({ shape, dtype }: Tensor, params: WindowParams): number {
  return bytesOf(
    `lorenz96_tape_${dtype as Float}_work`,
    shape[shape.length - 1],
    stepsOf(params),
    params.euler,
  );
}

export const lorenz96Op = /* @__PURE__ */ windowOp(false);
const tapedOp = /* @__PURE__ */ windowOp(true);

const alongside = (x: Tensor, v: Tensor, params: WindowParams): Tensor => apply(tangentOp, [x, v], params);
const pulledBack = (x: Tensor, ct: Tensor, params: WindowParams, tape?: Tensor): Tensor =>
  apply(adjointOp, tape === undefined ? [x, ct] : [x, ct, tape], params);

/** The tangent in operations, to be differentiated. */
const composedTangent = (params: WindowParams) => (x: Tensor, v: Tensor) =>
  jvp((y: Tensor) => composed(y, params), [x], [v]).tangent;
/** The adjoint in operations, to be differentiated. */
const composedAdjoint = (params: WindowParams) => (x: Tensor, ct: Tensor) =>
  vjp((y: Tensor) => composed(y, params), x).pullback(ct)[0];

/** Row of the table: the derivative of a window's states at x along v. */
export const tangentOp: Op<WindowParams> = {
  name: 'lorenz96Tangent',
  shape: ([x], params) => specOf(x, params),
  prepare([out], [x, v], params, space) {
    const dtype = x.dtype as Float;
    const K = x.shape[x.ndim - 1];
    const from = K * bytesPerElement(dtype);
    const to = from * (params.all ? params.intervals + 1 : 1);
    return prepared('lorenz96_tangent', params, x, bytesOf(`lorenz96_${dtype}_work`, K), space, (i, work) => [
      ...[x.address + i * from, v.address + i * from, out.address + i * to, Number(params.all), work],
    ]);
  },
  jvp: ([dx, dv], { inputs: [x, v], params }) =>
    plus(
      dv && alongside(x, dv, params),
      dx && jvp((y: Tensor) => composedTangent(params)(y, v), [x], [dx]).tangent,
    ),
  vjp: ([ct], { inputs: [x, v], params, wanted }) => [
    wanted[0] && ct ? vjp((y: Tensor) => composedTangent(params)(y, v), x).pullback(ct)[0] : undefined,
    wanted[1] && ct ? pulledBack(x, ct, params) : undefined,
  ],
};

/** Row of the table: its transpose. The last input, if there is one, is the tape of the window at x. */
export const adjointOp: Op<WindowParams> = {
  name: 'lorenz96Adjoint',
  shape: ([x]) => x,
  prepare([out], [x, ct, tape], params, space) {
    const dtype = x.dtype as Float;
    const K = x.shape[x.ndim - 1];
    const size = bytesPerElement(dtype);
    const to = K * size * (params.all ? params.intervals + 1 : 1);
    const isTaped = tape !== undefined;
    const bytes = bytesOf(`lorenz96_adjoint_${dtype}_work`, K, stepsOf(params), params.euler, isTaped);
    return prepared('lorenz96_adjoint', params, x, bytes, space, (i, work) => [
      ...[x.address + i * K * size, isTaped ? tape.address + i * tape.shape[1] * size : 0],
      ...[ct.address + i * to, Number(params.all), out.address + i * K * size, work],
    ]);
  },
  jvp: ([dx, dct], { inputs: [x, ct, tape], params }) =>
    plus(
      dct && pulledBack(x, dct, params, tape),
      dx && jvp((y: Tensor) => composedAdjoint(params)(y, ct), [x], [dx]).tangent,
    ),
  vjp: ([c], { inputs: [x, ct], params, wanted }) => [
    wanted[0] && c ? vjp((y: Tensor) => composedAdjoint(params)(y, ct), x).pullback(c)[0] : undefined,
    wanted[1] && c ? alongside(x, c, params) : undefined,
    undefined,
  ],
};
