// Plans of transforms: radices and twiddle factors, kept from call to call, since making them takes longer than a transform.
import { allocateBytes, type Runtime, releaseBytes, runtime, withWorkspace } from '../core/runtime.js';
import { fft } from '../generated/fft.js';
import type { Float } from '../linalg/stack.js';
import type { Kept } from '../ops/workspace.js';

/** Bytes of plans, beside those in use at most; the oldest go first. */
const SPARE = 4 * 2 ** 20;

/** A plan in the heap, while somebody uses it; `dispose` says that one user does no more. */
export class Plan implements Kept {
  readonly address: number;
  readonly bytes: number;
  readonly #plans: Plans;
  uses = 0;

  constructor(plans: Plans, address: number, bytes: number) {
    this.#plans = plans;
    this.address = address;
    this.bytes = bytes;
  }

  dispose(): void {
    this.uses--;
    if (this.uses === 0) this.#plans.trim();
  }

  watch(): void {}
}

/** The plans of a memory, in the order in which they were last asked for. */
class Plans {
  readonly #kept = new Map<number, Plan>();
  /** Bytes of all plans. */
  #bytes = 0;

  get(key: number): Plan | undefined {
    const plan = this.#kept.get(key);
    // Where there is room for all, their order does not matter.
    if (plan !== undefined && this.#bytes > SPARE) {
      this.#kept.delete(key);
      this.#kept.set(key, plan);
    }
    return plan;
  }

  add(key: number, plan: Plan): void {
    this.#kept.set(key, plan);
    this.#bytes += plan.bytes;
  }

  /** Frees the oldest plans that nobody uses while there are too many. */
  trim(): void {
    if (this.#bytes <= SPARE) return;
    for (const [key, plan] of this.#kept) {
      if (plan.uses > 0) continue;
      this.#kept.delete(key);
      releaseBytes(plan.address);
      this.#bytes -= plan.bytes;
      if (this.#bytes <= SPARE) return;
    }
  }
}

let owner: Runtime | undefined;
let plans = new Plans();

/** Whatever makes a plan: its bytes, and what writes it. */
interface Maker {
  bytes(): number;
  write(address: number): void;
}

/** What a plan is for, as a number: eight kinds for each n. */
function keyOf(n: number, dtype: Float, kind: 0 | 1 | 2): number {
  return 8 * n + 2 * kind + (dtype === 'f64' ? 0 : 1);
}

function take(name: string, key: number, maker: Maker): Plan {
  const state = runtime();
  if (owner !== state) {
    owner = state;
    plans = new Plans();
  }
  let plan = plans.get(key);
  if (plan === undefined) {
    const bytes = maker.bytes();
    const address = allocateBytes(bytes, name);
    try {
      maker.write(address);
    } catch (error) {
      releaseBytes(address);
      throw error;
    }
    plan = new Plan(plans, address, bytes);
    plans.add(key, plan);
  }
  plan.uses++;
  return plan;
}

/** The plan for n complex numbers; `single`: where each is a row of its own. To be disposed by whoever asked. */
export function takePlan(name: string, dtype: Float, n: number, single: boolean): Plan {
  const { exports } = fft;
  return take(name, keyOf(n, dtype, single ? 1 : 0), {
    bytes: () => exports[`fft_plan_${dtype}_work`](n, single),
    write(address) {
      exports[`fft_plan_${dtype}`](address, n, single);
      const bytes = exports.fft_chirp_work(address);
      if (bytes > 0) withWorkspace(bytes, name, (work) => exports.fft_chirp(address, work));
    },
  });
}

/** exp(-2πi k/n) for k <= n/4, for transforms of n real numbers. To be disposed by whoever asked. */
export function takeRoots(name: string, dtype: Float, n: number): Plan {
  const { exports } = fft;
  return take(name, keyOf(n, dtype, 2), {
    bytes: () => exports[`rfft_roots_${dtype}_work`](n),
    write: (address) => exports[`rfft_roots_${dtype}`](address, n),
  });
}
