/** @file Stages 2 and 3: the base model learns to continue documents, then to answer from demonstrations. */
import { pretrain, type LanguageStep } from '../../src/core/algorithms/pretrain';
import { dialogueSequence, trainSft, type SftStep } from '../../src/core/algorithms/sft';
import type { Engine } from '../../src/core/graph/engine';
import type { ModelConfig } from '../../src/core/model/config';
import { initialTheta } from '../../src/core/model/parameters';
import { TrainingState, type TrainingSnapshot } from '../../src/core/model/training-state';
import { Random } from '../../src/core/random';
import type { Sequence } from '../../src/core/rl/batch';
import { demonstrateDialogue, demonstrateTurns, messagesOf, sampleConversation } from '../../src/core/world/dialogues';
import { sampleDocument } from '../../src/core/world/documents';
import { REQUEST_KINDS, type Request } from '../../src/core/world/requests';
import type { World } from '../../src/core/world/world';
import { Progress } from './progress';
import type { Recipe } from './recipe';
import type { Store } from './store';
import type { Tokenizers } from './tokenizer-stage';

/** What every stage works with. */
export interface BuildContext {
  readonly recipe: Recipe;
  readonly world: World;
  readonly engine: Engine;
  readonly store: Store;
  readonly tokenizers: Tokenizers;
}

/** A training request; half of the time every kind is equally likely, so that the rare ones are learned too. */
export function sampleTrainRequest({ world, recipe }: BuildContext, random: Random): Request {
  if (recipe.kinds) return sampleConversation(world, random, 'train', random.pick(recipe.kinds));
  return sampleConversation(world, random, 'train', random.chance(0.5) ? random.pick(REQUEST_KINDS) : undefined);
}

/** A kill costs at most this much work. */
export const SAVE_EVERY_MS = 60_000;
/** Steps between two points of a loss curve. */
const CURVE_EVERY = 50;

/** A loss curve: the step and its smoothed loss in nats a token. */
export type LossCurve = [step: number, loss: number][];

/** Shape of chat models: a message's end ends a text too. */
export function chatConfig({ recipe, tokenizers }: BuildContext): ModelConfig {
  return { ...recipe.model, eosTokenIds: tokenizers.chat.eosTokenIds };
}

/** The token ids of a prompt as chat models see it. */
export function chatPrompt({ tokenizers }: BuildContext, request: Request): number[] {
  return tokenizers.chat.encodeChat(messagesOf(request), { addGenerationPrompt: true });
}

/** Runs a stage's steps, saving every minute, from where it was left. */
async function runSteps(
  context: BuildContext,
  stage: string,
  start: Float32Array,
  steps: (state: TrainingState) => AsyncGenerator<LanguageStep>,
): Promise<Float32Array> {
  const { store, engine } = context;
  const saved: TrainingSnapshot | null = store.readSnapshot(stage);
  const state = new TrainingState(engine, saved ?? { theta: start });
  let progress: Progress | null = null;
  let savedMs = performance.now();
  let smooth = 0;
  // Points past the checkpoint are of steps that will be done again.
  const losses = (store.readJson<LossCurve>(`${stage}-loss.json`) ?? []).filter(([step]) => step <= state.step);
  for await (const { step, numSteps, loss } of steps(state)) {
    progress ??= new Progress(stage, numSteps, step - 1, store.logFile);
    smooth = smooth === 0 ? loss : 0.98 * smooth + 0.02 * loss;
    progress.update(step, `loss ${smooth.toFixed(3)}`);
    if (step % CURVE_EVERY === 0) losses.push([step, Number(smooth.toFixed(4))]);
    if (performance.now() - savedMs < SAVE_EVERY_MS && step < numSteps) continue;
    store.writeSnapshot(stage, await state.snapshot());
    store.writeJson(`${stage}-loss.json`, losses);
    savedMs = performance.now();
  }
  const { theta } = await state.snapshot();
  state.dispose();
  return theta;
}

/** Trains the base model, or reads the one trained before. Returns theta. */
export function pretrainStage(context: BuildContext): Promise<Float32Array> {
  const { recipe, world, engine, tokenizers } = context;
  const start = initialTheta(recipe.model, new Random(recipe.seed).split('theta'));
  const document = (random: Random) => tokenizers.base.encode(sampleDocument(world, random).text);
  return runSteps(context, 'pretrain', start, (state) =>
    pretrain({ engine, model: recipe.model, state, config: recipe.pretrain, seed: recipe.seed, document }),
  );
}

/** Fine-tunes the base model on demonstrated dialogues, most of them of one turn. Returns theta. */
export function sftStage(context: BuildContext, base: Float32Array): Promise<Float32Array> {
  const { recipe, world, engine, tokenizers } = context;
  const demonstration = (random: Random) => {
    if (!recipe.kinds) return dialogueSequence(tokenizers.chat, demonstrateDialogue(world, random));
    const request = sampleTrainRequest(context, random);
    return dialogueSequence(tokenizers.chat, [...messagesOf(request), ...demonstrateTurns(world, request, random)]);
  };
  const document = (random: Random): Sequence => ({
    promptTokens: [recipe.model.bosTokenId],
    completionTokens: [...tokenizers.base.encode(sampleDocument(world, random).text), recipe.model.bosTokenId],
  });
  return runSteps(context, 'sft', base, (state) =>
    languageSteps(
      trainSft({
        engine,
        model: recipe.model,
        state,
        settings: () => recipe.sft,
        firstUpdate: state.step,
        seed: recipe.seed,
        demonstration,
        document,
      }),
      recipe.sft.numUpdates,
    ),
  );
}

/** Updates of SFT in the words of pretraining. */
async function* languageSteps(updates: AsyncGenerator<SftStep>, numSteps: number): AsyncGenerator<LanguageStep> {
  for await (const { update, metrics } of updates) yield { step: update, numSteps, loss: metrics.loss, gradNorm: metrics.grad_norm };
}
