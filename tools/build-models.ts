/**
 * @file `npm run models:build`: the whole pipeline from a seed, in Node, on the CPU.
 *
 * tokenizer → base → SFT → comparisons → reward model → RLHF → folders with evals. Every stage is kept under
 * `build/<family>`, with its loss curve and a log; run the command again after a kill and it goes on from the last
 * checkpoint, a minute back at most. At the end it says which of the family's targets hold.
 */
import { join } from 'node:path';
import { defineCommand, runMain } from 'citty';
import type { Evals } from '../src/core/eval/evals';
import { createWorld } from '../src/core/world/world';
import { createNodeEngine } from '../src/engine/ort-node';
import type { BuildContext } from './build/language-stages';
import { duration, say } from './build/progress';
import { RECIPES, type Recipe } from './build/recipe';
import { Made, STAGES, type ModelId } from './build/stages';
import { Store } from './build/store';
import { checkTargets } from './build/targets';
import { tokenizerStage } from './build/tokenizer-stage';
import { writeModels } from './build/write-models';

/** Runs a recipe up to a stage, the last one unless told otherwise; returns the evals by model. */
export async function buildModels(recipe: Recipe, workFolder: string, output: string, until?: string): Promise<Map<ModelId, Evals>> {
  const world = createWorld();
  const store = new Store(workFolder);
  const tokenizers = tokenizerStage(recipe, world, store);
  say(`${'tokenizer'.padEnd(13)} ${tokenizers.bytesPerToken.toFixed(2)} bytes per token`, store.logFile);
  const context: BuildContext = { recipe, world, store, tokenizers, engine: createNodeEngine() };
  const made = new Made();
  for (const stage of STAGES) {
    const theta = await stage.run(context, made);
    if (theta && stage.makes) made.thetas.set(stage.makes.id, theta);
    if (stage.name === until) break;
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
    until: { type: 'string', description: `last stage to run: ${STAGES.map(({ name }) => name).join(', ')}` },
    output: { type: 'string', default: 'public/models', description: 'folder for the models and the manifest' },
    work: { type: 'string', default: 'build', description: 'folder for checkpoints' },
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
    if (args.until !== undefined && !STAGES.some(({ name }) => name === args.until))
      return fail(`There is no stage "${args.until}"; there are ${STAGES.map(({ name }) => name).join(', ')}.`);
    const started = performance.now();
    const work = join(args.work, recipe.family);
    if (args.fresh) new Store(work).clear();
    if (args.remeasure) new Store(work).forget('-evals.json');
    await buildModels(recipe, work, args.output, args.until);
    process.stderr.write(`Done in ${duration((performance.now() - started) / 1000)}.\n`);
  },
});

if (process.argv[1]?.endsWith('build-models.ts')) await runMain(command);
