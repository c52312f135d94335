// Where calibrations are kept: a JSON file below the user's cache folder in Node, IndexedDB in a page. Nothing here throws: a calibration that cannot be
// read or kept is a reason.

import { nodeModule } from '../../core/node-module.js';
import type { Backend } from '../backend.js';
import { type Calibration, type CalibrationKey, differenceOf, obstacleOf, VERSION } from './types.js';

/** The environment variable that names the file; empty: none is read or written. */
export const VARIABLE = 'COTANGENT_CALIBRATION';

export type Found =
  | { readonly calibration: Calibration; readonly where: string }
  | { readonly reason: string };
export type Kept = { readonly where: string } | { readonly reason: string };

interface Files {
  readFile(path: string, encoding: 'utf8'): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
}
interface Paths {
  join(...parts: string[]): string;
  dirname(path: string): string;
}
type Environment = Readonly<Record<string, string | undefined>>;

/** For what a calibration of this backend holds. */
export async function keyOf({ info: { backend, adapter }, driver }: Backend): Promise<CalibrationKey> {
  const os = await nodeModule<{ cpus(): unknown[] }>('node:os');
  const { hardwareConcurrency } =
    (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator ?? {};
  const processors = os?.cpus().length ?? hardwareConcurrency ?? 0;
  return { backend, adapter, driver, processors, version: VERSION };
}

const messageOf = (error: unknown): string =>
  ((error as { message?: string } | null)?.message ?? String(error)).split('\n', 1)[0];

/** The cache folder of a user, as the system has it: XDG_CACHE_HOME, ~/Library/Caches, LOCALAPPDATA, or ~/.cache. */
export function cacheFolder(
  platform: string,
  environment: Environment,
  home: string,
  { join }: Pick<Paths, 'join'>,
): string {
  if (environment.XDG_CACHE_HOME) return environment.XDG_CACHE_HOME;
  if (platform === 'darwin') return join(home, 'Library', 'Caches');
  if (platform === 'win32') return environment.LOCALAPPDATA || join(home, 'AppData', 'Local');
  return join(home, '.cache');
}

/** The file of calibrations, '' where none is wanted; undefined outside Node. */
async function fileOf(asked: string | undefined): Promise<string | undefined> {
  const os = await nodeModule<{ homedir(): string }>('node:os');
  const path = await nodeModule<Paths>('node:path');
  if (!os || !path) return undefined;
  const { env, platform } = (globalThis as unknown as { process: { env: Environment; platform: string } })
    .process;
  const named = asked ?? env[VARIABLE];
  if (named !== undefined) return named;
  return path.join(cacheFolder(platform, env, os.homedir(), path), 'cotangent', 'calibration.json');
}

/** All calibrations of a file's text, or why there are none. */
function parsed(text: string): readonly unknown[] | string {
  try {
    const value = JSON.parse(text) as { calibrations?: unknown };
    return Array.isArray(value?.calibrations) ? value.calibrations : 'it holds no list of calibrations';
  } catch (error) {
    return messageOf(error);
  }
}

const keyIn = (value: unknown): Partial<CalibrationKey> => (value as Partial<Calibration> | null)?.key ?? {};

/** The one for `here` among values that may be anything. */
function pick(values: readonly unknown[], here: CalibrationKey, where: string): Found {
  const same = values.filter((value) => differenceOf(keyIn(value) as CalibrationKey, here) === undefined);
  const obstacles = same.map(obstacleOf);
  const at = obstacles.indexOf(undefined);
  if (at >= 0) return { calibration: same[at] as Calibration, where };
  if (same.length > 0) return { reason: `the calibration in ${where} is not used: ${obstacles[0]}` };
  return { reason: `${where} has no calibration of this adapter, driver and version: await gpu.calibrate()` };
}

const noFile = 'no file of calibrations is wanted here';

/** The calibration that is kept for `here`; `asked` is a file instead of the usual one. */
export async function load(here: CalibrationKey, asked?: string): Promise<Found> {
  try {
    const file = await fileOf(asked);
    if (file === undefined) return await loadFromDatabase(here);
    if (file === '') return { reason: noFile };
    const files = await nodeModule<Files>('node:fs/promises');
    let text: string;
    try {
      text = await files!.readFile(file, 'utf8');
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT')
        return { reason: `${file} is not there: await gpu.calibrate() or cotangent calibrate writes it` };
      return { reason: `${file} cannot be read: ${messageOf(error)}` };
    }
    const values = parsed(text);
    return typeof values === 'string'
      ? { reason: `${file} is damaged: ${values}` }
      : pick(values, here, file);
  } catch (error) {
    return { reason: `calibrations cannot be read: ${messageOf(error)}` };
  }
}

/** Keeps a calibration in the place of an earlier one for the same; `asked` is a file instead of the usual one. */
export async function keep(calibration: Calibration, asked?: string): Promise<Kept> {
  try {
    const file = await fileOf(asked);
    if (file === undefined) return await keepInDatabase(calibration);
    if (file === '') return { reason: noFile };
    return await keepInFile(calibration, file);
  } catch (error) {
    return { reason: `the calibration is not kept: ${messageOf(error)}` };
  }
}

async function keepInFile(calibration: Calibration, file: string): Promise<Kept> {
  const files = (await nodeModule<Files>('node:fs/promises')) as Files;
  const path = (await nodeModule<Paths>('node:path')) as Paths;
  const before = parsed(await files.readFile(file, 'utf8').catch(() => ''));
  const others = (typeof before === 'string' ? [] : before).filter(
    (value) => differenceOf(keyIn(value) as CalibrationKey, calibration.key) !== undefined,
  );
  const text = JSON.stringify({ calibrations: [...others, calibration] }, undefined, 1);
  await files.mkdir(path.dirname(file), { recursive: true });
  // Another process sees the file whole or not at all.
  const fresh = `${file}.${(globalThis as unknown as { process: { pid: number } }).process.pid}`;
  await files.writeFile(fresh, `${text}\n`);
  await files.rename(fresh, file);
  return { where: file };
}

const DATABASE = 'cotangent';
const STORE = 'calibrations';
const where = `IndexedDB, ${DATABASE}`;

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Works on the store of calibrations; opening makes it where it is not there. */
async function withStore<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  if (typeof indexedDB === 'undefined') throw new Error('there is neither a file system nor IndexedDB here');
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    return await settled(work(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

const nameOf = ({ backend, adapter, driver, processors, version }: CalibrationKey): string =>
  JSON.stringify([backend, adapter, driver, processors, version]);

async function loadFromDatabase(here: CalibrationKey): Promise<Found> {
  const value: unknown = await withStore('readonly', (store) => store.get(nameOf(here)));
  return pick(value === undefined ? [] : [value], here, where);
}

async function keepInDatabase(calibration: Calibration): Promise<Kept> {
  await withStore('readwrite', (store) => store.put(calibration, nameOf(calibration.key)));
  return { where };
}
