// cotangent info: what is available on this machine, and why something is missing.

import { cpus, release, totalmem, type } from 'node:os';
import { gpu, init } from 'cotangent';
import {
  relaxedMultiplyAddIsFused,
  relaxedSimdIsSupported,
  sharedMemoryObstacle,
  simdIsSupported,
} from '#src/core/wasm/features.js';
import { engineName, packageVersion, processors, runtimeName } from '../machine.js';
import { print } from '../output.js';

export async function info({ json }: { json: boolean }): Promise<number> {
  const facts = await gather();
  if (json) {
    print(JSON.stringify(facts, null, 2));
    return 0;
  }
  const { wasm, threads } = facts;
  const lines: [string, string][] = [
    ['cotangent', facts.cotangent],
    ['runtime', `${facts.runtime}, ${facts.engine}`],
    ['system', facts.system],
    ['CPU', facts.cpu],
    ['WASM SIMD', wasm.simd ? 'yes' : 'no: the kernels need it'],
    [
      'WASM relaxed SIMD',
      !wasm.relaxedSimd
        ? 'no: Node 22 and later, and current browsers, have it'
        : wasm.fusedMultiplyAdd
          ? 'yes: fused multiply-add'
          : 'yes, but multiply-add is not fused in this engine',
    ],
    ['kernels in use', wasm.variant],
    [
      'threads',
      threads.available
        ? `yes: up to ${threads.count} here, with init({ threads: ${threads.count} })`
        : `no: ${threads.reason}`,
    ],
    ['GPU', describeGpu(facts.gpu)],
  ];
  for (const [name, value] of lines) print(`${name.padEnd(18)} ${value}`);
  return 0;
}

async function gather() {
  const { variant } = await init();
  const obstacle = sharedMemoryObstacle();
  return {
    cotangent: packageVersion(),
    runtime: runtimeName(),
    engine: engineName(),
    system: `${type()} ${release()} ${process.arch}`,
    cpu: `${cpus()[0]?.model.trim() || process.arch}, ${cpus().length} logical, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    wasm: {
      simd: simdIsSupported(),
      relaxedSimd: relaxedSimdIsSupported(),
      fusedMultiplyAdd: relaxedMultiplyAddIsFused() ?? false,
      variant,
    },
    threads: obstacle
      ? { available: false, count: 1, reason: obstacle }
      : { available: true, count: processors() },
    // A software adapter is listed too, and marked as such: showing it is the purpose of this command.
    gpu: await gpu.available({ allowSoftware: true }),
  };
}

function describeGpu({
  available,
  backend,
  adapter,
  software,
  reason,
}: Awaited<ReturnType<typeof gpu.available>>): string {
  if (!available) return `none: ${reason}`;
  const note = software ? '; a software adapter, used only with --allow-software' : '';
  return `${adapter} (${backend})${note}`;
}
