// One interval of Kolmogorov flow, 64 x 64, f32, 25 steps: gradient over forward, and forward against the same schemes in numpy, one thread each.
import * as ct from 'cotangent';
import { sorted } from '../peers/duel.js';
import { quantile } from '../timing.js';
import { type FlowForm, NumpyPeer } from './numpy-peer.js';
import { checkSame, HEADER, numbersOf, type Setting } from './rows.js';

const { compile, dynamics, grad, random, scope } = ct;

export const FORMS: readonly FlowForm[] = ['finiteVolume', 'spectral'];

/** Intervals from a random field to a flow with vortices of its own. */
const SPIN_UP = 10;

/** The system, a state of it, and a random direction. */
export function startOf(
  form: FlowForm,
  options: ct.dynamics.KolmogorovFlowOptions = {},
  batch: number[] = [],
) {
  const system = dynamics.kolmogorovFlow({ form, dtype: 'f32', ...options });
  const x = dynamics.spinUp(system, system.initial(random(1), { batch }), { steps: SPIN_UP });
  return { system, x, w: random(2).normal(x.shape, { dtype: system.dtype as 'f32' | 'f64' }) };
}

/** An interval, and the gradient of <w, its end>. */
export function functionsOf({ system, w }: Pick<ReturnType<typeof startOf>, 'system' | 'w'>) {
  const forward = (x: ct.Tensor) => system.advance(x);
  return { forward, gradient: grad((x: ct.Tensor) => ct.sum(ct.mul(w, forward(x)))) };
}

export async function flow({ compare, options }: Setting): Promise<void> {
  const numpy = NumpyPeer.start();
  console.log(HEADER);
  try {
    for (const form of FORMS) {
      const { system, x, w } = startOf(form);
      const { forward, gradient } = functionsOf({ system, w });
      const plans = { forward: compile(forward), gradient: compile(gradient) };
      const y = system.advance(x);
      const given = Float32Array.from(x.data());
      checkSame(`${form}, numpy`, numbersOf(y), await numpy.advance(form, given), 1e-4);
      checkSame(`${form}, compiled`, numbersOf(plans.forward(x)), numbersOf(y), 1e-6);
      checkSame(`${form}, gradient`, numbersOf(plans.gradient(x)), numbersOf(gradient(x)), 1e-5);
      const eager = (f: (x: ct.Tensor) => ct.Tensor) => () => scope(() => void f(x));
      const what = `Kolmogorov, ${form}, f32`;
      for (const [how, run] of [
        ['compiled', { forward: () => plans.forward(x), gradient: () => plans.gradient(x) }],
        ['eager', { forward: eager(forward), gradient: eager(gradient) }],
      ] as const) {
        const sides = [
          { name: 'gradient', run: run.gradient },
          { name: `forward, ${how}`, run: run.forward },
        ];
        await compare(`${what}: gradient, ${how}`, sides, 'at most 4', true);
        await againstNumpy(`${what}: forward, ${how}`, run.forward, numpy, form, options.seconds);
      }
      system.dispose();
    }
  } finally {
    numpy.stop();
  }
  console.log('');
}

/** Rounds in turn, ours here and numpy's in its process, which sleeps meanwhile. */
async function againstNumpy(
  what: string,
  run: () => unknown,
  numpy: NumpyPeer,
  form: FlowForm,
  seconds: number,
): Promise<void> {
  const [ours, theirs]: number[][] = [[], []];
  const timed = (count: number) => {
    const begin = performance.now();
    for (let k = 0; k < count; k++) run();
    return (performance.now() - begin) / count;
  };
  timed(5);
  await numpy.time(form, 3);
  const end = performance.now() + seconds * 2e3;
  for (let round = 0; round < 7 || performance.now() < end; round++) {
    const sides = [() => ours.push(timed(5)), async () => theirs.push(await numpy.time(form, 2))];
    for (const side of round % 2 === 0 ? sides : sides.reverse()) await side();
  }
  const [mine, other] = [ours, theirs].map((ms) => quantile(sorted(ms), 0.5).toFixed(3));
  const ratios = sorted(ours.map((ms, round) => theirs[round] / ms));
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(ratios, q).toFixed(2));
  console.log(
    `| ${what} | ${mine} | numpy with scipy.fft | ${other} | ${middle} (${low} to ${high}) | at least 2.5 |`,
  );
}
