// Running time and memory of nodes beside derivatives that go through a solver: figures 34, 36, 37 and 38 of the notes.
import {
  add,
  concat,
  div,
  dot,
  exp,
  expandDims,
  eye,
  linalg,
  logsumexp,
  matmul,
  memory,
  mul,
  nodes,
  ones,
  random,
  scope,
  slice,
  sub,
  sum,
  transpose,
  vjp,
  zeros,
} from 'cotangent';
import { barChart, lineChart } from './chart.mjs';

const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];

/**
 * Seconds of each of some functions, and of the part of it that it gives: medians of runs that take turns, so that a busy
 * moment meets them all.
 */
function seconds(functions, patience, most = 200) {
  const runs = functions.map(() => []);
  const end = performance.now() + 1000 * patience;
  for (const f of functions) f();
  for (let round = 0; round < 3 || (performance.now() < end && round < most); round++)
    functions.forEach((f, i) => {
      const start = performance.now();
      const part = f();
      runs[i].push([performance.now() - start, part]);
    });
  const medianOf = (list, k) => median(list.map((run) => run[k])) / 1000;
  return runs.map((list) => ({ whole: medianOf(list, 0), part: medianOf(list, 1) }));
}

const wholes = (...args) => seconds(...args).map(({ whole }) => whole);

/** Forward and back, which gives the milliseconds of the way back; and what is kept between them, in bytes. */
const forwardAndBack = (f, args) => () => {
  let back;
  scope(() => {
    const { value, pullback, dispose } = vjp(f, ...args);
    const v = ones(value.shape);
    const start = performance.now();
    pullback(v);
    back = performance.now() - start;
    dispose();
  });
  return back;
};
function kept(f, args) {
  const before = memory().bytes;
  const { value, dispose } = vjp(f, ...args);
  value.dispose();
  const bytes = memory().bytes - before;
  dispose();
  return bytes;
}

/** Times and bytes of some functions over problems of growing size; a method that takes too long is left out from there on. */
function study(sizes, problem, methods, patience, limit = 1) {
  const points = Object.fromEntries(
    Object.keys(methods).map((name) => [name, { time: [], back: [], bytes: [] }]),
  );
  const open = new Set(Object.keys(methods));
  // The engine compiles what runs often; that is not what is measured.
  const first = problem(sizes[0]);
  seconds(
    Object.values(methods).map((f) => forwardAndBack(f, first)),
    patience,
    2000,
  );
  for (const n of sizes) {
    const args = problem(n);
    const names = [...open];
    const found = seconds(
      names.map((name) => forwardAndBack(methods[name], args)),
      patience,
    );
    names.forEach((name, i) => {
      points[name].time.push([n, found[i].whole]);
      points[name].back.push([n, found[i].part]);
      points[name].bytes.push([n, kept(methods[name], args)]);
      if (found[i].whole > limit) open.delete(name);
    });
    for (const x of args) x.dispose();
  }
  return points;
}

