// Every way in which a function of one tensor to a vector may be called and differentiated, brought to the same numbers: its value, the
// gradient of a loss of it, and that gradient along a direction.
import {
  add,
  checkpoint,
  compile,
  grad,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jvp,
  linearize,
  matmul,
  mul,
  reshape,
  scan,
  scope,
  square,
  sum,
  type Tensor,
  trace,
  valueAndGrad,
  vjp,
} from '#src/index.js';

export type Vectorial = (x: Tensor) => Tensor;

/** What a way is given: the function, where it is looked at, and what goes with it. */
export interface Subject {
  f: Vectorial;
  x: Tensor;
  /** Another point, at which what is compiled or traced is run first. */
  other: Tensor;
  /** <w, f> + |f|²/2 is the loss; w + f(x) its derivative in f at x. */
  w: Tensor;
  cotangent: Tensor;
  /** A direction in x. */
  t: Tensor;
}

/** The loss of a result. */
const lossOf =
  ({ w }: Subject) =>
  (y: Tensor): Tensor =>
    sum(add(mul(w, y), mul(0.5, square(y))));

const loss = (s: Subject) => (x: Tensor) => lossOf(s)(s.f(x));
const numbersOf = (y: Tensor): number[] => [...y.data()];

/** Runs what is compiled at another point, and then at x. */
function planned(f: (x: Tensor) => Tensor, { x, other }: Subject): number[] {
  const plan = compile(f);
  try {
    plan(other);
    return numbersOf(plan(x));
  } finally {
    plan.dispose();
  }
}

/** Traces at another point, and hands over the graph as a function. */
function traced(f: (x: Tensor) => Tensor, { other }: Subject, use: (run: Vectorial) => Tensor): number[] {
  const graph = trace(f, other);
  try {
    return numbersOf(use((x) => graph.run(x) as Tensor));
  } finally {
    graph.dispose();
  }
}

/** By how much a step of the loop scales its carry. */
const SCALE = 1.002;
const STEPS = 3;
/** f in every step of a loop: its results, a row each. */
const looped =
  ({ f }: Subject) =>
  (x: Tensor) =>
    scan((carry: Tensor) => ({ carry: mul(carry, SCALE), y: f(carry) }), x, undefined, { length: STEPS })
      .ys as unknown as Tensor;
const lossOfLoop = (s: Subject) => (x: Tensor) => lossOf(s)(looped(s)(x));

/** Sums over steps without `scan`. */
const lossOfSteps = (s: Subject) => (x: Tensor) => {
  let [total, carry] = [loss(s)(x), x];
  for (let i = 1; i < STEPS; i++) {
    carry = mul(carry, SCALE);
    total = add(total, loss(s)(carry));
  }
  return total;
};

/** With a plan of f, which is freed. */
function withPlan(s: Subject, use: (f: Vectorial) => number[]): number[] {
  const plan = compile(s.f);
  try {
    return use((x) => mul(plan(x), 1));
  } finally {
    plan.dispose();
  }
}

/** The map of f at x, which is freed. */
function linearized({ f, x }: Subject, use: (map: ReturnType<typeof linearize>) => number[]): number[] {
  const map = linearize(f, x);
  try {
    return use(map);
  } finally {
    map.dispose();
  }
}

/** <cotangent, J> of a Jacobian. */
const contracted = ({ cotangent, x }: Subject, jacobian: Tensor) =>
  numbersOf(reshape(matmul(cotangent, reshape(jacobian, [cotangent.size, x.size])), x.shape));
/** <cotangent, tangent>, as a list. */
const along = ({ cotangent }: Subject, tangent: Tensor) => [sum(mul(cotangent, tangent)).item()];

/** What a way gives: the value, the gradient of the loss, its inner product with t, the loop's gradient, or the Hessian times t. */
export type Quantity = 'value' | 'gradient' | 'slope' | 'loop value' | 'loop' | 'second';

