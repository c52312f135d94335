// The minimum over α of ‖R(α) [x; y]‖₁, exactly, in O(d log d). Between two angles at which a point lies on an axis the norm is
// A cos θ + B sin θ, which is concave: every minimum lies at such an angle (Frerix and Bruna, Proposition 1). So the points are brought
// into the first quadrant by right angles, ordered by slope, and the axis is swept over them with running sums.

/** A point in the first quadrant: its slope y / (x + y), then x and y. */
const RECORD: usize = 32;

/** Bytes of scratch for rows of `length`. */
export function sweepBytes(length: i32): usize {
  return 2 * RECORD * <usize>length;
}

/** Cosine and sine of the best turn of the last call: to be read before the next. */
export let bestCosine: f64 = 1.0;
export let bestSine: f64 = 0.0;

/** Writes the points other than 0; returns how many. */
function gather(length: i32, x: usize, y: usize, to: usize): i32 {
  const start = to;
  for (let k = 0; k < length; k++, x += 8, y += 8) {
    const a = load<f64>(x), b = load<f64>(y);
    const p = abs(a), q = abs(b);
    if (p + q == 0.0) continue;
    const across = (reinterpret<i64>(a) ^ reinterpret<i64>(b)) < 0;
    const u = across ? q : p, v = across ? p : q;
    store<f64>(to, v / (u + v));
    store<f64>(to, u, 16);
    store<f64>(to, v, 24);
    to += RECORD;
  }
  return <i32>((to - start) / RECORD);
}

// @ts-ignore: decorator
@inline
function move(from: usize, to: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
}

/** Sorts records by their first number, equal ones in their order, by merging; returns where they lie: at `a` or at `b`. */
function sortRecords(count: i32, a: usize, b: usize): usize {
  const end = a + <usize>count * RECORD;
  // Short runs by insertion.
  for (let start = a; start < end; start += 8 * RECORD) {
    const stop = min(end, start + 8 * RECORD);
    for (let at = start + RECORD; at < stop; at += RECORD) {
      const key = load<f64>(at), point = v128.load(at, 16);
      let to = at;
      while (to > start && load<f64>(to - RECORD) > key) {
        move(to - RECORD, to);
        to -= RECORD;
      }
      store<f64>(to, key);
      v128.store(to, point, 16);
    }
  }
  let from = a, to = b;
  for (let run: usize = 8 * RECORD; run < end - a; run <<= 1) {
    const stop = from + (end - a);
    let out = to;
    for (let start = from; start < stop; start += 2 * run) {
      let left = start, right = min(stop, start + run);
      const leftEnd = right, rightEnd = min(stop, right + run);
      while (left < leftEnd && right < rightEnd) {
        const takesLeft = load<f64>(left) <= load<f64>(right);
        move(takesLeft ? left : right, out);
        out += RECORD;
        left += takesLeft ? RECORD : 0;
        right += takesLeft ? 0 : RECORD;
      }
      for (; left < leftEnd; left += RECORD, out += RECORD) move(left, out);
      for (; right < rightEnd; right += RECORD, out += RECORD) move(right, out);
    }
    const other = from;
    from = to;
    to = other;
  }
  return from;
}

/**
 * How much the best turn (x, y) := (c x - s y, s x + c y) lowers ‖x‖₁ + ‖y‖₁: its cosine and sine, of an angle in (-π/4, π/4], are in
 * `bestCosine` and `bestSine`. Of equal angles the first in order of slope. `work`: sweepBytes.
 */
export function bestTurn(length: i32, x: usize, y: usize, work: usize): f64 {
  const count = gather(length, x, y, work);
  const sorted = sortRecords(count, work, work + RECORD * <usize>length);
  let sumX = 0.0, sumY = 0.0;
  const end = sorted + <usize>count * RECORD;
  for (let at = sorted; at < end; at += RECORD) {
    sumX += load<f64>(at, 16);
    sumY += load<f64>(at, 24);
  }
  let beforeX = 0.0, beforeY = 0.0, least = Infinity, cosine = 1.0, sine = 0.0;
  for (let at = sorted; at < end; at += RECORD) {
    const u = load<f64>(at, 16), v = load<f64>(at, 24);
    const length = 1.0 / Math.sqrt(u * u + v * v), c = u * length, s = v * length;
    const norm = c * (sumX + (sumY - 2.0 * beforeY)) + s * (sumY - (sumX - 2.0 * beforeX));
    if (norm < least) {
      least = norm;
      cosine = c;
      sine = s;
    }
    beforeX += u;
    beforeY += v;
  }
  // The axis at angle θ is turned onto an axis by -θ, or, which is less from π/4 on, by π/2 - θ.
  bestCosine = sine <= cosine ? cosine : sine;
  bestSine = sine <= cosine ? -sine : cosine;
  return count == 0 ? 0.0 : sumX + sumY - least;
}
