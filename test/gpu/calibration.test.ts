// Calibrations: which kernels follow from times, what is kept and read again, and what happens to what is damaged or of another machine.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix, win32 } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, DeviceError } from '#src/core/errors.js';
import { measuredRates } from '#src/gpu/calibrate.js';
import { candidatesFor, chosenTiles, tilesFrom } from '#src/gpu/calibration/candidates.js';
import { median, repeats } from '#src/gpu/calibration/clock.js';
import { dispatchOf, operand, smallIntegers } from '#src/gpu/calibration/meters.js';
import { measureProducts } from '#src/gpu/calibration/products.js';
import { Stopwatch } from '#src/gpu/calibration/stopwatch.js';
import { cacheFolder, keep, load, VARIABLE } from '#src/gpu/calibration/store.js';
import { type Calibration, differenceOf, isTile, obstacleOf, VERSION } from '#src/gpu/calibration/types.js';
import { knownRates, ratesInForce } from '#src/gpu/in-force.js';
import * as gpu from '#src/gpu/index.js';
import { DEFAULT_TABLE, planProduct, SOFTWARE_TABLE } from '#src/gpu/product-plan.js';
import { DEFAULT_RATES, SOFTWARE_RATES } from '#src/gpu/rates.js';
import { device } from '#src/gpu/session.js';
import { gpuSuite, options } from './device.js';

const onGpu = await gpuSuite('calibration on the GPU');
await gpu.destroy();

const key = { backend: 'webgpu', adapter: 'a card', driver: '1.2', processors: 4, version: VERSION } as const;
const sample: Calibration = {
  ...{ format: 'cotangent-calibration', formatVersion: 1, key, date: '2026-12-01T00:00:00.000Z' },
  ...{ clock: 'sync', table: SOFTWARE_TABLE, rates: DEFAULT_RATES, kernels: [] },
};

function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'calibration-'));
  return work(folder).finally(() => rmSync(folder, { recursive: true, force: true }));
}

test('the version is that of the package', () => {
  assert.is(VERSION, JSON.parse(readFileSync('package.json', 'utf8')).version);
});

test('the fastest tile of each size, but a tile is kept while it is about as fast', () => {
  const [a, b, c] = candidatesFor(false).tiles.map((tile) => tile);
  const at = (n: number, ...ms: number[]) => ({
    n,
    ms: new Map([a, b, c].flatMap((tile, i) => (ms[i] > 0 ? [[tile, ms[i]] as const] : []))),
  });
  const chosen = chosenTiles([at(64, 3, 2, 1), at(1024, 10, 11, 30), at(512, 5.1, 5, 9), at(256, 0, 2, 4)]);
  assert.equal(chosen, [
    { n: 1024, tile: a },
    { n: 512, tile: a }, // slower by 2 %
    { n: 256, tile: b },
    { n: 64, tile: c },
  ]);
  const tiles = tilesFrom(chosen);
  assert.equal(
    tiles.map(({ tile }) => tile),
    [a, b, c],
  );
  // 128 x 128: 16 blocks at n = 512; the second 4 at 256; the last takes all.
  assert.equal(
    tiles.map(({ blocks }) => blocks),
    [16, 4, 0],
  );
  const table = { ...DEFAULT_TABLE, tiles };
  const tileAt = (n: number) => {
    const product = { batches: 1, m: n, n, k: n, transposeA: false, transposeB: false, pitchA: n, pitchB: n };
    const plan = planProduct(product, table);
    return plan.kind === 'tiled' ? plan.tile : plan.kind;
  };
  assert.equal([2048, 1024, 512, 256, 128, 64].map(tileAt), [a, a, a, b, c, c]);
});

test('medians and repetitions', () => {
  assert.is(median([3, 1, 2]), 2);
  assert.is(median([4, 1, 2, 3]), 2.5);
  assert.is(repeats(1, 10), 10);
  assert.is(repeats(30, 10), 1);
  assert.is(repeats(0, 10), 1024);
  assert.ok(
    new Set(smallIntegers(20_000)).size === 5 && smallIntegers(20_000).every((x) => Math.abs(x) <= 2),
  );
});

test('all candidates are tiles that every device runs, the constants among them', () => {
  for (const software of [false, true]) {
    const { tiles, long, table, workgroups } = candidatesFor(software);
    for (const tile of [...tiles, ...long]) assert.ok(isTile(tile), JSON.stringify(tile));
    const has = (list: readonly unknown[], one: unknown) =>
      list.some((entry) => JSON.stringify(entry) === JSON.stringify(one));
    for (const { tile } of table.tiles) assert.ok(has(tiles, tile), JSON.stringify(tile));
    assert.ok(has(long, table.long) && workgroups.includes(table.workgroups));
  }
});

