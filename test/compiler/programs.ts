// Random programs over arrays of a few shapes that broadcast, for tests of compiled code.
import fc from 'fast-check';
import {
  add,
  broadcastTo,
  div,
  greater,
  matmul,
  maximum,
  mul,
  neg,
  reshape,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  transpose,
  where,
} from '#src/index.js';

/** Shapes of the arguments. */
export const SHAPES: readonly (readonly number[])[] = [[4, 6], [6], [4, 1], [], [1, 6], [4, 6]];

type Rule = (pick: (n: number) => Tensor) => Tensor | undefined;

const isMatrix = (x: Tensor) => x.ndim === 2;

/** Operations; undefined where the operands do not fit. */
const RULES: readonly Rule[] = [
  (pick) => add(pick(0), pick(1)),
  (pick) => sub(pick(0), pick(1)),
  (pick) => mul(pick(0), pick(1)),
  (pick) => maximum(pick(0), pick(1)),
  (pick) => div(pick(0), add(square(pick(1)), 1)),
  (pick) => where(greater(pick(0), pick(1)), pick(0), pick(2)),
  (pick) => tanh(pick(0)),
  (pick) => neg(pick(0)),
  (pick) => sin(pick(0)),
  (pick) => mul(pick(0), 1),
  (pick) => (pick(0).ndim > 0 ? sum(pick(0), { axis: -1, keepDims: true }) : undefined),
  (pick) => sum(pick(0)),
  (pick) => reshape(pick(0), [-1]),
  (pick) => (pick(0).size === 24 ? reshape(pick(0), [4, 6]) : undefined),
  (pick) => transpose(pick(0)),
  (pick) =>
    isMatrix(pick(0)) && isMatrix(pick(1)) ? matmul(pick(0), pick(1), { transposeA: true }) : undefined,
  (pick) =>
    pick(0).size <= 6 && pick(0).ndim === 1 && 6 % pick(0).size === 0
      ? broadcastTo(pick(0), [4, 6])
      : undefined,
];

/** One step: an operation and its operands, counted from the latest value. */
const step = fc.record({
  rule: fc.nat(RULES.length - 1),
  operands: fc.array(fc.nat(7), { minLength: 3, maxLength: 3 }),
});

/** A program: steps, and which values it returns. */
export const programs = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 25 }),
  results: fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }),
});

export type RandomProgram = typeof programs extends fc.Arbitrary<infer P> ? P : never;

/** Runs a program; operands that do not fit each other leave a step out. */
export function runProgram({ steps, results }: RandomProgram, args: readonly Tensor[]): Tensor[] {
  const pool = [...args];
  const at = (back: number) => pool[Math.max(0, pool.length - 1 - back)];
  for (const { rule, operands } of steps) {
    try {
      const y = RULES[rule]((i) => at(operands[i]));
      if (y !== undefined && y.size <= 1000) pool.push(y);
    } catch (error) {
      if ((error as Error).name !== 'ShapeError') throw error;
    }
  }
  return results.map(at);
}
