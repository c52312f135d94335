// npm run example -- <name> [arguments]: runs examples/<name>.mjs; without a name, lists them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = fileURLToPath(new URL('../examples/', import.meta.url));
const [name, ...rest] = process.argv.slice(2);
const file = `${folder}${name}.mjs`;
if (name && existsSync(file)) {
  process.argv.splice(1, process.argv.length, file, ...rest);
  await import(pathToFileURL(file).href);
} else {
  if (name) console.error(`There is no example ${JSON.stringify(name)}; there is:`);
  for (const entry of readdirSync(folder).filter((f) => f.endsWith('.mjs'))) {
    const [first] = readFileSync(folder + entry, 'utf8').split('\n');
    console.log(`${entry.replace('.mjs', '').padEnd(16)} ${first.replace('// ', '')}`);
  }
  if (name) process.exitCode = 2;
}