const last = (points) => points.at(-1)[1];
const times = (value) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} times`;

/** What a method takes, to what another takes, at one size. */
function ratios(method, other, k = method.time.length - 1) {
  const ratio = (what) => times(method[what][k][1] / other[what][k][1]);
  return `${ratio('time')} the time (backward alone ${ratio('back')}), ${ratio('bytes')} the memory`;
}

/** Pictures of times and of bytes. */
async function pictures(save, name, title, points) {
  const series = (what, factor) =>
    Object.entries(points).map(([method, found]) => ({
      name: method,
      points: found[what].map(([n, v]) => [n, v * factor]),
    }));
  const x = { title: 'n', log: true, format: 'd' };
  const look = { title, marked: true, columns: 2, x };
  await save(
    `${name}-time`,
    await lineChart({
      ...look,
      subtitle: 'forward and backward together, median',
      series: series('time', 1000),
      y: { title: 'milliseconds', log: true, format: '~g' },
    }),
  );
  await save(
    `${name}-backward`,
    await lineChart({
      ...look,
      subtitle: 'backward alone, median',
      series: series('back', 1000),
      y: { title: 'milliseconds', log: true, format: '~g' },
    }),
  );
  await save(
    `${name}-memory`,
    await lineChart({
      ...look,
      subtitle: 'what is kept between forward and backward',
      series: series('bytes', 1 / 1024),
      y: { title: 'KB', log: true, format: '~s' },
    }),
  );
}

/** Least squares by conjugate gradients on AᵀA x = Aᵀb, to be differentiated as they ran. */
function conjugateGradients(A, b) {
  const n = A.shape[1];
  let [x, r] = [zeros([n]), matmul(A, b, { transposeA: true })];
  let p = r;
  let size = dot(r, r);
  const enough = 1e-20 * size.item();
  for (let k = 0; k < 2 * n && size.item() > enough; k++) {
    const image = matmul(A, matmul(A, p), { transposeA: true });
    const step = div(size, dot(p, image));
    x = add(x, mul(step, p));
    r = sub(r, mul(step, image));
    const next = dot(r, r);
    p = add(r, mul(div(next, size), p));
    size = next;
  }
  return x;
}

/** Figure 34. */
export async function leastSquaresTimes({ save, say, quick }) {
  const points = study(
    quick ? [10, 20] : [10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100],
    (n) => [random(n).normal([2 * n, n]), random(n + 1).normal([2 * n])],
    {
      'implicit: nodes.leastSquares': (A, b) => nodes.leastSquares(A, b),
      'through qr': (A, b) => {
        const { q, r } = linalg.qr(A);
        return linalg.solveTriangular(r, matmul(q, b, { transposeA: true }), { lower: false });
      },
      'unrolled conjugate gradients': conjugateGradients,
    },
    quick ? 0.01 : 0.4,
  );
  await pictures(save, 'least-squares', 'Differentiable least squares, A is 2n x n', points);
  const [node, qr, cg] = Object.values(points);
  say('Figure 34, least squares. The notes: the node is clearly faster and takes less memory.');
  say(
    `  n = ${node.time.at(-1)[0]}, to the node's: through qr ${ratios(qr, node)}; unrolled conjugate gradients ${ratios(cg, node)}`,
  );
}

/** Sinkhorn's method in logarithms until the marginals hold to 1e-9, to be differentiated as it ran. */
function sinkhorn(M, gamma) {
  const [m, n] = M.shape;
  const K = mul(M, -gamma);
  let v = zeros([n]);
  let u;
  for (let sweep = 0; sweep < 1000; sweep++) {
    u = sub(-Math.log(m), logsumexp(add(K, v), { axis: 1 }));
    v = sub(-Math.log(n), logsumexp(add(K, expandDims(u, 1)), { axis: 0 }));
    if (sweep % 5 === 4) {
      const rows = scope(() => sum(exp(add(add(K, expandDims(u, 1)), v)), { axis: 1 })).data();
      if (rows.every((row) => Math.abs(row * m - 1) < 1e-9)) break;
    }
  }
  return exp(add(add(K, expandDims(u, 1)), v));
}

/** Figures 36 and 37. */
export async function transportTimes({ save, say, quick }) {
  const methods = Object.fromEntries(
    [10, 50].flatMap((gamma) => [
      [`implicit, gamma = ${gamma}`, (M) => nodes.optimalTransport(M, { gamma })],
      [`unrolled Sinkhorn, gamma = ${gamma}`, (M) => sinkhorn(M, gamma)],
    ]),
  );
  const points = study(
    quick ? [10, 20] : [5, 10, 20, 50, 100, 200],
    (n) => [random(n).uniform([n, n])],
    methods,
    quick ? 0.01 : 1,
    2,
  );
  await pictures(save, 'transport', 'Differentiable optimal transport, n x n random costs', points);
  say(
    'Figures 36 and 37, optimal transport. The notes: much faster than automatic differentiation, and far less memory.',
  );
  const found = Object.values(points);
  for (const [i, gamma] of [10, 50].entries()) {
    const [node, unrolled] = found.slice(2 * i);
    const at = unrolled.time.length - 1;
    for (const k of new Set([Math.min(2, at), at]))
      say(`  gamma = ${gamma}, n = ${node.time[k][0]}: unrolled to implicit ${ratios(unrolled, node, k)}`);
  }
}

