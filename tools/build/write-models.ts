/** @file Stage 7: models as Hugging Face folders with eval cards, and the manifest that lists them. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rewardModelConfig } from '../../src/core/algorithms/reward-model';
import { toHuggingFaceConfig, type ModelConfig } from '../../src/core/model/config';
import { thetaToSafetensors } from '../../src/core/model/checkpoint';
import { loadModel } from '../../src/core/model/loaded-model';
import { toTokenizerConfigJson } from '../../src/core/text/tokenizer-files';
import { EVALUATION_DEFAULTS, compareModels, evaluate, type EvalCard } from '../evaluate';
import type { BuildContext } from './language-stages';
import { chatConfig, type FittedRewardModel } from './preference-stages';

/** What the stages made. */
export interface BuiltThetas {
  readonly base: Float32Array;
  readonly sft: Float32Array;
  readonly rewardModel: FittedRewardModel;
  readonly rlhf: Float32Array;
}

type Id = 'base' | 'sft' | 'reward-model' | 'rlhf';

function modelFiles({ recipe, tokenizers }: BuildContext, id: Id, config: ModelConfig, theta: Float32Array): Map<string, Uint8Array> {
  const text = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);
  return new Map([
    ['config.json', text(toHuggingFaceConfig(config, 'float16'))],
    ['model.safetensors', thetaToSafetensors(config, theta, 'float16')],
    ['tokenizer.json', new TextEncoder().encode(JSON.stringify(tokenizers.json))],
    ['tokenizer_config.json', text(toTokenizerConfigJson({ chat: id !== 'base', maxPositions: recipe.model.maxPositions }))],
  ]);
}

/** Writes the four models, measures the three that speak, and lists them. Returns the eval cards. */
export async function writeModels(context: BuildContext, built: BuiltThetas, output: string): Promise<Record<string, EvalCard>> {
  const { recipe, engine, world } = context;
  const chat = chatConfig(context);
  const steps = { base: recipe.pretrain.numSteps, sft: recipe.sft.numUpdates, 'reward-model': 0, rlhf: recipe.rlhf.numUpdates };
  const parts: [Id, ModelConfig, Float32Array][] = [
    ['base', recipe.model, built.base],
    ['sft', chat, built.sft],
    ['reward-model', rewardModelConfig(chat), built.rewardModel.theta],
    ['rlhf', chat, built.rlhf],
  ];
  const options = { ...EVALUATION_DEFAULTS, numPrompts: recipe.numEvalPrompts };
  const cards: Record<string, EvalCard> = {};
  const models = [];
  for (const [id, config, theta] of parts) {
    const folder = join(recipe.family, id);
    const files = modelFiles(context, id, config, theta);
    mkdirSync(join(output, folder), { recursive: true });
    for (const [name, bytes] of files) writeFileSync(join(output, folder, name), bytes);
    let card: Record<string, number>;
    if (id === 'reward-model')
      card = { held_out_accuracy: built.rewardModel.heldOutAccuracy, num_comparisons: built.rewardModel.numComparisons };
    else card = { ...(cards[id] = await evaluate(engine, world, loadModel(files), options)) };
    if (id === 'rlhf') {
      const sft = loadModel(modelFiles(context, 'sft', chat, built.sft));
      const { win_rate } = await compareModels(engine, world, loadModel(files), sft, options);
      card = { ...card, win_rate_against_sft: win_rate };
    }
    writeFileSync(join(output, folder, 'eval.json'), `${JSON.stringify({ ...options, ...card }, null, 1)}\n`);
    process.stderr.write(
      `${id}: ${Object.entries(card)
        .map(([name, value]) => `${name} ${Number(value.toFixed(3))}`)
        .join(', ')}\n`,
    );
    models.push({
      id,
      folder,
      files: [...files].map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })),
      numParameters: theta.length,
      config: toHuggingFaceConfig(config, 'float16'),
      howBuilt: { command: `npm run models:build -- --family ${recipe.family}`, seed: recipe.seed, steps: steps[id] },
      eval: card,
    });
  }
  const family = {
    id: recipe.family,
    title: recipe.title,
    description: 'Trained from scratch on a made-up small world; speaks English only.',
    license: 'MIT',
  };
  writeFileSync(join(output, 'manifest.json'), `${JSON.stringify({ version: 1, family, models }, null, 1)}\n`);
  return cards;
}
