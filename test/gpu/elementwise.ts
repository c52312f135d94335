// Runs an elementwise expression over arrays, on a device of its own, and a row of the table on the CPU.
import * as assert from 'uvu/assert';
import { tensor } from '#src/core/create.js';
import type { DType } from '#src/core/dtype.js';
import { findAdapter } from '#src/gpu/webgpu-adapter.js';
import { type Expression, expressionOf } from '#src/gpu/wgsl/expressions.js';
import { functionsFor } from '#src/gpu/wgsl/functions.js';
import { apply, type Op } from '#src/ops/op.js';
import { operations } from '#src/ops/table.js';

const WORKGROUP = 64;

/** Arrays of f32 and i32, by their dtype. */
export type Values = Float32Array | Int32Array;

/** The elementwise rows of the table by their names. */
export const rows: ReadonlyMap<string, Op> = new Map(
  (operations as readonly Op[]).filter(({ elementwise }) => elementwise).map((row) => [row.name, row]),
);

/**
 * The rows that are one sum or product of WGSL. They have the bits of the CPU, but a device may take subnormal operands and
 * results for zeros; all other rows handle them as the CPU does.
 */
export const ARITHMETIC: readonly string[] = ['add', 'sub', 'mul', 'square', 'mulAlong', 'mulZero'];

/** The dtypes of the operands for which the row of this name has an expression with a value made of f32. */
export function operandsOf(name: string): DType[] | undefined {
  const f32 = (n: number) => Array.from({ length: n }, (): DType => 'f32');
  return [f32(1), f32(2), f32(3), ['i32', ...f32(2)] as DType[]].find((inputs) => expressionOf(name, inputs));
}

/** The row on the CPU, for operands of f32 (those of i32 stay) taken in this dtype. */
export function onCpu(name: string, operands: readonly Values[], dtype: 'f32' | 'f64'): ArrayLike<number> {
  const inputs = operands.map((values) => {
    if (values instanceof Int32Array) return tensor(values, { dtype: 'i32' });
    return tensor(dtype === 'f64' ? Float64Array.from(values) : values, { dtype });
  });
  const result = apply(rows.get(name) as Op, inputs, undefined);
  const copy = result.data().slice();
  for (const x of [...inputs, result]) x.dispose();
  return copy;
}

const typed = (dtype: DType, buffer: ArrayBuffer): Values =>
  dtype === 'i32' ? new Int32Array(buffer) : new Float32Array(buffer);

let device: GPUDevice | undefined;
const pipelines = new Map<string, GPUComputePipeline>();

async function open(): Promise<GPUDevice> {
  if (device) return device;
  const found = await findAdapter();
  if ('reason' in found) throw new Error(found.reason);
  device = await found.adapter.requestDevice();
  return device;
}

/** Quotients and roots as far off as WGSL allows: by up to 5 units in the last place, which the low bits choose. */
const WORSE = `fn worse(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) < 0x800000u) {
    return x;
  }
  return bitcast<f32>(bits + ((bits * 2654435761u) >> 16u) % 11u - 5u);
}
`;

/** Declarations with such quotients and roots in place of the device's. */
export function worsened(text: string): string {
  const worse = text.replaceAll(/rounded\((a\.x \/ b\.x|sqrt\(x\)|inverseSqrt\(x\.x\))\)/g, 'worse($1)');
  return worse === text ? text : WORSE + worse;
}

/** The shader that applies the expression to element i of its operands. */
function shaderOf({ inputs, output, needs, text }: Expression, isWorse: boolean): string {
  const operands = inputs.map((_, k) => `in${k}[i]`);
  return `${isWorse ? worsened(functionsFor(needs)) : functionsFor(needs)}
${inputs.map((dtype, k) => `@group(0) @binding(${k}) var<storage, read> in${k}: array<${dtype}>;`).join('\n')}
@group(0) @binding(${inputs.length}) var<storage, read_write> out: array<${output}>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * ${WORKGROUP}u;
  if (i < arrayLength(&out)) {
    out[i] = ${text(...operands)};
  }
}`;
}

/**
 * The values of the expression for operands of equal length, on this device or one whose quotients and roots are worse;
 * errors of the shader are errors of the test.
 */
export async function evaluate(
  expression: Expression,
  operands: readonly Values[],
  { isWorse = false } = {},
): Promise<Values> {
  const gpu = await open();
  const code = shaderOf(expression, isWorse);
  const bytes = operands[0].byteLength;
  gpu.pushErrorScope('validation');
  const pipeline =
    pipelines.get(code) ??
    gpu.createComputePipeline({
      layout: 'auto',
      compute: { module: gpu.createShaderModule({ code }), entryPoint: 'main' },
    });
  const made: GPUBuffer[] = [];
  const buffer = (usage: number): GPUBuffer => {
    const created = gpu.createBuffer({ size: bytes, usage });
    made.push(created);
    return created;
  };
  const { STORAGE, COPY_DST, COPY_SRC, MAP_READ } = { STORAGE: 128, COPY_DST: 8, COPY_SRC: 4, MAP_READ: 1 };
  const inputs = operands.map((values) => {
    const input = buffer(STORAGE | COPY_DST);
    gpu.queue.writeBuffer(input, 0, values as Float32Array<ArrayBuffer>);
    return input;
  });
  const [out, back] = [buffer(STORAGE | COPY_SRC), buffer(COPY_DST | MAP_READ)];
  const encoder = gpu.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    gpu.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [...inputs, out].map((part, binding) => ({ binding, resource: { buffer: part } })),
    }),
  );
  const groups = Math.ceil(bytes / 4 / WORKGROUP);
  const columns = Math.min(groups, 65535);
  pass.dispatchWorkgroups(columns, Math.ceil(groups / columns));
  pass.end();
  encoder.copyBufferToBuffer(out, 0, back, 0, bytes);
  gpu.queue.submit([encoder.finish()]);
  const failure = await gpu.popErrorScope();
  assert.is(failure?.message, undefined, code);
  pipelines.set(code, pipeline);
  await back.mapAsync(1);
  const result = typed(expression.output, back.getMappedRange().slice(0));
  for (const part of made) part.destroy();
  return result;
}

/** Gives the device back. */
export function close(): void {
  device?.destroy();
  device = undefined;
  pipelines.clear();
}
