// WGSL of the tiled product: a workgroup copies tiles of both operands to its own memory and a thread keeps its outputs in registers. One template
// for all tiles, edges and layouts; the text names every register, since not every compiler unrolls loops over arrays.

/** How a workgroup goes about a product. */
export interface ProductTile {
  /** Threads across the columns of the result, and down its rows. */
  readonly threads: readonly [across: number, down: number];
  /** Outputs of a thread: rows (one, two, or a multiple of four) and columns (a multiple of four); any numbers where the depth is 0. */
  readonly rows: number;
  readonly cols: number;
  /** Terms of the sums between two barriers: a multiple of four; 0: operands are read where they lie, without memory of the workgroup. */
  readonly depth: number;
}

/** A kernel: a tile, where the operands lie, and what may be taken for granted. */
export interface ProductKernel {
  readonly tile: ProductTile;
  /** A is [k, m] and not [m, k]; B is [n, k] and not [k, n]. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** Extents are multiples of the tile's: nothing lies beyond an edge. */
  readonly exact: boolean;
  /** Rows of both operands and of the result begin at multiples of four numbers, and have whole fours of them. */
  readonly vectors: boolean;
  /** Matrices are named by a table, a pair of indices for each of the result. */
  readonly batched: boolean;
  /** The sum over k is cut into slices, one after the other in the result, which is scaled later. */
  readonly sliced: boolean;
}

/** The uniform that all kernels of products read, in this order; see `parametersOf`. */
export const PARAMETERS = `struct Parameters {
  m: u32, n: u32, k: u32, pitchA: u32,
  pitchB: u32, pitchC: u32, strideA: u32, strideB: u32,
  strideC: u32, slice: u32, slices: u32, alpha: f32,
  beta: f32,
}
`;

/** Rounds of a copy that are written out. */
const UNROLLED = 8;