/** The cotangent of X, with a linear system of n + 1 unknowns for every eigenvector. */
function naiveEigenPullback(X, { values, vectors }, v) {
  const n = X.shape[0];
  return scope(() => {
    const identity = eye(n);
    let total = zeros([n, n]);
    for (let j = 0; j < n; j++) {
      const column = slice(vectors, [0, j], [n, j + 1]);
      const shifted = sub(X, mul(identity, slice(values, [j], [j + 1])));
      const bordered = concat([concat([shifted, column], 1), concat([transpose(column), zeros([1, 1])], 1)]);
      const side = concat([slice(v, [0, j], [n, j + 1]), zeros([1, 1])]);
      const w = slice(linalg.solve(bordered, side), [0, 0], [n, 1]);
      total = sub(total, matmul(w, column, { transposeB: true }));
    }
    return mul(add(total, transpose(total)), 0.5);
  });
}

/** Figure 38. */
export async function eigenTimes({ save, say, quick }) {
  const sizes = quick ? [10, 20] : [10, 20, 50, 100, 150, 200, 300];
  const patience = quick ? 0.01 : 0.4;
  const symmetric = (n) => random(n).normal([n, n]);
  const forward = [];
  const backward = [];
  for (const n of sizes)
    scope(() => {
      const X = symmetric(n);
      const v = random(1).normal([n, n]);
      const { pullback } = vjp((X) => nodes.eigh(X).vectors, X);
      const [there, back] = wholes(
        [() => scope(() => void nodes.eigh(X)), () => scope(() => void pullback(v))],
        patience,
      );
      forward.push([n, 1000 * there]);
      backward.push([n, 1000 * back]);
    });
  await save(
    'eigen-time',
    await lineChart({
      title: 'Differentiable eigendecomposition, n x n',
      subtitle: 'nodes.eigh, all values and vectors, median',
      marked: true,
      series: [
        { name: 'forward', points: forward },
        { name: 'backward', points: backward },
      ],
      x: { title: 'n', log: true, format: 'd' },
      y: { title: 'milliseconds', log: true, format: '~g' },
    }),
  );
  say('Figure 38, left. The notes: most of the work is forward, backward takes about half of it.');
  say(`  n = ${sizes.at(-1)}: backward takes ${(last(backward) / last(forward)).toFixed(2)} of forward`);

  const n = quick ? 20 : 100;
  const { relative, difference } = scope(() => {
    const X = symmetric(n);
    const S = mul(add(X, transpose(X)), 0.5);
    const v = random(1).normal([n, n]);
    const node = vjp((X) => nodes.eigh(X).vectors, S);
    const row = vjp((X) => linalg.eigh(X).vectors, S);
    const found = nodes.eigh(S);
    const [there, ...back] = wholes(
      [
        () => scope(() => void nodes.eigh(S)),
        () => scope(() => void node.pullback(v)),
        () => scope(() => void row.pullback(v)),
        () => naiveEigenPullback(S, found, v).dispose(),
      ],
      2 * patience,
    );
    const [a, b] = [node.pullback(v)[0], naiveEigenPullback(S, found, v)].map((g) => g.data());
    const size = Math.max(...a.map(Math.abs));
    return {
      relative: back.map((time) => time / there),
      difference: Math.max(...a.map((x, i) => Math.abs(x - b[i]))) / size,
    };
  });
  await save(
    'eigen-backward',
    await barChart({
      title: `Backward passes of the eigendecomposition, n = ${n}`,
      subtitle: 'time relative to the forward pass of nodes.eigh',
      bars: ['nodes.eigh', 'linalg.eigh', 'a linear system per eigenvector'].map((name, i) => ({
        name,
        value: relative[i],
      })),
      x: { title: 'time / time of the forward pass', log: true, format: '.2~f' },
    }),
  );
  say(
    'Figure 38, right. The notes: a naive backward pass takes over 100 times as long as the efficient one.',
  );
  say(
    `  n = ${n}: nodes.eigh ${relative[0].toFixed(2)}, linalg.eigh ${relative[1].toFixed(2)}, a system per eigenvector ${relative[2].toFixed(1)} of forward: ` +
      `${times(relative[2] / relative[0])} nodes.eigh (gradients agree to ${difference.toExponential(0)})`,
  );
}
