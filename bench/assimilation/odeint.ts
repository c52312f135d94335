// odeint with dopri5 against npm's dopri, which has the same method, error norm and limits of steps, on Lorenz96; and odex, Hairer's extrapolation. Both in
// JavaScript, a right-hand side of loops; f64. Reported: a call of an operation costs more than a pass over 40 numbers.
import * as ct from 'cotangent';
import { load, type Peer, version } from '../peers/others.js';
import { checkSame, HEADER, numbersOf, type Setting } from './rows.js';

const { dynamics, random, scope } = ct;

const END = 2;

/** dx/dt to `out`. */
function slope(x: ArrayLike<number>, out: { [k: number]: number }): void {
  const K = x.length;
  for (let k = 0; k < K; k++) {
    const [ahead, before, twice] = [k + 1 < K ? k + 1 : 0, k > 0 ? k - 1 : K - 1, k > 1 ? k - 2 : K + k - 2];
    out[k] = (x[ahead] - x[twice]) * x[before] - x[k] + 8;
  }
}

export async function odeint({ compare }: Setting): Promise<void> {
  const [{ Dopri }, { Solver }] = (await Promise.all(['dopri', 'odex'].map(load))) as Peer[];
  console.log(HEADER);
  for (const K of [40, 4000])
    for (const rtol of [1e-6, 1e-9]) {
      const atol = rtol;
      const system = dynamics.lorenz96({ K });
      const x0 = dynamics.spinUp(system, system.initial(random(1)));
      const tendency = (x: ct.Tensor) => system.tendency?.(x) as ct.Tensor;
      const ours = (by: ReturnType<typeof dynamics.dopri5>) =>
        scope(() => numbersOf(ct.slice(dynamics.odeint(tendency, x0, [0, END], by), [1, 0], [2, K])));
      const start = Array.from(numbersOf(x0));
      const solver = new Dopri((_t: number, y: number[], dy: number[]) => slope(y, dy), K, { rtol, atol });
      const byDopri = (): number[] => solver.initialise(0, start).run(END)([END])[0];
      const odex = new Solver(K);
      Object.assign(odex, { relativeTolerance: rtol, absoluteTolerance: atol });
      const byOdex = (): number[] => {
        const right = (_t: number, y: number[]) => {
          const dy = new Array<number>(K);
          slope(y, dy);
          return dy;
        };
        return odex.solve(right, 0, start, END).y;
      };
      const method = dynamics.dopri5({ rtol, atol });
      const exact = ours(dynamics.dopri5({ rtol: 1e-13, atol: 1e-13 }));
      const off = (y: ArrayLike<number>) =>
        exact.reduce((worst, v, k) => Math.max(worst, Math.abs(v - y[k])), 0);
      // Errors grow by a factor of 30 until then.
      for (const y of [ours(method), byDopri(), byOdex()]) checkSame('odeint', y, exact, 3e3 * rtol);
      const what = `odeint, Lorenz96, K = ${K}, times 0 to ${END}, tolerances ${rtol.toExponential()} (error ${off(ours(method)).toExponential(0)})`;
      const own = { name: 'cotangent', run: () => ours(method) };
      await compare(
        what,
        [
          own,
          { name: `dopri ${version('dopri')} (error ${off(byDopri()).toExponential(0)})`, run: byDopri },
          { name: `odex ${version('odex')} (error ${off(byOdex()).toExponential(0)})`, run: byOdex },
        ],
        '',
      );
      x0.dispose();
    }
  console.log('');
}
