// Licences of what is in a bundle.
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** The licence of every package that has a file in a bundle, each under its name and version; `title` is the first line. */
export async function licencesOf(root, inputs, title) {
  const folders = new Set();
  for (const input of inputs) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) folders.add(match[1]);
  }
  /** The packages of each text: many have the same. */
  const packages = new Map();
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(
      await readFile(path.join(root, folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(path.join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file
      ? (await readFile(path.join(root, folder, file), 'utf8')).trim()
      : `License: ${license}`;
    packages.set(text, [...(packages.get(text) ?? []), `${name} ${version}`]);
  }
  const parts = [...packages].map(([text, names]) => {
    const heading = [...new Set(names)].join('\n');
    return `${heading}\n${'='.repeat(40)}\n\n${text}\n`;
  });
  return `${title}\n\n${parts.join('\n\n')}`;
}
