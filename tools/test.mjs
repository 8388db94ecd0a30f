/**
 * @file `npm test [-- vitest arguments]`: from a fresh clone to one closing line, `N passed, N failed`.
 *
 * Installs what is missing, runs the static checks, builds, and runs all tests in Node and in Chromium. A check, build
 * or test file that fails as a whole counts as one failure, so "0 failed" and exit code 0 always mean the same.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBrowser } from './ensure-browser.mjs';
import { ensureBuild } from './ensure-build.mjs';
import { runChecks } from './check.mjs';
import { ClearError, commandFile, ensureDependencies, root, runMain } from './ensure-dependencies.mjs';

/**
 * Runs vitest with its usual output, and counts from its JSON report.
 * @param {string[]} args
 */
function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'aftertrain-tests-'));
  const reportFile = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  try {
    const { status } = spawnSync(process.execPath, [commandFile('vitest'), 'run', ...reporters, ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return count(JSON.parse(readFileSync(reportFile, 'utf8')), status);
  } catch {
    return { numPassed: 0, numFailed: 1, numSkipped: 0 }; // vitest ended without a report: it has said why
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { status: string, assertionResults: { status: string }[] }[] }} report
 * @param {number | null} status vitest's exit code
 */
function count(report, status) {
  const isBroken = (/** @type {(typeof report.testResults)[number]} */ file) =>
    file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed');
  let numFailed = report.numFailedTests + report.testResults.filter(isBroken).length;
  if (status !== 0 && numFailed === 0) numFailed = 1; // an unhandled error outside any test
  return { numPassed: report.numPassedTests, numFailed, numSkipped: report.numPendingTests + report.numTodoTests };
}

/**
 * Runs the build; a failure is printed and counted, and the tests still run.
 * @returns {string[]} what failed
 */
function build() {
  try {
    ensureBuild();
    return [];
  } catch (error) {
    if (!(error instanceof ClearError)) throw error;
    console.error(error.message);
    return ['build'];
  }
}

/**
 * The last line of all, alone, for readers and for scripts.
 * @param {{ numPassed: number, numFailed: number, numSkipped: number }} counts
 */
function printClosingLine({ numPassed, numFailed, numSkipped }) {
  if (numFailed > 0 || numPassed === 0) process.exitCode = 1;
  console.log(`\n${numPassed} passed, ${numFailed} failed${numSkipped > 0 ? `, ${numSkipped} skipped` : ''}`);
}

/** Gets what the tests cannot start without; false, after saying why, if that fails. */
async function prepare() {
  try {
    ensureDependencies();
    process.env.CHROMIUM_PATH = await ensureBrowser();
    return true;
  } catch (error) {
    if (!(error instanceof ClearError)) throw error;
    console.error(error.message);
    return false;
  }
}

await runMain(async () => {
  if (!(await prepare())) return printClosingLine({ numPassed: 0, numFailed: 1, numSkipped: 0 });
  const failedSteps = [...(await runChecks()), ...build()];
  const { numPassed, numFailed, numSkipped } = runVitest(process.argv.slice(2));
  if (failedSteps.length > 0) console.log(`Failed before the tests: ${failedSteps.join(', ')}`);
  if (numPassed + numFailed === 0) console.log('No test ran.');
  printClosingLine({ numPassed, numFailed: numFailed + failedSteps.length, numSkipped });
});
