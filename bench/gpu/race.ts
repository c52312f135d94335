// Products of one size by all contestants in turn: each is verified, then timed. The same in a process and in a page.
import * as ct from 'cotangent';
import { productError, productTolerance } from '../accuracy.js';
import { normals } from '../cases/operands.js';
import { quantile } from '../timing.js';
import { cotangent, type GpuContestant, type Peers } from './contestants.js';
import { passesMs } from './passes.js';
import { type GpuPeak, measurePeak } from './peak.js';

export type Spread = readonly [low: number, middle: number, high: number];

/** Milliseconds of a product by one contestant: median, and the middle half. */
export interface GpuRow {
  readonly n: number;
  readonly name: string;
  /** From the call until the device says that it is done. */
  readonly kernelMs: Spread;
  /** Upload of both operands and the result included. */
  readonly tripMs: Spread;
  /** The passes alone, by the device's timestamps. */
  readonly deviceMs?: Spread;
}

export interface Field {
  readonly adapter: string;
  readonly software: boolean;
  readonly names: readonly string[];
  /** Why the others do not take part. */
  readonly absent: readonly string[];
  readonly peak: GpuPeak;
  /** By what our kernels were chosen. */
  readonly calibration: string;
}

let contestants: GpuContestant[] = [];

/** Opens everything. */
export async function openField(
  peers: Peers,
  starters: readonly ((peers: Peers) => Promise<GpuContestant>)[],
  software: boolean,
): Promise<Field> {
  const info = await ct.gpu.init({ backend: 'webgpu', allowSoftware: software });
  const absent: string[] = [];
  contestants = [cotangent('auto'), cotangent('portable')];
  for (const start of starters) {
    try {
      contestants.push(await start(peers));
    } catch (error) {
      absent.push(`${start.name} does not start here: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  const { adapter } = info;
  const calibration = ct.gpu.calibration().reason;
  return {
    ...{ adapter, software: info.software, absent, calibration },
    names: contestants.map(({ name }) => name),
    peak: await measurePeak(info.software),
  };
}

function spread(times: readonly number[]): Spread {
  const sorted = [...times].sort((p, q) => p - q);
  return [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)];
}

/** A call below this many milliseconds is made once before each that counts: the first after another's work finds nothing warm. */
const SHORT_MS = 50;
/** Milliseconds of passes that are added up at least, since timestamps come in steps of 65,536 ns in places. */
const STAMPED_MS = 4;

/** Times products of n x n matrices by those of these names. */
export async function race(n: number, names: readonly string[], rounds: number): Promise<GpuRow[]> {
  const racers = contestants.filter(({ name }) => names.includes(name));
  const [a, b] = [normals(n * n, 'f32', 1), normals(n * n, 'f32', 2)] as [Float32Array, Float32Array];
  const entries = await Promise.all(racers.map((contestant) => contestant.enter(n, a, b)));
  const times = entries.map(() => ({ kernel: [] as number[], trip: [] as number[], device: [] as number[] }));
  for (const [i, entry] of entries.entries()) {
    const c = Float32Array.from(await entry.trip());
    const error = productError({ m: n, n, k: n, a, b, c });
    if (!(error <= productTolerance(n, 'f32')))
      throw new Error(`${racers[i].name}: a wrong product at n = ${n}, error ${error}`);
    await entry.kernel();
  }
  for (let round = 0; round < rounds; round++)
    for (const [i, entry] of entries.entries()) {
      const own = times[i];
      for (const what of ['kernel', 'trip'] as const) {
        if (!(own[what][0] > SHORT_MS)) await entry[what]();
        const start = performance.now();
        await entry[what]();
        own[what].push(performance.now() - start);
      }
      const calls = Math.max(1, Math.min(32, Math.ceil(STAMPED_MS / own.kernel[0])));
      const ms = await passesMs(async () => {
        for (let call = 0; call < calls; call++) await entry.kernel();
      });
      if (ms !== undefined) own.device.push(ms / calls);
    }
  return entries.map((entry, i): GpuRow => {
    entry.dispose();
    const { kernel, trip, device } = times[i];
    const deviceMs = device.length > rounds / 2 ? spread(device) : undefined;
    return {
      n,
      name: racers[i].name,
      kernelMs: spread(kernel),
      tripMs: spread(trip),
      ...(deviceMs && { deviceMs }),
    };
  });
}
