// The browser that tests drive: Debian's Chromium, or the one at CHROMIUM_PATH.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // WebGPU's software adapter is behind this flag; nothing else changes.
  '--enable-unsafe-webgpu',
];

/** Why there is no Chromium to test with, if so. */
export const obstacle = existsSync(executablePath)
  ? undefined
  : `${executablePath} is missing: install chromium, or set CHROMIUM_PATH`;

/** Starts it, headless. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS });
}
