// Steps of optimisers: the numbers of a step in scratch, from the number of steps before it, and then one thread for each parameter.
import type { Call } from '../../../compiler/node.js';
import type { AdamStep } from '../../../optim/stochastic/adam.js';
import type { RmspropStep } from '../../../optim/stochastic/rmsprop.js';
import type { SgdStep } from '../../../optim/stochastic/sgd.js';
import { literal } from '../../wgsl/expressions.js';
import {
  type Binding,
  perElement,
  type Runs,
  reads,
  readsScratch,
  ScratchSpace,
  writes,
  writesScratch,
} from '../shader.js';
import type { Adapter, Twin } from '../twin.js';

/**
 * Squares, or where they are too large or too small for f32, their roots with the sign as a mark, as assembly/optimizer-steps/moment.ts has
 * them, with its bounds.
 */
const MOMENT = `const HIGHEST = 5.316911983139664e36f;
const LOWEST = 7.888609052210118e-31f;
const FARTHEST = 4.611686018427388e18f;
fn is_beyond(before: f32, after: f32, epsilon: f32) -> bool {
  return before < 0.0 || magnitude(after) > bitcast<u32>(HIGHEST) || (epsilon < 1.0 / FARTHEST && after < LOWEST);
}
fn root_of(stored: f32) -> f32 {
  if (stored < 0.0) { return -stored; }
  return sqrt_f32(stored);
}
fn stored_as(root: f32) -> f32 {
  let square = root * root;
  if (root < FARTHEST && square >= LOWEST && square <= HIGHEST) { return square; }
  return -root;
}
fn grown(r: f32, d: f32, keep: f32, gain: f32) -> f32 {
  let most = maximum_f32(r, abs_f32(d));
  if (most == 0.0 || magnitude(most) >= 0x7f800000u) { return most; }
  let a = div_f32(r, most);
  let b = div_f32(d, most);
  return most * sqrt_f32(keep * a * a + gain * b * b);
}`;
const MOMENT_NEEDS = ['magnitude', 'sqrt_f32', 'maximum_f32', 'abs_f32', 'div_f32'];

/** 1 - β^k, for k in the variable of that name. */
function correction(beta: number): string {
  return beta === 0 ? '1.0' : `-expm1_f32(k * log1p_f32(${literal(beta - 1)}))`;
}

/** The parts of a step. */
interface Step {
  /** Expressions of the numbers of a step: of `k`, the number of this step from 1 on, and `first`, whether it is that. */
  readonly numbers: readonly string[];
  readonly numberNeeds: readonly string[];
  readonly needs: readonly string[];
  readonly declared?: string;
  /**
   * Statements that turn x, the parameter, and g, its gradient, into `next`, the new parameter, and s0, s1, … into n0, n1, …; they read
   * the numbers as k0, k1, ….
   */
  readonly body: string;
}

function runs({ inputs, outputs }: Call, { mostArrays }: Adapter, step: Step): Runs | undefined {
  const [p, g, ...before] = inputs;
  const [p1, ...after] = outputs;
  const [steps, count] = [before[before.length - 1], after[after.length - 1]];
  const slots = before.slice(0, -1);
  const space = new ScratchSpace();
  const numbers = space.take(Math.max(1, step.numbers.length));
  const head = perElement(1, {
    bindings: [reads(steps), writes(count), writesScratch(numbers)],
    needs: step.numberNeeds,
    body: `  b1[0] = b0[0] + 1;
  let first = b0[0] == 0;
  let k = f32(b0[0] + 1);
${step.numbers.map((text, i) => `  b2[${i}] = ${text};`).join('\n')}`,
  });
  const given: Binding[] = [reads(p), reads(g), readsScratch(numbers), ...slots.map((slot) => reads(slot))];
  const made = [p1, ...after.slice(0, -1)].map((node) => writes(node));
  if (given.length + made.length > mostArrays) return undefined;
  const body = perElement(p.size, {
    bindings: [...given, ...made],
    ...{ needs: step.needs, declared: step.declared },
    body: `  let x = b0[e];
  let g = b1[e];
${step.numbers.map((_, i) => `  let k${i} = b2[${i}];`).join('\n')}
${slots.map((_, i) => `  let s${i} = b${3 + i}[e];\n  var n${i} = s${i};`).join('\n')}
  var next = x;
${step.body}
  b${given.length}[e] = next;
${slots.map((_, i) => `  b${given.length + 1 + i}[e] = n${i};`).join('\n')}`,
  });
  return { dispatches: [head, body], scratchBytes: space.bytes };
}

