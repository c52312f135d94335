// Programs with a positive definite P, all at a time in one kernel: assembly/program.
import { tensor } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { program } from '../../generated/program.js';
import { view } from '../../linalg/blas/addresses.js';
import type { Batch } from '../problems/batch.js';
import type { Limits, Residuals } from '../problems/report.js';
import { residualsOf } from './residuals.js';
import type { ProgramOutputs, ProgramParts } from './solve-programs.js';
import { isNothing, tightRows, weaklyActive } from './weakly-active.js';

/** Programs per call of the kernel, for the sake of memory. */
const PIECE = 256;

/**
 * Writes the solutions that are sure to the tolerance.
 * @returns the programs that are left to another method, and the largest number of changes of a working set.
 */
export function solveByWorkingSet(
  { name, count, dtype }: Batch,
  parts: ProgramParts,
  outputs: ProgramOutputs,
  { tolerance, maxIterations }: Limits,
  residuals: Residuals,
): { programs: number[]; iterations: number } {
  const [n, p, q] = [parts.q.shape[1], parts.h.shape[1], parts.b.shape[1]];
  const programs: number[] = [];
  let iterations = 0;
  outputs.known.data().fill(0);
  if (n === 0) return { programs: Array.from({ length: count }, (_, k) => k), iterations };
  const { exports } = program;
  const N = n + p + q;
  const wantsZ = outputs.Z.size > 0;
  for (let from = 0; from < count; from += PIECE) {
    const length = Math.min(PIECE, count - from);
    scope(() => {
      const wide = (x: Tensor) => {
        const size = x.size / count;
        const values = x.data().subarray(from * size, (from + length) * size);
        return tensor(values as Float64Array, { shape: [length, size], dtype: 'f64' });
      };
      const [P, c, G, h, A, b] = [parts.P, parts.q, parts.G, parts.h, parts.A, parts.b].map(wide);
      const make = (size: number, type: 'f64' | 'i32' = 'f64') => allocate([length, size], type, name);
      const [x, lambda, nu, active] = [make(n), make(p), make(q), make(p, 'i32')];
      const Z = wantsZ ? make(N * N) : undefined;
      const infos = make(2, 'i32');
      const work = allocate([exports.programs_f64_work(n, p, q) / 8 + 1], 'f64', name);
      const data = [P, c, G, h, A, b].map(({ address }) => address) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const results = [x.address, lambda.address, nu.address, active.address, Z?.address ?? 0] as const;
      exports.programs_f64(length, n, p, q, maxIterations, ...data, ...results, infos.address, work.address);
      const said = infos.data();
      const [Pv, cv, Gv, hv, Av, bv, xv, lv, nv] = [P, c, G, h, A, b, x, lambda, nu].map(view);
      const part = (values: Float64Array, k: number, size: number) =>
        values.subarray(k * size, (k + 1) * size);
      for (let k = 0; k < length; k++) {
        const at = from + k;
        if (said[2 * k] !== 0) {
          programs.push(at);
          continue;
        }
        const numbers = {
          ...{ n, m: p, p: q },
          ...{ P: part(Pv, k, n * n), q: part(cv, k, n) },
          ...{ G: part(Gv, k, p * n), h: part(hv, k, p), A: part(Av, k, q * n), b: part(bv, k, q) },
        };
        const solution = [part(xv, k, n), part(lv, k, p), part(nv, k, q)] as const;
        const found = residualsOf(numbers, ...solution);
        const worst = Math.max(...Object.values(found));
        // In f64 the kernel does not see that a multiplier is 0 up to the rounding of f32; nor always that it is 0.
        const on = active.data().subarray(k * p, (k + 1) * p);
        const isWeak = weaklyActive(numbers, ...solution, on, dtype).length > 0;
        const hidesTight =
          isNothing(numbers, solution[0]) && tightRows(numbers, solution[0], dtype).some((i) => on[i] === 0);
        if (isWeak || hidesTight || !(worst <= 0.1 * tolerance)) {
          programs.push(at);
          continue;
        }
        residuals.note(found);
        iterations = Math.max(iterations, said[2 * k + 1]);
        outputs.x.data().set(part(xv, k, n), at * n);
        outputs.lambda.data().set(part(lv, k, p), at * p);
        outputs.nu.data().set(part(nv, k, q), at * q);
        outputs.active.data().set(active.data().subarray(k * p, (k + 1) * p), at * p);
        outputs.mark.data()[at] = 1;
        if (Z === undefined) continue;
        outputs.Z.data().set(part(view(Z), k, N * N), at * N * N);
        outputs.known.data()[at] = 1;
      }
    });
  }
  return { programs, iterations };
}
