/**
 * @file `npm run models:build`: the whole pipeline from a seed, in Node, on the CPU.
 *
 * tokenizer → base → SFT → comparisons → reward model → RLHF, and DPO beside it → folders with evals. Every stage is kept under
 * `build/<family>`, with its loss curve and a log; run the command again after a kill and it goes on from the last
 * checkpoint, a minute back at most. `--from sft` builds on the models that the output folder has, in a fresh clone too. At the
 * end it says which of the family's targets hold.
 */
import { join } from 'node:path';
import { defineCommand, runMain } from 'citty';
import type { Evals } from '../src/core/eval/evals';
import { createWorld } from '../src/core/world/world';
import { createNodeEngine } from '../src/engine/ort-node';
import type { BuildContext } from './build/language-stages';
import { duration, say } from './build/progress';
import { RECIPES, type Recipe } from './build/recipe';
import { adoptShipped } from './build/shipped';
import { Made, STAGES, type ModelId } from './build/stages';
import { Store } from './build/store';
import { checkTargets } from './build/targets';
import { tokenizerStage } from './build/tokenizer-stage';
import { writeModels } from './build/write-models';
import { numberOption } from './commands/options';
import { ClearError } from './ensure-dependencies.mjs';

/** Which part of a build to do. */
export interface BuildPart {
  /** First stage to run; what the stages before it make is read from the output folder. The first stage when left out. */
  readonly from?: string | undefined;
  /** Last stage to run; the last one when left out. */
  readonly until?: string | undefined;
  /** Measure again what was measured. */
  readonly remeasure?: boolean;
  /** Threads of the engine; two when left out. */
  readonly numThreads?: number;
}

/** Runs a recipe, or a part of it; returns the evals by model. */
export async function buildModels(
  recipe: Recipe,
  workFolder: string,
  output: string,
  { from, until, remeasure = false, numThreads = 2 }: BuildPart = {},
): Promise<Map<ModelId, Evals>> {
  const world = createWorld();
  const store = new Store(workFolder);
  const made = new Made();
  const first = Math.max(
    0,
    STAGES.findIndex(({ name }) => name === from),
  );
  if (remeasure) store.forget('-evals.json');
  if (first > 0) await adoptShipped(STAGES.slice(0, first), output, recipe.family, store, made, !remeasure);
  const tokenizers = tokenizerStage(recipe, world, store);
  say(`${'tokenizer'.padEnd(13)} ${tokenizers.bytesPerToken.toFixed(2)} bytes per token`, store.logFile);
  const context: BuildContext = { recipe, world, store, tokenizers, engine: createNodeEngine({ numThreads }) };
  for (const { name, makes, isIn, run } of STAGES.slice(first)) {
    if (!isIn || isIn(recipe)) {
      const theta = await run(context, made);
      if (theta && makes) made.set(makes.id, theta, name);
    }
    if (name === until) break;
  }
  const evals = await writeModels(context, made, output);
  for (const { words, value, holds } of checkTargets(recipe.family, evals))
    say(`${holds ? '✓' : '✗'} ${words}: ${Number(value.toFixed(4))}`, store.logFile);
  return evals;
}

const command = defineCommand({
  meta: { name: 'models:build', description: 'Train a model family from a seed and write it as Hugging Face folders.' },
  args: {
    family: { type: 'string', default: 's', description: `which recipe: ${Object.keys(RECIPES).join(', ')}` },
    from: { type: 'string', description: 'first stage to run; models of the stages before are read from the output folder' },
    until: { type: 'string', description: `last stage to run: ${STAGES.map(({ name }) => name).join(', ')}` },
    output: { type: 'string', default: 'public/models', description: 'folder for the models and the manifest' },
    work: { type: 'string', default: 'build', description: 'folder for checkpoints' },
    threads: { type: 'string', default: '2', description: 'threads of the engine' },
    remeasure: { type: 'boolean', default: false, description: 'measure again what was measured: judges or evals have changed' },
    fresh: { type: 'boolean', default: false, description: 'forget earlier checkpoints' },
  },
  async run({ args }) {
    const fail = (message: string) => {
      process.stderr.write(`${message}\n`);
      process.exitCode = 1;
    };
    const recipe = RECIPES[args.family];
    if (!recipe) return fail(`There is no family "${args.family}"; there are ${Object.keys(RECIPES).join(', ')}.`);
    const { from, until, remeasure } = args;
    for (const stage of [from, until])
      if (stage !== undefined && !STAGES.some(({ name }) => name === stage))
        return fail(`There is no stage "${stage}"; there are ${STAGES.map(({ name }) => name).join(', ')}.`);
    const started = performance.now();
    const work = join(args.work, recipe.family);
    if (args.fresh) new Store(work).clear();
    try {
      const numThreads = numberOption('threads', args.threads, { min: 1, max: 64 });
      await buildModels(recipe, work, args.output, { from, until, remeasure, numThreads });
    } catch (error) {
      if (error instanceof ClearError) return fail(error.message);
      throw error;
    }
    process.stderr.write(`Done in ${duration((performance.now() - started) / 1000)}.\n`);
  },
});

if (process.argv[1]?.endsWith('build-models.ts')) await runMain(command);
