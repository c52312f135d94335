// pnp as a row: the solver on values, the derivatives by the implicit function theorem.
import { jvp } from '../../autodiff/jvp.js';
import { vjp } from '../../autodiff/vjp.js';
import { eye, zeros } from '../../core/create.js';
import { SingularMatrixError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { solve } from '../../linalg/dense/solve.js';
import { neg } from '../../ops/arithmetic.js';
import { concat } from '../../ops/concat.js';
import { expandDims, reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import type { Derivative, Linearization } from '../../ops/op.js';
import { broadcastTo } from '../../ops/sum.js';
import { isKnown } from '../../ops/tracer.js';
import { type Batch, problemText } from '../problems/batch.js';
import { callNode, kept } from '../problems/node-row.js';
import type { Limits, ReportOptions } from '../problems/report.js';
import type { Objective } from './point-terms.js';
import { type Problems, pointsIn, solveAll } from './pose-batch.js';
import { writeInverse } from './pose-inverse.js';
import { crossMatrix, leftJacobian } from './rotation.js';
import { centreOf, type PoseArguments, part, poseHessian, stationarity, turned } from './stationarity.js';

/** The node for one call; all parts of the batch are f64. */
export function poseNode(batch: Batch, problems: Problems, options: ReportOptions, limits: Limits): Tensor {
  const names = Object.keys(batch.parts);
  const { objective } = problems;
  const rules = new PoseRules(batch, names, objective);
  const [theta] = callNode({
    batch,
    smooth: 1,
    outputs: [{ shape: [batch.count, 6], dtype: 'f64' }],
    run: ([out], inputs) =>
      solveAll(batch, named(names, inputs), problems, limits, out.data() as Float64Array),
    jvp: (tangents, point) => rules.jvp(tangents, point),
    vjp: ([ct], point) => rules.vjp(ct as Tensor, point),
    options,
    limits,
  });
  return theta;
}

function named(names: readonly string[], inputs: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(names.map((name, i) => [name, inputs[i]]));
}

/** F(p, θ) = 0 by turns ω about the mean c of the points and shifts τ: dθ = -T⁻¹ H⁻¹ ∂F/∂p dp, with (ω, τ) = T dθ. */
class PoseRules {
  constructor(
    readonly batch: Batch,
    readonly names: readonly string[],
    readonly objective: Objective,
  ) {}

  jvp(tangents: readonly Derivative[], point: Linearization<undefined>): Derivative {
    const at = this.#positions((i) => tangents[i] !== undefined);
    if (at.length === 0) return undefined;
    const { tangent } = jvp(
      this.#stationarity(at, point),
      at.map((i) => point.inputs[i]),
      at.map((i) => tangents[i] as Tensor),
    );
    const M = this.#inverse(point);
    return this.#vector(matmul(M, expandDims(neg(tangent), 2), { transposeA: true }));
  }

  vjp(ct: Tensor, point: Linearization<undefined>): Derivative[] {
    const results: Derivative[] = point.inputs.map(() => undefined);
    const at = this.#positions((i) => point.wanted[i]);
    if (at.length === 0) return results;
    const w = this.#vector(matmul(this.#inverse(point), expandDims(neg(ct), 2)));
    const { pullback } = vjp(this.#stationarity(at, point), ...at.map((i) => point.inputs[i]));
    pullback(w).forEach((result: Tensor, k: number) => {
      results[at[k]] = result;
    });
    return results;
  }

  /** The inputs that have derivatives: all but the start. */
  #positions(isAsked: (i: number) => boolean): number[] {
    return this.names.flatMap((name, i) => (name !== 'theta0' && isAsked(i) ? [i] : []));
  }

  /** F as a function of some of the inputs. */
  #stationarity(at: readonly number[], { inputs, outputs: [theta] }: Linearization<undefined>) {
    return (...moved: Tensor[]): Tensor => {
      const all = [...inputs];
      at.forEach((position, k) => {
        all[position] = moved[k];
      });
      return stationarity(this.objective, this.#arguments(all), theta);
    };
  }

  #arguments(inputs: readonly Tensor[]): PoseArguments {
    return named(this.names, inputs) as unknown as PoseArguments;
  }

  #vector(x: Tensor): Tensor {
    return reshape(x, [this.batch.count, 6]);
  }

  /** H⁻¹ T⁻ᵀ [count, 6, 6]: from numbers once per recording, else in operations. */
  #inverse(point: Linearization<undefined>): Tensor {
    const { inputs, outputs } = point;
    const isValue = inputs.every(isKnown) && isKnown(outputs[0]);
    return kept(point, () => [isValue ? this.#fromValues(point) : this.#inOperations(point)])[0];
  }

  #fromValues({ inputs, outputs: [theta] }: Linearization<undefined>): Tensor {
    const { batch, objective } = this;
    const result = zeros([batch.count, 6, 6], { dtype: 'f64' });
    const to = result.data() as Float64Array;
    const poses = theta.data() as Float64Array;
    const args = named(this.names, inputs);
    const centres = centreOf(this.#arguments(inputs)).data();
    for (let i = 0; i < batch.count; i++) {
      const { points, scale } = pointsIn(args, i);
      const centre = [centres[3 * i], centres[3 * i + 1], centres[3 * i + 2]] as const;
      const pose = poses.subarray(6 * i, 6 * i + 6);
      if (writeInverse(points, pose, centre, objective, scale, to.subarray(36 * i, 36 * i + 36))) continue;
      throw new SingularMatrixError(
        `${batch.name}: the solution is not unique, its Hessian is singular${problemText(batch, i)}: there is no derivative`,
        0,
      );
    }
    return result;
  }

  #inOperations({ inputs, outputs: [theta] }: Linearization<undefined>): Tensor {
    const { count } = this.batch;
    const args = this.#arguments(inputs);
    const v = part(theta, 0, 3);
    const I = broadcastTo(eye(3), [count, 3, 3]);
    const zero = zeros([count, 3, 3]);
    const centre = turned(expandDims(centreOf(args), 1), v);
    // T⁻ᵀ = (J⁻ᵀ, [R c]×ᵀ; 0, I)
    const shift = neg(crossMatrix(reshape(centre, [count, 3])));
    const turn = matmul(solve(leftJacobian(v), I), eye(3), { transposeA: true });
    const T = concat([concat([turn, shift], 2), concat([zero, I], 2)], 1);
    return solve(poseHessian(this.objective, args, theta), T);
  }
}
