// Plane rotations of GpuTensors.

import { checkFlag, checkObject } from '../core/check.js';
import { ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import {
  type Indices,
  type Numbers,
  readNumbers,
  readPlanes,
  readSignedPermutation,
} from '../core/rotation-list.js';
import { runtime, withWorkspace } from '../core/runtime.js';
import { show } from '../core/shape.js';
import { givens } from '../generated/givens.js';
import type { DeviceBuffer } from './backend.js';
import { GpuTensor } from './gpu-tensor.js';
import { checkGpuTensor } from './operands.js';
import { rowCombinations } from './row-combinations.js';
import { device } from './session.js';

/** G_1 … G_N P: a factorization of `givens`, or planes and angles with or without a signed permutation. */
export interface RotationProduct {
  i: Indices;
  j: Indices;
  /** In radians. */
  angles: Numbers;
  permutation?: Indices;
  signs?: Numbers;
}

/** Options of `applyGivens`. */
export interface ApplyGivensOptions {
  /** Apply the transpose, which is the inverse; default false. */
  transpose?: boolean;
}

const OPTIONS: OptionNames<ApplyGivensOptions> = { transpose: true };
const NAME = 'gpu.applyGivens';

/**
 * Û x or Ûᵀ x on the GPU for Û = G_1 … G_N P, as `givens.apply`, for many columns: rotations that share no row make a wave, and two waves one
 * pass over x. Queues the work and returns at once; `download` waits for it and throws its errors.
 * @param x [d, m] or [..., d, m]; a vector [d] is a row on the GPU, and has to be a column [d, 1] here.
 * @param f as in `givens.apply`; read at once.
 * @throws ShapeError, ArgumentError, DTypeError; DeviceError before `gpu.init()`, or if the GPU cannot hold the result.
 */
export function applyGivens(x: GpuTensor, f: RotationProduct, options: ApplyGivensOptions = {}): GpuTensor {
  checkOptions(NAME, options, OPTIONS);
  const { transpose = false } = options;
  checkFlag(NAME, 'transpose', transpose);
  checkGpuTensor(NAME, 'x', x);
  checkObject(NAME, 'f', f);
  if (x.shape.length < 2)
    throw new ShapeError(`${NAME}: x must have shape [d, m] or [..., d, m], got ${show(x.shape)}`);
  const backend = device(NAME);
  const source = x.on(NAME, backend);
  const d = x.shape[x.shape.length - 2];
  const angles = readNumbers(NAME, 'angles', f.angles);
  const pairs = readPlanes(NAME, f.i, f.j, angles.length, d);
  const P = readSignedPermutation(NAME, f.permutation, f.signs, d);
  if (source === undefined) return new GpuTensor(x.shape, backend, undefined);
  backend.checkSize(NAME, source.extent);
  backend.checkGrid(NAME, source.extent);
  // At least one pass, so that the result is a tensor of its own.
  const passes = rowCombinations({ d, pairs, turns: turnsOf(angles), P: P ?? identity(d), transpose });
  let at: DeviceBuffer = source;
  for (const pass of passes) {
    const next = backend.combineRows(at, pass);
    if (at !== source) at.release();
    at = next;
  }
  return new GpuTensor(x.shape, backend, at);
}

function identity(d: number): { permutation: Int32Array; signs: Float64Array; places: Int32Array } {
  const order = Int32Array.from({ length: d }, (_, i) => i);
  return { permutation: order, signs: new Float64Array(d).fill(1), places: order };
}

/** (cos, sin) of each angle, by our own kernel. */
function turnsOf(angles: Float64Array): Float64Array {
  const count = angles.length;
  return withWorkspace(24 * count + 16, NAME, (address) => {
    const { buffer } = runtime().memory;
    new Float64Array(buffer, address, count).set(angles);
    givens.exports.turns_f64(count, address, false, address + 8 * count);
    return new Float64Array(buffer, address + 8 * count, 2 * count).slice();
  });
}
