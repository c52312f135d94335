// Starting poses without a guess: random sample consensus (Fischler and Bolles 1981) with the minimal solver, a bounded
// score instead of a count, and a robust descent from the best poses.

import { posesOfThree } from './p3p.js';
import type { Points } from './point-terms.js';
import type { Pose } from './pose.js';
import type { Vector } from './quaternion.js';
import { refine } from './refine.js';
import { triples } from './samples.js';
import { reweighted, scoreOf } from './score.js';

/** Options of the search for a start. */
export interface RansacOptions {
  /** The largest number of samples. Default 1000; fewer are drawn once a better pose is unlikely. */
  iterations?: number;
  /** Distance, in the units of p2d, within which a point fits a pose. Default: 0.01 times the focal length. */
  threshold?: number;
  /** Of the random numbers. Default 0. */
  seed?: number;
}

export interface RansacSettings {
  readonly iterations: number;
  /** As an angle. */
  readonly threshold: number;
  readonly seed: number;
}

/** How many poses are kept, and how far apart they must be. */
const KEPT = 6;
const APART = 0.02;
/** A pose whose score is this many times the best one's may still have the lower cost. */
const RIVAL = 4;
/** Samples in any case, and the chance of having missed a better one. */
const LEAST_SAMPLES = 30;
const MISSED = 1e-7;
/** Rounds of the robust descent, each a few steps. */
const ROUNDS = 4;
const DESCENT = { tolerance: 1e-6, maxIterations: 5 };

export interface Candidate {
  readonly pose: Pose;
  readonly score: number;
}

/** Poses to start from that fit about as well, the best first. */
export function startingPoses(points: Points, { iterations, threshold, seed }: RansacSettings): Candidate[] {
  let total = 0;
  for (const weight of points.weights) total += weight;
  const { isComplete, list } = triples(points.weights, iterations, seed);
  const best: Candidate[] = [];
  let share = 0;
  let samples = 0;
  for (const [i, j, k] of list) {
    const found = posesOfThree(vectorsAt(points.world, i, j, k), vectorsAt(points.bearings, i, j, k));
    for (const pose of found) {
      const limit = best.length < KEPT ? Number.POSITIVE_INFINITY : best[KEPT - 1].score;
      const { value, inliers } = scoreOf(points, pose, threshold, limit);
      if (!(value < limit)) continue;
      insert(best, { pose, score: value });
      if (best[0].pose === pose) share = inliers / total;
    }
    samples++;
    if (!isComplete && samples >= LEAST_SAMPLES && missed(share, samples) < MISSED) break;
  }
  const bound = RIVAL * best[0]?.score + 1e-12;
  return best
    .filter(({ score }) => score <= bound)
    .map((candidate) => robust(points, candidate, threshold))
    .sort((a, b) => a.score - b.score);
}

/** The chance that no sample had three fitting points. */
function missed(share: number, samples: number): number {
  const once = 1 - share * share * share;
  let chance = 1;
  for (let left = samples, power = once; left > 0; left = Math.floor(left / 2), power *= power)
    if (left % 2 === 1) chance *= power;
  return chance;
}

function vectorsAt(data: Float64Array, ...at: number[]): Vector[] {
  return at.map((i) => [data[3 * i], data[3 * i + 1], data[3 * i + 2]]);
}

/** Keeps the best of poses that are apart. */
function insert(best: Candidate[], candidate: Candidate): void {
  const near = best.findIndex(({ pose }) => areNear(pose, candidate.pose));
  if (near >= 0) {
    if (best[near].score <= candidate.score) return;
    best.splice(near, 1);
  }
  const at = best.findIndex(({ score }) => candidate.score < score);
  best.splice(at < 0 ? best.length : at, 0, candidate);
  if (best.length > KEPT) best.pop();
}

function areNear(a: Pose, b: Pose): boolean {
  const cosine = a.rotation.reduce((s, x, i) => s + x * b.rotation[i], 0);
  const [x, y] = [a.translation, b.translation];
  const length = x[0] * x[0] + x[1] * x[1] + x[2] * x[2];
  const [d, e, f] = [x[0] - y[0], x[1] - y[1], x[2] - y[2]];
  return 1 - cosine * cosine < APART * APART && d * d + e * e + f * f < APART * APART * length;
}

/** A descent on the robust score by quadratic problems with other weights. */
function robust(points: Points, start: Candidate, threshold: number): Candidate {
  let best = start;
  for (let round = 0; round < ROUNDS && best.score > 1e-20; round++) {
    const weights = reweighted(points, best.pose, threshold);
    const { pose } = refine({ ...points, weights }, best.pose, 'cosine', DESCENT);
    const score = scoreOf(points, pose, threshold).value;
    if (!(score < best.score)) break;
    const gained = best.score - score > 0.01 * best.score;
    best = { pose, score };
    if (!gained) break;
  }
  return best;
}
