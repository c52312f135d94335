// A batch of quadratic programs by npm quadprog and by HiGHS, one after the other, each from data in its own form.
import type { Tensor } from 'cotangent';
import { load, type Peer, version } from './others.js';

/** min 1/2 xᵀPx + cᵀx over G x <= h and A x = b, `count` times. */
export interface ProgramBatch {
  count: number;
  n: number;
  p: number;
  q: number;
  P: Tensor;
  c: Tensor;
  G: Tensor;
  h: Tensor;
  A: Tensor;
  b: Tensor;
}

interface Solver {
  name: string;
  /** Solves all programs. */
  run(): void;
  /** The solutions, one after the other. */
  solution(): number[];
}

/** quadprog counts from 1, minimises 1/2 xᵀDx - dᵀx over Aᵀx >= b with the equalities first, and overwrites D and d. */
async function quadprog(batch: ProgramBatch): Promise<Solver> {
  const { solveQP } = await load('quadprog');
  const { count, n, p, q } = batch;
  const [P, c, G, h, A, b] = [batch.P, batch.c, batch.G, batch.h, batch.A, batch.b].map((x) =>
    x.toTypedArray(),
  );
  const programs = Array.from({ length: count }, (_, k) => {
    const from = (values: ArrayLike<number>, size: number, i: number) => values[k * size + i];
    const matrix = (rows: number, columns: number, at: (i: number, j: number) => number) => [
      [],
      ...Array.from({ length: rows }, (_, i) => [0, ...Array.from({ length: columns }, (_, j) => at(i, j))]),
    ];
    return {
      D: matrix(n, n, (i, j) => from(P, n * n, i * n + j)),
      d: [0, ...Array.from({ length: n }, (_, i) => -from(c, n, i))],
      A: matrix(n, q + p, (i, j) => (j < q ? from(A, q * n, j * n + i) : -from(G, p * n, (j - q) * n + i))),
      b: [0, ...Array.from({ length: q + p }, (_, j) => (j < q ? from(b, q, j) : -from(h, p, j - q)))],
    };
  });
  const solve = ({ D, d, A, b }: (typeof programs)[number]): number[] => {
    const found = solveQP(
      D.map((row) => row.slice()),
      d.slice(),
      A,
      b,
      q,
    );
    if (found.message !== '') throw new Error(found.message);
    return found.solution.slice(1);
  };
  return {
    name: `quadprog ${version('quadprog')}`,
    run: () => programs.forEach((program) => void solve(program)),
    solution: () => programs.flatMap(solve),
  };
}

/** HiGHS by sparse arrays, without the 1e-7 that it adds to the diagonal. */
async function highs(batch: ProgramBatch): Promise<Solver> {
  const module = await load('highs');
  const api: Peer = await (module.default ?? module)();
  const { count, n, p, q } = batch;
  const [P, c, G, h, A, b] = [batch.P, batch.c, batch.G, batch.h, batch.A, batch.b].map((x) =>
    x.toTypedArray(),
  );
  const models = Array.from({ length: count }, (_, k) => {
    const rows = [
      ...Array.from({ length: p }, (_, i) => G.slice((k * p + i) * n, (k * p + i + 1) * n)),
      ...Array.from({ length: q }, (_, i) => A.slice((k * q + i) * n, (k * q + i + 1) * n)),
    ];
    const lower: number[] = [];
    const values: number[] = [];
    const starts = [0];
    for (let j = 0; j < n; j++) {
      for (let i = j; i < n; i++) {
        lower.push(i);
        values.push(P[(k * n + i) * n + j]);
      }
      starts.push(lower.length);
    }
    const width = rows.length;
    return {
      numCols: n,
      numRows: width,
      colCost: Float64Array.from(c.slice(k * n, (k + 1) * n)),
      colLower: new Float64Array(n).fill(-api.infinity),
      colUpper: new Float64Array(n).fill(api.infinity),
      rowLower: Float64Array.from({ length: width }, (_, i) => (i < p ? -api.infinity : b[k * q + i - p])),
      rowUpper: Float64Array.from({ length: width }, (_, i) => (i < p ? h[k * p + i] : b[k * q + i - p])),
      matrix: {
        format: 'csr',
        numCols: n,
        numRows: width,
        starts: Int32Array.from({ length: width + 1 }, (_, i) => i * n),
        indices: Int32Array.from({ length: width * n }, (_, i) => i % n),
        values: Float64Array.from(rows.flatMap((row) => Array.from(row))),
      },
      hessian: {
        format: 'triangular',
        dimension: n,
        starts: Int32Array.from(starts),
        indices: Int32Array.from(lower),
        values: Float64Array.from(values),
      },
    };
  });
  const solve = (data: (typeof models)[number]): number[] =>
    api.withModel(data, (model: Peer) => {
      model.options.set({ output_flag: false, qp_regularization_value: 0 });
      model.run();
      return Array.from(model.getSolution().colValue as Float64Array);
    });
  return {
    name: `highs ${version('highs')}`,
    run: () => models.forEach((model) => void solve(model)),
    solution: () => models.flatMap(solve),
  };
}

/** Both solvers for a batch. */
export async function peersOfPrograms(batch: ProgramBatch): Promise<Solver[]> {
  return [await quadprog(batch), await highs(batch)];
}
