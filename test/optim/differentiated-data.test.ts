// Solvers and projections whose data are differentiated: the derivative that differences show, or a typed error that says how, in both
// modes and compiled; 0 without a word never. Every method and every projection that is exported is walked.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  CotangentError,
  compile,
  concat,
  exp,
  eye,
  grad,
  hessian,
  jacrev,
  jvp,
  matmul,
  memory,
  mul,
  neg,
  ones,
  optim,
  reshape,
  scan,
  scope,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, property } from '../support/check.js';
import { generator } from './convex/programs.js';

const { project, prox, penalty } = optim;
const w = () => tensor([1, 2, 3]);
const bowl = (t: Tensor) => (x: Tensor) =>
  add(sum(mul(0.5, square(sub(x, mul(w(), t))))), sum(exp(mul(0.1, x))));
const fitted = (t: Tensor) => (x: Tensor) => concat([sub(exp(x), mul(w(), t)), mul(0.1, x)]);
const rooted = (t: Tensor) => (y: Tensor) => sub(add(y, exp(y)), mul(w(), t));
const drawn = (t: Tensor) => (y: Tensor) => mul(0.3, sin(add(y, mul(w(), t))));
const box = () => ({ G: concat([neg(eye(3)), eye(3)], 0), h: tensor([0, 0, 0, 2, 2, 2]) });

const tight = { gradientTolerance: 1e-11, throws: false };
/** By name: what comes of a t that is differentiated. */
const table: Record<string, (t: Tensor) => unknown> = {
  'minimize, value': (t) => ({ x: optim.minimize(bowl(t), zeros([3]), optim.lbfgs(), tight).x }),
  'lbfgsb at its bound': (t) =>
    optim.minimize(bowl(t), zeros([3]), optim.lbfgsb({ upper: 2, lower: -1 }), tight).x,
  'lbfgsb, a bound': (t) =>
    optim.minimize(bowl(tensor(1)), zeros([3]), optim.lbfgsb({ upper: mul(ones([3]), t) }), tight).x,
  'leastSquares, residuals': (t) => optim.leastSquares(fitted(t), zeros([3])).residuals,
  'leastSquares, jacobian': (t) => optim.leastSquares(fitted(t), zeros([3])).jacobian,
  'quadraticProgram, q': (t) => parts(optim.quadraticProgram({ P: eye(3), q: mul(w(), neg(t)), ...box() })),
  'quadraticProgram, P': (t) => parts(optim.quadraticProgram({ P: mul(eye(3), t), q: neg(w()), ...box() })),
  'quadraticProgram, h': (t) =>
    parts(optim.quadraticProgram({ P: eye(3), q: neg(w()), G: eye(3), h: mul(ones([3]), t) })),
  'quadraticProgram, A': (t) =>
    parts(optim.quadraticProgram({ P: eye(3), q: w(), A: mul(ones([1, 3]), t), b: tensor([1]) })),
  'quadraticProgram by operatorSplitting': (t) =>
    optim.quadraticProgram(
      { P: eye(3), q: mul(w(), neg(t)), ...box() },
      { method: optim.operatorSplitting() },
    ).x,
  'linearProgram, h': (t) => optim.linearProgram({ c: w(), G: neg(eye(3)), h: mul(w(), neg(t)) }).x,
  'linearProgram, c': (t) => optim.linearProgram({ c: mul(w(), t), G: neg(eye(3)), h: w() }).lambda,
  'proximalGradient, f': (t) =>
    optim.proximalGradient((x: Tensor) => sum(square(sub(x, mul(w(), t)))), penalty.l1(0.1), zeros([3])).x,
  'proximalGradient, g': (t) =>
    optim.proximalGradient(
      (x: Tensor) => sum(square(sub(x, w()))),
      (x: Tensor, s) => prox.l1(x, mul(t, s)),
      zeros([3]),
    ).x,
  'admm, q': (t) => optim.admm({ f: { P: eye(3), q: mul(w(), t) }, g: penalty.l1(0.1) }, zeros([3])).z,
  'admm, prox': (t) =>
    optim.admm({ f: { P: eye(3), q: w() }, g: (x: Tensor) => prox.l1(x, mul(t, 0.1)) }, zeros([3])).x,
  'minimizeBarrier, f': (t) =>
    optim.minimizeBarrier(bowl(t), zeros([3]), { inequalities: (x: Tensor) => sub(x, 1) }).x,
  'minimizeBarrier, inequalities': (t) =>
    optim.minimizeBarrier(bowl(tensor(1)), zeros([3]), { inequalities: (x: Tensor) => sub(x, t) }).x,
  'minimizeBarrier, b': (t) =>
    optim.minimizeBarrier(bowl(tensor(1)), zeros([3]), {
      ...{ inequalities: (x: Tensor) => sub(x, 5), A: ones([1, 3]), b: reshape(t, [1]) },
    }).x,
  'minimizeEquality, f': (t) =>
    optim.minimizeEquality(bowl(t), zeros([3]), { A: ones([1, 3]), b: ones([1]) }).x,
  'minimizeEquality, b': (t) =>
    optim.minimizeEquality((x: Tensor) => sum(add(square(sub(x, 1)), exp(mul(0.1, x)))), zeros([3]), {
      A: ones([1, 3]),
      b: reshape(t, [1]),
    }).x,
  lineSearch: (t) => tensor(optim.lineSearch(bowl(t), zeros([3]), ones([3])).step),
  kktResiduals: (t) => tensor(optim.kktResiduals({ P: eye(3), q: mul(w(), t) }, { x: w() }).stationarity),
};

