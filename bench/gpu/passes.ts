// The time that kernels take on the device, whoever dispatches them: every compute pass gets timestamps where the adapter has them.

interface Stamps {
  readonly querySet: GPUQuerySet;
  used: number;
}

const MOST = 512;
const owners = new WeakMap<GPUCommandEncoder, GPUDevice>();
let recording: Map<GPUDevice, Stamps> | undefined;
let missed = false;

/** Devices that are opened from here on can stamp their passes. */
export function stampPasses(): void {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = function (descriptor = {}) {
    const features = new Set(descriptor.requiredFeatures ?? []);
    if (this.features.has('timestamp-query')) features.add('timestamp-query');
    return requestDevice.call(this, { ...descriptor, requiredFeatures: [...features] });
  };
  const { createCommandEncoder } = GPUDevice.prototype;
  GPUDevice.prototype.createCommandEncoder = function (...args) {
    const encoder = createCommandEncoder.apply(this, args);
    owners.set(encoder, this);
    return encoder;
  };
  const { beginComputePass } = GPUCommandEncoder.prototype;
  GPUCommandEncoder.prototype.beginComputePass = function (descriptor = {}) {
    const device = owners.get(this);
    if (!recording || !device) return beginComputePass.call(this, descriptor);
    const stamps = stampsOf(device);
    if (!stamps || stamps.used + 2 > MOST || descriptor.timestampWrites) {
      missed = true;
      return beginComputePass.call(this, descriptor);
    }
    const { querySet, used } = stamps;
    stamps.used += 2;
    const timestampWrites = {
      querySet,
      beginningOfPassWriteIndex: used,
      endOfPassWriteIndex: used + 1,
    };
    return beginComputePass.call(this, { ...descriptor, timestampWrites });
  };
}

function stampsOf(device: GPUDevice): Stamps | undefined {
  if (!device.features.has('timestamp-query')) return undefined;
  const known = recording?.get(device);
  if (known) return known;
  const made = { querySet: device.createQuerySet({ type: 'timestamp', count: MOST }), used: 0 };
  recording?.set(device, made);
  return made;
}

/** Milliseconds of all passes that begin during `work`; undefined where some have no timestamps. */
export async function passesMs(work: () => Promise<unknown>): Promise<number | undefined> {
  const stamped = new Map<GPUDevice, Stamps>();
  [recording, missed] = [stamped, false];
  try {
    await work();
  } finally {
    recording = undefined;
  }
  let sum = 0;
  for (const [device, { querySet, used }] of stamped) {
    const size = 8 * used;
    const stamps = device.createBuffer({ size, usage: 0x0200 | 0x0004 });
    const staging = device.createBuffer({ size, usage: 0x0001 | 0x0008 });
    const encoder = device.createCommandEncoder();
    encoder.resolveQuerySet(querySet, 0, used, stamps, 0);
    encoder.copyBufferToBuffer(stamps, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(1);
    const ticks = new BigUint64Array(staging.getMappedRange());
    for (let i = 0; i < used; i += 2) sum += Number(ticks[i + 1] - ticks[i]) / 1e6;
    for (const one of [stamps, staging, querySet]) one.destroy();
  }
  return missed || stamped.size === 0 || !(sum > 0) ? undefined : sum;
}
