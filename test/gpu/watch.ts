// What happens to the device while a test runs: buffers, submissions, and promises that are rejected.
import { device } from '#src/gpu/session.js';

/** The buffers of Node's WebGPU from now on: how many were made, and those that were not destroyed. */
export async function watchBuffers(): Promise<{ live: ReadonlySet<unknown>; made(): number; stop(): void }> {
  const { globals } = (await import('webgpu')) as unknown as {
    globals: Record<string, { prototype: Record<string, (...args: unknown[]) => unknown> }>;
  };
  const live = new Set<unknown>();
  let made = 0;
  const { GPUDevice, GPUBuffer } = globals;
  const { createBuffer } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  GPUDevice.prototype.createBuffer = function (...args) {
    const buffer = createBuffer.apply(this, args);
    live.add(buffer);
    made++;
    return buffer;
  };
  GPUBuffer.prototype.destroy = function () {
    live.delete(this);
    return destroy.call(this);
  };
  return {
    live,
    made: () => made,
    stop() {
      GPUDevice.prototype.createBuffer = createBuffer;
      GPUBuffer.prototype.destroy = destroy;
    },
  };
}

/** How often work is submitted to the open device while `work` runs, and what becomes of the buffers that it makes. */
export async function watched(
  work: () => Promise<void>,
): Promise<{ submissions: number; made: number; destroyed: number }> {
  const { queue } = (device('test').webgpu as { device: GPUDevice }).device;
  const buffers = await watchBuffers();
  const { submit } = queue;
  let submissions = 0;
  queue.submit = function (...args) {
    submissions++;
    return submit.apply(this, args);
  };
  try {
    await work();
  } finally {
    queue.submit = submit;
    buffers.stop();
  }
  return { submissions, made: buffers.made(), destroyed: buffers.made() - buffers.live.size };
}

/** The error with which a promise is rejected. */
export async function rejection(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection');
}