const parts = ({ x, lambda, nu }: { x: Tensor; lambda: Tensor; nu: Tensor }) => [x, lambda, nu];

/** Every exported maker of a method becomes a row. */
const makers = Object.entries(optim as unknown as Record<string, unknown>).filter(
  (entry): entry is [string, () => object] => typeof entry[1] === 'function',
);
const seen = new Set<string>();
for (const [name, maker] of makers) {
  let method: object;
  try {
    method = scope(() => maker());
  } catch {
    continue;
  }
  if (typeof method !== 'object' || method === null) continue;
  if ('startFit' in method)
    table[name] = (t) => optim.leastSquares(fitted(t), zeros([3]), method as never, tight).x;
  else if ('startRoot' in method)
    table[name] = (t) => optim.rootFind(rooted(t), zeros([3]), method as never).x;
  else if ('startFixedPoint' in method)
    table[name] = (t) => optim.fixedPoint(drawn(t), zeros([3]), method as never).x;
  else if ('polishFrom' in method)
    table[name] = (t) =>
      optim.quadraticProgram({ P: eye(3), q: mul(w(), neg(t)), ...box() }, { method: method as never }).x;
  else if ('start' in method)
    table[name] = (t) => optim.minimize(bowl(t), zeros([3]), method as never, tight).x;
  else if ('update' in method && 'init' in method && !['averaging', 'reduceOnPlateau'].includes(name))
    table[name] = (t) => {
      const o = method as optim.Optimizer;
      const p = zeros([3]);
      const g = mul(w(), t);
      return (
        o.update(p, (name === 'stochasticLbfgs' ? () => g : g) as Tensor, o.init(p)) as { params: Tensor }
      ).params;
    };
  else continue;
  seen.add(name);
}

/** Projections and proxes of rows, with data in proportion to `s`; the normal is `a`. */
const maps: Record<string, (x: Tensor, s: number, a: Tensor) => Tensor> = {
  'project.l1Ball': (x, s) => project.l1Ball(x, 0.8 * s),
  'project.l2Ball': (x, s) => project.l2Ball(x, 0.7 * s),
  'project.linfBall': (x, s) => project.linfBall(x, 0.5 * s),
  'project.box': (x, s) => project.box(x, -0.4 * s, 0.3 * s),
  'project.simplex': (x, s) => project.simplex(x, 1.1 * s),
  'project.halfSpace': (x, s, a) => project.halfSpace(x, a, 0.05 * s),
  'project.hyperplane': (x, s, a) => project.hyperplane(x, a, 0.05 * s),
  'project.secondOrderCone': (x) => project.secondOrderCone(x),
  'prox.l1': (x, s) => prox.l1(x, 0.25 * s),
  'prox.l2': (x, s) => prox.l2(x, 0.4 * s),
  'prox.linf': (x, s) => prox.linf(x, 0.4 * s),
  'prox.squaredL2': (x) => prox.squaredL2(x, 0.4),
  'prox.elasticNet': (x, s) => prox.elasticNet(x, 0.3 * s, 1),
  'prox.conjugate': (x, s) => prox.conjugate((z, t) => prox.linf(z, t * s))(x, 0.5),
};
/** Of matrices; they have tests of their own. */
const SPECTRAL = ['project.positiveSemidefinite', 'prox.nuclear'];
for (const [name, map] of Object.entries(maps))
  table[name] = (t) => map(mul(tensor([1.7, -0.6, 0.9]), t), 1, w());

