// Runs an elementwise expression over arrays, on a device of its own.
import * as assert from 'uvu/assert';
import type { DType } from '#src/core/dtype.js';
import { findAdapter } from '#src/gpu/webgpu-adapter.js';
import type { Expression } from '#src/gpu/wgsl/expressions.js';
import { functionsFor } from '#src/gpu/wgsl/functions.js';

const WORKGROUP = 64;

/** Arrays of f32 and i32, by their dtype. */
export type Values = Float32Array | Int32Array;

const typed = (dtype: DType, buffer: ArrayBuffer): Values =>
  dtype === 'i32' ? new Int32Array(buffer) : new Float32Array(buffer);

let device: GPUDevice | undefined;

async function open(): Promise<GPUDevice> {
  if (device) return device;
  const found = await findAdapter();
  if ('reason' in found) throw new Error(found.reason);
  device = await found.adapter.requestDevice();
  return device;
}

/** The shader that applies the expression to element i of its operands. */
function shaderOf({ inputs, output, needs, text }: Expression): string {
  const operands = inputs.map((_, k) => `in${k}[i]`);
  return `${functionsFor(needs)}
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

/** The values of the expression for operands of equal length; errors of the shader are errors of the test. */
export async function evaluate(expression: Expression, operands: readonly Values[]): Promise<Values> {
  const gpu = await open();
  const bytes = operands[0].byteLength;
  gpu.pushErrorScope('validation');
  const pipeline = gpu.createComputePipeline({
    layout: 'auto',
    compute: { module: gpu.createShaderModule({ code: shaderOf(expression) }), entryPoint: 'main' },
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
  assert.is(failure?.message, undefined, shaderOf(expression));
  await back.mapAsync(1);
  const result = typed(expression.output, back.getMappedRange().slice(0));
  for (const part of made) part.destroy();
  return result;
}

/** Gives the device back. */
export function close(): void {
  device?.destroy();
  device = undefined;
}
