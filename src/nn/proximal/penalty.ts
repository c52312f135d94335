// E(θ, a, z) = L_y(φ(θ_L-1, a_L-2)) + Σ_l γ/2 ‖σ(z_l) - a_l‖² + ρ/2 ‖φ(θ_l, a_l-1) - z_l‖²: backpropagation as a sweep
// of gradient steps.

import { grad } from '../../autodiff/grad.js';
import { checkArray, checkFunction, checkObject } from '../../core/check.js';
import { eye } from '../../core/create.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { flatten, mapTree } from '../../core/tree.js';
import { solve } from '../../linalg/dense/solve.js';
import { add, mul, sub } from '../../ops/arithmetic.js';
import { transpose } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { checkTensor } from '../../ops/op.js';
import { square } from '../../ops/roots.js';
import { sum } from '../../ops/sum.js';
import type { Layer } from '../layers/layer.js';
import { crossEntropy } from '../layers/losses.js';
import { extended } from './gram.js';
import { checkModel } from './layerwise.js';
import { checkTau } from './proxprop.js';
import { type Leaf, type Loss, leavesOf, treeOf } from './sweep.js';

/** The weights of the penalties. */
export interface PenaltyOptions {
  /** Weight of σ(z_l) = a_l. */
  gamma: number;
  /** Weight of φ(θ_l, a_l-1) = z_l. */
  rho: number;
  /** Default `crossEntropy`. */
  loss?: Loss;
}

const PENALTY_OPTIONS: OptionNames<PenaltyOptions> = { gamma: true, rho: true, loss: true };

/** Options of `penaltySweep`. */
export interface PenaltySweepOptions extends Partial<PenaltyOptions> {
  /** The step size τ. */
  tau: number;
  /** τ_θ: with it, step (c) is the proximal step (11) and the sweep is Algorithm 2; without it, Algorithm 1. */
  tauTheta?: number;
}

const PENALTY_SWEEP_OPTIONS: OptionNames<PenaltySweepOptions> = {
  tau: true,
  tauTheta: true,
  gamma: true,
  rho: true,
  loss: true,
};

/**
 * The activations as variables: for all linear layers except the last, z_l before the l-th transfer function and a_l
 * after it.
 */
export interface PenaltyVariables {
  z: Tensor[];
  a: Tensor[];
}

/**
 * A stage: a layer φ that is linear in its parameters, and the layers σ that follow it, as positions in the list of all
 * layers.
 */
interface Stage {
  phi: number;
  sigma: number[];
}

/** The stages of a model, and the layers before the first stage. */
function stagesOf(name: string, leaves: readonly Leaf[]): { stages: Stage[]; front: number[] } {
  const stages: Stage[] = [];
  const front: number[] = [];
  leaves.forEach(({ layer, params }, i) => {
    if (layer.linear !== undefined) stages.push({ phi: i, sigma: [] });
    else if (stages.length > 0) stages[stages.length - 1].sigma.push(i);
    else {
      if (flatten(params).leaves.length > 0)
        throw new ArgumentError(
          `${name}: parameters before the first dense or convolution layer have no step, got those of ${layer.name}`,
        );
      front.push(i);
    }
  });
  if (stages.length === 0)
    throw new ArgumentError(`${name}: model must have a dense or convolution layer, got none`);
  return { stages, front };
}

/** A model at a mini-batch: its functions φ_l, σ_l and the energy. Parameters are a list, one entry per layer. */
function formulation(name: string, model: Layer, params: unknown, x: Tensor) {
  const leaves = leavesOf(model, params, { training: true });
  const { stages, front } = stagesOf(name, leaves);
  const through = (positions: readonly number[], parts: readonly unknown[], input: Tensor) =>
    positions.reduce((y, i) => leaves[i].layer.apply(parts[i], y, leaves[i].options), input);
  const parts = leaves.map((leaf) => leaf.params);
  const phi = (l: number, p: readonly unknown[], a: Tensor) => through([stages[l].phi], p, a);
  const sigma = (l: number, p: readonly unknown[], z: Tensor) => through(stages[l].sigma, p, z);
  const last = stages.length - 1;
  const start = through(front, parts, x);
  /** a_l-1; a_-1 is the input. */
  const before = (a: readonly Tensor[], l: number) => (l === 0 ? start : a[l - 1]);
  const energy = (
    p: readonly unknown[],
    { a, z }: PenaltyVariables,
    labels: Tensor,
    options: Required<PenaltyOptions>,
  ) => {
    const { gamma, rho, loss } = options;
    const output = sigma(last, p, phi(last, p, before(a, last)));
    let e = checkTensor(name, 'what loss returns', loss(output, labels));
    for (let l = 0; l < last; l++) {
      e = add(e, mul(sum(square(sub(sigma(l, p, z[l]), a[l]))), gamma / 2));
      e = add(e, mul(sum(square(sub(phi(l, p, before(a, l)), z[l]))), rho / 2));
    }
    return e;
  };
  return { leaves, stages, last, parts, phi, sigma, before, energy };
}

