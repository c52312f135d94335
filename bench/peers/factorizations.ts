// Factorizations against the best JavaScript peer of each, on the same matrix, alternating.

import { linalg, scope } from 'cotangent';
import { normals, toTensor } from '../cases/operands.js';
import type { BenchDType } from '../row.js';
import { quantile } from '../timing.js';
import { alternate, sorted } from './duel.js';
import type { Choice } from './groups.js';
import { load, type Peer, version } from './others.js';

interface Match {
  kernel: keyof typeof OURS;
  dtype: BenchDType;
  n: number;
  peer: 'numpy-ts' | 'ml-matrix';
  flops: number;
}

const OURS = {
  cholesky: (a: Peer) => linalg.cholesky(a),
  'LU and solve': (a: Peer, b: Peer) => linalg.solve(a, b),
  qr: (a: Peer) => linalg.qr(a),
  eigh: (a: Peer) => linalg.eigh(a),
  svd: (a: Peer) => linalg.svd(a),
};

const MATCHES: readonly Match[] = [
  { kernel: 'cholesky', dtype: 'f32', n: 1024, peer: 'numpy-ts', flops: 1 / 3 },
  { kernel: 'cholesky', dtype: 'f64', n: 512, peer: 'numpy-ts', flops: 1 / 3 },
  { kernel: 'LU and solve', dtype: 'f32', n: 1024, peer: 'numpy-ts', flops: 2 / 3 },
  { kernel: 'LU and solve', dtype: 'f64', n: 512, peer: 'ml-matrix', flops: 2 / 3 },
  { kernel: 'qr', dtype: 'f64', n: 512, peer: 'ml-matrix', flops: 8 / 3 },
  { kernel: 'eigh', dtype: 'f64', n: 512, peer: 'ml-matrix', flops: 9 },
  { kernel: 'svd', dtype: 'f64', n: 512, peer: 'ml-matrix', flops: 22 },
];

/** A symmetric positive definite matrix, which all of them accept. */
function definite(n: number, dtype: BenchDType) {
  const x = normals(n * n, dtype, 1);
  const s = x.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) s[i * n + j] = (x[i * n + j] + x[j * n + i]) / 2 + (i === j ? 3 * n : 0);
  }
  return s;
}

/** The peer's work; it forms the same factors. */
async function theirs(match: Match, data: ArrayLike<number>): Promise<() => void> {
  const { n, dtype, kernel } = match;
  if (match.peer === 'numpy-ts') {
    const np = await load('numpy-ts');
    const type = dtype === 'f32' ? 'float32' : 'float64';
    const a = np.array(Array.from(data), type).reshape([n, n]);
    const b = np.array(new Array(n).fill(1), type);
    if (kernel === 'cholesky') return () => void np.linalg.cholesky(a).dispose?.();
    return () => void np.linalg.solve(a, b).dispose?.();
  }
  const ml = await load('ml-matrix');
  const a = ml.Matrix.from1DArray(n, n, Array.from(data));
  const b = ml.Matrix.columnVector(new Array(n).fill(1));
  const run: Record<string, () => unknown> = {
    'LU and solve': () => new ml.LuDecomposition(a).solve(b),
    qr: () => {
      const { orthogonalMatrix, upperTriangularMatrix } = new ml.QrDecomposition(a);
      return [orthogonalMatrix, upperTriangularMatrix];
    },
    eigh: () => new ml.EigenvalueDecomposition(a, { assumeSymmetric: true }).eigenvectorMatrix,
    svd: () => new ml.SingularValueDecomposition(a),
  };
  return () => void run[kernel]();
}

export async function factorizationsAgainstPeers({
  version: own,
  options,
  sizes,
  onResult,
}: Choice): Promise<void> {
  for (const match of MATCHES.filter(({ n }) => !sizes || sizes.includes(n))) {
    const { kernel, dtype, n, peer, flops } = match;
    const data = definite(n, dtype);
    const a = toTensor(data, [n, n]);
    const b = toTensor(data.slice(0, n).fill(1), [n]);
    const times = await alternate(
      [{ run: () => scope(() => void OURS[kernel](a, b)) }, { run: await theirs(match, data) }],
      options,
    );
    const ratios = sorted(times[0].map((ms, round) => times[1][round] / ms));
    const side = (name: string, release: string, ms: readonly number[]) => {
      const medianMs = quantile(sorted(ms), 0.5);
      return { name, version: release, n, medianMs, gflops: (flops * n ** 3) / medianMs / 1e6 };
    };
    const [ours, other] = [side('cotangent', own, times[0]), side(peer, version(peer), times[1])];
    onResult({
      group: kernel,
      dtype,
      ours,
      theirs: other,
      rounds: ratios.length,
      ratio: other.medianMs / ours.medianMs,
      ratioLow: quantile(ratios, 0.25),
      ratioHigh: quantile(ratios, 0.75),
    });
    a.dispose();
    b.dispose();
  }
}
