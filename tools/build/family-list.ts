/** @file The root manifest's list of the site's other families: whatever has a manifest in a folder of its own. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { familyOf, parseManifest } from '../../src/core/model/manifest';

/** Lists them again; a folder without a root manifest is left as it is. */
export function listOtherFamilies(folder: string): void {
  const root = join(folder, 'manifest.json');
  if (!existsSync(root)) return;
  const paths = readdirSync(folder)
    .sort()
    .map((name) => `${name}/manifest.json`)
    .filter((path) => existsSync(join(folder, path)));
  const otherFamilies = paths.map((path) => familyOf(parseManifest(JSON.parse(readFileSync(join(folder, path), 'utf8'))), path));
  const { otherFamilies: _before, ...manifest } = JSON.parse(readFileSync(root, 'utf8')) as { otherFamilies?: unknown };
  writeFileSync(root, `${JSON.stringify(paths.length === 0 ? manifest : { ...manifest, otherFamilies }, null, 1)}\n`);
}
