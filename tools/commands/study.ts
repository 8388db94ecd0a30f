/**
 * @file `aftertrain study algorithms`: every algorithm on the same model, reward and prompts; a table, and JSON of every run.
 */
import { writeFileSync } from 'node:fs';
import { defineCommand } from 'citty';
import { ALGORITHMS, type Stage } from '../../src/core/algorithms/catalogue';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { TrainingState } from '../../src/core/model/training-state';
import { Progress } from '../build/progress';
import { ClearError } from '../ensure-dependencies.mjs';
import { resolved } from '../model-folder';
import { runOnce, STUDIED, tableOf, type Changes, type StudyRow } from '../study/algorithms-study';
import { Testbed } from '../study/testbed';
import { MAX_SEED, numberOption } from './options';

/** The stages asked for. @throws ClearError naming one that there is not */
function readStages(text: string): Stage[] {
  if (text === 'all') return STUDIED;
  return text.split(',').map((name) => {
    const stage = STUDIED.find((each) => each === name);
    if (!stage) throw new ClearError(`There is no algorithm "${name}" to study; there are ${STUDIED.join(', ')}.`);
    return stage;
  });
}

/** `learningRate=1e-4/2e-4 klCoef=0.1` as every combination. @throws ClearError when a word is not understood */
export function readSweep(text: string): Changes[] {
  const known = new Set(STUDIED.flatMap((stage) => ALGORITHMS[stage].fields.map(({ key }) => key)));
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .reduce<Changes[]>(
      (sets, word) => {
        const [name, values] = word.split('=') as [string, string | undefined];
        if (!known.has(name as never) || !values)
          throw new ClearError(`"${word}" is not a setting and its values, as in learningRate=1e-4/2e-4.`);
        return sets.flatMap((set) => values.split('/').map((value) => ({ ...set, [name]: readValue(value) })));
      },
      [{}],
    );
}

function readValue(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}

/** The command. */
export const studyAlgorithmsCommand = defineCommand({
  meta: { name: 'study algorithms', description: 'Train with every algorithm, three seeds each, and tabulate what came of it.' },
  args: {
    models: {
      type: 'string',
      default: 'public/models/s',
      valueHint: 'folder',
      description: 'a family: a folder with sft and reward-model',
    },
    stages: { type: 'string', default: 'all', valueHint: 'a,b', description: `which of ${STUDIED.join(', ')}` },
    seeds: { type: 'string', default: '3', valueHint: 'N', description: 'how many seeds, from 1' },
    updates: { type: 'string', valueHint: 'N', description: 'updates of each run, instead of its default' },
    set: {
      type: 'string',
      default: '',
      valueHint: 'settings',
      description: 'settings to sweep, as in "learningRate=1e-4/2e-4 klCoef=0.1"',
    },
    threads: { type: 'string', valueHint: 'N', description: 'threads of the engine' },
    out: { type: 'string', valueHint: 'file', description: 'write every run as JSON' },
    json: { type: 'boolean', description: 'print JSON instead of the table' },
  },
  async run({ args }) {
    const stages = readStages(args.stages);
    const numSeeds = numberOption('seeds', args.seeds, { min: 1, max: MAX_SEED });
    const updates: Changes = args.updates === undefined ? {} : { numUpdates: numberOption('updates', args.updates, { min: 1, max: 500 }) };
    const threads = args.threads === undefined ? {} : { numThreads: numberOption('threads', args.threads, { min: 1, max: 64 }) };
    const sets = readSweep(args.set).map((set) => ({ ...updates, ...set }));
    const engine = createNodeEngine(threads);
    const bed = await Testbed.open(engine, createWorld(), args.models);
    const start = new TrainingState(engine, { theta: bed.sft.theta });
    const before = await bed.measure(start);
    start.dispose();
    const pairs = stages.includes('dpo') ? await bed.comparisons() : [];
    const rows: StudyRow[] = [];
    for (const stage of stages)
      for (const changes of sets)
        for (let seed = 1; seed <= numSeeds; seed++) {
          let progress: Progress | null = null;
          const row = await runOnce(bed, { stage, seed, changes, before, pairs }, (update, words) => {
            progress ??= new Progress(`${stage} ${seed}`, Number(changes.numUpdates ?? ALGORITHMS[stage].defaults.numUpdates));
            progress.update(update, words);
          });
          rows.push(row);
          if (row.faults.length > 0) process.stderr.write(`${stage}, seed ${seed}: ${row.faults.join('; ')}\n`);
          if (args.out !== undefined)
            writeFileSync(resolved(args.out), `${JSON.stringify({ models: args.models, before, rows }, null, 1)}\n`);
        }
    await bed.release();
    process.stdout.write(args.json ? `${JSON.stringify({ models: args.models, before, rows })}\n` : `${tableOf(rows)}\n`);
  },
});
