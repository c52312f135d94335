// Compiles one module; runs in a thread of the pool of build-wasm.mjs.
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

export default async function compile({ root, name, memoryBase, out, isQuick }) {
  const { error, stderr } = await asc.main([
    join(root, 'assembly', `${name}.ts`),
    '--config',
    join(root, 'asconfig.json'),
    '--memoryBase',
    String(memoryBase),
    '--outFile',
    out,
    ...(isQuick ? ['--optimizeLevel', '1'] : []),
  ]);
  if (error) throw new Error(`${name} does not compile:\n${stderr.toString()}`);
}
