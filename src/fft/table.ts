// The table of fft: every row there is.
import type { Op } from '../ops/op.js';
import { fftOp, irfftOp, rfftOp } from './rows.js';

export const fftOperations = [fftOp, rfftOp, irfftOp] as readonly Op<never>[];
