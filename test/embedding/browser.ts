// Chromium, and loopback servers for the pages that it visits.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser } from 'playwright-core';

/** Response headers of a server. */
export type Headers = Readonly<Record<string, string>>;

/** What threads need. */
export const ISOLATED: Headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** The strictest policy under which WebAssembly may run at all. */
export const STRICT: Headers = {
  'content-security-policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'",
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** A server of the files below a folder. */
export interface Site {
  origin: string;
  /** Paths asked for so far. */
  requests: string[];
  close(): void;
}

/** Serves a folder on the loopback interface, with these headers on every response. */
export async function serve(folder: string, headers: Headers = {}): Promise<Site> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    requests.push(path);
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    try {
      const body = await readFile(file);
      response.writeHead(200, {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        ...headers,
      });
      response.end(body);
    } catch {
      response.writeHead(404, headers).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, requests, close: () => void server.close() };
}

/** What a page showed, and the errors that it and its workers reported, violations of the policy among them. */
export interface Visit {
  text: string;
  problems: string[];
}

/** Opens an address in a page of its own, and waits until its body has text, or an error ends its script. */
export async function visit(browser: Browser, url: string): Promise<Visit> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    const { url } = message.location();
    if (message.type() === 'error' && !url.endsWith('/favicon.ico'))
      problems.push(`${message.text()} (${url})`);
  });
  const failure = new Promise<void>((resolve) =>
    page.on('pageerror', (error) => {
      problems.push(String(error));
      resolve();
    }),
  );
  await page.goto(url);
  await Promise.race([page.locator('body', { hasText: /\S/ }).waitFor({ state: 'attached' }), failure]);
  const text = (await page.textContent('body')) ?? '';
  await page.close();
  return { text: text.trim(), problems };
}
