/** @file `npm start` as a user's terminal sees it. (From a fresh clone it is continuous integration that runs it.) */
import { spawn, type ChildProcess } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { root } from '../../tools/ensure-dependencies.mjs';

let running: ChildProcess | undefined;
afterEach(() => running?.kill());

/** Starts it and resolves at its first line on stdout, or at its end. */
function start(...args: string[]): Promise<{ line: string; errors: string; exitCode: number | null }> {
  const child = spawn(process.execPath, ['tools/start.mjs', '--no-open', ...args], { cwd: root });
  running = child;
  let errors = '';
  child.stderr.on('data', (data) => (errors += data));
  return new Promise((resolve) => {
    child.stdout.once('data', (data) => resolve({ line: String(data), errors, exitCode: null }));
    child.on('close', (exitCode) => resolve({ line: '', errors, exitCode }));
  });
}

describe('npm start', () => {
  test('prints one line with an address that answers with the page', async () => {
    const { line } = await start('--port', '0');
    expect(line).toMatch(/^Aftertrain is at http:\/\/localhost:\d+\/ \(Ctrl\+C stops it\)\n$/);
    const response = await fetch(/http\S+/.exec(line)![0]);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<div id="app">');
    expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  });

  test.each([
    [['--port', '70000'], '--port wants a whole number from 0 to 65535, not "70000".'],
    [['--prot', '80'], "Unknown option '--prot'"],
  ])('says what is wrong with %j, and ends', async (args, message) => {
    const { errors, exitCode } = await start(...args);
    expect(errors).toContain(message);
    expect(errors).not.toContain('    at '); // no stack
    expect(exitCode).toBe(1);
  });
});
