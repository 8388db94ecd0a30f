/**
 * @file `aftertrain study algorithms`: every algorithm on the same model, reward and prompts; a table, and JSON of every run.
 *
 * Default settings were chosen by `--set`; what was tried, and the table of the README, is kept in `tools/study/results`, each
 * file with the command that wrote it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { defineCommand } from 'citty';
import { ALGORITHMS, STAGES, type Stage } from '../../src/core/algorithms/catalogue';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { createNodeWasmEngine } from '../../src/engine/ort-node-wasm';
import { Progress } from '../build/progress';
import { ClearError } from '../ensure-dependencies.mjs';
import { resolved } from '../model-folder';
import { runOnce, seriesOf, tableOf, type Changes, type StudyMetrics, type StudyRow } from '../study/algorithms-study';
import { REWARDS, Testbed } from '../study/testbed';
import { MAX_SEED, numberOption } from './options';

/** Significant digits of numbers in files: as many as mean something. */
const DIGITS = 4;

/** The stages asked for. @throws ClearError naming one that there is not */
function readStages(text: string): readonly Stage[] {
  if (text === 'all') return STAGES;
  return text.split(',').map((name) => {
    const stage = STAGES.find((each) => each === name);
    if (!stage) throw new ClearError(`There is no algorithm "${name}" to study; there are ${STAGES.join(', ')}.`);
    return stage;
  });
}

/** `learningRate=1e-4/2e-4 klCoef=0.1` as every combination. @throws ClearError when a word is not understood */
export function readSweep(text: string): Changes[] {
  const known = new Set<string>(STAGES.flatMap((stage) => ALGORITHMS[stage].fields.map(({ key }) => key)));
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .reduce<Changes[]>(
      (sets, word) => {
        const [name, values] = word.split('=') as [string, string | undefined];
        if (!known.has(name) || !values) throw new ClearError(`"${word}" is not a setting and its values, as in learningRate=1e-4/2e-4.`);
        return sets.flatMap((set) => values.split('/').map((value) => ({ ...set, [name]: readValue(value) })));
      },
      [{}],
    );
}

function readValue(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}

/** One of a few words. @throws ClearError for another */
function oneOf<Word extends string>(option: string, text: string, words: readonly Word[]): Word {
  const word = words.find((each) => each === text);
  if (word === undefined) throw new ClearError(`--${option} must be one of ${words.join(', ')}, not "${text}".`);
  return word;
}

