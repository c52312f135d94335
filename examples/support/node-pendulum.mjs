// A pendulum whose parameters are learnt from how it is steered: derivatives of optimal controls.
import {
  add,
  concat,
  div,
  mean,
  mul,
  nodes,
  optim,
  reshape,
  scope,
  sin,
  slice,
  square,
  sub,
  sum,
  tensor,
  valueAndGrad,
} from 'cotangent';
import { lineChart } from './chart.mjs';

const STEP = 0.1;
const HORIZON = 20;

/** Entry i of the last axis, which stays. */
const entry = (x, i) => slice(x, [...Array(x.ndim - 1).fill(0), i], [...x.shape.slice(0, -1), i + 1]);
const number = (theta, i) => reshape(slice(theta, [i], [i + 1]), []);

/** One step of a pendulum with a motor; theta is (gravity / length, damping), x the angle from below and the speed. */
function dynamics(x, u, theta) {
  const [angle, speed] = [entry(x, 0), entry(x, 1)];
  const force = sub(sub(u, mul(number(theta, 0), sin(angle))), mul(number(theta, 1), speed));
  const next = add(speed, mul(force, STEP));
  return concat([add(angle, mul(next, STEP)), next], -1);
}

/** Where the pendulum is to stand still, an angle from below. */
const GOAL = 2;

/** How far states are from there, the speed counting less. */
const fromGoal = (x) => sum(mul(square(sub(x, tensor([GOAL, 0]))), tensor([1, 0.1])), { axis: -1 });

/** From below to the goal, to be held there: soon, and with little force. */
const lift = (horizon) =>
  nodes.optimalControl({
    horizon,
    controlSize: 1,
    dynamics,
    cost: (x, u) => add(mul(sum(square(u), { axis: -1 }), 5e-4), fromGoal(x)),
    finalCost: fromGoal,
  });

/** The angles of a pendulum from below under given controls. */
function angles(theta, start, controls) {
  const [g, damping] = theta;
  let [angle, speed] = start;
  const list = [angle];
  for (const u of controls) {
    speed += STEP * (u - g * Math.sin(angle) - damping * speed);
    angle += STEP * speed;
    list.push(angle);
  }
  return list;
}

/** Learns the parameters of a pendulum from the controls that are best for it. */
export async function pendulum({ save, say, iterations }) {
  const node = lift(HORIZON);
  const truth = tensor([9.8, 0.4]);
  const starts = tensor([
    [0.1, 0],
    [0.6, 0],
    [-0.8, 0.5],
  ]);
  const shown = node(truth, starts);
  // In units in which both move alike.
  const units = tensor([3, 0.3]);
  const scaled = tensor([2, 0]);
  const first = Array.from(mul(scaled, units).data());
  // Each plan begins with the last one, so that it stays near.
  let plan = node(mul(scaled, units), starts, shown.controls);
  const loss = (scaled) => {
    const { states, controls } = node(mul(scaled, units), starts, plan.controls);
    return add(mean(square(sub(states, shown.states))), mean(square(sub(controls, shown.controls))));
  };
  const before = plan;
  const step = valueAndGrad(loss);
  const optimizer = optim.adam({ learningRate: 0.1 });
  const state = optimizer.init(scaled);
  const losses = [];
  const off = [];
  const count = iterations(150, 5);
  for (let k = 0; k < count; k++) {
    scope(() => {
      const { value, grad } = step(scaled);
      losses.push([k, value.item()]);
      off.push([
        k,
        Math.max(
          ...div(sub(mul(scaled, units), truth), truth)
            .data()
            .map(Math.abs),
        ),
      ]);
      optimizer.step(scaled, grad, state);
    });
    plan = node(mul(scaled, units), starts, plan.controls);
  }
  await save(
    'pendulum-loss',
    await lineChart({
      title: "A pendulum's gravity and damping, learnt from demonstrations",
      subtitle: `three lifts of ${HORIZON} steps; derivatives through optimal control`,
      series: [
        { name: 'loss: mean squares of states and controls', points: losses },
        { name: 'largest relative error of a parameter', points: off },
      ],
      x: { title: 'iteration' },
      y: { title: '', log: true },
      columns: 1,
    }),
  );
  const real = Array.from(truth.data());
  const swing = ({ controls }) => angles(real, [0.1, 0], Array.from(controls.data().subarray(0, HORIZON)));
  const learnt = Array.from(mul(scaled, units).data());
  const text = (values) => `gravity / length ${values[0].toFixed(2)}, damping ${values[1].toFixed(2)}`;
  await save(
    'pendulum',
    pendulums('The real pendulum, steered as planned with these parameters', [
      { title: 'before learning', text: text(first), angles: swing(before) },
      { title: 'after learning', text: text(learnt), angles: swing(plan) },
      { title: 'as demonstrated', text: text(real), angles: swing(shown) },
    ]),
  );
  say('A pendulum: gravity and damping are learnt from demonstrations, through optimal control.');
  say(
    `  loss ${losses[0][1].toPrecision(2)} to ${losses.at(-1)[1].toExponential(1)}; ${text(first)} to ${text(learnt)} (true: ${text(real)})`,
  );
}

