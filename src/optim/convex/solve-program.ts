// Runs a method on a quadratic program: drops rows, scales, checks every point, polishes, and maps the result back.
import { scope } from '../../core/scope.js';
import { maxAbs, view } from '../../linalg/blas/addresses.js';
import type { Float } from '../../linalg/stack.js';
import type { SolutionStatus, TraceEntry } from '../../solve/solution.js';
import { IterationMonitor, type IterationOptions, type Limits } from '../../solve/watch.js';
import { type Certificate, Certifier } from './certificate.js';
import { equilibrate, type Scaling } from './equilibrate.js';
import { type Iterate, Measure, type Measured } from './measure.js';
import type { ConvexMethod } from './method.js';
import { NewtonSystem } from './newton-system.js';
import { polish } from './polish.js';
import { checkConvex, presolve, type Reduced } from './presolve.js';
import { array, type ConvexProgram } from './program.js';
import { smallMultipliers } from './small-multipliers.js';
import { copy, unscale, warmStart } from './units.js';

/** A solved program, in f64 and in the caller's units, from which solutions and derivatives are made. */
export interface ProgramResult {
  point: Iterate;
  measured: Measured;
  /** For each inequality, whether it holds with equality and has a multiplier. */
  active: boolean[];
  status: SolutionStatus;
  certificate?: Certificate;
  iterations: number;
  factorizations: number;
  /** Number of points measured. */
  looks: number;
  trace?: TraceEntry[];
}

/** Points with a relative error above this are not polished at the end. */
const HOPELESS = 1e-2;
/** A relative error at the level of rounding, and how often a point within the tolerance is checked for it. */
const EXACT = 1e-13;
const FURTHER = 3;
/** A solution of a program without right sides that is smaller than this is taken for 0, if 0 is one. */
const TINY = 1e-6;
/** After this many termination checks, test the constraints once for infeasibility. */
const SLOW = 32;

/** Solves; tensors of the result belong to the caller's scope. */
export function solveProgram(
  name: string,
  program: ConvexProgram,
  dtype: Float,
  method: ConvexMethod,
  { tolerance, maxIterations }: Limits,
  options: IterationOptions,
): ProgramResult {
  checkConvex(name, program, dtype);
  const reduced = presolve(name, program, dtype);
  const whole: Iterate = {
    x: array(name, [program.n]),
    lambda: array(name, [program.m]),
    nu: array(name, [program.p]),
  };
  const active = new Array<boolean>(program.m).fill(false);
  const finish = (
    status: SolutionStatus,
    error: number,
    rest: Omit<ProgramResult, 'point' | 'measured' | 'active' | 'status'>,
  ): ProgramResult => {
    const measure = new Measure(finite(reduced, program));
    const measured = { ...measure.at(whole.x, kept(reduced, whole).lambda, whole.nu), error };
    return { point: whole, measured, active, status, ...rest };
  };
  if (reduced.certificate !== undefined) {
    const { certificate } = reduced;
    const none = { iterations: 0, factorizations: 0, looks: 0 };
    return finish('infeasible', Number.POSITIVE_INFINITY, { certificate, ...none });
  }
  const run = new Run(reduced, whole, method, tolerance);
  const watch = new IterationMonitor(
    options,
    { value: 0, gradient: 0, hessian: 0, product: 0 },
    () => whole.x,
  );
  const report = () => ({
    value: run.measured.value,
    gradientNorm: run.measured.stationarity,
    step: run.iteration.size,
  });
  let status = run.look();
  watch.note(0, report());
  let iterations = 0;
  while (status === undefined) {
    if (iterations >= maxIterations) {
      status = 'maxIterations';
      break;
    }
    const wrong = run.iteration.step();
    iterations++;
    if (run.iteration.due || wrong !== undefined) status = run.look();
    status ??= watch.note(iterations, report()) ?? wrong;
  }
  status = run.end(status);
  const { factorizations } = run.system;
  if (status === 'unbounded') {
    // A ray proves that the value falls without bound from a feasible point: is there one?
    const none = { P: array(name, [program.n, program.n]), q: array(name, [program.n]) };
    const quiet = { maxIterations, tolerance, compile: undefined };
    const point = solveProgram(name, { ...program, ...none }, 'f64', method, quiet, {});
    if (point.status === 'infeasible') {
      return { ...point, iterations, factorizations: factorizations + point.factorizations };
    }
  }
  run.active().forEach((isActive, i) => {
    active[reduced.inequalities[i]] = isActive;
  });
  return finish(status, run.measured.error, {
    ...{ iterations, factorizations, looks: run.looks },
    ...(run.certificate && { certificate: run.certificate }),
    ...(watch.trace && { trace: watch.trace }),
  });
}

