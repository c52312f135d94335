// The web server of `cotangent serve`: static files on the loopback interface, with the headers that WASM threads need.

import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

// 'unsafe-eval' is for Benchmark.js and Vega, which compile functions from text; the library needs 'wasm-unsafe-eval'
// alone. Styles are inline in the SVG that Vega draws. Nothing may come from, or go to, another origin.
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

export interface Site {
  /** Folder of the page, at /. */
  page: string;
  /** Folder of the library, at /lib/. */
  library: string;
  /** The content of /settings.json. */
  settings: object;
}

export function createSite(site: Site): Server {
  return createServer((request, response) => {
    respond(site, request, response).catch(() => finish(response, 500, 'the file could not be read'));
  });
}

async function respond(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return finish(response, 405, 'only GET and HEAD are answered here');
  }
  const path = pathOf(request.url ?? '/');
  if (path === undefined) return finish(response, 400, 'the address is malformed');
  if (path === '/settings.json') return send(response, '.json', JSON.stringify(site.settings));
  const file = locate(site, path);
  const type = file && types[extname(file)];
  if (!file || !type) return finish(response, 404, `there is no ${path} here`);
  const content = await contentOf(file);
  if (content !== undefined) return send(response, extname(file), content);
  // What is large is stored compressed, and browsers take it so.
  const compressed = await contentOf(`${file}.br`);
  if (compressed === undefined) return finish(response, 404, `there is no ${path} here`);
  if (!/\bbr\b/.test(String(request.headers['accept-encoding'])))
    return send(response, extname(file), brotliDecompressSync(compressed));
  response.setHeader('Content-Encoding', 'br');
  send(response, extname(file), compressed);
}

/** The bytes of a file; undefined if there is none. */
async function contentOf(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EISDIR' && code !== 'ENOTDIR') throw error;
    return undefined;
  }
}

/** The decoded path without its query; undefined for one that cannot be decoded. */
function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.replace(/[?#].*$/s, ''));
    return path.includes('\0') || path.includes('\\') ? undefined : path;
  } catch {
    return undefined;
  }
}

/** The file for a path, inside its folder or not at all. */
function locate(site: Site, path: string): string | undefined {
  const inLibrary = path.startsWith('/lib/');
  const folder = inLibrary ? site.library : site.page;
  const file = join(folder, inLibrary ? path.slice('/lib/'.length) : path === '/' ? 'index.html' : path);
  const inside = relative(folder, file);
  return inside === '' || inside === '..' || inside.startsWith(`..${sep}`) ? undefined : file;
}

function send(response: ServerResponse, extension: string, content: string | Buffer): void {
  const length = Buffer.byteLength(content);
  response.writeHead(200, { ...headers, 'Content-Type': types[extension], 'Content-Length': length });
  response.end(response.req.method === 'HEAD' ? undefined : content);
}

function finish(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(response.req.method === 'HEAD' ? undefined : `${text}\n`);
}
