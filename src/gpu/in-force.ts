// The calibration in force on the open device, and the rates by which work is shared out. What reads and measures it is loaded when it is needed.

import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import type { Backend } from './backend.js';
import type { Calibration } from './calibration/types.js';
import { DEFAULT_TABLE, SOFTWARE_TABLE } from './product-plan.js';
import { DEFAULT_RATES, type Rates, SOFTWARE_RATES } from './rates.js';

export type { Calibration } from './calibration/types.js';

/** The calibration in force, if there is one. */
export interface CalibrationState {
  readonly calibration?: Calibration;
  /** The file that keeps it, or 'IndexedDB, cotangent'; undefined where it is not kept. */
  readonly where?: string;
  /** Where it comes from, or why there is none or it is not kept. */
  readonly reason: string;
}

const NONE: CalibrationState = { reason: 'no GPU is open' };

let state: CalibrationState = NONE;
/** Rates that were measured although there is no calibration. */
let measured: Rates | undefined;
let software = false;

/** The calibration by which the open device works, or why there is none. */
export function calibration(): CalibrationState {
  return state;
}

/** The rates of the open device: measured, or constants where they were not. */
export function ratesInForce(): Rates {
  return state.calibration?.rates ?? measured ?? (software ? SOFTWARE_RATES : DEFAULT_RATES);
}

/** Rates that were measured on the open device, if there are any. */
export function knownRates(): Rates | undefined {
  return state.calibration?.rates ?? measured;
}

/** Rates for as long as the device is open and there is no calibration. */
export function useRates(rates: Rates): void {
  measured = rates;
}

/** Takes a calibration and its kernels into use. */
export function useCalibration({ webgpu, info }: Backend, next: CalibrationState): void {
  state = next;
  software = info.software;
  measured = undefined;
  if (webgpu) webgpu.products.table = next.calibration?.table ?? (software ? SOFTWARE_TABLE : DEFAULT_TABLE);
}

/** Finds the calibration of a device that opens: the one given, or the one that is kept. */
export async function adoptCalibration(
  backend: Backend,
  wanted: Calibration | string | false | undefined,
): Promise<void> {
  if (wanted === false) return useCalibration(backend, { reason: 'constants were asked for' });
  const { keyOf, load } = await import('./calibration/store.js');
  const here = await keyOf(backend);
  if (wanted === undefined || typeof wanted === 'string') {
    const found = await load(here, wanted);
    return useCalibration(
      backend,
      'reason' in found ? found : { ...found, reason: `read from ${found.where}` },
    );
  }
  const { differenceOf, obstacleOf } = await import('./calibration/types.js');
  const obstacle = obstacleOf(wanted);
  if (obstacle !== undefined)
    throw new ArgumentError(
      `gpu.init: calibration must be one of gpu.calibrate, a file, or false, got ${describe(wanted)}: ${obstacle}`,
    );
  const difference = differenceOf(wanted.key, here);
  useCalibration(
    backend,
    difference === undefined
      ? { calibration: wanted, reason: 'given' }
      : { reason: `the calibration that was given is of something else: ${difference}` },
  );
}

/** For a device that closes. */
export function forgetCalibration(): void {
  [state, measured, software] = [NONE, undefined, false];
}
