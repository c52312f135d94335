// A twin for each kernel: a function of the same name and signature over a memory, slow and plain, that says what the kernel means.
// Kernels without one are named here with the test that defines them.
import { array } from './array.js';
import { blas, vectors } from './blas.js';
import type { Memory } from './cells.js';
import { conv } from './conv.js';
import { lapack } from './lapack.js';
import { math, pointwise } from './pointwise.js';
import { random } from './random.js';
import { reduce } from './reduce.js';
import { banded, optimizerSteps } from './steps.js';

export * from './arrays.js';

/** All twins over a memory. */
export function twinsOf(memory: Memory) {
  return {
    ...array(memory),
    ...blas(memory),
    ...conv(memory),
    ...lapack(memory),
    ...math(memory),
    ...pointwise(memory),
    ...reduce(memory),
    ...banded(memory),
    ...optimizerSteps(memory),
    ...vectors(memory),
    ...random(memory),
  };
}

/**
 * Kernels whose result is not one number only (signs of vectors, orders), or comes out of an iteration: a test of residuals and
 * orthogonality, or against golden values, defines them. Workspace queries are defined by the comparison itself: the kernel is
 * given that many bytes, and what lies behind them must stay.
 */
export const DEFINED_BY: readonly { kernels: RegExp; mention: string; test: string }[] = [
  { kernels: /^syevd(_batched)?_f(64|32)(_work)?$/, mention: 'syevd', test: 'test/linalg/eigh.test.ts' },
  { kernels: /^syevj(_batched)?_f(64|32)(_work)?$/, mention: 'syevj', test: 'test/linalg/eigh.test.ts' },
  {
    kernels: /^(eigen_turns|mirror)_f(64|32)$/,
    mention: 'eigen_turns, mirror',
    test: 'test/nodes/eigh.test.ts',
  },
  { kernels: /^gesdd_f(64|32)(_work)?$/, mention: 'gesdd', test: 'test/linalg/svd.test.ts' },
  { kernels: /^gesvj_f(64|32)(_work)?$/, mention: 'gesvj', test: 'test/linalg/svd.test.ts' },
  { kernels: /^gels[fs]_f(64|32)$/, mention: 'gelsf, gelss', test: 'test/linalg/lstsq.test.ts' },
  { kernels: /^gelsd_f(64|32)_work$/, mention: 'gelsd', test: 'test/linalg/lstsq.test.ts' },
  { kernels: /^sytr[fs]_f(64|32)(_work)?$/, mention: 'sytrf', test: 'test/linalg/ldlt.test.ts' },
  {
    kernels: /^sytrf_(det|inverse|reconstruct|norm1)_f(64|32)(_work)?$/,
    mention: 'sytrf',
    test: 'test/linalg/ldlt.test.ts',
  },
  {
    kernels: /^(potrf|getrf|geqrf|sytrf)_rcond_f(64|32)$/,
    mention: 'rcond',
    test: 'test/linalg/factor.test.ts',
  },
  { kernels: /^(sytrf_)?rcond_f(64|32)_work$/, mention: 'rcond', test: 'test/linalg/factor.test.ts' },
  {
    kernels: /^programs_f64(_work)?$/,
    mention: 'programs_f64',
    test: 'test/nodes/working-set.test.ts',
  },
  { kernels: /^pair_/, mention: 'pair_bounds_f64', test: 'test/givens/pair-kernels.test.ts' },
  {
    kernels: /^assignment_/,
    mention: 'assignment_distance_f64',
    test: 'test/givens/assignment-kernels.test.ts',
  },
  { kernels: /^turns_f(64|32)$/, mention: 'turns_', test: 'test/givens/turns.test.ts' },
  {
    kernels:
      /^(join_planes|join_order|apply_turns_f(64|32)(_work)?|turn_series(_f64|_f32|_work)|turn_moments_f(64|32))$/,
    mention: 'join_planes, join_order, apply_turns_, turn_series_, turn_moments_',
    test: 'test/givens/apply-kernels.test.ts',
  },
  {
    kernels: /^(givens_(pitch|matrix_work|turn_f64)|eliminate_f64|jacobi_.*|refine_sweep_f64)$/,
    mention: 'givens_turn_f64, eliminate_f64, jacobi_turn_f64, refine_sweep_f64',
    test: 'test/givens/kernels.test.ts',
  },
  {
    kernels:
      /^(fft_(plan_f(64|32)|f(64|32)|chirp)(_work)?|rfft_length|rfft_roots_f(64|32)(_work)?|i?rfft_f(64|32)|rfft_f(64|32)_work)$/,
    mention: 'fft_f64, rfft_f64, irfft_f64, fft_plan_f64, rfft_roots_f64, fft_chirp',
    test: 'test/fft/kernels.test.ts',
  },
  {
    kernels: /^lorenz96_/,
    mention: 'lorenz96_f64, lorenz96_tangent_f64, lorenz96_adjoint_f64',
    test: 'test/dynamics/kernels.test.ts',
  },
  {
    kernels: /^volumes_/,
    mention: 'volumes_step_f64, volumes_tangent_f64, volumes_adjoint_f64',
    test: 'test/dynamics/flow/volumes-kernels.test.ts',
  },
  {
    kernels: /^(spectrum_|complex_product_|flow_(divergence|correct|transpose|scale)_)/,
    mention:
      'spectrum_spread, spectrum_collect, spectrum_unfold, spectrum_fold, spectrum_linear, complex_product, flow_divergence, flow_correct, flow_transpose and flow_scale',
    test: 'test/dynamics/flow/passes-kernels.test.ts',
  },
  { kernels: /^nearest_f64$/, mention: 'nearest_f64', test: 'test/cones/projection.test.ts' },
  { kernels: /^adjacent_pairs(_work)?$/, mention: 'adjacent_pairs', test: 'test/cones/adjacency.test.ts' },
  {
    kernels:
      /^(integer_(values|gcd|combine(_work)?)|split_values|include_row|mask_sets|join_sets|keep_records)$/,
    mention: 'integer_combine',
    test: 'test/cones/kernels.test.ts',
  },
  { kernels: /^row_roles/, mention: 'row_roles', test: 'test/cones/roles.test.ts' },
  { kernels: /^cone_/, mention: 'cone_', test: 'test/cones/enumeration-kernels.test.ts' },
  {
    kernels: /^(gemm|level3|getrf|qr|geqp3|geqrs|symm|gtsv|gbsv|conv|winograd)_f(64|32)_work$/,
    mention: '_work',
    test: 'test/kernels/twins.test.ts',
  },
  {
    kernels: /^(sum|softmax|norm|mean|moments|rotate|gemv)_work$/,
    mention: '_work',
    test: 'test/kernels/twins.test.ts',
  },
];
