/** @file `aftertrain study reward-model`: held-out accuracy of neural reward models against the number of comparisons and their noise. */
import { defineCommand } from 'citty';
import { REWARD_MODEL_FIELDS, type RewardModelConfig } from '../../src/core/algorithms/reward-model';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { Progress } from '../build/progress';
import { ClearError } from '../ensure-dependencies.mjs';
import { heldOutAnswers, JudgedAnswers, sourcesOf, studyRewardModel, type RewardModelRow } from '../study/reward-model-study';
import { Testbed } from '../study/testbed';
import { MAX_SEED, numberOption } from './options';

const numbersOf = (name: string, text: string, min: number, max: number, whole = true) =>
  text.split(',').map((part) => numberOption(name, part, { min, max, whole }));

/** `learningRate=1e-3 numEpochs=3`. @throws ClearError when a word is not understood */
function readChanges(text: string): Partial<RewardModelConfig> {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return Object.fromEntries(
    words.map((word) => {
      const [name, value] = word.split('=');
      if (!REWARD_MODEL_FIELDS.some(({ key }) => key === name) || !Number.isFinite(Number(value)))
        throw new ClearError(`"${word}" is not a setting and its value, as in learningRate=1e-3.`);
      return [name, Number(value)];
    }),
  );
}

/** Rows as a table. */
function tableOf(rows: readonly RewardModelRow[]): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const head = 'pairs  noise  seed  agrees with annotator  ceiling  of ceiling  agrees with gold  seconds';
  const line = (row: RewardModelRow) =>
    [
      String(row.numPairs).padStart(5),
      String(row.noise).padStart(6),
      String(row.seed).padStart(5),
      percent(row.accuracy).padStart(22),
      percent(row.ceiling).padStart(8),
      percent(row.accuracy / row.ceiling).padStart(11),
      percent(row.goldAccuracy).padStart(17),
      row.seconds.toFixed(0).padStart(8),
    ].join(' ');
  return [head, ...rows.map(line)].join('\n');
}

/** The command. */
export const studyRewardModelCommand = defineCommand({
  meta: { name: 'study reward-model', description: 'Train neural reward models on noisy comparisons, and tabulate what they learned.' },
  args: {
    models: {
      type: 'string',
      default: 'public/models/s',
      valueHint: 'folder',
      description: 'a family: a folder with sft and reward-model',
    },
    pairs: { type: 'string', default: '500,2000', valueHint: 'a,b', description: 'numbers of comparisons, from 1 to 20000' },
    noise: {
      type: 'string',
      default: '0.1',
      valueHint: 'a,b',
      description: 'gold points that a lead must have to be seen three times in four, nearly',
    },
    answers: {
      type: 'string',
      default: 'mixed',
      valueHint: 'who',
      description: 'whose answers: mixed (base, SFT warm and cool, RLHF) or sft',
    },
    seeds: { type: 'string', default: '1', valueHint: 'N', description: 'how many seeds, from 1' },
    set: { type: 'string', default: '', valueHint: 'settings', description: 'settings, as in "learningRate=1e-3 numEpochs=3"' },
    threads: { type: 'string', valueHint: 'N', description: 'threads of the engine' },
    json: { type: 'boolean', description: 'print JSON instead of the table' },
  },
  async run({ args }) {
    const counts = numbersOf('pairs', args.pairs, 1, 20_000);
    const noises = numbersOf('noise', args.noise, 0.001, 10, false);
    const numSeeds = numberOption('seeds', args.seeds, { min: 1, max: MAX_SEED });
    const changes = readChanges(args.set);
    const threads = args.threads === undefined ? {} : { numThreads: numberOption('threads', args.threads, { min: 1, max: 64 }) };
    const bed = await Testbed.open(createNodeEngine(threads), createWorld(), args.models);
    const answerers = (['mixed', 'sft'] as const).find((name) => name === args.answers);
    if (!answerers) throw new ClearError(`--answers must be mixed or sft, not "${args.answers.slice(0, 50)}".`);
    const sources = sourcesOf(bed, args.models, answerers);
    const answers = {
      train: await JudgedAnswers.draw(bed, sources, Math.max(...counts), 'train'),
      heldOut: await heldOutAnswers(bed, sources),
    };
    const rows: RewardModelRow[] = [];
    for (const noise of noises)
      for (const numPairs of counts)
        for (let seed = 1; seed <= numSeeds; seed++) {
          let progress: Progress | null = null;
          rows.push(
            await studyRewardModel(bed, answers, { numPairs, noise, seed, changes }, (step, numSteps, words) => {
              progress ??= new Progress(`${numPairs} pairs, noise ${noise}`, numSteps);
              progress.update(step, words);
            }),
          );
        }
    await bed.release();
    process.stdout.write(args.json ? `${JSON.stringify(rows)}\n` : `${tableOf(rows)}\n`);
  },
});
