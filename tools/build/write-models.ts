/** @file Last stage: models as Hugging Face folders with their evals, and the manifest that lists them. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseEvals, type Evals } from '../../src/core/eval/evals';
import { thetaToSafetensors } from '../../src/core/model/checkpoint';
import { toHuggingFaceConfig, type ModelConfig } from '../../src/core/model/config';
import { loadModel } from '../../src/core/model/loaded-model';
import { toTokenizerConfigJson } from '../../src/core/text/tokenizer-files';
import { EVALUATION_DEFAULTS } from '../evaluate/asker';
import { evaluate } from '../evaluate/evaluate';
import { updateBuildCard } from './card';
import { listOtherFamilies } from './family-list';
import type { BuildContext } from './language-stages';
import { keyOf, placesOf, sha256 } from './places';
import { say } from './progress';
import { STAGES, type Made, type ModelId } from './stages';

/** Figures that the manifest lists, so that a card needs no further file. */
const HEADLINE =
  /^(gold|format|correct|typo-rate|lexicon|length|known\/(held-out|gap)|documents\/[a-z-]+|off-map\/[a-z-]+|accuracy|labels|calibration|wins|kl|diversity\/per-input\/[a-z-]+)$/;

function modelFiles({ recipe, tokenizers }: BuildContext, id: ModelId, config: ModelConfig, theta: Float32Array): Map<string, Uint8Array> {
  const text = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);
  return new Map([
    ['config.json', text(toHuggingFaceConfig(config, 'float16'))],
    ['model.safetensors', thetaToSafetensors(config, theta, 'float16')],
    ['tokenizer.json', new TextEncoder().encode(JSON.stringify(tokenizers.json))],
    ['tokenizer_config.json', text(toTokenizerConfigJson({ chat: id !== 'base', maxPositions: recipe.model.maxPositions }))],
  ]);
}

/** Measures the model in these files, or reads what was measured of these very weights before. */
async function evalsOf(context: BuildContext, id: ModelId, files: Map<string, Uint8Array>, sft: Map<string, Uint8Array> | undefined) {
  const { recipe, engine, world, store } = context;
  const key = keyOf(files);
  const kept = store.readJson<{ key: string; evals: Evals }>(`${id}-evals.json`);
  if (kept?.key === key) return kept.evals;
  const against = id === 'base' || id === 'sft' || !sft ? undefined : loadModel(sft);
  const folder = `public/models/${recipe.family}`;
  const evals = await evaluate(engine, world, loadModel(files), {
    ...EVALUATION_DEFAULTS,
    numPrompts: recipe.numEvalPrompts,
    kinds: recipe.kinds,
    command: `npm run -s aftertrain -- eval --model ${folder}/${id} --n ${recipe.numEvalPrompts}${against ? ` --against ${folder}/sft` : ''}`,
    against,
    onPart: (part) => say(`${'evals'.padEnd(13)} ${id}: ${part}`, store.logFile),
  });
  store.writeJson(`${id}-evals.json`, { key, evals });
  return evals;
}

/** Writes the models that were made, with evals, and lists them. Returns the evals. */
export async function writeModels(context: BuildContext, made: Made, output: string): Promise<Map<ModelId, Evals>> {
  const { recipe, tokenizers } = context;
  const places = placesOf(recipe.family);
  const evals = new Map<ModelId, Evals>();
  const models = [];
  let sft: Map<string, Uint8Array> | undefined;
  const shapes = new Map(STAGES.flatMap(({ makes }) => (makes && made.has(makes.id) ? [[makes.id, makes.config] as const] : [])));
  for (const [id, configOf] of shapes) {
    const theta = made.get(id);
    const config = configOf(context);
    const files = modelFiles(context, id, config, theta);
    if (id === 'sft') sft = files;
    const measured = parseEvals(await evalsOf(context, id, files, sft));
    evals.set(id, measured);
    const folder = join(output, recipe.family, id);
    mkdirSync(folder, { recursive: true });
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
    writeFileSync(join(folder, 'evals.json'), `${JSON.stringify(measured, null, 1)}\n`);
    rmSync(join(folder, 'eval.json'), { force: true }); // what it was called before
    const headline = Object.entries(measured.figures).filter(([name]) => HEADLINE.test(name));
    models.push({
      id,
      folder: places.folder(id),
      files: [...files].map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: sha256(bytes) })),
      numParameters: theta.length,
      config: toHuggingFaceConfig(config, 'float16'),
      howBuilt: {
        command: `npm run models:build -- --family ${recipe.family}`,
        seed: recipe.seed,
        steps: made.stagesOf(id).reduce((sum, stage) => sum + context.store.readSnapshot(stage)!.step, 0),
        bytesPerToken: tokenizers.bytesPerToken,
      },
      eval: Object.fromEntries(headline.map(([name, { value }]) => [name, value])),
      ...(measured.figures['off-map/limit'] ? { offMapLimit: measured.figures['off-map/limit'].value } : {}),
    });
  }
  const family = {
    id: recipe.family,
    title: recipe.title,
    description: 'Trained from scratch on a made-up small world; speaks English only.',
    license: 'MIT',
  };
  writeFileSync(join(output, places.manifest), `${JSON.stringify({ version: 1, family, models }, null, 1)}\n`);
  listOtherFamilies(output);
  updateBuildCard(output, recipe, context.store, evals, tokenizers.bytesPerToken);
  return evals;
}
