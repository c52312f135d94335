// optimalControl: plans for a pendulum from zeros and from plans for other parameters are found, whatever these are.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { add, concat, mul, nodes, sin, square, sub, sum, type Tensor, tensor } from '#src/index.js';
import { property } from '../support/check.js';
import { last, pick, type Report } from './control-problems.js';

const test = suite('optimalControl: convergence');

interface Setup {
  T: number;
  effort: number;
  end: number;
  run: number;
  goal: number;
  speed?: number;
  implicit?: boolean;
}

/** A damped pendulum with a motor, to be brought to an angle. */
function planner({ T, effort, end, run, goal, speed = 1, implicit = true }: Setup) {
  const reports: Report[] = [];
  const away = (x: Tensor) => sum(mul(square(sub(x, tensor([goal, 0]))), tensor([1, speed])), { axis: -1 });
  const node = nodes.optimalControl({
    horizon: T,
    controlSize: 1,
    throws: false,
    onSolve: (report) => void reports.push(report),
    dynamics: (x, u, theta) => {
      const [a, s] = [last(x, 0), last(x, 1)];
      const force = sub(sub(u, mul(pick(theta, 0), sin(a))), mul(pick(theta, 1), s));
      const next = add(s, mul(force, 0.1));
      return concat([add(a, mul(implicit ? next : s, 0.1)), next], -1);
    },
    cost: (x, u) => add(sum(mul(square(u), effort), { axis: -1 }), mul(away(x), run)),
    finalCost: (x) => mul(away(x), end),
  });
  return { node, reports };
}

/** Fails if one of the solves has not converged, or took long. */
function check(reports: readonly Report[], most: number): void {
  for (const { converged, iterations } of reports)
    assert.ok(converged && iterations <= most, `${iterations} iterations, converged: ${converged}`);
}

test('a plan for other parameters as the start, far from the one that is sought', () => {
  const { node, reports } = planner({ T: 30, effort: 0.002, end: 1, run: 1, goal: 1.57, speed: 0.1 });
  const start = tensor([0.1, 0]);
  const { controls } = node(tensor([9.8, 0.4]), start);
  node(tensor([8.5, 0.4]), start, controls);
  const up = planner({ T: 30, effort: 0.05, end: 20, run: 0, goal: Math.PI });
  const swing = up.node(tensor([9.8, 0.4]), tensor([0.6, 0])).controls;
  up.node(tensor([11, 0.5]), tensor([0.6, 0]), swing);
  check([...reports, ...up.reports], 80);
});

test('a start at rest at 0: no state has a size yet', () => {
  for (const implicit of [true, false]) {
    const { node, reports } = planner({ T: 40, effort: 0.05, end: 20, run: 0, goal: Math.PI, implicit });
    node(tensor([9.8, 0.4]), tensor([0, 0]));
    check(reports, 50);
  }
});

test('random pendulums, from zeros and from the plan for other parameters', () => {
  const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  property(
    fc.record({
      T: fc.constantFrom(10, 20, 30, 40),
      effort: real(0.002, 0.2),
      end: real(0.5, 50),
      run: fc.constantFrom(0, 1, 0.1),
      goal: fc.constantFrom(Math.PI, 1.57, -1),
      implicit: fc.boolean(),
      angle: real(-1, 1),
      gravity: real(6, 12),
      other: real(-2, 2),
    }),
    ({ angle, gravity, other, ...setup }) => {
      const { node, reports } = planner(setup);
      const start = tensor([angle, 0]);
      const { controls } = node(tensor([gravity, 0.4]), start);
      node(tensor([gravity + other, 0.3]), start, controls);
      check(reports, 150);
    },
    40,
  );
});

test.run();
