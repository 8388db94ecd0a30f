/**
 * @file Finds the Chromium that the tests drive, and gets one where there is none.
 *
 * Order: CHROMIUM_PATH, the system's Chromium, Chrome or Edge, Playwright's own download. `findBrowser` only looks, for
 * the test configuration; `ensureBrowser` also installs. Imports of dependencies are dynamic because `npm test` loads
 * this file before they are installed.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ClearError, commandFile, elapsed, root } from './ensure-dependencies.mjs';

/** Makes WebGPU available headless, on the software adapter (right results, meaningless times), and keeps Chromium quiet. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
];

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where the system's package manager or installer puts a Chromium-family browser. */
function systemCandidates() {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (process.platform === 'win32') {
    const folders = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].filter(
      (folder) => folder != null,
    );
    return folders.flatMap((folder) => [
      join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
      join(folder, 'Chromium', 'Application', 'chrome.exe'),
      join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
    ]);
  }
  const names = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser', 'microsoft-edge'];
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/** The browser's executable, or undefined. Throws a ClearError if CHROMIUM_PATH names no executable. */
export async function findBrowser() {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) {
    if (isExecutable(chosen)) return chosen;
    throw new ClearError(`CHROMIUM_PATH is "${chosen}", which is not an executable file. Correct it or unset it.`);
  }
  const system = systemCandidates().find(isExecutable);
  if (system) return system;
  const { chromium } = await import('playwright-core');
  const downloaded = chromium.executablePath();
  return downloaded && existsSync(downloaded) ? downloaded : undefined;
}

/**
 * Runs a command in the repository, its output on stderr; true if it succeeded.
 * @param {string} command
 * @param {string[]} args
 */
function succeeds(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, args, { cwd: root, env, stdio: ['ignore', process.stderr.fd, 'inherit'] }).status === 0;
}

/** The browser's executable, installed if need be. Throws a ClearError where that cannot be done. */
export async function ensureBrowser() {
  const found = await findBrowser();
  if (found) return found;

  const startMs = performance.now();
  if (process.getuid?.() === 0 && isExecutable('/usr/bin/apt-get')) {
    console.error('Installing Chromium with apt-get (a minute or two) …');
    const install = ['install', '--yes', '--quiet', '--no-install-recommends', 'chromium'];
    if (succeeds('apt-get', install) || (succeeds('apt-get', ['update', '--quiet']) && succeeds('apt-get', install))) {
      console.error(`Installed Chromium in ${elapsed(startMs)}.`);
    }
  }
  if (!(await findBrowser())) {
    console.error('Downloading Chromium with Playwright (a minute or two) …');
    succeeds(process.execPath, [commandFile('playwright-core'), 'install', 'chromium']);
  }

  const installed = await findBrowser();
  if (installed) return installed;
  throw new ClearError(
    'The tests need Chromium, Chrome or Edge, and none could be installed. Install one, or set CHROMIUM_PATH to its executable, then run npm test again.',
  );
}
