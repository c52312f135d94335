// Recurrences for tests of scan: steps of every kind as functions of one vector, by scan and unrolled in plain operations.
import { flatten, type Tree, unflatten } from '#src/core/tree.js';
import {
  add,
  astype,
  cos,
  customVjp,
  div,
  linalg,
  matmul,
  mul,
  ones,
  random,
  reshape,
  type ScanOptions,
  scan,
  sin,
  slice,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
} from '#src/index.js';

export type Step = (carry: Tree, x: Tree) => { carry: Tree; y?: Tree };
export type Scan = (step: Step, init: Tree, xs?: Tree, options?: ScanOptions) => { carry: Tree; ys: Tree };

/** What scan computes, one operation after the other. */
export const unrolled: Scan = (step, init, xs, { length, reverse = false } = {}) => {
  const rows = flatten(xs);
  const steps = length ?? rows.leaves[0].shape[0];
  const ys: Tree[] = new Array(steps);
  let carry = init;
  for (let i = 0; i < steps; i++) {
    const t = reverse ? steps - 1 - i : i;
    const row = (x: Tensor) => reshape(slice(x, [t], [t + 1]), x.shape.slice(1));
    const x =
      xs === undefined ? tensor(t, { dtype: 'i32' }) : unflatten(rows.structure, rows.leaves.map(row));
    const next = step(carry, x);
    carry = next.carry;
    ys[t] = next.y;
  }
  if (steps === 0) return { carry, ys: undefined };
  const parts = ys.map((y) => flatten(y));
  const at = (i: number) =>
    stack(
      parts.map(({ leaves }) => leaves[i]),
      0,
    );
  return {
    carry,
    ys: unflatten(
      parts[0].structure,
      parts[0].leaves.map((_, i) => at(i)),
    ),
  };
};

/** A recurrence whose first carry, xs and captured tensors are made of one vector. */
export interface Recurrence {
  readonly name: string;
  /** Numbers that it is a function of, for so many steps. */
  size(steps: number): number;
  /** { carry, ys } by a loop. */
  run(loop: Scan, theta: Tensor, steps: number, options?: ScanOptions): { carry: Tree; ys: Tree };
  /** Bound on errors relative to the largest number; f32 in it has fewer digits. */
  readonly tolerance: number;
}

/** Hands out parts of a vector as tensors of these shapes. */
function parts(theta: Tensor): (...shape: number[]) => Tensor {
  let at = 0;
  return (...shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const part = slice(theta, [at], [at + size]);
    at += size;
    return reshape(part, shape);
  };
}

const f32 = (x: Tensor) => astype(x, 'f32');
const f64 = (x: Tensor) => astype(x, 'f64');
const i32 = (value: number | number[]) => tensor(value, { dtype: 'i32' });

/** x³ / 3, by a rule of its own. */
const third = customVjp(
  (x: Tensor) => ({ value: div(mul(x, square(x)), 3), residuals: x }),
  (x: Tensor, ct: Tensor) => [mul(ct, square(x))],
);

