// gpu.calibrate: measures the open device once, and keeps what was found.

import { checkFlag, checkFunction } from '../core/check.js';
import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { type Calibration, calibration, knownRates, useCalibration, useRates } from './in-force.js';
import type { Rates } from './rates.js';
import { device } from './session.js';

export interface CalibrateOptions {
  /** Measure rates alone, and keep the kernels that are in use. Default false. */
  quick?: boolean;
  /**
   * The file that keeps it, in Node; false: it is not kept. Default: that of the environment variable COTANGENT_CALIBRATION, or
   * cotangent/calibration.json in the user's cache folder; IndexedDB in a page.
   */
  file?: string | false;
  /** Called before each step: what is measured, and which part of all is done, from 0 to 1. */
  onProgress?: (what: string, done: number) => void;
}

const CALIBRATE_OPTIONS: OptionNames<CalibrateOptions> = { quick: true, file: true, onProgress: true };

/**
 * Measures the open GPU and the CPU: tries the kernels of products by classes of shapes and takes the fastest into use, and measures
 * the rates by which 'auto' chooses a device. `gpu.init` reads what is kept for the same adapter, driver and version of this package.
 * Takes some seconds, in which nothing else should run. Where it cannot be kept, `gpu.calibration().reason` says why.
 * Throws `DeviceError` before `gpu.init()`, and where the device is lost.
 * @example
 * await gpu.init();
 * const { rates } = await gpu.calibrate();
 */
export async function calibrate(options: CalibrateOptions = {}): Promise<Calibration> {
  checkOptions('gpu.calibrate', options, CALIBRATE_OPTIONS);
  const { quick = false, file, onProgress } = options;
  checkFlag('gpu.calibrate', 'quick', quick);
  if (onProgress !== undefined) checkFunction('gpu.calibrate', 'onProgress', onProgress);
  if (file !== undefined && file !== false && typeof file !== 'string')
    throw new ArgumentError(`gpu.calibrate: file must be a path or false, got ${describe(file)}`);
  const backend = device('gpu.calibrate');
  const { measure } = await import('./calibration/measure.js');
  const found = await measure(backend, quick, calibration().calibration, onProgress);
  device('gpu.calibrate'); // a device that was lost meanwhile has measured nothing
  const kept = file === false ? { reason: 'it was not to be kept' } : await keepIt(found, file);
  useCalibration(backend, { calibration: found, ...kept });
  return found;
}

async function keepIt(found: Calibration, file: string | undefined) {
  const { keep } = await import('./calibration/store.js');
  const kept = await keep(found, file);
  return 'where' in kept ? { ...kept, reason: `measured, and kept in ${kept.where}` } : kept;
}

/** The rates of the open device and the CPU, which are measured now where they were not. */
export async function measuredRates(caller: string): Promise<Rates> {
  const known = knownRates();
  if (known) return known;
  const { measureRates } = await import('./calibration/measure.js');
  const rates = await measureRates(device(caller));
  useRates(rates);
  return rates;
}