/** Checks a mini-batch and its loss. */
function checkData(name: string, x: unknown, labels: unknown, loss: unknown): void {
  checkTensor(name, 'x', x);
  checkTensor(name, 'labels', labels);
  checkFunction(name, 'loss', loss);
}

/** The variables of a forward pass; there the energy is the loss. */
export function penaltyVariables<P>(model: Layer<P>, params: P, x: Tensor): PenaltyVariables {
  checkModel('penaltyVariables', model);
  checkTensor('penaltyVariables', 'x', x);
  return scope(() => {
    const { last, parts, phi, sigma, before } = formulation('penaltyVariables', model as Layer, params, x);
    const [a, z]: Tensor[][] = [[], []];
    for (let l = 0; l < last; l++) {
      z.push(phi(l, parts, before(a, l)));
      a.push(sigma(l, parts, z[l]));
    }
    return { a, z };
  });
}

/**
 * The quadratic penalty energy of a model, equation (3) of Proximal Backpropagation: the loss with activations as
 * variables, coupled by penalties. A transfer function φ is a layer that is linear in its parameters; σ is everything
 * between two of them.
 * @returns E, shape [], differentiable in all arguments.
 * @throws ShapeError for variables that do not fit, ArgumentError.
 * @example
 * const variables = nn.penaltyVariables(model, params, x);
 * nn.penaltyEnergy(model, params, variables, x, labels, { gamma: 1, rho: 1 }); // the loss: all constraints hold
 */
export function penaltyEnergy<P>(
  model: Layer<P>,
  params: P,
  variables: PenaltyVariables,
  x: Tensor,
  labels: Tensor,
  options: PenaltyOptions,
): Tensor {
  checkModel('penaltyEnergy', model);
  checkOptions('penaltyEnergy', options, PENALTY_OPTIONS);
  const { gamma, rho, loss = crossEntropy } = options;
  checkData('penaltyEnergy', x, labels, loss);
  checkTau('penaltyEnergy', 'gamma', gamma);
  checkTau('penaltyEnergy', 'rho', rho);
  return scope(() => {
    const { parts, energy, last } = formulation('penaltyEnergy', model as Layer, params, x);
    checkObject('penaltyEnergy', 'variables', variables);
    const { a, z } = variables;
    checkArray('penaltyEnergy', 'variables.a', a);
    checkArray('penaltyEnergy', 'variables.z', z);
    for (const part of [...a, ...z]) checkTensor('penaltyEnergy', 'every variable', part);
    if (a.length !== last || z.length !== last)
      throw new ShapeError(
        `penaltyEnergy: variables must have ${last} entries in a and z each, got ${a.length} and ${z.length}`,
      );
    return energy(parts, variables, labels, { gamma, rho, loss });
  });
}

/**
 * One sweep of gradient steps on the penalty energy from a feasible point, as in Algorithm 1 of Proximal
 * Backpropagation. With gamma = rho = 1/tau (the defaults) its result is a step of gradient descent on the loss with
 * step size tau (Proposition 1). With `tauTheta` the parameters take proximal steps (Algorithm 2). This is the
 * definition; use `layerwise` for training.
 * @returns the new params, and the variables after the sweep.
 * @throws ArgumentError, ShapeError.
 * @example
 * const { params: next } = nn.penaltySweep(model, params, x, labels, { tau: 0.1 });
 */
