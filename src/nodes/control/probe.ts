// What there is to know before the search: how many constraints the functions give, and which no control can change.
import { tensor } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { type Call, stepNumbers } from './functions.js';
import { type Layout, layoutOf } from './layout.js';
import type { PlainFunctions } from './open-functions.js';

/** What `probe` finds. */
export interface Probed {
  readonly layout: Layout;
  /**
   * Per problem and inequality: whether it is one of the first step that depends on the given state alone. It holds or
   * does not, and takes no part in the search.
   */
  readonly isGiven: readonly Uint8Array[];
}

/**
 * Calls each function, with the initial state at every step.
 * @param start the initial states of all problems, and `guess` the controls.
 */
export function probe(
  functions: PlainFunctions,
  call: Call,
  { T, nx, nu }: { T: number; nx: number; nu: number },
  start: Float64Array,
  guess: Float64Array,
): Probed {
  const { parts } = functions;
  const { lead, dtype } = call;
  const count = start.length / nx;
  const end: Call = { lead: lead.slice(0, -1), dtype };
  const [stepsAt, lastAt] = [functions.at('steps', call), functions.at('last', end)];
  return scope(() => {
    const steps = Float64Array.from(
      { length: count * T * nx },
      (_, k) => start[Math.floor(k / (T * nx)) * nx + (k % nx)],
    );
    const x = tensor(steps, { shape: [...lead, nx], dtype });
    const at = (u: Float64Array) =>
      stepsAt([x, tensor(u, { shape: [...lead, nu], dtype }), stepNumbers(call)]);
    const ofSteps = at(guess);
    const ofLast = lastAt([tensor(start, { shape: [...end.lead, nx], dtype })]);
    const width = (y: Tensor) => y.shape[y.ndim - 1];
    const inequality = 2 + Number(parts.equality);
    const p = parts.inequality ? width(ofSteps[inequality]) : 0;
    const layout = layoutOf({
      T,
      nx,
      nu,
      q: parts.equality ? width(ofSteps[2]) : 0,
      p,
      qT: parts.finalEquality ? width(ofLast[Number(parts.finalCost)]) : 0,
      pT: parts.finalInequality ? width(ofLast[ofLast.length - 1]) : 0,
    });
    const isGiven = Array.from({ length: count }, () => new Uint8Array(layout.inequalities.length));
    if (p > 0) {
      const [one, other] = [ofSteps[inequality], at(guess.map((v) => 0.731 * v + 1.234))[inequality]].map(
        (y) => y.data(),
      );
      isGiven.forEach((given, b) => {
        for (let k = 0; k < p; k++) given[k] = Number(one[b * T * p + k] === other[b * T * p + k]);
      });
    }
    return { layout, isGiven };
  });
}
