// Programs that learn through nodes: a bi-level one, matching with a learnt cost, and blind PnP.
import {
  add,
  concat,
  div,
  expandDims,
  eye,
  log,
  matmul,
  mean,
  mul,
  nodes,
  optim,
  random,
  reshape,
  scope,
  slice,
  sqrt,
  square,
  stack,
  sub,
  sum,
  take,
  tensor,
  valueAndGrad,
} from 'cotangent';
import { lineChart } from './chart.mjs';

/** Steps of an optimizer from params; `observe(k, loss)` sees what was before step k. */
function train(f, params, optimizer, iterations, observe) {
  const step = valueAndGrad(f);
  const state = optimizer.init(params);
  for (let k = 0; k < iterations; k++)
    scope(() => {
      const { value, grad } = step(params, k);
      observe(k, value.item());
      optimizer.step(params, grad, state);
    });
}

/** (125) of the notes: A such that the least-squares solution becomes a given one, by gradient descent. */
export async function bilevel({ save, say, iterations }) {
  const count = iterations(1000, 50);
  const sizes = [10, 30, 100];
  const series = sizes.map((n) =>
    scope(() => {
      const draw = random(n);
      const [A, b, target] = [draw.normal([2 * n, n]), draw.normal([2 * n]), draw.normal([n])];
      const loss = (A) => mul(sum(square(sub(nodes.leastSquares(A, b), target))), 0.5);
      const points = [];
      train(loss, A, optim.sgd({ learningRate: 0.03 }), count, (k, value) => points.push([k, value]));
      return { name: `n = ${n}`, points };
    }),
  );
  await save(
    'bilevel',
    await lineChart({
      title: 'Learning A so that least squares gives a target',
      subtitle: 'gradient descent on ½ |x* - target|², A is 2n x n',
      series,
      x: { title: 'iteration' },
      y: { title: 'loss', log: true },
    }),
  );
  say('A bi-level program, (125): A is learnt until argmin |A x - b|² is a given vector.');
  for (const { name, points } of series)
    say(
      `  ${name}: loss ${points[0][1].toPrecision(3)} at first, ${points.at(-1)[1].toExponential(1)} at the end`,
    );
}

/** |a_i - b_j|² of rows, [..., m, n]. */
const distances = (a, b) => sum(square(sub(expandDims(a, -2), expandDims(b, -3))), { axis: -1 });
/** B lists of n points with features, again in another order and seen through a map H, with noise. */
function scenes(draw, H, { batch, n, noise }) {
  const d = H.shape[0];
  const features = draw.normal([batch, n, d]);
  const order = stack(Array.from({ length: batch }, () => draw.permutation(n)));
  const seen = add(matmul(features, H, { transposeB: true }), mul(draw.normal([batch, n, d]), noise));
  return { features, order, seen: permuted(seen, order) };
}

/** Rows of x [batch, n, d] in another order [batch, n] in each. */
function permuted(x, order) {
  const rows = order.toArray();
  return stack(
    rows.map((row, b) =>
      take(reshape(slice(x, [b], [b + 1]), x.shape.slice(1)), tensor(row, { dtype: 'i32' }), 0),
    ),
  );
}

/** The permutations as matrices [batch, n, n]: row i has its 1 where point i of the image comes from. */
const permutations = (order) => take(eye(order.shape[1]), order, 0);

/** The share of rows whose largest entry is where it should be. */
function accuracy(plan, order) {
  const [rows, right] = [plan.toArray().flat(), order.toArray().flat()];
  return rows.filter((row, i) => row.indexOf(Math.max(...row)) === right[i]).length / rows.length;
}

/** Optimal transport as a layer: the cost is learnt from permutations alone. */
export async function matching({ save, say, quick, iterations }) {
  const [n, d, batch, gamma] = [12, 6, 16, 1];
  const draw = random(5);
  const H = draw.normal([d, d]);
  const training = Array.from({ length: quick ? 1 : 8 }, () => scenes(draw, H, { batch, n, noise: 0.3 }));
  const test = scenes(draw, H, { batch: 2 * batch, n, noise: 0.3 });
  const planOf = (W, { features, seen }) =>
    nodes.optimalTransport(distances(seen, matmul(features, W, { transposeB: true })), { gamma });
  const wanted = training.map(({ order }) => permutations(order));
  const loss = (W, k) => {
    const i = k % training.length;
    // A plan has masses 1/n: n P is a matrix of probabilities, row by row.
    return mul(
      mean(sum(mul(log(add(mul(planOf(W, training[i]), n), 1e-12)), wanted[i]), { axis: [1, 2] })),
      -1 / n,
    );
  };
  const [losses, seen, unseen] = [[], [], []];
  const W = eye(d);
  const count = iterations(250, 20);
  const note = (k) => {
    const share = (set) => 100 * scope(() => accuracy(planOf(W, set), set.order));
    seen.push([k, share(training[0])]);
    unseen.push([k, share(test)]);
  };
  train(loss, W, optim.adam({ learningRate: 0.03 }), count, (k, value) => {
    losses.push([k, value]);
    if (k % 5 === 0) note(k);
  });
  note(count);
  await save(
    'matching',
    await lineChart({
      title: 'Matching with a learnt cost, optimal transport as a layer',
      subtitle: `${n} points with ${d} features, again in another order through an unknown map, with noise`,
      series: [
        { name: 'trained on', points: seen },
        { name: 'not seen before', points: unseen },
      ],
      x: { title: 'iteration' },
      y: { title: 'matches that are right, %', domain: [0, 100] },
    }),
  );
  say('Matching: the costs of a transport plan are learnt from given permutations.');
  say(
    `  loss ${losses[0][1].toFixed(2)} to ${losses.at(-1)[1].toFixed(2)}; right on lists not seen before: ${unseen[0][1].toFixed(0)} % to ${unseen.at(-1)[1].toFixed(0)} %`,
  );
}

