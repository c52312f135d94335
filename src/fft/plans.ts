// Plans of transforms: radices and twiddle factors, kept from call to call, since making them takes longer than a transform.
import { allocateBytes, type Runtime, releaseBytes, runtime, withWorkspace } from '../core/runtime.js';
import { fft } from '../generated/fft.js';
import type { Float } from '../linalg/stack.js';
import type { Kept } from '../ops/workspace.js';

/** Bytes of plans that nothing uses, at most; the oldest go first. */
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
    this.#plans.trim();
  }

  watch(): void {}
}

/** The plans of a memory, in the order in which they were last asked for. */
class Plans {
  readonly #kept = new Map<string, Plan>();

  get(key: string): Plan | undefined {
    const plan = this.#kept.get(key);
    if (plan === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, plan);
    return plan;
  }

  add(key: string, plan: Plan): void {
    this.#kept.set(key, plan);
  }

  /** Frees the oldest plans without users that are too many. */
  trim(): void {
    const spare = [...this.#kept].filter(([, plan]) => plan.uses === 0);
    let bytes = spare.reduce((sum, [, plan]) => sum + plan.bytes, 0);
    for (const [key, plan] of spare) {
      if (bytes <= SPARE) return;
      this.#kept.delete(key);
      releaseBytes(plan.address);
      bytes -= plan.bytes;
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

function take(name: string, key: string, maker: Maker): Plan {
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
  return take(name, `${dtype} ${n} ${single}`, {
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
  return take(name, `${dtype} ${n} roots`, {
    bytes: () => exports[`rfft_roots_${dtype}_work`](n),
    write: (address) => exports[`rfft_roots_${dtype}`](address, n),
  });
}
