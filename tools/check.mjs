/**
 * @file `npm run check [-- step …]`: everything that can be said about the code without running it.
 *
 * One line a step, and a step's output only if it fails. Two steps run at a time, the slowest first. Each TypeScript
 * configuration is one kind of thread with its own globals (no DOM in core, no DOM in workers).
 */
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { ClearError, commandFile, elapsed, ensureDependencies, root, runMain } from './ensure-dependencies.mjs';

const NUM_AT_A_TIME = 2;

/** @type {Record<string, [command: string, ...args: string[]]>} */
const steps = {
  lint: ['eslint', '--cache', '--cache-location', 'node_modules/.cache/eslint/', '.'],
  'types:page': ['svelte-check', '--tsconfig', 'tsconfig.page.json', '--fail-on-warnings', '--output', 'human'],
  'types:node': ['tsc', '-p', 'tsconfig.node.json'],
  'types:worker': ['tsc', '-p', 'tsconfig.worker.json'],
  'types:core': ['tsc', '-p', 'tsconfig.core.json'],
  arrows: ['depcruise', '--config', '.dependency-cruiser.cjs', 'src', 'workers', 'tools'],
  format: ['prettier', '--check', '--cache', '--log-level', 'warn', '.'],
  unused: ['knip', '--no-progress'],
};

/** Commands whose package has another name. */
const packageOf = /** @type {Record<string, string>} */ ({ tsc: 'typescript', depcruise: 'dependency-cruiser' });

/**
 * Runs one step and prints its line; true if it passed.
 * @param {string} name
 * @returns {Promise<boolean>}
 */
function runStep(name) {
  const [command, ...args] = steps[name] ?? [''];
  const startMs = performance.now();
  const child = spawn(process.execPath, [commandFile(packageOf[command] ?? command, command), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: process.stdout.isTTY ? { ...process.env, FORCE_COLOR: '1' } : process.env,
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      console.log(`${code === 0 ? '✓' : '✗'} ${name} (${elapsed(startMs)})`);
      if (code !== 0) console.log(`${output.trim()}\n`);
      resolve(code === 0);
    });
  });
}

/** Runs the named steps, or all; resolves to the names of those that failed. */
export async function runChecks(names = Object.keys(steps)) {
  await (await import('./ensure-messages.mjs')).ensureMessages();
  for (const name of names) {
    if (!(name in steps)) throw new ClearError(`There is no check "${name}". There are: ${Object.keys(steps).join(', ')}.`);
  }
  /** @type {string[]} */
  const failed = [];
  const waiting = [...names];
  const work = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) if (!(await runStep(name))) failed.push(name);
  };
  await Promise.all(Array.from({ length: NUM_AT_A_TIME }, work));
  return failed;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runMain(async () => {
    ensureDependencies();
    const failed = await runChecks(process.argv.length > 2 ? process.argv.slice(2) : undefined);
    if (failed.length > 0) throw new ClearError(`Failed: ${failed.join(', ')}`);
  });
}
