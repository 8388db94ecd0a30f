/**
 * @file `aftertrain run`: a run of the page without the page, by the same code: the trainer of the worker, on
 * onnxruntime-node.
 *
 * Killed and started again with the same words it goes on where it was, to the same bytes. With several seeds each has a
 * folder of its own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import type { DataRows } from '../../src/core/data/rows';
import { dataOf, type RunOutcome, type RunSpec } from '../../src/protocol/run';
import type { Trainer } from '../../workers/trainer';
import { Progress, say } from '../build/progress';
import { ClearError } from '../ensure-dependencies.mjs';
import { resolved } from '../model-folder';
import { nodeTrainer } from '../train/node-trainer';
import { RunFolder } from '../train/run-folder';
import { readRows, readSpec, withRows } from '../train/spec-file';
import { numberOption } from './options';

/** What is said of an update, where it was measured. */
const SAID = [
  ['reward', 'reward'],
  ['loss', 'loss'],
  ['gold_reward', 'gold'],
  ['objective/kl', 'KL'],
] as const;

/** How one seed ended, for the summary. */
interface SeedResult {
  readonly seed: number;
  readonly folder: string;
  readonly update: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Trains one seed to its end, or as far as it is let. */
async function runSeed(trainer: Trainer, spec: RunSpec, folder: RunFolder, saveEveryMs: number): Promise<RunOutcome> {
  const progress = new Progress(`seed ${spec.seed}`, spec.config.numUpdates, folder.checkpoint?.update ?? 0);
  let savedMs = performance.now();
  const stop = () => {
    say('Stopping after this update; the same command goes on from there.');
    void trainer.stopRun();
  };
  process.once('SIGINT', stop);
  try {
    const outcome = await trainer.run(spec, folder.checkpoint, (event) => {
      folder.heard(event);
      if (event.type === 'update' && event.update > 0) {
        const said = SAID.flatMap(([name, word]) =>
          event.metrics[name] === undefined ? [] : [`${word} ${event.metrics[name].toFixed(3)}`],
        );
        progress.update(event.update, said.join(', '));
      }
      if (event.type === 'checkpoint' && performance.now() - savedMs >= saveEveryMs) {
        folder.save('open');
        savedMs = performance.now();
      }
    });
    folder.save(outcome.type === 'completed' ? 'completed' : outcome.type === 'stopped' ? 'open' : 'failed');
    return outcome;
  } finally {
    process.off('SIGINT', stop);
  }
}

/** The last value of each metric. */
function lastMetrics(folder: RunFolder): Record<string, number> {
  return Object.assign({}, ...folder.rows.map(({ metrics }) => metrics)) as Record<string, number>;
}

/** Reads what the words name. @throws ClearError */
function readPlan(specFile: string, rowsFile: string | undefined): { spec: RunSpec; rows: DataRows | null } {
  const given = readSpec(specFile);
  const rows = rowsFile === undefined ? null : readRows(rowsFile, given);
  return { spec: rows ? withRows(given, rows, rowsFile!) : given, rows };
}

/** The command. */
export const runCommand = defineCommand({
  meta: { name: 'run', description: 'Train as the page does, from the same specification, and write what the page opens.' },
  args: {
    spec: { type: 'positional', required: true, valueHint: 'file', description: 'a specification (JSON), or a run that the page exported' },
    out: { type: 'string', required: true, valueHint: 'folder', description: 'where to write; an interrupted run there goes on' },
    seeds: { type: 'string', default: '1', valueHint: 'N', description: 'runs with as many seeds, counted from the specification’s' },
    rows: { type: 'string', valueHint: 'file', description: 'rows of your own to learn from, JSON or JSONL in TRL’s formats' },
    models: { type: 'string', default: 'public/models', valueHint: 'folder', description: 'where the models are' },
    threads: { type: 'string', default: '2', valueHint: 'N', description: 'processor threads' },
    'save-every': { type: 'string', default: '15', valueHint: 'seconds', description: 'what a kill costs at most, beside one update' },
    json: { type: 'boolean', description: 'print {runs: [{seed, folder, update, metrics}]}' },
  },
  async run({ args }) {
    const saveEveryMs = 1000 * numberOption('save-every', args['save-every'], { min: 0, max: 3600 });
    const numSeeds = numberOption('seeds', args.seeds, { min: 1, max: 100 });
    const { spec, rows } = readPlan(args.spec, args.rows);
    const out = resolved(args.out);
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'spec.json'), `${JSON.stringify(spec, null, 2)}\n`);
    const { trainer, folderOf } = await nodeTrainer(
      resolved(args.models),
      numberOption('threads', args.threads, { min: 1, max: 64 }),
      spec.family,
    );
    const named = dataOf(spec).rows;
    if (named && rows) await trainer.installRows(named.id, rows);
    const sweep = numSeeds > 1 ? { id: `seeds-${spec.seed}-${numSeeds}`, name: `${numSeeds} seeds` } : null;
    const results: SeedResult[] = [];
    for (let seed = spec.seed; seed < spec.seed + numSeeds; seed++) {
      const own = { ...spec, seed };
      const folder = new RunFolder(numSeeds > 1 ? join(out, `seed-${seed}`) : out, own, sweep);
      const outcome = await runSeed(trainer, own, folder, saveEveryMs);
      if (outcome.type === 'failed') throw new ClearError(outcome.detail);
      folder.savePolicy(folderOf(own));
      results.push({ seed, folder: folder.folder, update: outcome.update, metrics: lastMetrics(folder) });
      if (outcome.type === 'stopped') break;
    }
    const line = ({ seed, folder, update, metrics }: SeedResult) =>
      [
        `seed ${seed}`,
        `${update} updates`,
        ...SAID.flatMap(([name, word]) => (name in metrics ? [`${word} ${metrics[name]!.toFixed(3)}`] : [])),
        folder,
      ].join('  ');
    process.stdout.write(`${args.json ? JSON.stringify({ runs: results }) : results.map(line).join('\n')}\n`);
  },
});
