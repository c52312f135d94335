// WGSL of products that a tile does not suit: with a vector, with few columns or few terms, and the sum of the slices of a long product.
import { PARAMETERS } from './product.js';

/** Threads of a workgroup, for all of these. */
export const THREADS = 64;

/** Where operands lie, and whether a table names the matrices of a batch. */
export interface ThinKernel {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly batched: boolean;
}

function head({ batched }: Pick<ThinKernel, 'batched'>): string {
  return `${PARAMETERS}
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
@group(0) @binding(3) var<uniform> p: Parameters;
${batched ? '@group(0) @binding(4) var<storage, read> batch: array<vec2<u32>>;' : ''}
fn keep(at: u32, sum: f32) {
  // Without beta there is nothing to add: the result is new, and is not read.
  if (p.beta == 0.0) { c[at] = p.alpha * sum; } else { c[at] = p.alpha * sum + p.beta * c[at]; }
}
`;
}

const baseOf = (batched: boolean, z: string): string => `
  let baseA = ${batched ? `batch[${z}].x` : z} * p.strideA;
  let baseB = ${batched ? `batch[${z}].y` : z} * p.strideB;
  let baseC = ${z} * p.strideC;`;

/** One thread makes one element: for products with few columns, few rows or few terms. Workgroups count elements and matrices. */
export function plainSource(kernel: ThinKernel): string {
  const { transposeA, transposeB, batched } = kernel;
  const a = transposeA ? 'a[baseA + k * p.pitchA + i]' : 'a[baseA + i * p.pitchA + k]';
  const b = transposeB ? 'b[baseB + j * p.pitchB + k]' : 'b[baseB + k * p.pitchB + j]';
  return `${head(kernel)}
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let e = (group.y * ${GRID}u + group.x) * ${THREADS}u + thread;
  if (e >= p.m * p.n) { return; }
  let i = e / p.n;
  let j = e % p.n;
${baseOf(batched, 'group.z')}
  var sum = 0.0;
  for (var k = 0u; k < p.k; k++) { sum = fma(${a}, ${b}, sum); }
  keep(baseC + i * p.pitchC + j, sum);
}
`;
}

/** Workgroups across: those beyond go on in the next row of workgroups. */
export const GRID = 32768;

/**
 * Products with a vector, whose result has `length` elements: the matrix is an operand whose rows lie in memory along the sum ('rows': a workgroup sums a
 * row) or across it ('columns': a thread sums a column). `matrix` says which operand it is, `contiguous` that the vector's numbers lie beside each other.
 */
export function vectorSource(kernel: {
  matrix: 'a' | 'b';
  along: 'rows' | 'columns';
  contiguous: boolean;
  batched: boolean;
}): string {
  const { matrix, along, contiguous, batched } = kernel;
  const [baseM, baseV] = matrix === 'a' ? ['baseA', 'baseB'] : ['baseB', 'baseA'];
  const vector = matrix === 'a' ? 'b' : 'a';
  const pitch = matrix === 'a' ? 'p.pitchA' : 'p.pitchB';
  const step = contiguous ? '1u' : matrix === 'a' ? 'p.pitchB' : 'p.pitchA';
  const length = matrix === 'a' ? 'p.m' : 'p.n';
  const at = matrix === 'a' ? 'baseC + i * p.pitchC' : 'baseC + i';
  if (along === 'columns')
    return `${head(kernel)}
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let i = (group.y * ${GRID}u + group.x) * ${THREADS}u + thread;
  if (i >= ${length}) { return; }
${baseOf(batched, 'group.z')}
  var sum = 0.0;
  for (var k = 0u; k < p.k; k++) { sum = fma(${matrix}[${baseM} + k * ${pitch} + i], ${vector}[${baseV} + k * ${step}], sum); }
  keep(${at}, sum);
}
`;
  return `${head(kernel)}
var<workgroup> sums: array<f32, ${THREADS}>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let i = group.y * ${GRID}u + group.x;
${baseOf(batched, 'group.z')}
  var sum = 0.0;
  if (i < ${length}) {
    for (var k = thread; k < p.k; k += ${THREADS}u) { sum = fma(${matrix}[${baseM} + i * ${pitch} + k], ${vector}[${baseV} + k * ${step}], sum); }
  }
  sums[thread] = sum;
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { sums[thread] += sums[thread + half]; }
  }
  if (thread == 0u && i < ${length}) { keep(${at}, sums[0]); }
}
`;
}

/** C := alpha Σ slices + beta C, slices in their order; a: the slices, one matrix of C's extents behind the other. Workgroups count elements and matrices. */
export function sumSlicesSource(): string {
  return `${PARAMETERS}
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
@group(0) @binding(3) var<uniform> p: Parameters;
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let e = (group.y * ${GRID}u + group.x) * ${THREADS}u + thread;
  let size = p.m * p.n;
  if (e >= size) { return; }
  var sum = 0.0;
  for (var s = 0u; s < p.slices; s++) { sum += a[(group.z * p.slices + s) * size + e]; }
  let at = group.z * p.strideC + (e / p.n) * p.pitchC + e % p.n;
  if (p.beta == 0.0) { c[at] = p.alpha * sum; } else { c[at] = p.alpha * sum + p.beta * c[at]; }
}
`;
}
