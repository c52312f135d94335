// gpu.sinkhorn against loops in f64, one step of the solver on the CPU, and its solution.
import * as gpu from '#src/gpu/index.js';
import { optimalTransport } from '#src/nodes/transport/optimal-transport.js';
import { both, type Checks, compare, owning, random, sizeOf, values } from './checks.js';

/** One step for a problem, in f64. */
function step(M: number[][], gamma: number, r: number[], c: number[], beta: number[]) {
  const logsumexp = (row: number[]) => {
    const top = Math.max(...row);
    if (top === -Infinity) return top;
    return top + Math.log(row.reduce((sum, v) => sum + Math.exp(v - top), 0));
  };
  const alpha = r.map((mass, i) => Math.log(mass) - logsumexp(beta.map((b, j) => b - gamma * M[i][j])));
  return {
    alpha,
    beta: c.map((mass, j) => Math.log(mass) - logsumexp(alpha.map((a, i) => a - gamma * M[i][j]))),
  };
}

const masses = (own: Parameters<typeof random>[0], shape: number[], seed: number) => {
  const [host, there] = random(own, shape, seed);
  const all = host.data();
  const n = shape[shape.length - 1];
  const values = Array.from(all, (v) => 1.2 + v);
  const sums = values.map((_, i) => values.slice(n * Math.floor(i / n), n * Math.floor(i / n) + n));
  there.dispose();
  return both(
    own,
    values.map((v, i) => v / sums[i].reduce((a, b) => a + b)),
    shape,
  );
};

const CASES: readonly [batch: number[], m: number, n: number, gamma: number, iterations: number][] = [
  [[], 1, 1, 1, 1],
  [[], 5, 7, 1, 1],
  [[3], 6, 4, 10, 5],
  [[2, 3], 9, 33, 0.1, 2],
  [[], 65, 130, 30, 3],
  [[], 3, 4, 2000, 4],
];

export const transport: Checks = {
  'steps against f64': () =>
    owning(async (own) => {
      for (const [batch, m, n, gamma, iterations] of CASES) {
        const what = `[${batch}] ${m} x ${n}, gamma ${gamma}`;
        const [host, M] = random(own, [...batch, m, n], 31);
        const [[r, R], [c, C]] = [masses(own, [...batch, m], 32), masses(own, [...batch, n], 33)];
        const found = gpu.sinkhorn(M, { gamma, r: R, c: C, iterations });
        const alpha = await values(own, found.alpha, [...batch, m]);
        const beta = await values(own, found.beta, [...batch, n]);
        const plan = await values(own, found.plan, [...batch, m, n]);
        // Potentials have the roundings of gamma M and of themselves, of about the same size.
        const error = 2 ** -24 * (8 * iterations * (1 + 2 * gamma) + m + n);
        for (let z = 0; z < sizeOf(batch); z++) {
          const costs = Array.from({ length: m }, (_, i) =>
            Array.from(host.data().subarray((z * m + i) * n, (z * m + i + 1) * n)),
          );
          const part = (x: ArrayLike<number>, k: number) => Array.from(x).slice(z * k, (z + 1) * k);
          let exact = { alpha: [] as number[], beta: part(c.data(), n).map(Math.log) };
          for (let k = 0; k < iterations; k++)
            exact = step(costs, gamma, part(r.data(), m), part(c.data(), n), exact.beta);
          compare(`${what} alpha`, part(alpha, m), exact.alpha, (a, b) => Math.abs(a - b) <= error);
          compare(`${what} beta`, part(beta, n), exact.beta, (a, b) => Math.abs(a - b) <= error);
          compare(
            `${what} plan`,
            part(plan, m * n),
            costs.flatMap((row, i) =>
              row.map((v, j) => Math.exp(exact.alpha[i] + exact.beta[j] - gamma * v)),
            ),
            (a, b) => Math.abs(a - b) <= 4 * error * b + 2 ** -126,
          );
          for (let j = 0; j < n; j++) {
            let sum = 0;
            for (let i = 0; i < m; i++) sum += plan[(z * m + i) * n + j];
            const mass = c.data()[z * n + j];
            if (!(Math.abs(sum - mass) <= 4 * error * mass)) throw new Error(`${what}: column ${j}: ${sum}`);
          }
        }
      }
    }),
  'the first step is that of the CPU, and the last one leads to its solution': () =>
    owning(async (own) => {
      const [host, M] = random(own, [2, 5, 8], 34);
      for (const [maxIterations, gamma, bound] of [
        [1, 3, 1e-6],
        [60, 2, 1e-5],
      ] as const) {
        const wanted = own(
          optimalTransport(host, {
            gamma,
            throws: false,
            ...(maxIterations === 1 && { maxIterations }),
          }),
        );
        const { plan, alpha, beta } = gpu.sinkhorn(M, { gamma, iterations: maxIterations });
        own(alpha);
        own(beta);
        compare(
          `${maxIterations} steps`,
          await values(own, plan, [2, 5, 8]),
          wanted.data(),
          (a, b) => Math.abs(a - b) <= bound,
        );
      }
    }),
  'masses of 0, infinite costs, NaN': () =>
    owning(async (own) => {
      const [, M] = both(own, [0, 1, Infinity, 2, 0, 1], [2, 3]);
      const [, r] = both(own, [0, 1], [2]);
      const [, c] = both(own, [0.25, 0, 0.75], [3]);
      const found = gpu.sinkhorn(M, { r, c, iterations: 3 });
      own(found.beta);
      const alpha = await values(own, found.alpha, [2]);
      if (alpha[0] !== -Infinity) throw new Error(`alpha of a mass of 0 is ${alpha[0]}`);
      const near = (a: number, b: number) => Math.abs(a - b) <= 1e-6;
      compare('plan', await values(own, found.plan, [2, 3]), [0, 0, 0, 0.25, 0, 0.75], near);
      const [, bad] = both(own, [0, NaN, 1, 1], [2, 2]);
      const lost = gpu.sinkhorn(bad);
      own(lost.alpha);
      own(lost.beta);
      compare('NaN', await values(own, lost.plan, [2, 2]), [NaN, NaN, NaN, NaN]);
    }),
  'steps go on from potentials': () =>
    owning(async (own) => {
      const [, M] = random(own, [4, 6], 35);
      const three = gpu.sinkhorn(M, { gamma: 5, iterations: 3 });
      const one = gpu.sinkhorn(M, { gamma: 5 });
      const rest = gpu.sinkhorn(M, { gamma: 5, iterations: 2, beta: one.beta });
      for (const x of [three.alpha, three.beta, one.plan, one.alpha, one.beta, rest.alpha, rest.beta]) own(x);
      compare('plan', await values(own, rest.plan, [4, 6]), await values(own, three.plan, [4, 6]));
      const [, none] = random(own, [0, 4, 6], 36);
      const empty = gpu.sinkhorn(none);
      for (const x of Object.values(empty)) own(x);
      if (String(empty.plan.shape) !== '0,4,6') throw new Error(`shape ${empty.plan.shape}`);
    }),
};
