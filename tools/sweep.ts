/**
 * @file Scaling done small: which learning rate and shape reach the lowest loss in the same time on the same cores?
 *
 * Each cell pretrains for a fixed number of tokens with the recipe's own schedule and is measured on held-out pages. What
 * was measured is kept, so that a sweep can be stopped, continued and widened.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { pretrain } from '../src/core/algorithms/pretrain';
import type { Engine } from '../src/core/graph/engine';
import type { ModelConfig } from '../src/core/model/config';
import { initialTheta } from '../src/core/model/parameters';
import { TrainingState } from '../src/core/model/training-state';
import { Random } from '../src/core/random';
import { sampleDocument } from '../src/core/world/documents';
import type { World } from '../src/core/world/world';
import { Progress } from './build/progress';
import type { Recipe } from './build/recipe';
import type { Tokenizers } from './build/tokenizer-stage';
import { Asker, EVALUATION_DEFAULTS } from './evaluate/asker';
import { measureBitsPerByte } from './evaluate/documents';

const number = v.pipe(v.number(), v.finite());
const cellSchema = v.object({
  family: v.string(),
  width: number,
  numLayers: number,
  learningRate: number,
  numSteps: number,
  numParameters: number,
  /** Tokens trained on in all. */
  numTokens: number,
  tokensPerSecond: number,
  /** Mean loss of the last twentieth of the steps, nats a token. */
  trainLoss: number,
  /** On held-out pages, and its 95 % interval. */
  bitsPerByte: number,
  low: number,
  high: number,
});
const sweepSchema = v.array(cellSchema);

/** One run of a sweep. */
export type SweepCell = v.InferOutput<typeof cellSchema>;

/** The cells in a file, none when there is no file. @throws ValiError when it is not a sweep's */
export function readSweep(path: string): SweepCell[] {
  return existsSync(path) ? v.parse(sweepSchema, JSON.parse(readFileSync(path, 'utf8'))) : [];
}

/** A recipe's shape made wider or deeper: heads of 32, half as many for keys and values, 2.75 times the width inside. */
export function shapeOf(model: ModelConfig, width: number, numLayers: number): ModelConfig {
  const headSize = width % 32 === 0 ? 32 : 16;
  const numHeads = width / headSize;
  const feedForwardSize = Math.round((width * 2.75) / 16) * 16;
  return {
    ...model,
    width,
    numLayers,
    headSize,
    numHeads,
    numKeyValueHeads: numHeads % 2 === 0 ? numHeads / 2 : numHeads,
    feedForwardSize,
  };
}

/** What to run. */
export interface SweepPlan {
  readonly recipe: Recipe;
  readonly learningRates: readonly number[];
  /** Widths and depths. */
  readonly shapes: readonly (readonly [width: number, numLayers: number])[];
  readonly numSteps: number;
}

/** Runs one cell. */
async function runCell(
  engine: Engine,
  world: World,
  tokenizers: Tokenizers,
  plan: SweepPlan,
  model: ModelConfig,
  learningRate: number,
): Promise<SweepCell> {
  const { recipe, numSteps } = plan;
  const config = { ...recipe.pretrain, numSteps, learningRate, numWarmupSteps: Math.round(numSteps / 20) };
  const state = new TrainingState(engine, { theta: initialTheta(model, new Random(recipe.seed).split('theta')) });
  const name = `${model.width}×${model.numLayers} ${learningRate}`;
  const progress = new Progress(name, numSteps);
  const document = (random: Random) => tokenizers.base.encode(sampleDocument(world, random).text);
  const lastLosses: number[] = [];
  let startedMs = performance.now();
  for await (const { step, loss } of pretrain({ engine, model, state, config, seed: recipe.seed, document })) {
    if (step === 1) startedMs = performance.now(); // without compiling
    if (step > 0.95 * numSteps) lastLosses.push(loss);
    progress.update(step, `loss ${loss.toFixed(3)}`);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const { theta } = await state.snapshot();
  state.dispose();
  const asker = await Asker.create(engine, world, { config: model, tokenizer: tokenizers.base, theta }, EVALUATION_DEFAULTS);
  const { value, low, high } = (await measureBitsPerByte(asker))['documents/bits-per-byte']!;
  await asker.release();
  const tokensPerStep = config.batch * config.length;
  const round = (x: number) => Number(x.toPrecision(4));
  return {
    family: recipe.family,
    width: model.width,
    numLayers: model.numLayers,
    learningRate,
    numSteps,
    numParameters: theta.length,
    numTokens: numSteps * tokensPerStep,
    tokensPerSecond: Math.round(((numSteps - 1) * tokensPerStep) / seconds),
    trainLoss: round(lastLosses.reduce((sum, loss) => sum + loss, 0) / lastLosses.length),
    bitsPerByte: round(value),
    low: round(low),
    high: round(high),
  };
}

/** Runs the cells of a plan that the file does not have yet; writes it after each. Returns all cells of the family. */
export async function runSweep(engine: Engine, world: World, tokenizers: Tokenizers, plan: SweepPlan, path: string): Promise<SweepCell[]> {
  const cells = readSweep(path);
  for (const [width, numLayers] of plan.shapes)
    for (const learningRate of plan.learningRates) {
      const isThis = (cell: SweepCell) =>
        cell.family === plan.recipe.family &&
        cell.width === width &&
        cell.numLayers === numLayers &&
        cell.learningRate === learningRate &&
        cell.numSteps === plan.numSteps;
      if (cells.some(isThis)) continue;
      cells.push(await runCell(engine, world, tokenizers, plan, shapeOf(plan.recipe.model, width, numLayers), learningRate));
      writeFileSync(path, `${JSON.stringify(cells, null, 1)}\n`);
    }
  return cells.filter(({ family }) => family === plan.recipe.family);
}

/** The cells as a Markdown table, the best first. */
export function sweepTable(cells: readonly SweepCell[]): string {
  const rows = [...cells]
    .sort((a, b) => a.bitsPerByte - b.bitsPerByte)
    .map(
      (cell) =>
        `| ${cell.width} | ${cell.numLayers} | ${(cell.numParameters / 1e6).toFixed(2)} M | ${cell.learningRate} | ${(cell.numTokens / 1e6).toFixed(1)} M | ` +
        `${cell.tokensPerSecond} | ${cell.trainLoss.toFixed(3)} | ${cell.bitsPerByte.toFixed(3)} (${cell.low.toFixed(3)}–${cell.high.toFixed(3)}) |`,
    );
  const head =
    '| Width | Layers | Parameters | Learning rate | Tokens | Tokens/s | Train loss, nats/token | Held-out bits per byte (95 %) |';
  return [head, '| --: | --: | --: | --: | --: | --: | --: | --: |', ...rows].join('\n');
}