export function penaltySweep<P>(
  model: Layer<P>,
  params: P,
  x: Tensor,
  labels: Tensor,
  options: PenaltySweepOptions,
): PenaltyVariables & { params: P } {
  checkModel('penaltySweep', model);
  checkOptions('penaltySweep', options, PENALTY_SWEEP_OPTIONS);
  const { tau, tauTheta, loss = crossEntropy } = options;
  checkTau('penaltySweep', 'tau', tau);
  const { gamma = 1 / tau, rho = 1 / tau } = options;
  checkData('penaltySweep', x, labels, loss);
  for (const [argument, value] of Object.entries({
    tau,
    gamma,
    rho,
    ...(tauTheta !== undefined && { tauTheta }),
  }))
    checkTau('penaltySweep', argument, value);
  return scope(() => {
    const { leaves, stages, last, parts, before, energy } = formulation(
      'penaltySweep',
      model as Layer,
      params,
      x,
    );
    const weights = { gamma, rho, loss };
    const feasible = penaltyVariables(model, params, x);
    const a = [...feasible.a];
    const z = [...feasible.z];
    const next = [...parts];
    /** A gradient step on E with respect to one variable. */
    const step = (f: (v: unknown) => Tensor, v: unknown): unknown => {
      const { leaves: gradient } = flatten(grad(f)(v));
      return mapTree(v, (leaf, i) => sub(leaf, mul(gradient[i], tau)));
    };
    const replaced = <T>(list: readonly T[], i: number, v: T) => list.map((old, j) => (j === i ? v : old));
    /** The parameters at some positions; variables are the current ones, or those with the a of the forward pass. */
    const stepParams = (positions: readonly number[], variables: PenaltyVariables) => {
      for (const i of positions) {
        if (flatten(parts[i]).leaves.length === 0) continue;
        const f = (p: unknown) => energy(replaced(parts, i, p), variables, labels, weights);
        next[i] = step(f, parts[i]);
      }
    };
    const stepActivation = (l: number) => {
      if (l < 0) return;
      const f = (v: unknown) => energy(parts, { z, a: replaced(a, l, v as Tensor) }, labels, weights);
      a[l] = step(f, a[l]) as Tensor;
    };
    // (a) θ_L-1 and a_L-2, both at the point of the forward pass.
    stepParams([stages[last].phi, ...stages[last].sigma], { a: feasible.a, z: feasible.z });
    stepActivation(last - 1);
    for (let l = last - 1; l >= 0; l--) {
      // Parameters of σ_l, which the paper leaves out: before z_l changes.
      stepParams(stages[l].sigma, { a: [...a], z: [...z] });
      // (b) z_l, then a_l-1.
      const moving = [...z];
      z[l] = step(
        (v) => energy(parts, { a, z: replaced(moving, l, v as Tensor) }, labels, weights),
        z[l],
      ) as Tensor;
      stepActivation(l - 1);
      // (c) θ_l, at the a_l-1 of the forward pass (equations (11) and (25)).
      const variables = { a: l === 0 ? a : replaced(a, l - 1, feasible.a[l - 1]), z };
      const at = stages[l].phi;
      if (tauTheta === undefined) stepParams([at], variables);
      else next[at] = proximal(leaves[at], before(feasible.a, l), z[l], tauTheta);
    }
    return { params: treeOf(model as Layer, next) as P, a, z };
  });
}

/** argmin_θ ½ ‖φ(θ, a) - z‖² + 1/(2 τ_θ) ‖θ - θ_k‖², equations (11) and (44). */
function proximal({ layer, params }: Leaf, a: Tensor, z: Tensor, tauTheta: number): unknown {
  const { linear } = layer;
  if (linear === undefined) return params;
  const [rows, target] = [linear.rows(a, params), linear.outputRows(z)];
  const hasBias = linear.hasBias(params);
  const full = extended({ a: rows, n: rows.shape[0], hasBias });
  const theta = linear.matrix(params);
  const right = add(matmul(target, full, { transposeA: true }), mul(theta, 1 / tauTheta));
  const gram = matmul(full, full, { transposeA: true });
  const system = add(gram, mul(eye(gram.shape[0], gram.shape[0], { dtype: gram.dtype }), 1 / tauTheta));
  return linear.params(transpose(solve(system, transpose(right), { assume: 'positiveDefinite' })), params);
}
