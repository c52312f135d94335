// The tables of operations hold every row that a module exports, so that a test that walks them walks all.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { coneOperations } from '#src/cones/table.js';
import { dynamicsOperations } from '#src/dynamics/table.js';
import { fftOperations } from '#src/fft/table.js';
import { givensOperations } from '#src/givens/table.js';
import { linalgOperations } from '#src/linalg/table.js';
import { nodeOperations } from '#src/nodes/table.js';
import { operations } from '#src/ops/table.js';
import { optimOperations } from '#src/optim/table.js';

const library = new URL('../../lib/', import.meta.url);

/** Not modules of the library, or ones that run when they are loaded. */
const SKIPPED = /^(generated|gpu|vendor)\/|^core\/threads\/worker\.js$|^node\.js$/;

/** Every value that a module exports under the name of a row, or of an object of rows. */
async function exportedRows(): Promise<[name: string, row: unknown][]> {
  const found: [string, unknown][] = [];
  const files = readdirSync(fileURLToPath(library), { recursive: true }) as string[];
  for (const file of files.map((path) => path.replaceAll('\\', '/'))) {
    if (!/\.js$/.test(file) || SKIPPED.test(file)) continue;
    const exports = (await import(new URL(file, library).href)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(exports)) {
      if (name.endsWith('Op') && isRow(value)) found.push([name, value]);
      if (!name.endsWith('Rows') || typeof value !== 'object' || value === null) continue;
      for (const [key, row] of Object.entries(value)) if (isRow(row)) found.push([`${name}.${key}`, row]);
    }
  }
  return found;
}

const isRow = (value: unknown): boolean => typeof value === 'object' && value !== null && 'shape' in value;

test('every exported row is in a table', async () => {
  const all = [
    ...[...operations, ...linalgOperations, ...givensOperations, ...fftOperations],
    ...[...optimOperations, ...coneOperations, ...nodeOperations, ...dynamicsOperations],
  ];
  const known = new Set<unknown>(all);
  const rows = await exportedRows();
  const missing = rows.filter(([, row]) => !known.has(row)).map(([name]) => name);
  assert.equal(missing, []);
  assert.is(known.size, all.length, 'no row stands twice');
  assert.ok(rows.length >= known.size, `${rows.length} rows are exported, ${known.size} in tables`);
});

test.run();
