// Where results go: files and standard output for results, standard error for messages about them.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Report } from '../bench/report.js';

/**
 * Ends the program where its results cannot be written: silently and without an error where the reader closed early
 * (`| head`), with one line and code 1 where the disk is full. Streams report either as an event or as an exception.
 */
export function watchOutput(): void {
  process.stdout.on('error', stop);
  // There is nowhere to say it.
  process.stderr.on('error', () => process.exit(1));
  process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
    if (error.syscall === 'write') stop(error);
    say(error.stack ?? String(error));
    process.exit(1);
  });
}

function stop(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(0);
  say(`cotangent: standard output cannot be written: ${error.message}`);
  process.exit(1);
}

function write(text: string): void {
  try {
    process.stdout.write(text);
  } catch (error) {
    stop(error as NodeJS.ErrnoException);
  }
}

/** Something about the run, not part of its result. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Prints, and waits until the text is written. */
export function printed(text: string): Promise<void> {
  return new Promise((done) => {
    try {
      // An error is reported by the stream as well, which ends the program.
      process.stdout.write(`${text}\n`, (error) => {
        if (!error) done();
      });
    } catch (error) {
      stop(error as NodeJS.ErrnoException);
    }
  });
}

export function print(text: string): void {
  write(`${text}\n`);
}

/** Writes a file, creates its folder, and returns its full path. */
export function writeFile(path: string, content: string | Uint8Array): string {
  const full = resolve(path);
  try {
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
  } catch (error) {
    throw new Error(`${full} cannot be written: ${(error as Error).message}`);
  }
  return full;
}

/** JSON of a report, to a file or with '-' to standard output. Returns the path of the file. */
export async function writeJson(target: string, report: Report): Promise<string | undefined> {
  const text = JSON.stringify(report, null, 2);
  if (target !== '-') return writeFile(target, `${text}\n`);
  await printed(text);
  return undefined;
}
