// Three browser engines, each by the protocol that it speaks: the text of a page once it has any.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import { Builder, By, Capabilities, type WebDriver } from 'selenium-webdriver';

const PATIENCE_MS = 60_000;

const first = (...paths: (string | undefined)[]) => paths.find((path) => path && existsSync(path));

/** A browser engine: what it needs, and how it shows a page. */
export interface Engine {
  name: string;
  /** What is missing on this machine, if anything. */
  missing: string | undefined;
  /** Whether an isolated page may share memory. */
  hasThreads: boolean;
  /** Opens an address, and returns the text of its body when it has some. */
  textOf(url: string): Promise<string>;
}

const chromiumPath = first(process.env.CHROMIUM_PATH, '/usr/bin/chromium');
const firefoxPath = first(process.env.FIREFOX_PATH, '/usr/bin/firefox-esr');
const driverPath = first(process.env.WEBKIT_DRIVER_PATH, '/usr/bin/WebKitWebDriver');
const webkitPath = first(
  process.env.MINIBROWSER_PATH,
  ...['4.1', '6.0', '4.0'].map((version) => `/usr/lib/x86_64-linux-gnu/webkit2gtk-${version}/MiniBrowser`),
);
const displayPath = first('/usr/bin/Xvfb');

async function chromiumText(url: string): Promise<string> {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await page.locator('body', { hasText: /\S/ }).waitFor({ state: 'attached', timeout: PATIENCE_MS });
    return (await page.textContent('body')) ?? '';
  } finally {
    await browser.close();
  }
}

/** Firefox speaks WebDriver BiDi itself. */
async function firefoxText(url: string): Promise<string> {
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath: firefoxPath, headless: true });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await page.waitForFunction(() => /\S/.test(document.body.textContent ?? ''), { timeout: PATIENCE_MS });
    return await page.evaluate(() => document.body.textContent ?? '');
  } finally {
    await browser.close();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** WebKitGTK needs a display, and speaks WebDriver through its driver. */
async function webkitText(url: string): Promise<string> {
  const started: ChildProcess[] = [];
  let driver: WebDriver | undefined;
  try {
    const display = spawn(displayPath as string, ['-displayfd', '3', '-screen', '0', '800x600x24'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    started.push(display);
    const [line] = (await once(display.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer];
    const port = await freePort();
    started.push(
      spawn(driverPath as string, [`--port=${port}`], {
        stdio: 'ignore',
        // Its sandbox needs privileges that containers lack; the page is our own.
        env: {
          ...process.env,
          DISPLAY: `:${String(line).trim()}`,
          WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
        },
      }),
    );
    const capabilities = new Capabilities({
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: webkitPath, args: ['--automation'] },
    });
    for (let attempt = 0; driver === undefined; attempt++) {
      try {
        driver = await new Builder()
          .usingServer(`http://127.0.0.1:${port}`)
          .withCapabilities(capabilities)
          .build();
      } catch (error) {
        // The driver needs a moment to listen.
        if (attempt === 40) throw error;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
    await driver.get(url);
    const body = await driver.findElement(By.css('body'));
    const text = (): Promise<string> =>
      (driver as WebDriver).executeScript('return arguments[0].textContent', body);
    await driver.wait(async () => /\S/.test(await text()), PATIENCE_MS);
    return await text();
  } finally {
    await driver?.quit().catch(() => {});
    for (const child of started) child.kill();
  }
}

const lacks = (parts: Record<string, string | undefined>) =>
  Object.entries(parts)
    .filter(([, path]) => path === undefined)
    .map(([name]) => name)
    .join(', ') || undefined;

export const engines: readonly Engine[] = [
  { name: 'Chromium', missing: lacks({ chromium: chromiumPath }), hasThreads: true, textOf: chromiumText },
  { name: 'Firefox', missing: lacks({ 'firefox-esr': firefoxPath }), hasThreads: true, textOf: firefoxText },
  {
    name: 'WebKit',
    missing: lacks({ 'webkit2gtk-driver': driverPath, MiniBrowser: webkitPath, xvfb: displayPath }),
    // Debian's WebKitGTK has no SharedArrayBuffer.
    hasThreads: false,
    textOf: webkitText,
  },
];
