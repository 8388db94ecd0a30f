/**
 * @file Makes sure that Node is new enough and that node_modules holds what package-lock.json asks for.
 *
 * Runs before anything is installed, so it is plain Node without dependencies. Everything it prints goes to stderr:
 * the command-line tools' stdout stays clean. It compares the lock file with the copy that npm keeps inside
 * node_modules, so a pull that changes a dependency is noticed and nothing is installed twice.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** An error with a remedy in its message: shown as one line, without a stack. */
export class ClearError extends Error {}

/**
 * Runs `main`, if Node is new enough; shows a ClearError on stderr. Any other error is a defect and keeps its stack.
 * @param {() => Promise<void> | void} main
 */
export async function runMain(main) {
  try {
    checkNodeVersion();
    await main();
  } catch (error) {
    if (!(error instanceof ClearError)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}

/**
 * The file behind an installed command, to be run with Node. (`npx` and `.bin` differ on Windows; this does not.)
 * @param {string} packageName such as `vite`
 * @param {string} command where the package has several, or one of another name
 */
export function commandFile(packageName, command = packageName) {
  const manifest = join(root, 'node_modules', packageName, 'package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
  return join(dirname(manifest), typeof bin === 'string' ? bin : bin[command]);
}

/** @param {number} startMs of `performance.now()` */
export function elapsed(startMs) {
  return `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
}

function checkNodeVersion() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const supported = (major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24;
  if (!supported) {
    throw new ClearError(`Aftertrain needs Node 20.19, 22.13, 24 or newer; this is ${process.version}. Get one from https://nodejs.org.`);
  }
}

/** @param {string} path */
function readLock(path) {
  try {
    return /** @type {Record<string, { version: string, optional?: boolean, devOptional?: boolean }>} */ (
      JSON.parse(readFileSync(path, 'utf8')).packages
    );
  } catch {
    return {}; // missing or damaged: install again
  }
}

/**
 * True when every package that this platform must have is installed in the locked version.
 * @param {string} folder
 */
function isInstalled(folder) {
  const wanted = readLock(join(folder, 'package-lock.json'));
  const installed = readLock(join(folder, 'node_modules', '.package-lock.json'));
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' || entry.optional || (installed[path]?.version === entry.version && existsSync(join(folder, path, 'package.json'))),
  );
}

/**
 * Runs npm (the one that started us, if any) in a folder with its output on stderr.
 * @param {string} folder
 * @param {string[]} args
 */
function runNpm(folder, args) {
  const npmScript = process.env.npm_execpath;
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { cwd: folder, stdio: ['ignore', process.stderr.fd, 'inherit'] };
  return npmScript?.endsWith('.js')
    ? spawnSync(process.execPath, [npmScript, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

/**
 * Installs the locked dependencies where they are missing or differ. Throws a ClearError with what to do.
 * @param {string} folder with a package.json: the repository, or the benchmark with its peers
 */
export function ensureDependencies(folder = root) {
  if (isInstalled(folder)) return;
  const startMs = performance.now();
  console.error('Installing dependencies (the first time takes a minute or two) …');
  const { status, error } = runNpm(folder, ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (status !== 0) {
    const reason = error ? `npm could not be started (${error.message})` : `"npm ci" ended with code ${status}, see above`;
    throw new ClearError(`Dependencies could not be installed: ${reason}. Check the network connection, then run the same command again.`);
  }
  console.error(`Installed dependencies in ${elapsed(startMs)}.`);
}