/** A method at work. */
class Run {
  readonly iteration;
  readonly system: NewtonSystem;
  measured: Measured;
  certificate: Certificate | undefined;
  looks = 0;
  readonly #reduced: Reduced;
  readonly #whole: Iterate;
  readonly #scaled: ConvexProgram;
  readonly #scaling: Scaling;
  readonly #measure: Measure;
  readonly #scaledMeasure: Measure;
  readonly #certifier: Certifier;
  readonly #tolerance: number;
  readonly #rough: number;
  #from: number;
  #again = 0;
  #further = 0;
  /** The point checked, in the caller's units; and the best so far, in equilibrated units. */
  readonly #there: Iterate;
  readonly #best: Iterate;
  #error = Number.POSITIVE_INFINITY;

  constructor(reduced: Reduced, whole: Iterate, method: ConvexMethod, tolerance: number) {
    const { program } = reduced;
    const { scaled, scaling } = equilibrate(program);
    const point = (): Iterate => ({
      x: array('convex', [program.n]),
      lambda: array('convex', [program.m]),
      nu: array('convex', [program.p]),
    });
    this.#reduced = reduced;
    this.#whole = whole;
    this.#scaled = scaled;
    this.#scaling = scaling;
    this.#measure = new Measure(program);
    this.#scaledMeasure = new Measure(scaled);
    this.#certifier = new Certifier(program, scaled, scaling);
    this.#tolerance = tolerance;
    this.#rough = method.polishFrom;
    this.#from = method.polishFrom;
    this.#there = point();
    this.#best = point();
    this.system = new NewtonSystem(scaled);
    this.iteration = method.start(scaled, this.system, warmStart(method, reduced, scaling));
    this.measured = this.#measuredAt(this.#best);
  }

