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

const inputs = [
  'src',
  'messages',
  'workers',
  'public',
  'tools/site',
  'index.html',
  'package-lock.json',
  'svelte.config.js',
  'vite.config.ts',
];
/** Made from `messages`, by the build itself. */
const compiled = join('src', 'messages');
const stamps = join(root, 'node_modules', '.cache', 'aftertrain');

/** The folder that holds the built page. */
export const distFolder = join(root, 'dist');
/** The page that is one file. */
export const singleFile = join(root, 'build', 'single', 'aftertrain.html');

function fingerprint() {
  const hash = createHash('sha256');
  /** @param {string} name relative to the repository */
  const add = (name) => {
    if (name === compiled) return;
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

/**
 * @param {string} made what there is when it is built
 * @param {string} stampName
 * @param {readonly string[]} options of `vite build`
 * @param {string} command what a reader says to repeat it
 */
function ensure(made, stampName, options, command) {
  const stampFile = join(stamps, stampName);
  const wanted = fingerprint();
  const isFresh = existsSync(made) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted;
  if (isFresh) return;

  const startMs = performance.now();
  console.error('Building the page …');
  rmSync(stampFile, { force: true });
  // Vitest says NODE_ENV=test, and Vite would make a page of development of it, without its service worker.
  const env = { ...process.env, NODE_ENV: 'production' };
  const args = [commandFile('vite'), 'build', '--logLevel', 'warn', ...options];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env });
  if (status !== 0) {
    rmSync(dirname(made), { recursive: true, force: true }); // never mistaken for a build of these sources
    throw new ClearError(`The page could not be built: see the error above. "${command}" repeats it.`);
  }
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stampFile, wanted);
  console.error(`Built the page in ${elapsed(startMs)}.`);
}

/** Builds dist/ if needed. Throws a ClearError if the build fails. */
export const ensureBuild = () => ensure(join(distFolder, 'index.html'), 'built-from', [], 'npm run build');

/** Builds the page that is one file if needed. Throws a ClearError if the build fails. */
export function ensureSingleFile() {
  ensure(singleFile, 'built-single-from', ['--config', join('tools', 'site', 'single', 'vite.config.ts')], 'npm run build:single');
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
