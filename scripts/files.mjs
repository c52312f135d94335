// Files of a folder, for the scripts.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a folder, sorted. */
export function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The TypeScript sources below a folder. */
export function typescriptFiles(folder) {
  return filesIn(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
}
