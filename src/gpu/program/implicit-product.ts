// A product whose operands exist as functions of their indices only: tiles of both are computed into the memory of a workgroup.
import {
  type Binding,
  type ProgramDispatch,
  perElement,
  readsScratch,
  type ScratchSpace,
  shaderOf,
  writesScratch,
} from './shader.js';

/** Threads across and down, outputs of each across and down, terms between two barriers. */
const [SIDE, OUTPUTS, DEPTH] = [8, 4, 8] as const;
const BLOCK = SIDE * OUTPUTS;

/** Terms of a slice at least, and workgroups that keep a device busy. */
const SLICE = 256;
const WORKGROUPS = 64;

/** C[i, j] = Σ_k left(i, k) right(k, j). */
export interface ImplicitProduct {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Arrays that the texts read, as b0, b1, …, and the result behind them. */
  readonly from: readonly Binding[];
  readonly into: Binding;
  readonly declared: string;
  /** Expressions of type f32 of indices of type u32. */
  left(i: string, k: string): string;
  right(k: string, j: string): string;
  /** Where C[i, j] lies in the result. */
  place(i: string, j: string): string;
}

export function implicitProduct(product: ImplicitProduct, space: ScratchSpace): ProgramDispatch[] {
  const { m, n, k, from, into, declared, place } = product;
  const grid = [Math.ceil(n / BLOCK), Math.ceil(m / BLOCK)] as const;
  const wanted = Math.min(Math.floor(k / SLICE), Math.floor(WORKGROUPS / (grid[0] * grid[1])));
  const slice = wanted > 1 ? DEPTH * Math.ceil(k / wanted / DEPTH) : k;
  const slices = Math.max(1, Math.ceil(k / Math.max(1, slice)));
  const result = `b${from.length}`;
  const main = tiled(product, slice, slices, (i, j, value) =>
    slices === 1
      ? `${result}[${place(i, j)}] = ${value};`
      : `${result}[(group.z * ${m}u + ${i}) * ${n}u + ${j}] = ${value};`,
  );
  const memory = `var<workgroup> tile_a: array<vec4<f32>, ${(DEPTH * BLOCK) / 4}>;
var<workgroup> tile_b: array<vec4<f32>, ${(DEPTH * BLOCK) / 4}>;`;
  const dispatch = (target: Binding): ProgramDispatch =>
    shaderOf({ bindings: [...from, target], declared: `${declared}\n${memory}`, body: '' }, main, [
      ...grid,
      slices,
    ]);
  if (slices === 1) return [dispatch(into)];
  const partial = space.take(slices * m * n);
  const sum = perElement(m * n, {
    bindings: [readsScratch(partial), into],
    body: `  var sum = 0.0;
  for (var s = 0u; s < ${slices}u; s++) { sum += b0[s * ${m * n}u + e]; }
  let i = e / ${n}u;
  let j = e % ${n}u;
  b1[${place('i', 'j')}] = sum;`,
  });
  return [dispatch(writesScratch(partial)), sum];
}

function tiled(
  { m, n, k, left, right }: ImplicitProduct,
  slice: number,
  slices: number,
  store: (i: string, j: string, value: string) => string,
): string {
  const threads = SIDE * SIDE;
  const four = [0, 1, 2, 3];
  const first = slices === 1 ? '0u' : `group.z * ${slice}u`;
  const last = slices === 1 ? `${k}u` : `min(${k}u, first + ${slice}u)`;
  return `@compute @workgroup_size(${SIDE}, ${SIDE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.y * ${BLOCK}u;
  let col = group.x * ${BLOCK}u;
  let first = ${first};
  let last = ${last};
${four.map((i) => `  var c${i} = vec4<f32>();`).join('\n')}
  for (var begin = first; begin < last; begin += ${DEPTH}u) {
    for (var e = thread; e < ${DEPTH * BLOCK}u; e += ${threads}u) {
      let i = row + e / ${DEPTH}u;
      let k = begin + e % ${DEPTH}u;
      var v = 0.0;
      if (i < ${m}u && k < last) { v = ${left('i', 'k')}; }
      tile_a[((e % ${DEPTH}u) * ${BLOCK}u + e / ${DEPTH}u) / 4u][(e / ${DEPTH}u) % 4u] = v;
    }
    for (var e = thread; e < ${DEPTH * BLOCK}u; e += ${threads}u) {
      let k = begin + e / ${BLOCK}u;
      let j = col + e % ${BLOCK}u;
      var v = 0.0;
      if (j < ${n}u && k < last) { v = ${right('k', 'j')}; }
      tile_b[e / 4u][e % 4u] = v;
    }
    workgroupBarrier();
    for (var t = 0u; t < ${DEPTH}u; t++) {
      let a = tile_a[t * ${BLOCK / 4}u + local.y];
      let b = tile_b[t * ${BLOCK / 4}u + local.x];
${four.map((i) => `      c${i} = fma(vec4<f32>(a[${i}]), b, c${i});`).join('\n')}
    }
    workgroupBarrier();
  }
  let i = row + local.y * ${OUTPUTS}u;
  let j = col + local.x * ${OUTPUTS}u;
${four
  .map((r) =>
    four
      .map(
        (c) =>
          `  if (i + ${r}u < ${m}u && j + ${c}u < ${n}u) { ${store(`(i + ${r}u)`, `(j + ${c}u)`, `c${r}[${c}]`)} }`,
      )
      .join('\n'),
  )
  .join('\n')}
}
`;
}