test('what is no calibration is known by its fault', () => {
  assert.is(obstacleOf(sample), undefined);
  assert.is(obstacleOf(JSON.parse(JSON.stringify(sample))), undefined);
  assert.is(obstacleOf({ ...sample, table: undefined }), undefined);
  const tile = DEFAULT_TABLE.long;
  const direct = SOFTWARE_TABLE.long;
  const { gpu: device, cpu } = sample.rates;
  const wrong: [unknown, RegExp][] = [
    [undefined, /no object/],
    [[], /no object/],
    [{ ...sample, format: 'x' }, /format/],
    [{ ...sample, formatVersion: 2 }, /version is 2/],
    [{ ...sample, key: 1 }, /adapter/],
    [{ ...sample, clock: 'sun' }, /clock/],
    [{ ...sample, kernels: undefined }, /kernels/],
    ...[
      { tiles: [] },
      { tiles: [{ tile, blocks: 1 }] },
      { tiles: [{ tile: { ...tile, threads: [512, 1] }, blocks: 0 }] },
      { long: { ...tile, cols: 6 } },
      { long: { ...tile, rows: 3 } },
      { long: { ...tile, depth: 256, rows: 16 } },
      { long: { ...direct, rows: 0 } },
      { long: { ...direct, cols: 17 } },
      { long: { ...direct, threads: [16, 17] } },
      { long: { ...direct, depth: -4 } },
      { workgroups: 0 },
      { narrow: 1.5 },
      { teams: 'yes' },
    ].map((part): [unknown, RegExp] => [{ ...sample, table: { ...SOFTWARE_TABLE, ...part } }, /table/]),
    ...[
      { gpu: { ...device, products: [] } },
      { gpu: { ...device, products: [...device.products].reverse() } },
      { gpu: { ...device, dispatchMs: 0 } },
      { gpu: { ...device, upload: { latencyMs: 1 } } },
      { gpu: { ...device, elementwiseBytesPerMs: Number.POSITIVE_INFINITY } },
      { cpu: { ...cpu, f64: undefined } },
      { cpu: { ...cpu, threads: -1 } },
      { cpu: undefined },
    ].map((part): [unknown, RegExp] => [{ ...sample, rates: { ...sample.rates, ...part } }, /rates/]),
  ];
  for (const [value, message] of wrong) assert.match(obstacleOf(value) ?? '', message);
});

test('a calibration holds for one adapter, driver, machine and version', () => {
  assert.is(differenceOf(key, { ...key }), undefined);
  assert.is(differenceOf(key, { ...key, driver: '1.3' }), 'its driver is 1.2, not 1.3');
  for (const other of [{ adapter: 'x' }, { backend: 'webgl2' }, { processors: 8 }, { version: '9' }] as const)
    assert.ok(differenceOf(key, { ...key, ...other }), JSON.stringify(other));
});

test('cache folders of the systems', () => {
  const at = (platform: string, environment: Record<string, string>, paths = posix) =>
    cacheFolder(platform, environment, paths === posix ? '/home/u' : 'C:\\Users\\u', paths);
  assert.is(at('linux', {}), '/home/u/.cache');
  assert.is(at('linux', { XDG_CACHE_HOME: '/cache' }), '/cache');
  assert.is(at('darwin', {}), '/home/u/Library/Caches');
  assert.is(at('win32', { LOCALAPPDATA: 'D:\\local' }, win32), 'D:\\local');
  assert.is(at('win32', {}, win32), 'C:\\Users\\u\\AppData\\Local');
});

const reasonOf = (found: object) =>
  'reason' in found ? String(found.reason) : `no reason: ${Object.keys(found)}`;

test('what is kept is read again, beside those of other adapters', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'deep', 'er', 'calibration.json');
    assert.match(reasonOf(await load(key, file)), /is not there: await gpu.calibrate\(\)/);
    assert.equal(await keep(sample, file), { where: file });
    const other = { ...sample, key: { ...key, adapter: 'another' } };
    const later = { ...sample, date: '2027-01-01T00:00:00.000Z' };
    for (const one of [other, later]) assert.equal(await keep(one, file), { where: file });
    assert.equal(await load(key, file), { calibration: JSON.parse(JSON.stringify(later)), where: file });
    assert.equal(await load(other.key, file), {
      calibration: JSON.parse(JSON.stringify(other)),
      where: file,
    });
    assert.match(
      reasonOf(await load({ ...key, driver: '2' }, file)),
      /no calibration of this adapter, driver and version/,
    );
    assert.is(JSON.parse(readFileSync(file, 'utf8')).calibrations.length, 2);
  }));