/** Rows and columns of the result that a workgroup makes. */
export function blockOf({ threads, rows, cols }: ProductTile): [rows: number, cols: number] {
  return [threads[1] * rows, threads[0] * cols];
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const lines = (count: number, line: (i: number) => string): string => range(count).map(line).join('\n');

/** The bindings: operands, the result, parameters, and the table of a batch. */
export function bindings({ vectors, batched }: Pick<ProductKernel, 'vectors' | 'batched'>): string {
  const element = vectors ? 'vec4<f32>' : 'f32';
  return `${PARAMETERS}
@group(0) @binding(0) var<storage, read> a: array<${element}>;
@group(0) @binding(1) var<storage, read> b: array<${element}>;
@group(0) @binding(2) var<storage, read_write> c: array<${element}>;
@group(0) @binding(3) var<uniform> p: Parameters;
${batched ? '@group(0) @binding(4) var<storage, read> batch: array<vec2<u32>>;' : ''}`;
}

/**
 * Copies a tile of an operand: `wide` elements across what lies beside each other in memory, `high` of them. `store` is the statement that keeps
 * element (outer, inner), whose value is `v`.
 */
function copyTile(
  kernel: ProductKernel,
  operand: {
    name: string;
    /** Extents of the tile: of the axis that is contiguous in memory, and of the other. */
    inner: number;
    outer: number;
    /** Where the tile begins on both axes, where the operand ends, the pitch and the matrix. */
    innerFrom: string;
    outerFrom: string;
    innerEnd: string;
    outerEnd: string;
    pitch: string;
    base: string;
    store(inner: string, outer: string, value: string): string;
  },
): string {
  const { name, inner, outer, innerFrom, outerFrom, innerEnd, outerEnd, pitch, base, store } = operand;
  const threads = kernel.tile.threads[0] * kernel.tile.threads[1];
  const step = kernel.vectors ? 4 : 1;
  const count = (inner * outer) / step;
  const across = inner / step;
  const body = `let x = (e % ${across}u) * ${step}u;
      let y = e / ${across}u;
      ${load()}
      ${range(step)
        .map((lane) => store(lane === 0 ? 'x' : `x + ${lane}u`, 'y', step === 1 ? 'v' : `v[${lane}]`))
        .join('\n      ')}`;
  // Many rounds are a loop, although their number is known: unrolled they take compilers long, and their memory.
  const rounds = count / threads;
  if (!Number.isInteger(rounds) || rounds > UNROLLED || !kernel.vectors)
    return `    for (var e = thread; e < ${count}u; e += ${threads}u) {\n      ${body}\n    }`;
  return lines(rounds, (round) => `    {\n      let e = thread + ${round * threads}u;\n      ${body}\n    }`);

  function load(): string {
    const at = `${base} + (${outerFrom} + y) * ${pitch} + ${innerFrom} + x`;
    const element = step === 1 ? `${name}[${at}]` : `${name}[(${at}) / 4u]`;
    if (kernel.exact) return `let v = ${element};`;
    const zero = step === 1 ? '0.0' : 'vec4<f32>()';
    return `var v = ${zero};
      if (${outerFrom} + y < ${outerEnd} && ${innerFrom} + x < ${innerEnd}) { v = ${element}; }`;
  }
}

/** The function that makes an element of the result of a sum. */
export function scaledSource(type: 'f32' | 'vec4<f32>'): string {
  return `
fn scaled(sum: ${type}, old: ${type}) -> ${type} {
  // Without beta there is nothing to add: the result is new, and is not read.
  if (p.beta == 0.0) { return p.alpha * sum; }
  return p.alpha * sum + p.beta * old;
}
`;
}

/** The WGSL text of a kernel; its entry is `main`, its workgroups count columns, rows, and matrices times slices. */
export function productSource(kernel: ProductKernel): string {
  const { tile, transposeA, transposeB, exact, vectors, batched, sliced } = kernel;
  const { threads, rows, cols, depth } = tile;
  const [high, wide] = blockOf(tile);
  const quads = cols / 4;
  // A thread's rows of A come as vectors where there are four of them.
  const fours = rows % 4 === 0;
  const aRow = (i: number) => (fours ? `a${i >> 2}[${i & 3}]` : `a${i}`);
  const keepA = (i: string, k: string, v: string) =>
    fours
      ? `tileA[((${k}) * ${high}u + (${i})) / 4u][(${i}) % 4u] = ${v};`
      : `tileA[(${k}) * ${high}u + (${i})] = ${v};`;
  const keepB = (k: string, j: string, v: string) =>
    `tileB[((${k}) * ${wide}u + (${j})) / 4u][(${j}) % 4u] = ${v};`;
  const ofA = {
    name: 'a',
    pitch: 'p.pitchA',
    base: 'baseA',
    ...(transposeA
      ? {
          ...{
            inner: high,
            outer: depth,
            innerFrom: 'row',
            outerFrom: 'k0',
            innerEnd: 'p.m',
            outerEnd: 'last',
          },
          store: (x: string, y: string, v: string) => keepA(x, y, v),
        }
      : {
          ...{
            inner: depth,
            outer: high,
            innerFrom: 'k0',
            outerFrom: 'row',
            innerEnd: 'last',
            outerEnd: 'p.m',
          },
          store: (x: string, y: string, v: string) => keepA(y, x, v),
        }),
  };
  const ofB = {
    name: 'b',
    pitch: 'p.pitchB',
    base: 'baseB',
    ...(transposeB
      ? {
          ...{
            inner: depth,
            outer: wide,
            innerFrom: 'k0',
            outerFrom: 'col',
            innerEnd: 'last',
            outerEnd: 'p.n',
          },
          store: (x: string, y: string, v: string) => keepB(x, y, v),
        }
      : {
          ...{
            inner: wide,
            outer: depth,
            innerFrom: 'col',
            outerFrom: 'k0',
            innerEnd: 'p.n',
            outerEnd: 'last',
          },
          store: (x: string, y: string, v: string) => keepB(y, x, v),
        }),
  };
  const result = (i: number, q: number): string => {
    const sum = `c${i}_${q}`;
    const at = `at + ${4 * q}u`;
    if (vectors) {
      const element = `c[(${at}) / 4u]`;
      const value = sliced ? sum : `scaled(${sum}, ${element})`;
      return guarded(`myCol + ${4 * q}u < p.n`, `${element} = ${value};`);
    }
    return lines(4, (lane) => {
      const element = `c[${at} + ${lane}u]`;
      const value = sliced ? `${sum}[${lane}]` : `scaled(${sum}[${lane}], ${element})`;
      return guarded(`myCol + ${4 * q + lane}u < p.n`, `${element} = ${value};`);
    });
  };
  const guarded = (condition: string, statement: string) =>
    exact ? `    ${statement}` : `    if (${condition}) { ${statement} }`;
  const type = vectors ? 'vec4<f32>' : 'f32';
  return `${bindings(kernel)}
var<workgroup> tileA: array<${fours ? 'vec4<f32>' : 'f32'}, ${fours ? (depth * high) / 4 : depth * high}>;
var<workgroup> tileB: array<vec4<f32>, ${(depth * wide) / 4}>;
${sliced ? '' : scaledSource(type)}
@compute @workgroup_size(${threads[0]}, ${threads[1]})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let z = ${sliced ? 'group.z / p.slices' : 'group.z'};
  let baseA = ${batched ? 'batch[z].x' : 'z'} * p.strideA;
  let baseB = ${batched ? 'batch[z].y' : 'z'} * p.strideB;
  let row = group.y * ${high}u;
  let col = group.x * ${wide}u;
  let first = ${sliced ? '(group.z % p.slices) * p.slice' : '0u'};
  let last = ${sliced ? 'min(p.k, first + p.slice)' : 'p.k'};
${lines(rows, (i) => lines(quads, (q) => `  var c${i}_${q} = vec4<f32>();`))}
  for (var k0 = first; k0 < last; k0 += ${depth}u) {
${copyTile(kernel, ofA)}
${copyTile(kernel, ofB)}
    workgroupBarrier();
    for (var k = 0u; k < ${depth}u; k++) {
${
  fours
    ? lines(rows / 4, (i) => `      let a${i} = tileA[k * ${high / 4}u + local.y * ${rows / 4}u + ${i}u];`)
    : lines(rows, (i) => `      let a${i} = tileA[k * ${high}u + local.y * ${rows}u + ${i}u];`)
}
${lines(quads, (q) => `      let b${q} = tileB[k * ${wide / 4}u + local.x * ${quads}u + ${q}u];`)}
${lines(rows, (i) => lines(quads, (q) => `      c${i}_${q} = fma(vec4<f32>(${aRow(i)}), b${q}, c${i}_${q});`))}
    }
    workgroupBarrier();
  }
  let myRow = row + local.y * ${rows}u;
  let myCol = col + local.x * ${cols}u;
  let baseC = group.z * p.strideC;
${lines(rows, (i) => {
  const body = `    let at = baseC + (myRow + ${i}u) * p.pitchC + myCol;\n${lines(quads, (q) => result(i, q))}`;
  return exact ? `  {\n${body}\n  }` : `  if (myRow + ${i}u < p.m) {\n${body}\n  }`;
})}
}
`;
}
