// WGSL of the product without memory of the workgroup: a thread keeps its outputs in registers and reads both operands where they lie. For adapters
// on the CPU, where barriers are dear and caches do what tiles are for. Threads beside each other take columns beside each other, so that they read
// numbers of B that are neighbours and the same number of A: a CPU loads these at once, but any others one by one.
import { bindings, blockOf, type ProductKernel, scaledSource } from './product.js';

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const lines = (count: number, line: (i: number) => string): string => range(count).map(line).join('\n');

/** The WGSL text of a kernel whose tile has depth 0; its entry is `main`, its workgroups count columns, rows, and matrices times slices. */
export function directSource(kernel: ProductKernel): string {
  const { tile, transposeA, transposeB, exact, batched, sliced } = kernel;
  const { threads, rows, cols } = tile;
  const [high, wide] = blockOf(tile);
  const [across] = threads;
  const ofA = (i: number) => `a[a${i}${transposeA ? ' + k * p.pitchA' : ' + k'}]`;
  const ofB = (j: number) => `b[b${j}${transposeB ? ' + k' : ' + k * p.pitchB'}]`;
  // Beyond an edge the last row or column is read again, for outputs that nobody keeps.
  const inside = (index: string, end: string) => (exact ? `(${index})` : `min(${index}, ${end} - 1u)`);
  const keep = (i: number, j: number) => {
    const element = `c[atRow + ${j * across}u]`;
    const statement = `${element} = ${sliced ? `c${i}_${j}` : `scaled(c${i}_${j}, ${element})`};`;
    return exact ? `    ${statement}` : `    if (myCol + ${j * across}u < p.n) { ${statement} }`;
  };
  return `${bindings({ vectors: false, batched })}
${sliced ? '' : scaledSource('f32')}
@compute @workgroup_size(${threads[0]}, ${threads[1]})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let z = ${sliced ? 'group.z / p.slices' : 'group.z'};
  let baseA = ${batched ? 'batch[z].x' : 'z'} * p.strideA;
  let baseB = ${batched ? 'batch[z].y' : 'z'} * p.strideB;
  let myRow = group.y * ${high}u + local.y * ${rows}u;
  let myCol = group.x * ${wide}u + local.x;
  let first = ${sliced ? '(group.z % p.slices) * p.slice' : '0u'};
  let last = ${sliced ? 'min(p.k, first + p.slice)' : 'p.k'};
${lines(rows, (i) => `  let a${i} = baseA + ${inside(`myRow + ${i}u`, 'p.m')}${transposeA ? '' : ' * p.pitchA'};`)}
${lines(cols, (j) => `  let b${j} = baseB + ${inside(`myCol + ${j * across}u`, 'p.n')}${transposeB ? ' * p.pitchB' : ''};`)}
${lines(rows, (i) => lines(cols, (j) => `  var c${i}_${j} = 0.0;`))}
  for (var k = first; k < last; k++) {
${lines(cols, (j) => `    let y${j} = ${ofB(j)};`)}
${lines(rows, (i) => `    let x${i} = ${ofA(i)};\n${lines(cols, (j) => `    c${i}_${j} = fma(x${i}, y${j}, c${i}_${j});`)}`)}
  }
  let baseC = group.z * p.strideC;
${lines(rows, (i) => {
  const body = `    let atRow = baseC + (myRow + ${i}u) * p.pitchC + myCol;\n${lines(cols, (j) => keep(i, j))}`;
  return exact ? `  {\n${body}\n  }` : `  if (myRow + ${i}u < p.m) {\n${body}\n  }`;
})}
}
`;
}
