// States of a flow's attractor, from a few long runs: windows to train on, the covariance, and the scale of errors.
import { assimilation, compile, concat, dynamics, random, scope, tensor } from 'cotangent';
import { covarianceOfFlow } from './flow-covariance.mjs';
import { flowSymmetries } from './flow-symmetry.mjs';

/** Runs that are advanced together, by the size of the grid. */
const togetherOn = (n) => Math.max(1, Math.floor(2 ** 14 / (n * n)));
/** States whose vorticities the scale of errors is computed from. */
const SCALE_SAMPLES = 600;

/**
 * Advances `members` runs from random starts, and takes from them states for the covariance, evenly in time, and windows to train on.
 * @param options `spinUp` intervals before the first state; `samples` and `windows` in all; `spacing` intervals between two samples of a run;
 * `window` states in a window.
 * @returns { covariance, gamma, windows: Float32Array[], intervals }: windows [window, 2, n, n]; `intervals` that each run took.
 */
export function sampleFlow(
  flow,
  { wavenumber, members, spinUp, samples, spacing, windows, window, seed },
  tick,
) {
  const { n, stateShape } = flow;
  const generator = random(seed);
  const sums = covarianceOfFlow({ n, wavenumber });
  const each = { samples: Math.ceil(samples / members), windows: Math.ceil(windows / members) };
  const length = Math.max(each.samples * spacing, each.windows * window);
  const starts = Array.from({ length: each.windows }, (_, w) => Math.floor((w * length) / each.windows));
  const size = n * n * 2;
  const advance = compile((x) => flow.advance(x));
  const vorticities = [];
  const every = Math.max(1, Math.floor((each.samples * members) / SCALE_SAMPLES / togetherOn(n)));
  const found = [];
  let taken = 0;
  for (let done = 0; done < members; done += togetherOn(n)) {
    const count = Math.min(togetherOn(n), members - done);
    let x = scope(() =>
      dynamics.spinUp(flow, flow.initial(generator, { batch: [count] }), { steps: spinUp }),
    );
    for (let t = 0; t < length; t++) {
      if (t % spacing === 0 && t < each.samples * spacing) {
        sums.add(x);
        if (taken++ % every === 0) vorticities.push(flow.vorticity(x));
      }
      const inside = starts.findLastIndex((start) => start <= t);
      const row = t - starts[inside];
      if (row < window) {
        const data = x.data();
        if (row === 0) for (let m = 0; m < count; m++) found.push(new Float32Array(window * size));
        found.slice(-count).forEach((one, m) => {
          one.set(data.subarray(m * size, (m + 1) * size), row * size);
        });
      }
      const next = advance(x);
      x.dispose();
      x = next;
    }
    x.dispose();
    tick();
  }
  advance.dispose?.();
  const gamma = scope(() => assimilation.errorScale(concat(vorticities)));
  for (const one of vorticities) one.dispose();
  return {
    covariance: sums.finish(),
    gamma,
    windows: found,
    intervals: length,
    shape: [window, ...stateShape],
  };
}

/**
 * Batches of windows, each drawn by chance and moved by a symmetry of the flow, with what is observed of them.
 * @returns a function of the epoch to batches, as `trainInverse` takes them.
 */
export function drawnBatches({ windows, shape }, { operator, wavenumber, batchSize, steps }) {
  const symmetries = flowSymmetries({ n: shape.at(-1), wavenumber });
  const size = shape.reduce((a, b) => a * b);
  const values = new Float32Array(batchSize * size);
  return function* batches(epoch) {
    const numbers = random(1000 + epoch).uniform([steps, batchSize, 4]);
    const drawn = numbers.toTypedArray();
    numbers.dispose();
    let at = 0;
    const integer = (below) => Math.floor(drawn[at++] * below);
    for (let step = 0; step < steps; step++) {
      for (let k = 0; k < batchSize; k++) {
        const from = windows[integer(windows.length)];
        symmetries.apply(symmetries.draw(integer), from, values.subarray(k * size, (k + 1) * size));
      }
      const states = tensor(values, { shape: [batchSize, ...shape], dtype: 'f32' });
      const observations = operator.apply(states);
      yield { states, observations };
      states.dispose();
      observations.dispose();
    }
  };
}
