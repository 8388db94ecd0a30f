/**
 * @file `npm run models:build`: the whole pipeline from a seed, in Node, on the CPU.
 *
 * tokenizer → base → SFT → comparisons → reward model → RLHF → folders with eval cards. Every stage is kept under
 * `build/<family>`; run the command again after a kill and it goes on from the last checkpoint, a minute back at most.
 */
import { join } from 'node:path';
import { defineCommand, runMain } from 'citty';
import { createWorld } from '../src/core/world/world';
import { createNodeEngine } from '../src/engine/ort-node';
import { pretrainStage, sftStage, type BuildContext } from './build/language-stages';
import { preferenceStage, rewardModelStage, rlhfStage } from './build/preference-stages';
import { duration } from './build/progress';
import { RECIPES, type Recipe } from './build/recipe';
import { Store } from './build/store';
import { tokenizerStage } from './build/tokenizer-stage';
import { writeModels } from './build/write-models';

/** Runs a recipe; returns the eval cards by model. */
export async function buildModels(recipe: Recipe, workFolder: string, output: string) {
  const world = createWorld();
  const store = new Store(workFolder);
  const tokenizers = tokenizerStage(recipe, world, store);
  const context: BuildContext = { recipe, world, store, tokenizers, engine: createNodeEngine() };
  const base = await pretrainStage(context);
  const sft = await sftStage(context, base);
  const comparisons = await preferenceStage(context, sft);
  const rewardModel = await rewardModelStage(context, sft, comparisons);
  process.stderr.write(`reward model  agrees with ${(100 * rewardModel.heldOutAccuracy).toFixed(1)} % of held-out comparisons\n`);
  const rlhf = await rlhfStage(context, sft, rewardModel.theta);
  return writeModels(context, { base, sft, rewardModel, rlhf }, output);
}

const command = defineCommand({
  meta: { name: 'models:build', description: 'Train a model family from a seed and write it as Hugging Face folders.' },
  args: {
    family: { type: 'string', default: 's', description: `which recipe: ${Object.keys(RECIPES).join(', ')}` },
    output: { type: 'string', default: 'public/models', description: 'folder for the models and the manifest' },
    work: { type: 'string', default: 'build', description: 'folder for checkpoints' },
    fresh: { type: 'boolean', default: false, description: 'forget earlier checkpoints' },
  },
  async run({ args }) {
    const recipe = RECIPES[args.family];
    if (!recipe) {
      process.stderr.write(`There is no family "${args.family}"; there are ${Object.keys(RECIPES).join(', ')}.\n`);
      process.exitCode = 1;
      return;
    }
    const started = performance.now();
    const work = join(args.work, recipe.family);
    if (args.fresh) new Store(work).clear();
    await buildModels(recipe, work, args.output);
    process.stderr.write(`Done in ${duration((performance.now() - started) / 1000)}.\n`);
  },
});

if (process.argv[1]?.endsWith('build-models.ts')) await runMain(command);
