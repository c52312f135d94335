// Opens the GPU for a test file, or marks its tests as skipped with the reason. In CI a missing GPU is a failure.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as gpu from '#src/gpu/index.js';
import '../setup.js';

export const options = { backend: 'webgpu', allowSoftware: true } as const;

/** A suite whose tests run with an open GPU. */
export async function gpuSuite(name: string) {
  const tests = suite(name);
  const reason = await gpu.init(options).then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (reason === undefined) {
    tests.before.each(async () => {
      await gpu.init(options);
    });
    return tests;
  }
  if (process.env.CI) {
    const missing = suite(name);
    missing('a GPU, be it a software one, is there in CI', () => assert.unreachable(reason));
    return Object.assign(() => undefined, { run: missing.run }) as unknown as typeof tests;
  }
  console.log(`${name}: skipped: ${reason}`);
  return Object.assign((title: string) => tests.skip(title), { run: tests.run }) as unknown as typeof tests;
}
