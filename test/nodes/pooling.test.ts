// Robust pooling: against a search on a fine grid, derivatives against differences, the minimum that init chooses, no curvature,
// batches, errors.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  ConvergenceError,
  compile,
  grad,
  mul,
  nodes,
  ShapeError,
  SingularMatrixError,
  scope,
  sum,
  type Tensor,
  tensor,
  vjp,
  zeros,
} from '#src/index.js';
import { near, numbers, property, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

const { robustPool } = nodes;
type Kind = 'quadratic' | 'pseudoHuber' | 'huber' | 'welsch' | 'truncatedQuadratic';
const kinds: Kind[] = ['quadratic', 'pseudoHuber', 'huber', 'welsch', 'truncatedQuadratic'];
const list = (x: Tensor) => Array.from(x.toTypedArray());

const phi: Record<Kind, (z: number, a: number) => number> = {
  quadratic: (z) => (z * z) / 2,
  pseudoHuber: (z, a) => a * a * (Math.sqrt(1 + (z * z) / (a * a)) - 1),
  huber: (z, a) => (Math.abs(z) <= a ? (z * z) / 2 : a * (Math.abs(z) - a / 2)),
  welsch: (z, a) => 1 - Math.exp(-(z * z) / (2 * a * a)),
  truncatedQuadratic: (z, a) => Math.min(z * z, a * a) / 2,
};
const cost = (kind: Kind, x: number[], a: number, y: number) =>
  x.reduce((p, v) => p + phi[kind](y - v, a), 0);

/** Downhill from `start` in tiny steps, then by thirds. */
function descend(kind: Kind, x: number[], a: number, start: number): number {
  const f = (y: number) => cost(kind, x, a, y);
  const h = 1e-3 * a;
  const side = f(start + h) < f(start - h) ? h : -h;
  let y = start;
  for (let k = 0; k < 30_000 && f(y + side) < f(y); k++) y += side;
  let [low, high] = [y - h, y + h];
  for (let k = 0; k < 200; k++) {
    const [p, q] = [low + (high - low) / 3, high - (high - low) / 3];
    if (f(p) < f(q)) high = q;
    else low = p;
  }
  return (low + high) / 2;
}

test('the minimum, downhill from init', () => {
  const row = fc.record({
    x: fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 9 }),
    alpha: fc.constantFrom(0.5, 1, 2, 20),
    init: fc.double({ min: -2, max: 2, noNaN: true }),
  });
  property(
    row,
    ({ x, alpha, init }) => {
      scope(() => {
        for (const kind of kinds) {
          const y = robustPool(tensor(x), { penalty: kind, alpha, init }).item();
          // Steps of the search must not jump over the end of a plateau.
          const isAtEdge = (at: number) => x.some((v) => Math.abs(Math.abs(at - v) - alpha) < 0.01 * alpha);
          if (kind === 'truncatedQuadratic' && (isAtEdge(y) || isAtEdge(init))) continue;
          const value = cost(kind, x, alpha, y);
          if (kind === 'welsch' || kind === 'truncatedQuadratic') {
            const want = descend(kind, x, alpha, init);
            // Near the top of a hill both sides are downhill.
            const flank = Math.abs(
              cost(kind, x, alpha, init + 1e-3 * alpha) - cost(kind, x, alpha, init - 1e-3 * alpha),
            );
            if (flank > 1e-5)
              assert.ok(
                Math.abs(y - want) < 1e-4 || value <= cost(kind, x, alpha, want) + 1e-12,
                `${kind}: ${y}, ${want}`,
              );
          }
          for (const step of [1e-5, 1e-3])
            for (const side of [-step, step])
              assert.ok(
                cost(kind, x, alpha, y + side * alpha) >= value - 1e-12,
                `${kind}: no minimum at ${y}`,
              );
        }
      });
    },
    200,
  );
});

test('the better of the minima from mean and median is the default', () => {
  scope(() => {
    const x = [0, 0.1, -0.1, 5, 5.1, 5.05, 4.95, 20];
    for (const penalty of ['welsch', 'truncatedQuadratic'] as const) {
      const y = robustPool(tensor(x), { penalty, alpha: 0.5 }).item();
      near([y], [5.025], 1e-3);
      near([robustPool(tensor(x), { penalty, alpha: 0.5, init: 0.2 }).item()], [0], 1e-3);
      near(list(robustPool(tensor(x), { penalty, alpha: 0.5, init: tensor([0.2, 19.9]) })), [0, 20], 1e-3);
      // Far from everything Welsch's penalty still has a slope.
      if (penalty === 'welsch')
        near([robustPool(tensor(x), { penalty, alpha: 0.5, init: 1e4 }).item()], [20], 1e-6);
    }
    // From the top between two points.
    const two = robustPool(tensor([-3, 3]), { penalty: 'welsch', init: 0 }).item();
    near([Math.abs(two)], [3], 1e-6);
  });
});

test('derivatives in x and alpha, to second order', () => {
  for (const penalty of kinds)
    for (const seed of [1, 2]) {
      const x = numbers(7, seed).map((v) => 1.3 * v);
      const f = (z: Tensor, alpha: Tensor) => robustPool(z, { penalty, alpha, init: 0.1 });
      try {
        checkDerivatives(f, [tensor(x), tensor(0.9)], { tolerance: 1e-5 });
        checkDerivatives(f, [tensor([x, x.map((v) => v * v)]), tensor([0.9, 2])], { tolerance: 1e-5 });
      } catch (error) {
        (error as Error).message += ` [${penalty}, ${seed}]`;
        throw error;
      }
    }
});