export const WAYS: Record<string, [Quantity, (s: Subject) => number[]]> = {
  scope: ['value', ({ f, x }) => numbersOf(scope(() => f(x)))],
  compile: ['value', (s) => planned(s.f, s)],
  'plan in a plan': ['value', (s) => withPlan(s, (f) => planned(f, s))],
  trace: ['value', (s) => traced(s.f, s, (run) => run(s.x))],
  'trace of a plan': ['value', (s) => withPlan(s, (f) => traced(f, s, (run) => run(s.x)))],
  checkpoint: ['value', ({ f, x }) => numbersOf(checkpoint(f)(x))],
  'value of vjp': ['value', ({ f, x }) => numbersOf(vjp(f, x).value)],
  'value of jvp': ['value', ({ f, x, t }) => numbersOf(jvp(f, [x], [t]).value)],
  'value of linearize': ['value', (s) => linearized(s, (map) => numbersOf(map.value))],
  scan: ['loop value', (s) => numbersOf(looped(s)(s.x))],
  'compile(scan)': ['loop value', (s) => planned(looped(s), s)],

  'grad in a scope': ['gradient', (s) => numbersOf(scope(() => grad(loss(s))(s.x)))],
  'scope in grad': ['gradient', (s) => numbersOf(grad((x: Tensor) => scope(() => loss(s)(x)))(s.x))],
  'compile(grad)': ['gradient', (s) => planned(grad(loss(s)), s)],
  'compile(valueAndGrad)': ['gradient', (s) => planned((x) => valueAndGrad(loss(s))(x).grad, s)],
  'grad(compile)': ['gradient', (s) => withPlan(s, (f) => numbersOf(grad(loss({ ...s, f }))(s.x)))],
  'compile(grad(compile))': ['gradient', (s) => withPlan(s, (f) => planned(grad(loss({ ...s, f })), s))],
  'trace(grad)': ['gradient', (s) => traced(grad(loss(s)), s, (run) => run(s.x))],
  vjp: ['gradient', ({ f, x, cotangent }) => numbersOf(vjp(f, x).pullback(cotangent)[0] as Tensor)],
  'trace, vjp': [
    'gradient',
    (s) => traced(s.f, s, (run) => vjp(run, s.x).pullback(s.cotangent)[0] as Tensor),
  ],
  'trace, grad': ['gradient', (s) => traced(loss(s), s, (run) => grad(run)(s.x))],
  jacfwd: ['gradient', (s) => contracted(s, jacfwd(s.f)(s.x))],
  jacrev: ['gradient', (s) => contracted(s, jacrev(s.f)(s.x))],
  'compile(jacfwd)': ['gradient', (s) => planned((x) => matmul(s.cotangent, flat(s, jacfwd(s.f)(x))), s)],
  'compile(jacrev)': ['gradient', (s) => planned((x) => matmul(s.cotangent, flat(s, jacrev(s.f)(x))), s)],
  'grad(checkpoint)': ['gradient', (s) => numbersOf(grad(checkpoint(loss(s)))(s.x))],
  'compile(grad(checkpoint))': ['gradient', (s) => planned(grad(checkpoint(loss(s))), s)],

  jvp: ['slope', (s) => along(s, jvp(s.f, [s.x], [s.t]).tangent)],
  'compile(jvp)': ['slope', (s) => planned((x) => sum(mul(s.cotangent, jvp(s.f, [x], [s.t]).tangent)), s)],
  'trace, jvp': [
    'slope',
    (s) => traced(s.f, s, (run) => sum(mul(s.cotangent, jvp(run, [s.x], [s.t]).tangent))),
  ],
  'jvp(checkpoint)': ['slope', (s) => along(s, jvp(checkpoint(s.f), [s.x], [s.t]).tangent)],
  linearize: ['slope', (s) => linearized(s, (map) => along(s, map.apply(s.t)))],

  'grad(scan)': ['loop', (s) => numbersOf(grad(lossOfLoop(s))(s.x))],
  'compile(grad(scan))': ['loop', (s) => planned(grad(lossOfLoop(s)), s)],
  'grad(scan(compile))': ['loop', (s) => withPlan(s, (f) => numbersOf(grad(lossOfLoop({ ...s, f }))(s.x)))],
  'grad(checkpoint(scan))': ['loop', (s) => numbersOf(grad(checkpoint(lossOfLoop(s)))(s.x))],

  hessian: ['second', (s) => timesT(s, hessian(loss(s))(s.x))],
  'compile(hessian)': [
    'second',
    (s) => planned((x) => matmul(flat(s, hessian(loss(s))(x)), reshape(s.t, [-1])), s),
  ],
  hvp: ['second', (s) => numbersOf(hvp(loss(s), s.x, s.t))],
  'compile(hvp)': ['second', (s) => planned((x) => hvp(loss(s), x, s.t), s)],
  'grad of grad': ['second', (s) => numbersOf(grad((x: Tensor) => sum(mul(grad(loss(s))(x), s.t)))(s.x))],
};

/** A Jacobian as a matrix with a column per number of x. */
const flat = ({ x }: Subject, jacobian: Tensor) => reshape(jacobian, [-1, x.size]);
const timesT = (s: Subject, h: Tensor) => numbersOf(matmul(flat(s, h), reshape(s.t, [-1])));

/** The values that every way is compared with: eager, the loop written out. */
export function values(s: Subject): Partial<Record<Quantity, number[]>> {
  const steps: number[] = [];
  let carry = s.x;
  for (let i = 0; i < STEPS; i++) {
    steps.push(...s.f(carry).data());
    carry = mul(carry, SCALE);
  }
  return { value: steps.slice(0, s.w.size), 'loop value': steps };
}

/** The derivatives that every way is compared with: by `grad`, eager, and its differences. */
export function derivatives(s: Subject): Partial<Record<Quantity, number[]>> {
  const gradient = grad(loss(s))(s.x) as Tensor;
  const at = (h: number) => (grad(loss(s))(add(s.x, mul(s.t, h))) as Tensor).data();
  const h = 1e-6;
  const [high, low] = [at(h), at(-h)];
  return {
    gradient: numbersOf(gradient),
    slope: [sum(mul(gradient, s.t)).item()],
    loop: numbersOf(grad(lossOfSteps(s))(s.x)),
    second: Array.from(high, (v, i) => (v - low[i]) / (2 * h)),
  };
}
