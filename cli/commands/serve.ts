// cotangent serve: the comparison as a page in the user's own browser, served to this machine alone.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { packageVersion } from '../machine.js';
import { printed, say } from '../output.js';
import { createSite } from '../server.js';

export interface ServeOptions {
  port: number;
  allowSoftware: boolean;
}

export async function serve({ port, allowSoftware }: ServeOptions): Promise<number> {
  const here = new URL('.', import.meta.url);
  const server = createSite({
    page: fileURLToPath(new URL('page/', here)),
    library: fileURLToPath(new URL('../', here)),
    settings: { cotangent: packageVersion(), allowSoftware },
  });
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new Error(`port ${port} is in use: choose another with --port, or 0 for any free one.`);
    if (code === 'EACCES')
      throw new Error(`port ${port} may not be opened by this user: choose one above 1023 with --port.`);
    throw new Error(`the server does not start: ${message}`);
  }
  await printed(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  say('Open this address in a browser; Ctrl-C ends the server.');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      server.close();
      server.closeAllConnections();
    });
  }
  await once(server, 'close');
  return 0;
}
