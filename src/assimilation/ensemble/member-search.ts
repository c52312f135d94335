// The line search of one member of a batch, as a state that one evaluation after the other advances: all members share evaluations.

/** c1 and c2 of the Wolfe conditions. */
const [DECREASE, CURVATURE] = [1e-4, 0.9];
/** Most trials of a search. */
const TRIALS = 40;
/** How far an open interval is extended, and the least share of a closed one that a trial moves. */
const [FAR, LEAST] = [4, 0.1];
/** The fraction of the way to try behind a value that is not finite; its square behind another one. */
const RETREAT = 0.25;
/** Changes of f by less than this many roundings of f are computed from the slopes. */
const NOISE = 512;

/** A trial on the line. */
interface Sample {
  t: number;
  value: number;
  slope: number;
}

/**
 * f(x + t p) <= f(x) + c1 t ∇fᵀp and ∇f(x + t p)ᵀp >= c2 ∇fᵀp, by bracketing with cubic interpolation. Changes below the rounding of f are computed from the
 * slopes, as `optim.strongWolfe` does.
 * Source: Nocedal and Wright, Numerical Optimization, section 3.5; Hager and Zhang, SIAM J. Optim. 16 (2005).
 */
export class MemberSearch {
  /** The t to try next. */
  t = 0;
  #start: Sample = { t: 0, value: 0, slope: 0 };
  /** The largest t that lowers f enough while its slope still falls. */
  #low: Sample = this.#start;
  #high = Number.POSITIVE_INFINITY;
  #trials = 0;
  #retreat = RETREAT;
  /** The last trial repeats #low, to be accepted. */
  #settles = false;
  readonly #rounding: number;

  constructor(rounding: number) {
    this.#rounding = rounding;
  }

  /** Begins from f(x) and ∇fᵀp < 0, with a first trial. */
  begin(value: number, slope: number, first: number): void {
    this.#start = { t: 0, value, slope };
    [this.#low, this.#high, this.t] = [this.#start, Number.POSITIVE_INFINITY, first];
    [this.#trials, this.#retreat, this.#settles] = [0, RETREAT, false];
  }

  /** What f and its slope at t say: accept t, go on with another t, or give up. */
  next(value: number, slope: number): 'accept' | 'again' | 'fail' {
    if (this.#settles) return 'accept';
    const { t } = this;
    const { value: value0, slope: slope0 } = this.#start;
    this.#trials++;
    if (!Number.isFinite(value) || !Number.isFinite(slope)) {
      if (value === Number.NEGATIVE_INFINITY) return 'accept';
      this.#high = t;
      const nearer = this.#low.t + this.#retreat * (t - this.#low.t);
      this.#retreat *= this.#retreat;
      return this.#to(nearer);
    }
    this.#retreat = RETREAT;
    const trial = { t, value: this.#measured(t, value, slope), slope };
    if (!(trial.value <= value0 + DECREASE * t * slope0)) {
      this.#high = t;
      return this.#to(this.#between(trial));
    }
    if (slope >= CURVATURE * slope0) return 'accept';
    const before = this.#low;
    this.#low = trial;
    if (this.#high < Number.POSITIVE_INFINITY) return this.#to(t + (this.#high - t) / 2);
    // Where the slope would be 0 if it went on changing as it did.
    const rise = slope - before.slope;
    const zero = rise > 0 ? t - (slope * (t - before.t)) / rise : Number.POSITIVE_INFINITY;
    return this.#to(Math.min(FAR * t, Math.max(2 * t, zero)));
  }

  /** Tries t, unless the interval has shrunk to nothing. */
  #to(t: number): 'again' | 'fail' {
    const { t: low } = this.#low;
    const isDone = this.#trials >= TRIALS || !(t > low && t < this.#high);
    const isNothing = this.#high - low <= 8 * this.#rounding * this.#high;
    if (!isDone && !isNothing) {
      this.t = t;
      return 'again';
    }
    if (low === 0) return 'fail';
    this.#settles = true;
    this.t = low;
    return 'again';
  }

  /** The minimiser of the cubic through #low and a trial behind it, kept away from both. */
  #between({ t, value, slope }: Sample): number {
    const low = this.#low;
    const width = t - low.t;
    const theta = (3 * (low.value - value)) / width + low.slope + slope;
    const inside = theta * theta - low.slope * slope;
    const root = Math.sqrt(Math.max(0, inside));
    const found = t - (width * (slope + root - theta)) / (slope - low.slope + 2 * root);
    const [least, most] = [low.t + LEAST * width, t - LEAST * width];
    return Number.isFinite(found) ? Math.min(most, Math.max(least, found)) : low.t + width / 2;
  }

  #measured(t: number, value: number, slope: number): number {
    const { value: value0, slope: slope0 } = this.#start;
    const noise = NOISE * this.#rounding * Math.abs(value0);
    return Math.abs(value - value0) > noise ? value : value0 + (t * (slope0 + slope)) / 2;
  }
}