test('every method, projection and prox is in the table', () => {
  for (const name of [
    'lbfgs',
    'lbfgsb',
    'bfgs',
    'newton',
    'trustRegion',
    'gaussNewton',
    'levenbergMarquardt',
  ])
    assert.ok(seen.has(name), name);
  for (const name of [
    'newtonRoot',
    'broyden',
    'anderson',
    'picard',
    'interiorPoint',
    'adam',
    'stochasticLbfgs',
  ])
    assert.ok(seen.has(name), name);
  const exported = (group: string, of: object) => Object.keys(of).map((key) => `${group}.${key}`);
  assert.equal(
    [...exported('project', project), ...exported('prox', prox)]
      .filter((name) => !SPECTRAL.includes(name))
      .sort(),
    Object.keys(maps).sort(),
  );
});

/** A fixed combination of all numbers of a result. */
function combined(result: unknown): Tensor {
  const leaves = (
    Array.isArray(result) ? result : result instanceof Object && 'x' in result ? [result.x] : [result]
  ) as Tensor[];
  return leaves.reduce((total: Tensor, leaf, k) => {
    const weights = tensor(
      Array.from({ length: leaf.size }, (_, i) => 1 + 0.37 * i + 0.11 * k),
      { shape: leaf.shape as number[] },
    );
    return add(total, sum(mul(weights, leaf)));
  }, tensor(0));
}

for (const [name, run] of Object.entries(table))
  test(`${name}: derivative or error`, () =>
    scope(() => {
      const f = (t: Tensor) => combined(run(t));
      const at = 0.9;
      const h = 1e-5;
      const difference = (f(tensor(at + h)).item() - f(tensor(at - h)).item()) / (2 * h);
      const ways: Record<string, () => number> = {
        grad: () => grad(f)(tensor(at)).item(),
        jvp: () => jvp(f, [tensor(at)], [tensor(1)]).tangent.item(),
        'compile(grad)': () => compile(grad(f))(tensor(at)).item(),
      };
      const kinds = new Set<string>();
      for (const [way, derivative] of Object.entries(ways)) {
        const before = memory().tensors;
        let got: number;
        try {
          got = scope(derivative);
        } catch (error) {
          assert.instance(error, CotangentError, `${way}: ${error}`);
          assert.match(
            (error as Error).message,
            /no derivative|has no derivative|traced/,
            `${way}: ${error}`,
          );
          assert.is(memory().tensors, before, `${way}: the error leaves tensors behind`);
          kinds.add('error');
          continue;
        }
        kinds.add('value');
        near([got], [difference], 2e-4 * (1 + Math.abs(difference)), `${name}, ${way}`);
      }
      assert.is(kinds.size, 1, `${[...kinds]}: some ways have a derivative`);
    }));

test('numbers of a solution are constants or have derivatives, also where they are tensors of a plan', () =>
  scope(() => {
    const value = (t: Tensor) => optim.minimize(bowl(t), zeros([3])).value as unknown as Tensor;
    const h = 1e-5;
    const difference = (Number(value(tensor(0.9 + h))) - Number(value(tensor(0.9 - h)))) / (2 * h);
    near([compile(grad(value))(tensor(0.9)).item()], [difference], 1e-6);
    const squares = (t: Tensor) => optim.leastSquares(fitted(t), zeros([3])).value as unknown as Tensor;
    const slope = (Number(squares(tensor(0.9 + h))) - Number(squares(tensor(0.9 - h)))) / (2 * h);
    near([compile(grad(squares))(tensor(0.9)).item()], [slope], 1e-6);
    for (const read of [
      (t: Tensor) => optim.minimize(bowl(t), zeros([3])).gradientNorm,
      (t: Tensor) => optim.rootFind(rooted(t), zeros([3])).value,
      (t: Tensor) => optim.fixedPoint(drawn(t), zeros([3])).value,
    ])
      assert.throws(
        () => compile(grad(read as never))(tensor(0.9)),
        (error: unknown) => error instanceof ArgumentError && /has no derivative/.test(error.message),
      );
    // Without a derivative around it, it is what it was.
    near(compile(value)(tensor(0.9)).toTypedArray(), [Number(value(tensor(0.9)))], 1e-12);
  }));

test('the Jacobian of a fit is differentiable in both modes, for trees, to second order', () =>
  scope(() => {
    const r = (t: Tensor) => (p: { a: Tensor; b: Tensor }) =>
      sub(mul(p.a, exp(mul(p.b, tensor([0, 1, 2, 3])))), mul(t, tensor([1, 2, 2.5, 4])));
    const start = () => ({ a: tensor(1), b: tensor(0.3) });
    const f = (t: Tensor) =>
      sum(
        square(
          optim.leastSquares(r(t), start(), undefined, { gradientTolerance: 1e-12, throws: false }).jacobian,
        ),
      );
    const h = 1e-4;
    const [low, mid, high] = [1 - h, 1, 1 + h].map((t) => f(tensor(t)).item());
    near([grad(f)(tensor(1)).item()], [(high - low) / (2 * h)], 1e-5 * Math.abs(mid));
    near([hessian(f)(tensor(1)).item()], [(high - 2 * mid + low) / (h * h)], 1e-4 * Math.abs(mid));
  }));