/** B scenes of a camera: points in space with features, and their images, in another order and with features through H. */
function cameras(draw, H, { batch, n, noise, pixels }) {
  const base = scenes(draw, H, { batch, n, noise });
  const p3d = sub(mul(draw.uniform([batch, n, 3]), 2), 1);
  const theta = concat(
    [
      mul(draw.normal([batch, 3]), 0.4),
      mul(draw.normal([batch, 2]), 0.2),
      add(mul(draw.uniform([batch, 1]), 1.5), 3.5),
    ],
    1,
  );
  const X = inCamera(theta, p3d);
  const depth = slice(X, [0, 0, 2], [batch, n, 3]);
  const p2d = add(div(slice(X, [0, 0, 0], [batch, n, 2]), depth), mul(draw.normal([batch, n, 2]), pixels));
  return { ...base, p3d, theta, p2d: permuted(p2d, base.order) };
}

/** R x + t of points [batch, n, 3]. */
function inCamera(theta, p3d) {
  const [batch] = theta.shape;
  const R = nodes.rotationMatrix(slice(theta, [0, 0], [batch, 3]));
  return add(matmul(p3d, R, { transposeB: true }), expandDims(slice(theta, [0, 3], [batch, 6]), 1));
}

/** Degrees between the rotations of two poses [batch, 6], one number each. */
function degrees(a, b) {
  const [batch] = a.shape;
  const [R, S] = [a, b].map((theta) => nodes.rotationMatrix(slice(theta, [0, 0], [batch, 3])));
  const turn = nodes.rotationVector(matmul(R, S, { transposeA: true }));
  return Array.from(sqrt(sum(square(turn), { axis: 1 })).data(), (angle) => (angle * 180) / Math.PI);
}

/** Blind PnP from start to end: the features' map is learnt through the plan and the pose. */
export async function pose({ save, say, quick, iterations }) {
  const [n, d, gamma] = [10, 6, 1];
  const draw = random(8);
  // From the identity, where learning begins, about half of the first matches are right.
  const H = add(eye(d), mul(draw.normal([d, d]), 0.9));
  const settings = { batch: 8, n, noise: 0.1, pixels: 0.002 };
  const training = Array.from({ length: quick ? 1 : 6 }, () => cameras(draw, H, settings));
  const test = cameras(draw, H, { ...settings, batch: 32 });
  const costs = (W, { features, seen }) => distances(seen, matmul(features, W, { transposeB: true }));
  const options = { gamma, objective: 'cosine' };
  // Where the points come to lie in the camera, against where they are: near the true pose in training, from RANSAC in use.
  const loss = (W, k) => {
    const scene = training[k % training.length];
    const { theta } = nodes.blindPnp(scene.p2d, scene.p3d, costs(W, scene), {
      ...options,
      theta0: scene.theta,
    });
    return mean(sum(square(sub(inCamera(theta, scene.p3d), inCamera(scene.theta, scene.p3d))), { axis: -1 }));
  };
  const losses = [];
  const errors = { 'trained on': [], 'not seen before': [] };
  const right = [];
  const W = eye(d);
  const count = iterations(300, 6);
  const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const note = (k) =>
    scope(() => {
      for (const [name, list] of Object.entries({ 'trained on': training, 'not seen before': [test] })) {
        const found = list.map((scene) => nodes.blindPnp(scene.p2d, scene.p3d, costs(W, scene), options));
        errors[name].push([k, median(found.flatMap(({ theta }, i) => degrees(theta, list[i].theta)))]);
        if (list[0] === test) right.push([k, 100 * accuracy(found[0].plan, test.order)]);
      }
    });
  train(loss, W, optim.adam({ learningRate: 0.02 }), count, (k, value) => {
    losses.push([k, value]);
    if (k % 10 === 0) note(k);
  });
  note(count);
  await save(
    'pose',
    await lineChart({
      title: 'Blind PnP, features learnt through plan and pose',
      subtitle: `${n} points, ${d} features; the cameras are found without a start, from the plan alone`,
      series: Object.entries(errors).map(([name, points]) => ({ name, points })),
      x: { title: 'iteration' },
      y: { title: 'median error of the rotation, degrees', log: true, format: '~g' },
    }),
  );
  const ends = errors['not seen before'];
  say('Blind PnP: the map of features is learnt from poses alone, through optimal transport and PnP.');
  say(
    `  loss ${losses[0][1].toPrecision(2)} to ${losses.at(-1)[1].toPrecision(2)}; not seen before: rotation off by ${ends[0][1].toFixed(1)} to ${ends.at(-1)[1].toFixed(2)} degrees, ` +
      `matches right ${right[0][1].toFixed(0)} % to ${right.at(-1)[1].toFixed(0)} %`,
  );
}
