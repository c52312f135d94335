// The rows of an explicit step in finite volumes: the step, its derivative along a direction, and the transpose of that. Derivatives of the last two are those of a
// composition of operations.
import { jvp } from '../../autodiff/jvp.js';
import { vjp } from '../../autodiff/vjp.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { flow } from '../../generated/flow.js';
import type { Float } from '../../linalg/stack.js';
import { plus } from '../../ops/arithmetic.js';
import { apply, type Op } from '../../ops/op.js';
import { unbroadcast } from '../../ops/sum.js';
import type { Workspace } from '../../ops/workspace.js';
import { component, composedStep, forceOn, type StepParams } from './volumes-composed.js';

/** States in a batch, and numbers along an axis. */
function sizesOf({ shape, size }: Tensor): { members: number; n: number } {
  const n = shape[shape.length - 1];
  return { members: size / (2 * n * n), n };
}

/** How a row with the operands a and b runs: a kernel that takes their addresses. */
function prepared(
  kernel: 'tangent' | 'adjoint',
  [y, a, b]: readonly Tensor[],
  { s, viscosity, damping }: StepParams,
  space: Workspace,
): () => void {
  const dtype = a.dtype as Float;
  const { members, n } = sizesOf(a);
  const work = space.scratch(flow.exports[`volumes_${dtype}_work`](n));
  const run = flow.exports[`volumes_${kernel}_${dtype}`];
  return () => run(members, n, s, viscosity, damping, a.address, b.address, y.address, work);
}

/** Row of the table: from a state and a force [n] to the state after an explicit step. */
export const volumesStepOp: Op<StepParams> = {
  name: 'volumesStep',
  shape: ([x]) => x,
  prepare([y], [x, force], { s, viscosity, damping }, space) {
    const dtype = x.dtype as Float;
    const { members, n } = sizesOf(x);
    const work = space.scratch(flow.exports[`volumes_${dtype}_work`](n));
    const run = flow.exports[`volumes_step_${dtype}`];
    return () => run(members, n, s, viscosity, damping, force.address, x.address, y.address, work);
  },
  jvp: ([tx, tf], { inputs: [x], params }) =>
    plus(tx && apply(volumesTangentOp, [x, tx], params), tf && forceOn(tf, x)),
  vjp: ([ct], { inputs: [x, force], params, wanted }) => [
    wanted[0] ? apply(volumesAdjointOp, [x, ct as Tensor], params) : undefined,
    wanted[1] ? scope(() => unbroadcast(component(ct as Tensor, 0), force.shape)) : undefined,
  ],
};

/** Row of the table: J v for the derivative J of a step from x. */
export const volumesTangentOp: Op<StepParams> = {
  name: 'volumesTangent',
  shape: ([x]) => x,
  prepare: ([y], [x, v], params, space) => prepared('tangent', [y, x, v], params, space),
  jvp: ([tx, tv], { inputs: [x, v], params }) =>
    plus(tv && apply(volumesTangentOp, [x, tv], params), tx && bent(x, v, tx, params)),
  vjp: ([ct], { inputs: [x, v], params, wanted }) => [
    wanted[0] ? gradientOf(x, ct as Tensor, v, params) : undefined,
    wanted[1] ? apply(volumesAdjointOp, [x, ct as Tensor], params) : undefined,
  ],
};

/** Row of the table: Jᵀ g. */
export const volumesAdjointOp: Op<StepParams> = {
  name: 'volumesAdjoint',
  shape: ([x]) => x,
  prepare: ([y], [x, g], params, space) => prepared('adjoint', [y, x, g], params, space),
  // The second derivative along two directions does not depend on their order: d(Jᵀ g) along v is the gradient of <g, J v>.
  jvp: ([tx, tg], { inputs: [x, g], params }) =>
    plus(tg && apply(volumesAdjointOp, [x, tg], params), tx && gradientOf(x, g, tx, params)),
  vjp: ([ct], { inputs: [x, g], params, wanted }) => [
    wanted[0] ? gradientOf(x, g, ct as Tensor, params) : undefined,
    wanted[1] ? apply(volumesTangentOp, [x, ct as Tensor], params) : undefined,
  ],
};

/** J v, in operations. */
function composedTangent(x: Tensor, v: Tensor, params: StepParams): Tensor {
  return jvp((y: Tensor) => composedStep(y, params), [x], [v]).tangent;
}

/** The derivative of J v along w. */
function bent(x: Tensor, v: Tensor, w: Tensor, params: StepParams): Tensor {
  return jvp((y: Tensor) => composedTangent(y, v, params), [x], [w]).tangent;
}

/** The gradient of <g, J v> in x. */
function gradientOf(x: Tensor, g: Tensor, v: Tensor, params: StepParams): Tensor {
  return scope(() => vjp((y: Tensor) => composedTangent(y, v, params), x).pullback(g)[0]);
}