/** What WGSL cannot know: rates that a function of JavaScript gives. */
const isFunction = (rate: unknown): rate is (step: number) => number => typeof rate === 'function';

export const sgdTwin: Twin = (call, adapter) => {
  const { learningRate, momentum, nesterov, dampening, weightDecay } = call.params as SgdStep;
  if (isFunction(learningRate)) return undefined;
  const pushed = call.inputs.length > 3;
  const rate = literal(learningRate);
  return runs(call, adapter, {
    numbers: pushed ? [`select(${literal(1 - dampening)}, 1.0, first)`] : [],
    ...{ numberNeeds: [], needs: [] },
    body: `  let d = ${literal(weightDecay)} * x + g;
${
  pushed
    ? `  n0 = ${literal(momentum)} * s0 + k0 * d;
  next = x - ${rate} * ${nesterov ? `(${literal(momentum)} * n0 + d)` : 'n0'};`
    : `  next = x - ${rate} * d;`
}`,
  });
};

export const adamTwin: Twin = (call, adapter) => {
  const { learningRate, beta1, beta2, epsilon, weightDecay, coupled, amsgrad } = call.params as AdamStep;
  if (isFunction(learningRate)) return undefined;
  const decayed = coupled && weightDecay > 0;
  const [keep, second] = [literal(beta2), literal(1 - beta2)];
  const scale = coupled ? '1.0' : literal(1 - learningRate * weightDecay);
  return runs(call, adapter, {
    numbers: [
      `${literal(learningRate)} / (${correction(beta1)}) * sqrt_f32(${correction(beta2)})`,
      `${literal(epsilon)} * sqrt_f32(${correction(beta2)})`,
    ],
    numberNeeds: ['expm1_f32', 'log1p_f32', 'sqrt_f32'],
    needs: MOMENT_NEEDS,
    declared: MOMENT,
    body: `  let d = ${decayed ? `${literal(weightDecay)} * x + g` : 'g'};
  n0 = ${literal(1 - beta1)} * (d - s0) + s0;
  n1 = ${keep} * s1 + ${second} * d * d;
  var by = 0.0;
  if (is_beyond(s1, n1, k1)${amsgrad ? ' || s2 < 0.0' : ''}) {
    var root = grown(root_of(s1), d, ${keep}, ${second});
    n1 = stored_as(root);
${amsgrad ? '    root = maximum_f32(root, root_of(s2));\n    n2 = stored_as(root);' : ''}
    by = k0 * div_f32(n0, root + k1);
  } else {
${amsgrad ? '    n2 = maximum_f32(s2, n1);' : ''}
    by = div_f32(k0 * n0, sqrt_f32(${amsgrad ? 'n2' : 'n1'}) + k1);
  }
  next = ${scale} * x - by;`,
  });
};

export const rmspropTwin: Twin = (call, adapter) => {
  const { learningRate, learningRateDecay, weightDecay, keep, gain, epsilon, centered, momentum } =
    call.params as RmspropStep;
  if (isFunction(learningRate)) return undefined;
  const push = momentum > 0 ? (centered ? 2 : 1) : undefined;
  const e = literal(epsilon);
  return runs(call, adapter, {
    numbers: [`${literal(learningRate)} / (1.0 + (k - 1.0) * ${literal(learningRateDecay)})`],
    ...{ numberNeeds: [], needs: MOMENT_NEEDS, declared: MOMENT },
    body: `  let d = ${literal(weightDecay)} * x + g;
  n0 = ${literal(keep)} * s0 + ${literal(gain)} * d * d;
  var root = 0.0;
${centered ? `  n1 = ${literal(gain)} * (d - s1) + s1;` : ''}
  if (is_beyond(s0, n0, ${e})) {
    root = grown(root_of(s0), d, ${literal(keep)}, ${literal(gain)});
    n0 = stored_as(root);
${centered ? '    let size = abs_f32(n1);\n    root = sqrt_f32(max(root - size, 0.0)) * sqrt_f32(root + size);' : ''}
  } else {
    root = sqrt_f32(${centered ? 'maximum_f32(n0 - n1 * n1, 0.0)' : 'n0'});
  }
  var by = div_f32(d, root + ${e});
${push === undefined ? '' : `  by = ${literal(momentum)} * s${push} + by;\n  n${push} = by;`}
  next = x - k0 * by;`,
  });
};