export const RECURRENCES: readonly Recurrence[] = [
  {
    name: 'tanh(W c + x), y = c',
    size: (steps) => 2 + 4 + 2 * steps,
    tolerance: 1e-11,
    run(loop, theta, steps, options) {
      const next = parts(theta);
      const [c, w, xs] = [next(2), next(2, 2), next(steps, 2)];
      const step = (carry: Tensor, x: Tensor) => ({ carry: tanh(add(matmul(w, carry), x)), y: carry });
      return loop(step as Step, c, xs, options);
    },
  },
  {
    name: 'the number of the step as x, no y',
    size: () => 2,
    tolerance: 1e-11,
    run(loop, theta, steps, options) {
      const next = parts(theta);
      const [c, a] = [next(), next()];
      const step = (carry: Tensor, i: Tensor) => ({
        carry: add(mul(a, sin(carry)), mul(cos(mul(0.3, f64(i))), carry)),
      });
      return loop(step as Step, c, undefined, { ...options, length: steps });
    },
  },
  {
    name: 'trees with i32 and f32',
    size: (steps) => 3 + 2 + 3 * steps,
    tolerance: 2e-5,
    run(loop, theta, steps, options) {
      const next = parts(theta);
      const init = { h: next(3), n: i32(2), s: [f32(next(2))] };
      const flags = i32(Array.from({ length: steps }, (_, i) => i % 3));
      const xs = { u: next(steps, 3), k: steps === 0 ? reshape(flags, [0]) : flags };
      const step = (
        { h, n, s: [s] }: { h: Tensor; n: Tensor; s: Tensor[] },
        { u, k }: { u: Tensor; k: Tensor },
      ) => ({
        carry: {
          h: sin(add(mul(h, u), mul(0.1, f64(k)))),
          n: add(n, k),
          s: [mul(s, add(0.5, mul(0.1, f32(sum(h)))))],
        },
        y: { count: n, pair: [mul(h, f64(n)), add(s, f32(sum(u)))], flag: k },
      });
      return loop(step as Step, init, xs, options);
    },
  },
  {
    name: 'tensors handed through, exchanged, unused and captured as results',
    size: (steps) => 5 + 2 * steps,
    tolerance: 1e-11,
    run(loop, theta, steps, options) {
      const next = parts(theta);
      const [a, b, unused, w] = [next(), next(), next(), next(2)];
      const xs = [next(steps), next(steps)];
      const step = ([p, q, r]: Tensor[], [x]: Tensor[]) => ({
        carry: [q, mul(add(p, x), q), r],
        y: [x, w, p, q, ones([2])],
      });
      return loop(step as Step, [a, b, unused], xs, options);
    },
  },
  {
    name: 'linear systems and a rule of its own',
    size: (steps) => 2 + 4 + 2 + steps,
    tolerance: 1e-6,
    run(loop, theta, steps, options) {
      const next = parts(theta);
      const [c, m, v, xs] = [next(2), next(2, 2), next(2), next(steps)];
      const a = add(mul(0.3, m), mul(2, tensor([1, 0, 0, 1], { shape: [2, 2] })));
      const spd = (x: Tensor) => add(mul(2, x), mul(v, sum(mul(v, x))));
      const step = (carry: Tensor, x: Tensor) => {
        const y = linalg.solve(a, add(carry, x));
        return { carry: third(linalg.cg(spd, y, { tolerance: 1e-13 }).x), y: sub(y, carry) };
      };
      return loop(step as Step, c, xs, options);
    },
  },
  {
    name: 'a loop in a loop',
    size: (steps) => 2 + 1 + steps * 3,
    tolerance: 1e-11,
    run(loop, theta, steps, options) {
      const next = parts(theta);
      const [c, w, xs] = [next(2), next(), next(steps, 3)];
      const step = (carry: Tensor, row: Tensor) => {
        const inner = (state: Tensor, x: Tensor) => ({
          carry: tanh(add(mul(w, state), mul(x, carry))),
          y: sum(state),
        });
        const { carry: last, ys } = loop(inner as Step, carry, row, { reverse: true });
        return { carry: add(last as Tensor, mul(0.1, sum(ys as Tensor))), y: ys };
      };
      return loop(step as Step, c, xs, options);
    },
  },
];

/** The recurrence as a function of the vector, by one of the loops: all real results, as one vector. */
export function resultsOf(recurrence: Recurrence, loop: Scan, steps: number, options?: ScanOptions) {
  return (theta: Tensor): Tensor => {
    const { carry, ys } = recurrence.run(loop, theta, steps, options);
    const { leaves } = flatten([carry, ys]);
    return leaves.reduce<Tensor>((total, y, i) => {
      const weights = random(i).normal(y.shape, { dtype: y.dtype === 'i32' ? 'f64' : y.dtype });
      const part = f64(sum(mul(weights, y.dtype === 'i32' ? f64(y) : sin(y))));
      return add(total, part);
    }, tensor(0));
  };
}

export const loops: { scan: Scan; unrolled: Scan } = { scan: scan as Scan, unrolled };