test('the environment names the file, empty for none; what is damaged or cannot be written is a reason', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'named.json');
    const before = process.env[VARIABLE];
    try {
      process.env[VARIABLE] = file;
      assert.equal(await keep(sample), { where: file });
      assert.ok('calibration' in (await load(key)));
      process.env[VARIABLE] = '';
      assert.match(reasonOf(await keep(sample)), /no file of calibrations is wanted/);
      assert.match(reasonOf(await load(key)), /no file of calibrations is wanted/);
    } finally {
      process.env[VARIABLE] = before;
    }
    for (const [text, message] of [
      ['{"calibrations": [', /named.json is damaged: /],
      ['[]', /damaged: it holds no list/],
      ['{"calibrations": [null, 3, {"key": null}]}', /no calibration of this adapter/],
      [JSON.stringify({ calibrations: [{ ...sample, rates: {} }] }), /is not used: its rates are damaged/],
      [JSON.stringify({ calibrations: [{ key }] }), /is not used: its format/],
    ] as const) {
      writeFileSync(file, text);
      assert.match(reasonOf(await load(key, file)), message);
    }
    // What is damaged gives way to what is kept.
    assert.equal(await keep(sample, file), { where: file });
    assert.ok('calibration' in (await load(key, file)));
    const blocked = join(folder, 'folder');
    mkdirSync(blocked);
    assert.match(reasonOf(await keep(sample, blocked)), /is not kept: /);
    assert.match(reasonOf(await load(key, blocked)), /cannot be read: /);
    assert.match(reasonOf(await keep(sample, join(file, 'below'))), /is not kept: /);
  }));

test('without a device: errors, and constants', async () => {
  assert.equal(gpu.calibration(), { reason: 'no GPU is open' });
  assert.is(ratesInForce(), DEFAULT_RATES);
  const fails = async (
    work: Promise<unknown>,
    kind: typeof ArgumentError | typeof DeviceError,
    message: RegExp,
  ) => {
    const error = await work.then(
      () => new Error('nothing was thrown'),
      (thrown: Error) => thrown,
    );
    assert.instance(error, kind);
    assert.match(error.message, message);
  };
  await fails(gpu.calibrate(), DeviceError, /^gpu.calibrate: no GPU is open; await gpu.init\(\) first/);
  await fails(gpu.calibrate({ quick: 1 as never }), ArgumentError, /^gpu.calibrate: quick must be/);
  await fails(
    gpu.calibrate({ file: 3 as never }),
    ArgumentError,
    /^gpu.calibrate: file must be a path or false, got 3/,
  );
  await fails(
    gpu.calibrate({ onProgress: 3 as never }),
    ArgumentError,
    /^gpu.calibrate: onProgress must be a function/,
  );
  await fails(gpu.calibrate({ slow: true } as never), ArgumentError, /no option 'slow'/);
});

onGpu('a quick calibration is kept, in force, read by init, and can be given back', () =>
  inFolder(async (folder) => {
    await gpu.destroy();
    const file = join(folder, 'calibration.json');
    await gpu.init({ ...options, calibration: file });
    const { software } = await gpu.init();
    assert.match(gpu.calibration().reason, /is not there/);
    assert.is(ratesInForce(), software ? SOFTWARE_RATES : DEFAULT_RATES);
    const steps: number[] = [];
    const found = await gpu.calibrate({ quick: true, file, onProgress: (_, done) => steps.push(done) });
    assert.is(obstacleOf(found), undefined);
    assert.is(gpu.calibration().calibration, found);
    assert.is(gpu.calibration().where, file);
    assert.is(ratesInForce(), found.rates);
    assert.ok(steps.length > 4 && steps.every((done, i) => done >= (steps[i - 1] ?? 0) && done <= 1));
    assert.equal(gpu.memory(), { tensors: 0, bytes: 0 });
    assert.ok(existsSync(file));

    await gpu.destroy();
    assert.equal(gpu.calibration(), { reason: 'no GPU is open' });
    await gpu.init({ ...options, calibration: file });
    assert.equal(gpu.calibration().calibration, JSON.parse(JSON.stringify(found)));
    assert.is(gpu.calibration().reason, `read from ${file}`);

    const table = { ...SOFTWARE_TABLE, narrow: 5 };
    await gpu.init({ ...options, calibration: { ...found, table } });
    assert.is(gpu.calibration().reason, 'given');
    assert.is(device('test').webgpu?.products.table, table);
    await gpu.init({ ...options, calibration: { ...found, key: { ...found.key, adapter: 'none' } } });
    assert.match(gpu.calibration().reason, /of something else: its adapter is none, not /);
    assert.is(device('test').webgpu?.products.table, software ? SOFTWARE_TABLE : DEFAULT_TABLE);
    await gpu.init({ ...options, calibration: false });
    assert.is(gpu.calibration().reason, 'constants were asked for');
    const error = await gpu.init({ ...options, calibration: { ...found, rates: 1 } as never }).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    assert.instance(error, ArgumentError);
    assert.match(
      String(error?.message),
      /^gpu.init: calibration must be one of gpu.calibrate, .*its rates are damaged/,
    );
  }),
);

