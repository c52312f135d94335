// What pairs of rows gain: bounds first, the gain itself where it is asked for.
import { bestCosine, bestSine, bestTurn } from './best-angle';
import { boundByIntervals, INTERVAL_BYTES, lossOf, sumOfLengths } from './pair-bounds';
import { BY_INTERVALS, EXACT, KNOWN, L1, LENGTHS, Search } from './search';

/** Cosine and sine of the turn whose gain was evaluated last. */
export let cosine: f64 = 1.0;
export let sine: f64 = 0.0;

/** After a change of row i: it in f32, and its L1 norm. */
export function noteRow(search: Search, i: i32): void {
  let sum0 = f64x2.splat(0.0), sum1 = sum0;
  const row = search.row(i), short = search.shortRow(i);
  for (let k: usize = 0, end = <usize>search.length << 3; k < end; k += 32) {
    const a = v128.load(row + k), b = v128.load(row + k, 16);
    sum0 = f64x2.add(sum0, f64x2.abs(a));
    sum1 = f64x2.add(sum1, f64x2.abs(b));
    v128.store(short + (k >> 1), i64x2.shuffle(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2));
  }
  const sum = f64x2.add(sum0, sum1);
  store<f64>(search.norms + (<usize>i << 3), f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
}

// @ts-ignore: decorator
@inline
function normOf(search: Search, i: i32): f64 {
  return load<f64>(search.norms + (<usize>i << 3));
}

// @ts-ignore: decorator
@inline
function entry(search: Search, i: i32, j: i32): f64 {
  return load<f64>(search.row(i) + (<usize>j << 3));
}

/** How much the best turn of rows i and j raises the trace: of c (u_ii + u_jj) + s (u_ij - u_ji), whose maximum is a length. */
function traceGain(search: Search, i: i32, j: i32): f64 {
  const a = entry(search, i, i) + entry(search, j, j), b = entry(search, i, j) - entry(search, j, i);
  const length = Math.sqrt(a * a + b * b);
  cosine = length > 0.0 ? a / length : 1.0;
  sine = length > 0.0 ? b / length : 0.0;
  // A difference of near numbers loses what little there is to gain.
  return a > 0.0 ? (b * b) / (length + a) : length - a;
}

/** The gain of a pair, i < j; the turn is in `cosine` and `sine`. */
export function gainOf(search: Search, i: i32, j: i32): f64 {
  if (search.criterion != L1) return traceGain(search, i, j);
  const gain = bestTurn(search.length, search.row(i), search.row(j), search.work + INTERVAL_BYTES);
  cosine = bestCosine;
  sine = bestSine;
  return gain;
}

// @ts-ignore: decorator
@inline
function keep(search: Search, i: i32, j: i32, gain: f64, level: u8): void {
  const place = search.place(i, j);
  store<f64>(search.gains + (place << 3), gain);
  store<u8>(search.levels + place, level);
}

/** What is promised at most by intervals; in f32, so with what that may lose. */
// @ts-ignore: decorator
@inline
function gainByIntervals(search: Search, i: i32, j: i32, now: f64, work: usize): f64 {
  const least = boundByIntervals(search.length, search.shortRow(i), search.shortRow(j), search.directions, work);
  return now - least + now * lossOf(search.length);
}

/** Bounds the gain of the pair (p, r) in the L1 norm; returns whether that took intervals. */
function boundPair(search: Search, p: i32, r: i32, floor: f64, work: usize): bool {
  const i = min(p, r), j = max(p, r), length = search.length;
  const now = normOf(search, p) + normOf(search, r), loss = now * lossOf(length);
  let gain = now;
  if (search.looksAtLengths) {
    gain = now - sumOfLengths<f32>(length, search.shortRow(p), search.shortRow(r)) + loss;
    // Where f32 shows: in sparse matrices, most of whose pairs gain nothing, and near the end.
    if (gain > floor && gain < 4.0 * loss) {
      const noise = search.noise(i, j);
      gain = now - sumOfLengths<f64>(length, search.row(p), search.row(r));
      if (gain < 0.5 * noise) {
        keep(search, i, j, 0.0, EXACT);
        return false;
      }
      gain += noise;
    }
    if (gain <= floor) {
      keep(search, i, j, gain, LENGTHS);
      return false;
    }
  }
  keep(search, i, j, min(gain, gainByIntervals(search, i, j, now, work)), BY_INTERVALS);
  return true;
}

/**
 * Bounds the gains of the pairs of row p with the rows from `from` to `to`, other than `but` and p itself: by lengths, and where that
 * exceeds `floor`, by intervals. Returns how many took the second. `work`: scratch of the thread.
 */
export function boundPairs(search: Search, p: i32, from: i32, to: i32, but: i32, floor: f64, work: usize): i32 {
  let closer = 0;
  for (let r = from; r < to; r++) {
    if (r == p || r == but) continue;
    if (search.criterion == L1) closer += <i32>boundPair(search, p, r, floor, work);
    else {
      const i = min(p, r), j = max(p, r);
      keep(search, i, j, traceGain(search, i, j), EXACT);
    }
  }
  return closer;
}

/** The largest gain that is known for certain. */
export function floorOf(search: Search): f64 {
  let floor = 0.0;
  for (let k = 0; k < search.knownCount; k++) {
    const i = load<i32>(search.known + (<usize>k << 3)), j = load<i32>(search.known + (<usize>k << 3), 4);
    floor = max(floor, load<f64>(search.gains + (search.place(i, j) << 3)));
  }
  return floor;
}

/** Forgets the known gains of pairs with row p or q. */
export function forget(search: Search, p: i32, q: i32): void {
  let kept = 0;
  for (let k = 0; k < search.knownCount; k++) {
    const i = load<i32>(search.known + (<usize>k << 3)), j = load<i32>(search.known + (<usize>k << 3), 4);
    if (i == p || i == q || j == p || j == q) continue;
    store<i64>(search.known + (<usize>kept << 3), load<i64>(search.known + (<usize>k << 3)));
    kept++;
  }
  search.knownCount = kept;
}

/** Comes closer to the gain of a pair whose bound is kept. */
export function evaluate(search: Search, i: i32, j: i32): void {
  const place = search.place(i, j);
  if (load<u8>(search.levels + place) == LENGTHS) {
    const gain = gainByIntervals(search, i, j, normOf(search, i) + normOf(search, j), search.work);
    keep(search, i, j, min(gain, load<f64>(search.gains + (place << 3))), BY_INTERVALS);
    search.bounded += 1.0;
    return;
  }
  const gain = gainOf(search, i, j);
  keep(search, i, j, gain > search.noise(i, j) ? gain : 0.0, EXACT);
  search.evaluated += 1.0;
  // The oldest makes room: gains fall, so the newest are the best.
  if (search.knownCount == KNOWN) {
    memory.copy(search.known, search.known + 8, 8 * (KNOWN - 1));
    search.knownCount--;
  }
  store<i32>(search.known + (<usize>search.knownCount << 3), i);
  store<i32>(search.known + (<usize>search.knownCount << 3), j, 4);
  search.knownCount++;
}
