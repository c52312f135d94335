// What the studies of examples/givens.mjs share: samples, their mean and deviation, and what a search takes.
import { givens, random, scope } from 'cotangent';

export const METHODS = ['l1', 'greedy', 'elimination', 'jacobi'];

/** d log₂ d, rounded, times a ratio. */
export const logarithmic = (d, ratio = 1) => Math.round(ratio * d * Math.log2(d));

/** Mean and standard deviation. */
export function spread(list) {
  const mean = list.reduce((sum, x) => sum + x, 0) / list.length;
  const squares = list.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / Math.max(list.length - 1, 1)) };
}

/** '0.123 ± 0.004', or without a deviation where there is one sample. */
export function shown(list, digits = 3) {
  const { mean, deviation } = spread(list);
  return list.length === 1 ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
}

/** The matrix number `sample` of the K-planted distribution over SO(d): the same one in every study and at every run. */
export const plantedMatrix = (d, K, sample) => givens.planted(random(100000 * sample + d), d, K).matrix;

/** Samples number 0 … count - 1 of what `draw` gives, as numbers or arrays; tensors on the way are freed. */
export const samplesOf = (count, draw) => Array.from({ length: count }, (_, s) => scope(() => draw(s)));

/** Seconds that a call takes, and what it gives. */
export function timed(run) {
  const start = performance.now();
  const result = run();
  return { result, seconds: (performance.now() - start) / 1000 };
}

/** Seconds of a factor of 'l1', over d²: by a trial. */
export function factorTime() {
  const [d, factors] = [256, 300];
  const { seconds } = timed(() =>
    scope(() => void givens.factorize(plantedMatrix(d, logarithmic(d), 0), { factors, errorPeriod: 0 })),
  );
  // The first look at all pairs is worth d / 4 factors.
  return seconds / ((factors + d / 4) * d * d);
}

/** Which share of d(d - 1)/2 factors comes within 0.1 of a planted matrix, about: measured at d = 256, for estimates. */
export function shareNeeded(ratio) {
  const known = [
    [0.3, 0.03],
    [0.4, 0.09],
    [0.5, 0.15],
    [0.75, 0.48],
  ];
  return known.find(([most]) => ratio <= most)?.[1] ?? 0.65;
}