onGpu('a calibration that cannot be kept is in force, and says why', () =>
  inFolder(async (folder) => {
    const found = await gpu.calibrate({ quick: true, file: folder });
    assert.is(gpu.calibration().calibration, found);
    assert.is(gpu.calibration().where, undefined);
    assert.match(gpu.calibration().reason, /the calibration is not kept: /);
    await gpu.calibrate({ quick: true, file: false });
    assert.match(gpu.calibration().reason, /not to be kept/);
    await gpu.init({ ...options, calibration: false });
  }),
);

onGpu('rates are measured once where there is no calibration', async () => {
  await gpu.init({ ...options, calibration: false });
  assert.is(knownRates(), undefined);
  const rates = await measuredRates('test');
  assert.is(obstacleOf({ ...sample, rates }), undefined);
  assert.is(await measuredRates('test'), rates);
  assert.is(ratesInForce(), rates);
  assert.equal(gpu.memory(), { tensors: 0, bytes: 0 });
});

onGpu(
  'the search takes what is fastest, leaves out what the device refuses, and frees everything',
  async () => {
    const { device: own } = device('test').webgpu!;
    const stopwatch = await Stopwatch.on(own);
    const good = SOFTWARE_TABLE.tiles[0].tile;
    const refused = { threads: [64, 64], rows: 1, cols: 4, depth: 4 } as const;
    const buffers = new Set<GPUBuffer>();
    const create = own.createBuffer;
    own.createBuffer = (descriptor) => {
      const buffer = create.call(own, descriptor);
      buffers.add(buffer);
      const destroy = buffer.destroy;
      buffer.destroy = () => {
        buffers.delete(buffer);
        destroy.call(buffer);
      };
      return buffer;
    };
    try {
      const told: string[] = [];
      const { table, kernels } = await measureProducts(
        own,
        stopwatch,
        { table: SOFTWARE_TABLE, tiles: [good, refused], long: [good], workgroups: [2], narrow: [4] },
        { leastMs: 1, rounds: 1, limitMs: 0, onKernel: ({ kernel }) => told.push(kernel) },
      );
      assert.equal(table.tiles, [{ tile: good, blocks: 0 }]);
      assert.is(table.long, good);
      assert.ok([2, SOFTWARE_TABLE.workgroups].includes(table.workgroups) && [4, 8].includes(table.narrow));
      assert.is(obstacleOf({ ...sample, table, kernels }), undefined);
      assert.is(told.length, kernels.length);
      const [first, second] = kernels;
      assert.ok((first.ms ?? 0) > 0 && first.chosen && !first.reason);
      assert.ok(
        second.ms === undefined && !second.chosen && (second.reason ?? '').length > 10,
        JSON.stringify(second),
      );
      for (const group of ['square', 'long', 'vector'])
        assert.is(kernels.filter((entry) => entry.group === group && entry.chosen).length, 1, group);
      assert.is(buffers.size, 0);
    } finally {
      own.createBuffer = create;
      stopwatch.destroy();
    }
  },
);

const COUNTING = `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  var sum = x[id.x];
  for (var i = 0u; i < 1000u; i++) { sum = sum * 0.999 + 1.0; }
  x[id.x] = sum;
}`;

for (const features of [[], ['timestamp-query']] as const)
  onGpu(
    `a stopwatch ${features.length ? 'with' : 'without'} timestamps: four times the work, four times as long`,
    async () => {
      const { findAdapter } = await import('#src/gpu/webgpu-adapter.js');
      const found = await findAdapter();
      if ('reason' in found) throw new Error(found.reason);
      if (features.length && !found.adapter.features.has('timestamp-query')) return;
      const own = await found.adapter.requestDevice({ requiredFeatures: [...features] });
      const buffer = operand(own, 65536);
      const stopwatch = await Stopwatch.on(own);
      try {
        assert.is(stopwatch.clock, features.length ? 'timestamps' : 'sync');
        const work = (groups: number) => [dispatchOf(own, COUNTING, [buffer], [groups, 1, 1])];
        const small = await stopwatch.time(work(128), { leastMs: 20, rounds: 7 });
        const large = await stopwatch.time(work(512), { leastMs: 20, rounds: 7 });
        // The machine may be busy; without any relation the ratio would be 1, or anything.
        assert.ok(large > 2 * small && large < 8 * small, `${small} ms, ${large} ms`);
        assert.ok((await stopwatch.dispatchMs({ leastMs: 2, rounds: 3 })) < small);
      } finally {
        stopwatch.destroy();
        buffer.destroy();
        own.destroy();
      }
    },
  );

test.run();
onGpu.run();
