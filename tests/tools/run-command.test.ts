/**
 * @file `aftertrain run`: what it writes is what the page opens, an interrupted run goes on to the same bytes, and what the
 * page exports it trains.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALGORITHMS } from '../../src/core/algorithms/catalogue';
import { createNodeEngine } from '../../src/engine/ort-node';
import type { RunSpec } from '../../src/protocol/run';
import { metricsJson, readRunFile } from '../../src/state/run-files';
import { loadLanguageModelFolder } from '../../tools/model-folder';
import { tinyFamily } from '../helpers/tiny-family';
import { startTinyTrainer } from '../helpers/trainer-channel';

const root = mkdtempSync(join(tmpdir(), 'aftertrain-run-command-'));
const models = join(root, 'models');
const specFile = join(root, 'spec.json');
const config = { ...ALGORITHMS.sft.defaults, numUpdates: 12, demonstrationsPerUpdate: 2, numDocuments: 1, maxTokens: 64 };
const SPEC = { stage: 'sft', seed: 1, start: 'sft', reward: { length: 1 }, config, fixedPrompts: ['Hello!'] } as RunSpec;

beforeAll(async () => {
  const site = await tinyFamily((path) => Promise.resolve(new Uint8Array(readFileSync(join('public/models', path)))));
  for (const [path, bytes] of site) {
    mkdirSync(dirname(join(models, path)), { recursive: true });
    writeFileSync(join(models, path), bytes);
  }
  writeFileSync(specFile, JSON.stringify(SPEC));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const words = (out: string, ...more: string[]) => [
  ...['tools/run.mjs', 'tools/aftertrain.ts', 'run'],
  ...(more.some((word) => word.startsWith('--spec')) ? [] : [specFile]),
  ...['--out', join(root, out), '--models', models, '--threads', '1', '--save-every', '0'],
  ...more,
];
const runCommand = (out: string, ...more: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, words(out, ...more), (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });

/** Starts it in a process group of its own, and kills all of that when it has saved so many updates. */
const killAfter = (out: string, numUpdates: number) =>
  new Promise<void>((resolve) => {
    const child = spawn(process.execPath, words(out), { detached: true, stdio: 'ignore' });
    const watch = setInterval(() => {
      const file = join(root, out, 'metrics.jsonl');
      if (existsSync(file) && readFileSync(file, 'utf8').split('\n').length > numUpdates) process.kill(-child.pid!, 'SIGKILL');
    }, 20);
    child.on('exit', () => {
      clearInterval(watch);
      resolve();
    });
  });

const read = (out: string, file: string) => readFileSync(join(root, out, file));
/** Measurements without the time they took. */
const metricsOf = (out: string) =>
  read(out, 'metrics.jsonl')
    .toString()
    .trim()
    .split('\n')
    .map((line) => {
      const { update_ms: _, 'update/seconds': __, ...metrics } = JSON.parse(line) as Record<string, number>;
      return metrics;
    });

describe('aftertrain run', () => {
  it('killed and started again goes on to the same bytes, and the page reads what it wrote', async () => {
    const whole = await runCommand('whole');
    expect([whole.code, whole.stdout]).toEqual([0, expect.stringContaining('12 updates')]);
    expect(whole.stderr).toMatch(/12\/12 .*took/);
    await killAfter('killed', 4);
    const { record } = readRunFile(read('killed', 'run.zip'));
    expect(record.state).toBe('open');
    expect(record.update).toBeGreaterThanOrEqual(3);
    expect(record.update).toBeLessThan(12);
    expect((await runCommand('killed')).code).toBe(0);
    expect(read('killed', 'policy/model.safetensors').equals(read('whole', 'policy/model.safetensors'))).toBe(true);
    expect(metricsOf('killed')).toEqual(metricsOf('whole'));
    expect(metricsOf('whole').map(({ update }) => update)).toEqual(Array.from({ length: 13 }, (_, update) => update));

    const { record: done, rows, checkpoints } = readRunFile(read('killed', 'run.zip'));
    expect([done.state, done.update, done.spec]).toEqual(['completed', 12, SPEC]);
    expect(rows.find(({ update }) => update === 12)!.samples).toHaveLength(1);
    expect(loadLanguageModelFolder(join(root, 'whole/policy')).theta).toEqual(checkpoints[0]!.theta);
    expect(JSON.parse(metricsJson({ record: done, rows })).spec).toEqual(SPEC);
  });

  it('does what the page’s worker does, and each seed in a folder of its own', async () => {
    const { code, stdout } = await runCommand('seeds', '--seeds', '2', '--json');
    expect(code).toBe(0);
    const { runs } = JSON.parse(stdout) as { runs: { seed: number; folder: string; update: number; metrics: Record<string, number> }[] };
    expect(runs.map(({ seed, update }) => [seed, update])).toEqual([
      [1, 12],
      [2, 12],
    ]);
    const trainer = await startTinyTrainer(createNodeEngine({ numThreads: 1 }));
    const { events } = await trainer.run({ ...SPEC, seed: 2 });
    trainer.close();
    const last = events.findLast((event) => event.type === 'checkpoint')!;
    expect(readRunFile(readFileSync(join(runs[1]!.folder, 'run.zip'))).checkpoints[0]!.theta).toEqual(last.checkpoint.theta);
    expect(runs[0]!.metrics.loss).not.toBe(runs[1]!.metrics.loss);
  });

  it('trains what the page exports: metrics with their specification, or the run as a file', async () => {
    const { record, rows } = readRunFile(read('whole', 'run.zip'));
    writeFileSync(join(root, 'metrics.json'), metricsJson({ record, rows }));
    for (const file of [join(root, 'metrics.json'), join(root, 'whole', 'run.zip')]) {
      expect((await runCommand('whole', '--spec', file)).code).toBe(0); // the same run: there is nothing left to do
      expect(JSON.parse(read('whole', 'spec.json').toString())).toEqual(SPEC);
    }
  });

  it('learns rows of one’s own', async () => {
    const rows = join(root, 'rows.jsonl');
    writeFileSync(rows, '{"prompt": "Hi", "completion": "Hello."}\n{"prompt": "Hello", "completion": "Hi."}\n');
    expect((await runCommand('rows', '--rows', rows)).code).toBe(0);
    expect(readRunFile(read('rows', 'run.zip')).record.spec.data?.rows).toEqual({ id: 'rows.jsonl', hash: expect.any(String) as string });
  });

  it.each([
    ['a specification that is none', ['--spec', 'package.json'], /^package\.json is no specification of a run\. stage: Invalid type/],
    ['a file that is not there', ['--spec', 'no-such.json'], /^no-such\.json cannot be read \(ENOENT\)\.$/],
    ['rows of another form', ['--rows', 'package.json'], /^package\.json: Line 1 is not JSON\.$/],
    ['too many seeds', ['--seeds', '1000'], /^--seeds must be a whole number from 1 to 100/],
  ])('says in one line what is wrong with %s', async (_, more, message) => {
    const { code, stderr } = await runCommand('wrong', ...more);
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(message);
  });

  it('leaves another run in the folder alone', async () => {
    const other = join(root, 'other.json');
    writeFileSync(other, JSON.stringify({ ...SPEC, seed: 7 }));
    const { code, stderr } = await runCommand('whole', '--spec', other);
    expect([code, stderr]).toEqual([1, expect.stringContaining('has another run')]);
  });
});
