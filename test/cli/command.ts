// Runs the built command line as users do: as a program of its own.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

export const program = resolve('dist/cli/main.js');

export function cotangent(
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Result> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ code, ...text }));
  });
}

/** A folder of its own for what a command writes. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cotangent-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const softwareDriver = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Makes Chromium's software Vulkan the GPU of a Node process; undefined where it is not installed. */
export function softwareGpu(): NodeJS.ProcessEnv | undefined {
  if (!existsSync(softwareDriver)) return undefined;
  return { VK_ICD_FILENAMES: softwareDriver, XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir() };
}

/** The reason to leave a test out, if there is one; in CI nothing may be missing, so there never is. */
export function unless(present: unknown, reason: string): string | undefined {
  return present || process.env.CI ? undefined : reason;
}
