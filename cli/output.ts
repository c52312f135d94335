// Where results go: files and standard output for results, standard error for messages about them.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Report } from '../bench/report.js';

/** Something about the run, not part of its result. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a file, creates its folder, and returns its full path. */
export function writeFile(path: string, text: string): string {
  const full = resolve(path);
  try {
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
  } catch (error) {
    throw new Error(`${full} cannot be written: ${(error as Error).message}`);
  }
  return full;
}

/** JSON of a report, to a file or with '-' to standard output. Returns the path of the file. */
export function writeJson(target: string, report: Report): string | undefined {
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (target !== '-') return writeFile(target, text);
  process.stdout.write(text);
  return undefined;
}