test('projections and proxes: values, Jacobians and second derivatives are the same at any size of their data', () =>
  property(
    fc.record({
      ...{ seed: fc.integer({ min: 1, max: 1e9 }), name: fc.constantFrom(...Object.keys(maps)) },
      dtype: fc.constantFrom('f64' as const, 'f32' as const),
      share: fc.double({ min: -1, max: 1, noNaN: true }),
    }),
    ({ seed, name, dtype, share }) =>
      scope(() => {
        const uniform = generator(seed);
        const map = maps[name];
        const n = 2 + Math.floor(uniform() * 5);
        const s = 2 ** Math.round(share * (dtype === 'f64' ? 990 : 115));
        const x = Array.from({ length: n }, () => 4 * uniform() - 2);
        const a = tensor(
          Array.from({ length: n }, () => 2 * uniform() - 1),
          { dtype },
        );
        const at = (k: number) =>
          tensor(
            x.map((v) => v * k),
            { dtype },
          );
        const value = (k: number) =>
          map(at(k), k, a)
            .toTypedArray()
            .map((v) => v / k);
        const first = (k: number) => jacrev((z: Tensor) => map(z, k, a))(at(k)).toTypedArray();
        const second = (k: number) =>
          hessian((z: Tensor) => sum(mul(map(z, k, a), a)))(at(k))
            .toTypedArray()
            .map((v: number) => v * k);
        const unit = dtype === 'f64' ? 1e-12 : 1e-5;
        near(value(s), value(1), unit, `${name}, value`);
        near(first(s), first(1), unit, `${name}, Jacobian`);
        const want = second(1);
        near(second(s), want, (i) => 10 * unit * (1 + Math.abs(want[i])), `${name}, second derivative`);
      }),
    200,
  ));

test('derivatives of a program do not depend on its units', () =>
  scope(() => {
    const [P, q] = [
      matmul(
        tensor([
          [2, 0.5],
          [0.5, 1],
        ]),
        eye(2),
      ),
      tensor([-3, -1]),
    ];
    const slope = (c: number, s: number) => {
      const solve = (v: Tensor) =>
        optim.quadraticProgram({
          ...{ P: mul(P, c / s / s), q: mul(v, c / s) },
          ...{ G: mul(neg(eye(2)), 1 / s), h: zeros([2]) },
        }).x;
      return jacrev(solve)(q)
        .toTypedArray()
        .map((v: number) => v / s);
    };
    for (const c of [1e-12, 1, 1e12])
      for (const s of [1e-12, 1e-3, 1e12]) near(slope(c, s), slope(1, 1), 1e-12);
  }));

test('a solver in a loop that is compiled leaves the tensors that it captures alone, and their memory', () =>
  scope(() => {
    const [center, start] = [tensor([0.25, -3]), tensor([1, 1])];
    const solve = (y: Tensor) =>
      optim.minimize((x: Tensor) => add(sum(square(sub(x, y))), sum(square(sub(x, center)))), start).x;
    const loop = (y: Tensor) =>
      scan((c: Tensor) => ({ carry: mul(c, 2), y: solve(c) }), y, undefined, { length: 3 })
        .ys as unknown as Tensor;
    const plan = compile(loop);
    for (let round = 0; round < 3; round++) {
      const found = Array.from(plan(tensor([1, 2])).data());
      [1, 2, 4].forEach((k, i) => {
        assert.ok(
          Math.abs(found[2 * i] - (k + 0.25) / 2) < 1e-5 &&
            Math.abs(found[2 * i + 1] - (2 * k - 3) / 2) < 1e-5,
        );
      });
      // What would take the memory that was given back by mistake.
      for (let i = 0; i < 8; i++) tensor([77, 77]);
      assert.equal(Array.from(center.data()), [0.25, -3]);
    }
    plan.dispose();
  }));

test('a Jacobian by rows of a solution whose objective has a loop in it', () =>
  scope(() => {
    const halved = (x: Tensor) =>
      scan((c: Tensor) => ({ carry: mul(c, 0.5) }), x, undefined, { length: 2 }).carry;
    const solve = (y: Tensor) => optim.minimize((x: Tensor) => sum(square(sub(halved(x), y))), zeros([3])).x;
    for (let round = 0; round < 2; round++) {
      const J = Array.from(jacrev(solve)(tensor([1, 2, 3])).data() as Float64Array);
      J.forEach((v, i) => void assert.ok(Math.abs(v - (i % 4 === 0 ? 4 : 0)) < 1e-5, `${J}`));
    }
  }));

test.run();
