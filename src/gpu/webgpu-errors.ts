// Errors of WebGPU: caught between scopes, and as errors of ours.

import { DeviceError, OutOfMemoryError } from '../core/errors.js';

/** Queues work between error scopes: what it gives, and the errors that show later; `refused` is what an error at once becomes. */
export function guarded<T>(
  device: GPUDevice,
  work: () => T,
  refused: (error: Error) => Error,
): [T, Promise<Error | undefined>[]] {
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  let value: T;
  let failures: Promise<Error | undefined>[];
  try {
    value = work();
  } catch (error) {
    throw refused(error as Error);
  } finally {
    failures = popped(device);
  }
  return [value, failures];
}

function popped(device: GPUDevice): Promise<Error | undefined>[] {
  return [device.popErrorScope(), device.popErrorScope()].map((scope) =>
    scope.then(
      (error) => (error ? toError(error) : undefined),
      () => undefined, // the device is lost, which `lost` reports
    ),
  );
}

/** The first failure, once all are known. */
export async function first(failures: Promise<Error | undefined>[]): Promise<Error | undefined> {
  return (await Promise.all(failures)).find((failure) => failure !== undefined);
}

export function toError(error: unknown): Error {
  const message = (error as { message?: string }).message ?? String(error);
  if ((error as object)?.constructor?.name === 'GPUOutOfMemoryError' || /out of memory/i.test(message)) {
    return new OutOfMemoryError(`gpu: the device is out of memory: ${message}`);
  }
  return new DeviceError(`gpu: the device refused the work: ${message}`);
}
