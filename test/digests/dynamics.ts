// Results of dynamics and assimilation whose bits are compared between engines: windows with their derivatives, flows, steps that a tolerance chooses, minimisation, a network.
import * as ct from '#src/index.js';
import type { Subject } from './subjects.js';

const { assimilation, dynamics, grad, jvp, random, sin, square, sum } = ct;
type T = ct.Tensor;
type Float = 'f64' | 'f32';

function inDtype(dtype: Float): Subject[] {
  const window = (x: T, system: ct.dynamics.System) => dynamics.trajectory(system, x, { steps: 5 });
  const both = (system: ct.dynamics.System, x: T) => [
    window(x, system),
    grad((y: T) => sum(square(window(y, system))))(x),
    jvp((y: T) => window(y, system), [x], [sin(x)]).tangent,
  ];
  const flow = (form: 'finiteVolume' | 'spectral') =>
    dynamics.kolmogorovFlow({ form, n: 20, wavenumber: 2, innerSteps: 3, dt: 0.02, dtype });
  const subjects: Record<string, () => unknown> = {
    'Lorenz96, a window': () => {
      const system = dynamics.lorenz96({ K: 23, dtype });
      return both(system, dynamics.spinUp(system, system.initial(random(1), { batch: [2] }), { steps: 20 }));
    },
    'finite volumes': () => both(flow('finiteVolume'), flow('finiteVolume').initial(random(2))),
    'a spectral flow': () => both(flow('spectral'), flow('spectral').initial(random(3), { batch: [2] })),
    'a velocity field': () => dynamics.filteredVelocityField(random(4), { n: 24, dtype }),
    'steps that a tolerance chooses': () =>
      dynamics.odeint(
        (x: T) => sin(ct.roll(x, 1, 0)),
        random(5).normal([7], { dtype }),
        [0, 1, 2.5],
        dynamics.dopri5({ rtol: 1e-5, atol: 1e-5 }),
      ),
    '4D-Var, whitened': () => {
      const system = dynamics.lorenz96({ K: 12, innerSteps: 3, dtype });
      const operator = assimilation.subsample(3);
      const truth = dynamics.spinUp(system, system.initial(random(6)), { steps: 30 });
      const observations = operator.apply(window(truth, system));
      const precondition = assimilation.whitening(
        assimilation.sampleCovariance(dynamics.sample(system, random(7), { count: 60, steps: 30 })),
      );
      const start = dynamics.sample(system, random(8), { count: 1, steps: 30 });
      const x0 = ct.reshape(start, [12]);
      const options = { precondition, maxIterations: 12, throws: false };
      return assimilation.fourDVar({ system, operator, observations }, x0, undefined, options).x;
    },
    'a learned inverse': () => {
      const model = assimilation.lorenz96Inverse({ channels: [8, 6, 4, 4] });
      const params = model.init(random(9), [5, 6], { dtype });
      return model.apply(params, random(10).normal([2, 5, 6], { dtype }));
    },
  };
  return Object.entries(subjects).map(([name, make]) => [`${name} ${dtype}`, make]);
}

/** All of them. */
export const dynamicsSubjects: readonly Subject[] = [...inDtype('f64'), ...inDtype('f32')];