  /** Whether each inequality holds with equality at the best point, and has a multiplier: in equilibrated units. */
  active(): boolean[] {
    this.#scaledMeasure.at(this.#best.x, this.#best.lambda, this.#best.nu);
    const [lambda, slack] = [view(this.#best.lambda), this.#scaledMeasure.slack];
    return Array.from(lambda, (value, i) => value > -slack[i]);
  }

  /** Checks the current iterate: a solution, a certificate, or neither. */
  look(): SolutionStatus | undefined {
    this.looks++;
    const { point, direction } = this.iteration;
    this.measured = this.#measuredAt(point);
    this.#show(point);
    const { error } = this.measured;
    if (error < this.#error) {
      this.#error = error;
      copy(point, this.#best);
    }
    // If polishing does not reach rounding, another iteration may improve the point and make its active constraints
    // clear.
    if (this.#error <= this.#tolerance)
      return this.#polished() <= EXACT || ++this.#further > FURTHER ? 'converged' : undefined;
    if (error <= this.#from || (error <= this.#rough && this.looks >= this.#again)) {
      if (this.#polished() <= this.#tolerance) return 'converged';
      // Not improved: try again when the point is better, or after as much work again.
      this.#from = 0.1 * error;
      this.#again = 2 * this.looks;
    }
    return this.#certify(direction);
  }

  /** The final result: the best point, polished; a run that was stopped as hopeless may still be solved. */
  end(status: SolutionStatus): SolutionStatus {
    if (status === 'infeasible' || status === 'unbounded') return status;
    const isOpen = status === 'stalled' || status === 'maxIterations';
    if (this.#error <= HOPELESS) this.#polished();
    if (this.#error <= this.#tolerance) {
      this.#tryZero();
      scope(() => smallMultipliers(this.#scaled, this.#best, EXACT, (point) => this.#errorAt(point)));
    }
    this.measured = this.#measuredAt(this.#best);
    this.#show(this.#best);
    return isOpen && this.#error <= this.#tolerance ? 'converged' : status;
  }

  /**
   * x = 0 solves linear programs whose right sides are all 0. As these have no size of their own, a point near it may
   * be anywhere in the caller's units.
   */
  #tryZero(): void {
    const { P, h, b } = this.#scaled;
    const x = view(this.#best.x);
    const before = x.slice();
    if (maxAbs(x) > TINY || [P, h, b].some((part) => maxAbs(view(part)) > 0)) return;
    x.fill(0);
    const error = this.#errorAt(this.#best);
    if (error <= Math.max(this.#error, EXACT)) this.#error = error;
    else x.set(before);
  }

  #polished(): number {
    scope(() => {
      this.#error = polish(this.#scaled, this.system, this.#best, (point) => this.#errorAt(point));
    });
    return this.#error;
  }

  /** The error, which is one of equilibrated units: in others a large entry could hide the errors of small ones. */
  #errorAt({ x, lambda, nu }: Iterate): number {
    return this.#scaledMeasure.at(x, lambda, nu).error;
  }

  /** The error, and all else in the caller's units. */
  #measuredAt(point: Iterate): Measured {
    unscale(point, this.#scaling, this.#there);
    const { x, lambda, nu } = this.#there;
    return { ...this.#measure.at(x, lambda, nu), error: this.#errorAt(point) };
  }

  /** Writes a point to the caller's view of it. */
  #show(point: Iterate): void {
    unscale(point, this.#scaling, this.#there);
    this.#expand(this.#there, this.#whole);
  }

  #expand({ x, lambda, nu }: Partial<Iterate>, to: Partial<Iterate>): void {
    const { inequalities, equalities } = this.#reduced;
    if (x !== undefined && to.x !== undefined) view(to.x).set(view(x));
    if (lambda === undefined || nu === undefined || to.lambda === undefined || to.nu === undefined) return;
    const [ls, vs, l, v] = [view(to.lambda), view(to.nu), view(lambda), view(nu)];
    inequalities.forEach((row, i) => {
      ls[row] = l[i];
    });
    equalities.forEach((row, i) => {
      vs[row] = v[i];
    });
  }

  /** A certificate near the direction, for all rows of the caller's program. */
  #certify(direction: Iterate): SolutionStatus | undefined {
    const found =
      this.#certifier.find(direction) ?? (this.looks === SLOW ? this.#certifier.search() : undefined);
    this.certificate = found;
    if (found === undefined) return undefined;
    if (found.lambda === undefined) return 'unbounded';
    const { lambda, nu } = this.#whole;
    const whole = { lambda: array('convex', [...lambda.shape]), nu: array('convex', [...nu.shape]) };
    this.#expand(found, whole);
    this.certificate = whole;
    return 'infeasible';
  }
}

/** The program that the solution is measured on: all rows except trivial inequalities. */
function finite(reduced: Reduced, program: ConvexProgram): ConvexProgram {
  const { m, G, h } = reduced.program;
  return { ...program, m, G, h };
}

function kept({ inequalities }: Reduced, { lambda }: Iterate): Pick<Iterate, 'lambda'> {
  const all = view(lambda);
  return {
    lambda: array(
      'convex',
      [inequalities.length],
      Float64Array.from(inequalities, (row) => all[row]),
    ),
  };
}