/** Moving pictures of pendulums side by side; what does not move shows every third frame, the later the darker. */
function pendulums(title, panels) {
  const [size, length, head] = [236, 82, 62];
  const seconds = panels[0].angles.length * STEP;
  const colours = ['#c8500a', '#17549e', '#2b7d4f'];
  const words = (x, y, size, text, fill = '#111827') =>
    `<text x="${x}" y="${y}" font-size="${size}" text-anchor="middle" fill="${fill}">${text}</text>`;
  const degrees = (angle) => ((-angle * 180) / Math.PI).toFixed(2);
  const rod = (colour, width) =>
    `<line y2="${length}" stroke="${colour}" stroke-width="${width}" stroke-linecap="round"/><circle cy="${length}" r="9" fill="${colour}"/>`;
  const drawn = panels.map(({ title: name, text, angles }, i) => {
    const colour = colours[i % colours.length];
    const ghosts = angles
      .map((angle, k) => [angle, k])
      .filter(([, k]) => k % 3 === 0)
      .map(
        ([angle, k]) =>
          `<g transform="rotate(${degrees(angle)})" opacity="${(0.05 + (0.25 * k) / angles.length).toFixed(3)}">${rod(colour, 3)}</g>`,
      );
    // The last frame stays for a while.
    const values = [...angles, ...Array(10).fill(angles.at(-1))].map(degrees).join(';');
    return [
      `<g transform="translate(${size * (i + 0.5)} ${head + size / 2 - 10})">`,
      `<circle r="${length}" fill="none" stroke="#e3e6ec"/>`,
      `<line y2="${length}" stroke="#5c6270" stroke-dasharray="4 4" transform="rotate(${degrees(GOAL)})"/>`,
      ...ghosts,
      `<g transform="rotate(${degrees(angles.at(-1))})">${rod(colour, 4)}`,
      `<animateTransform attributeName="transform" type="rotate" values="${values}" dur="${(seconds + 1).toFixed(1)}s" repeatCount="indefinite"/></g>`,
      '<circle r="4" fill="#111827"/>',
      words(0, size / 2 + 2, 13, name),
      words(0, size / 2 + 19, 11, text, '#5c6270'),
      '</g>',
    ].join('\n');
  });
  const [width, height] = [size * panels.length, head + size + 30];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif">`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="16" y="26" font-size="15" font-weight="bold" fill="#111827">${title}</text>`,
    `<text x="16" y="44" font-size="12" fill="#5c6270">from below to ${((GOAL * 180) / Math.PI).toFixed(0)}° in ${(HORIZON * STEP).toFixed(0)} seconds; pale: every third frame; dashed: the goal</text>`,
    ...drawn,
    '</svg>',
  ].join('\n');
}
