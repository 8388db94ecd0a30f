/**
 * @file DPO: the SFT model moved towards the preferred answers of the very comparisons that the reward model learned from.
 *
 * No reward model is asked (arXiv 2305.18290), so RLHF and DPO can be compared on equal data; in a build that begins here
 * (`--from dpo`) the comparisons are drawn anew, as many and in the same way.
 */
import { shuffledPairs, trainDpo } from '../../src/core/algorithms/dpo';
import type { TokenComparison } from '../../src/core/algorithms/reward-model';
import { TrainingState } from '../../src/core/model/training-state';
import { chatConfig, SAVE_EVERY_MS, type BuildContext } from './language-stages';
import { Progress } from './progress';

/** How DPO went: update, loss, share of pairs in the right order, margin of implied rewards in nats times β; smoothed. */
type DpoCurve = [update: number, loss: number, accuracy: number, margin: number][];
const CURVE_EVERY = 10;

/** Trains on the comparisons, from where it was left. Returns theta. */
export async function dpoStage(context: BuildContext, sft: Float32Array, comparisons: readonly TokenComparison[]): Promise<Float32Array> {
  const { recipe, engine, store } = context;
  const config = recipe.dpo;
  const state = new TrainingState(engine, store.readSnapshot('dpo') ?? { theta: sft });
  const reference = engine.upload({ dims: [sft.length], data: sft });
  const progress = new Progress('dpo', config.numUpdates, state.step, store.logFile);
  const curve = (store.readJson<DpoCurve>('dpo-curve.json') ?? []).filter(([update]) => update <= state.step);
  let smooth = curve.at(-1)?.slice(1);
  let savedMs = performance.now();
  const steps = trainDpo({
    engine,
    model: chatConfig(context),
    state,
    reference,
    firstUpdate: state.step,
    seed: recipe.seed,
    settings: () => config,
    maxTokens: recipe.maxPromptTokens + recipe.rlhf.maxCompletionTokens,
    pairs: shuffledPairs(comparisons, recipe.seed),
  });
  for await (const { update, metrics } of steps) {
    const now = [metrics.loss, metrics['rewards/accuracies'], metrics['rewards/margins']];
    smooth = smooth?.map((value, i) => 0.9 * value + 0.1 * now[i]!) ?? now;
    const [loss, accuracy, margin] = smooth;
    progress.update(update, `loss ${loss!.toFixed(3)}, in order ${(100 * accuracy!).toFixed(0)} %, margin ${margin!.toFixed(2)}`);
    if (update % CURVE_EVERY === 0) curve.push([update, ...smooth.map((value) => Number(value.toFixed(4)))] as DpoCurve[number]);
    if (performance.now() - savedMs < SAVE_EVERY_MS && update < config.numUpdates) continue;
    store.writeSnapshot('dpo', await state.snapshot());
    store.writeJson('dpo-curve.json', curve);
    savedMs = performance.now();
  }
  reference.dispose();
  const { theta } = await state.snapshot();
  state.dispose();
  return theta;
}