/** Seeds of "3" (from 1 to 3) or "2-3". */
function readSeeds(text: string): number[] {
  const [first, last] = (text.includes('-') ? text : `1-${text}`).split('-') as [string, string];
  const from = numberOption('seeds', first, { min: 1, max: MAX_SEED });
  const to = numberOption('seeds', last, { min: from, max: MAX_SEED });
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Writes JSON with no more digits than mean something, a run a line. */
function writeResults(path: string, about: object, name: string, runs: readonly object[]): void {
  const shorter = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;
  const head = JSON.stringify(about, shorter).slice(0, -1);
  writeFileSync(resolved(path), `${head},\n"${name}":[\n${runs.map((run) => JSON.stringify(run, shorter)).join(',\n')}\n]}\n`);
}

/** What was typed, but for where the results go. */
function commandOf(words: readonly string[]): string {
  const kept = words.filter((word, at) => !/^--(out|series)(=|$)/.test(word) && !/^--(out|series)$/.test(words[at - 1] ?? ''));
  return ['aftertrain study algorithms', ...kept.map((word) => (/\s/.test(word) ? `"${word}"` : word))].join(' ');
}

/** The rows in files written before. @throws ClearError naming one that cannot be read */
function readRows(paths: string): StudyRow[] {
  return paths.split(',').flatMap((path) => {
    try {
      return (JSON.parse(readFileSync(resolved(path), 'utf8')) as { rows: StudyRow[] }).rows;
    } catch {
      throw new ClearError(`${path} is not a file that \`study algorithms --out\` wrote.`);
    }
  });
}

/** The command. */
export const studyAlgorithmsCommand = defineCommand({
  meta: { name: 'study algorithms', description: 'Train with every algorithm, three seeds each, and tabulate what came of it.' },
  args: {
    models: {
      type: 'string',
      default: 'public/models/s',
      valueHint: 'folder',
      description: 'a family: a folder with base, sft and reward-model',
    },
    stages: { type: 'string', default: 'all', valueHint: 'a,b', description: `which of ${STAGES.join(', ')}` },
    reward: { type: 'string', default: 'model', valueHint: 'name', description: `what is rewarded: ${REWARDS.join(' or ')}` },
    seeds: { type: 'string', default: '3', valueHint: 'N', description: 'how many seeds, from 1; or which, as in 2-3' },
    updates: { type: 'string', valueHint: 'N', description: 'updates of each run, instead of its default' },
    set: {
      type: 'string',
      default: '',
      valueHint: 'settings',
      description: 'settings to sweep, as in "learningRate=1e-4/2e-4 klCoef=0.1"',
    },
    backend: { type: 'string', default: 'node', valueHint: 'name', description: 'node, or wasm, as a page without a GPU has it' },
    threads: { type: 'string', default: '2', valueHint: 'N', description: 'threads of the engine' },
    out: { type: 'string', valueHint: 'file', description: 'write every run as JSON' },
    series: { type: 'string', valueHint: 'file', description: 'write every metric of every update as JSON' },
    from: { type: 'string', valueHint: 'files', description: 'train nothing: the table of these files, written by --out' },
    json: { type: 'boolean', description: 'print JSON instead of the table' },
  },
  async run({ args, rawArgs }) {
    if (args.from !== undefined) {
      process.stdout.write(`${tableOf(readRows(args.from))}\n`);
      return;
    }
    const stages = readStages(args.stages);
    const seeds = readSeeds(args.seeds);
    const rewardName = oneOf('reward', args.reward, REWARDS);
    const createEngine = { node: createNodeEngine, wasm: createNodeWasmEngine }[oneOf('backend', args.backend, ['node', 'wasm'])];
    const length: Changes = args.updates === undefined ? {} : { numUpdates: numberOption('updates', args.updates, { min: 1, max: 500 }) };
    const sets = readSweep(args.set).map((set) => ({ ...length, ...set }));
    const engine = createEngine({ numThreads: numberOption('threads', args.threads, { min: 1, max: 64 }) });
    const bed = await Testbed.open(engine, createWorld(), args.models, rewardName);
    const pairs = stages.includes('dpo') ? await bed.comparisons() : [];
    const rows: StudyRow[] = [];
    const series: object[] = [];
    const about = { command: commandOf(rawArgs) };
    for (const stage of stages)
      for (const changes of sets)
        for (const seed of seeds) {
          let progress: Progress | null = null;
          const updates: StudyMetrics[] = [];
          const row = await runOnce(bed, { stage, seed, changes, pairs }, (update, metrics) => {
            updates.push(metrics);
            progress ??= new Progress(`${stage} ${seed}`, Number(changes.numUpdates ?? ALGORITHMS[stage].defaults.numUpdates));
            const told = (['reward', 'objective/kl', 'entropy', 'rewards/accuracies', 'loss'] as const).filter(
              (name) => metrics[name] !== undefined,
            );
            progress.update(update, told.map((name) => `${name} ${metrics[name]!.toFixed(2)}`).join(', '));
          });
          rows.push(row);
          series.push({ stage, changes, seed, metrics: seriesOf(updates) });
          if (row.faults.length > 0) process.stderr.write(`${stage}, seed ${seed}: ${row.faults.join('; ')}\n`);
          if (args.out !== undefined) writeResults(args.out, { ...about, scale: bed.scale }, 'rows', rows);
          if (args.series !== undefined) writeResults(args.series, about, 'runs', series);
        }
    await bed.release();
    process.stdout.write(args.json ? `${JSON.stringify({ scale: bed.scale, rows })}\n` : `${tableOf(rows)}\n`);
  },
});
