// One thread and two, in a process of its own, as threads need a shared memory: batches of windows and of flows, and training.
import * as ct from 'cotangent';
import { sorted } from '../peers/duel.js';
import { quantile } from '../timing.js';
import { FORMS, functionsOf, startOf } from './flow.js';
import { summed, windows } from './lorenz96.js';

const { assimilation, compile, random, valueAndGrad } = ct;

interface Work {
  what: string;
  run(): unknown;
}

function works(): Work[] {
  const { system, operator, observations, starts } = windows(64);
  const J = summed(assimilation.objective({ system, operator, observations }));
  const lorenz = compile(valueAndGrad(J));
  const list: Work[] = [{ what: '64 windows of Lorenz96, f64: gradient', run: () => lorenz(starts) }];
  for (const form of FORMS)
    for (const batch of [1, 8]) {
      const start = startOf(form, {}, batch === 1 ? [] : [batch]);
      const { forward, gradient } = functionsOf(start);
      const plans = [compile(forward), compile(gradient)];
      const what = `Kolmogorov, ${form}, f32, ${batch === 1 ? 'one flow' : `${batch} flows`}`;
      list.push({ what: `${what}: forward`, run: () => plans[0](start.x) });
      list.push({ what: `${what}: gradient`, run: () => plans[1](start.x) });
    }
  const model = assimilation.kolmogorovInverse();
  const params = model.init(random(1), [10, 2, 4, 4]);
  const y = random(2).normal([8, 10, 2, 4, 4], { dtype: 'f32' });
  const states = random(3).normal([8, 10, 2, 64, 64], { dtype: 'f32' });
  const step = compile(
    valueAndGrad((p: typeof params) => ct.nn.mse(model.apply(p, y, { training: true }), states)),
  );
  list.push({ what: 'kolmogorovInverse, batch 8, f32: loss and gradient', run: () => step(params) });
  return list;
}

export async function threads(seconds: number): Promise<void> {
  await ct.init({ threads: 2 });
  const list = works();
  const one: number[][] = list.map(() => []);
  const two: number[][] = list.map(() => []);
  const measure = (times: number[][]): void => {
    list.forEach(({ run }, at) => {
      // New workers compile for the first tenths of a second.
      for (const warm = performance.now() + 200; performance.now() < warm; ) run();
      const end = performance.now() + (1e3 * seconds) / 10;
      do {
        const start = performance.now();
        run();
        times[at].push(performance.now() - start);
      } while (performance.now() < end);
    });
  };
  for (let round = 0; round < 3; round++) {
    await ct.init({ threads: 1 });
    measure(one);
    await ct.init({ threads: 2 });
    measure(two);
  }
  console.log('| what | one thread, ms | two threads, ms | ratio |\n|---|--:|--:|--:|');
  list.forEach(({ what }, at) => {
    const [a, b] = [one[at], two[at]].map((times) => quantile(sorted(times), 0.5));
    console.log(`| ${what} | ${a.toFixed(2)} | ${b.toFixed(2)} | ${(a / b).toFixed(2)} |`);
  });
  console.log('');
}