test('points at distance alpha count as near', () => {
  scope(() => {
    const third = [1 / 3, 1 / 3, 1 / 3];
    near(list(grad((x: Tensor) => robustPool(x))(tensor([0, 0, 1.5]))), third, 1e-15);
    near(list(grad((x: Tensor) => robustPool(x, { alpha: 0.1 }))(tensor([0, 0, 0.15]))), third, 1e-15);
  });
});

test('no curvature is no derivative', () => {
  scope(() => {
    const bad = (f: () => unknown, text: RegExp) => rejects(() => scope(f), SingularMatrixError, text);
    near([robustPool(tensor([0, 10])).item()], [5], 0);
    bad(() => grad((x: Tensor) => robustPool(x))(tensor([0, 10])), /robustPool: .*not unique/);
    bad(
      () =>
        grad((x: Tensor) => sum(robustPool(x)))(
          tensor([
            [0, 0.5, 1, 2],
            [0, 0.1, 8, 9],
          ]),
        ),
      /not unique.*problem 1 of 2/,
    );
    bad(
      () => grad((x: Tensor) => robustPool(x, { penalty: 'truncatedQuadratic', init: 5 }))(tensor([0, 10])),
      /unique/,
    );
    bad(() => {
      const plan = compile(grad((x: Tensor) => robustPool(x)));
      try {
        plan(tensor([0, 10]));
      } finally {
        plan.dispose();
      }
    }, /unique/);
  });
});

test('entries of any size', () => {
  scope(() => {
    for (const penalty of kinds) {
      const x = [0.1, -0.3, 0.25, 0.4, 8];
      for (const scale of [1e-300, 1e-150, 1e150, 1e300]) {
        const f = (s: number) => {
          const g = (z: Tensor, alpha: Tensor) => robustPool(z, { penalty, alpha });
          const { value, pullback } = vjp(g, tensor(x.map((v) => v * s)), tensor(s));
          return [value.item() / s, ...pullback(tensor(1)).flatMap(list)];
        };
        near(f(scale), f(1), 1e-13, `${penalty} ${scale}`);
      }
      near([robustPool(tensor([0.1, 0.1, 0.1]), { penalty }).item()], [0.1], 1e-16);
      near([robustPool(tensor([-2]), { penalty }).item()], [-2], 0);
      assert.ok(Number.isFinite(robustPool(tensor([1e200, -1e200, 3]), { penalty, alpha: 1e-100 }).item()));
    }
  });
});

test('batches, empty batches, plans, f32, reports', () => {
  scope(() => {
    const x = tensor(numbers(12, 5), { shape: [3, 4] });
    for (const penalty of kinds) {
      const [alpha, V] = [tensor(0.7), tensor([1, -2, 0.5])];
      const f = (z: Tensor, a: Tensor) => robustPool(z, { penalty, alpha: a });
      const { value, pullback } = vjp(f, x, alpha);
      const [gx, ga] = pullback(V);
      let total = 0;
      for (let k = 0; k < 3; k++) {
        const one = vjp(f, tensor(list(x).slice(4 * k, 4 * k + 4)), alpha);
        near([list(value)[k]], [one.value.item()], 0, penalty);
        const [hx, ha] = one.pullback(tensor(list(V)[k]));
        near(list(gx).slice(4 * k, 4 * k + 4), list(hx), 1e-15, penalty);
        total += ha.item();
      }
      near(list(ga), [total], 1e-13, penalty);
      assert.equal(robustPool(zeros([2, 0, 4]), { penalty }).shape, [2, 0]);
      const reports: object[] = [];
      const loss = (z: Tensor, a: Tensor) =>
        sum(mul(V, robustPool(z, { penalty, alpha: a, onSolve: (report) => void reports.push(report) })));
      const plan = compile(grad(loss, [0, 1]));
      const [px, pa] = plan(x, alpha);
      near([...list(px), ...list(pa)], [...list(gx), ...list(ga)], 1e-13, penalty);
      plan.dispose();
      assert.is(reports.length, 1);
      const { residuals, iterations, ...rest } = reports[0] as never as Record<string, never>;
      assert.equal(rest, { node: 'robustPool', problems: 3, converged: true });
      assert.equal(Object.keys(residuals), ['stationarity']);
      assert.ok(penalty === 'quadratic' ? iterations === 0 : iterations >= 0);
      const single = robustPool(tensor(list(x), { shape: [3, 4], dtype: 'f32' }), { penalty, alpha: 0.7 });
      assert.is(single.dtype, 'f32');
      near(list(single), list(value), 1e-6, penalty);
    }
  });
});

test('errors', () => {
  const bad = (f: () => unknown, kind: new (...args: never[]) => Error, text: RegExp) =>
    rejects(() => scope(f), kind as never, text);
  const x = () => tensor([1, 2, 9]);
  bad(() => robustPool(x(), { alpha: 0 }), ArgumentError, /alpha must be finite and above 0, got 0/);
  bad(() => robustPool(x(), { penalty: 'l1' as never }), ArgumentError, /penalty/);
  bad(() => robustPool(tensor([1, Number.NaN])), ArgumentError, /x must be finite/);
  bad(() => robustPool(x(), { penalty: 'welsch', init: Number.NaN }), ArgumentError, /init/);
  bad(() => robustPool(zeros([2, 0])), ShapeError, /n >= 1/);
  bad(() => robustPool(tensor(1)), ShapeError, /x/);
  bad(
    () => robustPool(x(), { penalty: 'pseudoHuber', alpha: 0.1, maxIterations: 1 }),
    ConvergenceError,
    /robustPool/,
  );
  const rough = (z: Tensor) =>
    robustPool(z, { penalty: 'pseudoHuber', alpha: 0.1, maxIterations: 1, throws: false });
  bad(() => grad(rough)(x()), ConvergenceError, /derivative/);
});

test.run();
