/**
 * @file Builds dist/ when it is missing or anything it is made from has changed.
 *
 * "Changed" means another list of names, sizes and modification times than at the last build made from here; the list's
 * hash lies in node_modules/.cache, not in dist/, which is what a host serves. Also the e2e tests' global setup.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ClearError, commandFile, elapsed, root } from './ensure-dependencies.mjs';

const inputs = ['src', 'workers', 'public', 'index.html', 'package-lock.json', 'svelte.config.js', 'vite.config.ts'];
const stampFile = join(root, 'node_modules', '.cache', 'aftertrain', 'built-from');

/** The folder that holds the built page. */
export const distFolder = join(root, 'dist');

function fingerprint() {
  const hash = createHash('sha256');
  /** @param {string} name relative to the repository */
  const add = (name) => {
    const path = join(root, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory()) {
      for (const child of readdirSync(path).sort()) add(join(name, child));
    } else {
      hash.update(`${name} ${stats?.size} ${stats?.mtimeMs}\n`);
    }
  };
  inputs.forEach(add);
  return hash.digest('hex');
}

/** Builds if needed. Throws a ClearError if the build fails. */
export function ensureBuild() {
  const wanted = fingerprint();
  const isFresh = existsSync(join(distFolder, 'index.html')) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted;
  if (isFresh) return;

  const startMs = performance.now();
  console.error('Building the page …');
  rmSync(stampFile, { force: true });
  const { status } = spawnSync(process.execPath, [commandFile('vite'), 'build', '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    rmSync(distFolder, { recursive: true, force: true }); // never mistaken for a build of these sources
    throw new ClearError('The page could not be built: see the error above. "npm run build" repeats it.');
  }
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, wanted);
  console.error(`Built the page in ${elapsed(startMs)}.`);
}

/** What vitest calls first: e2e tests never drive a stale page. A failed build fails them, but not the other tests. */
export function setup() {
  try {
    ensureBuild();
  } catch (error) {
    if (!(error instanceof ClearError)) throw error;
    console.error(error.message);
  }
}
