// DevicePlan: a compiled function that may run on a GPU. What compiles for it is loaded by the first call after `gpu.init`.
import { type DevicePrograms, deviceCompiler, NO_GPU } from '../core/devices.js';
import { disposable } from '../core/disposable.js';
import { ArgumentError, DeviceError, DisposedError } from '../core/errors.js';
import { copyOf } from '../core/tensor.js';
import { mapTree, type Tree } from '../core/tree.js';
import { isRecording } from '../ops/tracer.js';
import type { Plan, PlanOf } from './compile.js';
import type { Traceable } from './graph-trace.js';

/** What runs where, and what is expected of it. */
export interface UnitReport {
  readonly device: 'cpu' | 'gpu';
  /** Steps of the program; fused operations count as one. */
  readonly steps: number;
  /** Why it runs there. */
  readonly reason: string;
  /** Bytes that the unit moves to its device before it runs; for the last one, `bytesOut` those of results. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Milliseconds that the rates of `gpu.calibrate` predict, transfers included. */
  readonly predictedMs: number;
}

/** A plan that runs on a GPU, or on both devices, or, with 'auto', on the CPU. */
export interface DevicePlanParts extends Omit<PlanOf, 'device'> {
  /** Where the program that ran last runs: 'gpu' if any of its steps does. */
  readonly device: 'cpu' | 'gpu';
  /** The units of the program that ran last. */
  readonly report: readonly UnitReport[];
}

/** The result of `compile` with `device` 'gpu' or 'auto'. */
export type DevicePlanOf<F extends Traceable = Traceable> = ((
  // biome-ignore lint/suspicious/noExplicitAny: tensors of either device stand where f takes tensors
  ...args: any[]
  // biome-ignore lint/suspicious/noExplicitAny: trees of what f returns, on either device
) => Promise<any>) &
  DevicePlanParts & { readonly of?: F };

/** The state of a plan. */
export class DevicePlan<F extends Traceable> {
  readonly #f: F;
  readonly #options: { readonly device: 'gpu' | 'auto'; readonly download: boolean };
  readonly #make: () => Plan<F>;
  #programs: DevicePrograms | undefined;
  #onCpu: Plan<F> | undefined;
  #disposed = false;
  /** Calls run one after the other, in their order. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    f: F,
    options: { readonly device: 'gpu' | 'auto'; readonly download: boolean },
    make: () => Plan<F>,
  ) {
    this.#f = f;
    this.#options = options;
    this.#make = make;
  }

  call(args: readonly unknown[]): Promise<unknown> {
    if (isRecording()) {
      throw new ArgumentError(
        'compile: a plan for the GPU is asynchronous and cannot be called in a function that is traced (differentiate the function itself, and compile that)',
      );
    }
    const run = () => this.#run(args);
    const result = this.#last.then(run, run);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #run(args: readonly unknown[]): Promise<unknown> {
    if (this.#disposed) throw new DisposedError('compile: the plan has been disposed');
    const loading = this.#programs ? undefined : deviceCompiler();
    if (loading !== undefined) this.#programs = (await loading)(this.#f, this.#options);
    if (this.#programs !== undefined) return this.#programs.call(args);
    if (this.#options.device === 'gpu') throw new DeviceError(`compile: ${NO_GPU}`);
    this.#onCpu ??= this.#make();
    const result: Tree = this.#onCpu(...args);
    return this.#options.download ? mapTree(result, (x) => copyOf(x, 'compile')) : result;
  }

  get #current(): DevicePrograms | Plan<F> | undefined {
    return this.#programs ?? this.#onCpu;
  }

  dispose(): void {
    this.#disposed = true;
    this.#programs?.dispose();
    this.#onCpu?.dispose();
  }

  /** The plan as users have it. */
  callable(): DevicePlanOf<F> {
    const self = this;
    const dispose = () => self.dispose();
    const of: DevicePlanParts = {
      get bytes() {
        return self.#current?.bytes ?? 0;
      },
      get kernels() {
        return self.#current?.kernels ?? 0;
      },
      get device() {
        return self.#programs?.device ?? 'cpu';
      },
      get graph() {
        return self.#current?.graph as PlanOf['graph'];
      },
      get report() {
        if (self.#programs !== undefined) return self.#programs.report as readonly UnitReport[];
        const steps = self.#onCpu?.kernels ?? 0;
        const unit = { device: 'cpu', steps, reason: NO_GPU, bytesIn: 0, bytesOut: 0 } as const;
        return self.#onCpu ? [{ ...unit, predictedMs: Number.NaN }] : [];
      },
      toString: () => String(self.#current ?? 'plan, not called yet'),
      dispose,
      [Symbol.dispose]: dispose,
    };
    const plan = (...args: unknown[]) => self.call(args);
    return disposable(
      Object.defineProperties(plan, Object.getOwnPropertyDescriptors(of)) as unknown as DevicePlanOf<F>,
    );
  }
}
