/**
 * @file Programs over random shapes: ONNX Runtime computes the interpreter's train step, a rollout reports the score
 * program's log-probabilities, and neither padding nor batch mates change a row.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { bradleyTerry, crossEntropy } from '../../../src/core/algorithms/objectives';
import { scalarTensor, type Engine, type HostTensor } from '../../../src/core/graph/engine';
import { Interpreter } from '../../../src/core/graph/interpreter';
import { ADAMW_DEFAULTS, adamWFeeds } from '../../../src/core/model/adamw';
import type { ModelConfig } from '../../../src/core/model/config';
import { scoreProgram, trainProgram } from '../../../src/core/model/programs';
import { Random } from '../../../src/core/random';
import { packSequences, type Sequence } from '../../../src/core/rl/batch';
import { RolloutSampler, type Rollout } from '../../../src/core/rl/rollout';
import { createNodeEngine } from '../../../src/engine/ort-node';
import { expectAllclose } from '../../helpers/allclose';
import { anyConfig } from '../../helpers/any-config';
import { floats, ints, normals, runOnce } from '../../helpers/graphs';
import { livelyTheta, randomTokens } from '../../helpers/tiny-config';

const node = createNodeEngine({ numThreads: 1 });
const interpreter = new Interpreter();

/** float32 against float64, of the largest number: some shapes (a width of 1, say) cancel nearly all of a gradient. */
const STEP_BOUND = 2e-4;
/** Between log-probabilities that are both worked out in float32, in nats. */
const LOGPROB_BOUND = 2e-5;

function expectNear(found: readonly number[], expected: readonly number[], what: string): void {
  expect(found.length, what).toBe(expected.length);
  found.forEach((logprob, i) => expect(Math.abs(logprob - expected[i]!), `${what}, token ${i}`).toBeLessThan(LOGPROB_BOUND));
}

const anyBatch = fc.record({
  config: anyConfig,
  batch: fc.integer({ min: 1, max: 5 }),
  length: fc.integer({ min: 1, max: 7 }),
  temperature: fc.constantFrom(0.5, 1, 1.7),
  seed: fc.nat(),
});

/** A train step of a language model or, with a score head, of a reward model on pairs. */
async function trainStep(engine: Engine, config: ModelConfig, batch: number, length: number, seed: number) {
  const random = new Random(seed);
  const theta = livelyTheta(config, seed, 0.4);
  const isReward = config.numLabels === 1;
  const data: Record<string, HostTensor> = isReward
    ? {
        tokens: ints([batch, length], randomTokens(config, batch * length, seed)),
        last_rows: ints(
          [batch],
          Array.from({ length: batch }, (_, row) => row * length + random.integer(length)),
        ),
        margins: floats([batch / 2], normals(random, batch / 2)),
      }
    : {
        tokens: ints([batch, length + 1], randomTokens(config, batch * (length + 1), seed)),
        weights: floats(
          [batch, length],
          Array.from({ length: batch * length }, () => random.uniform()),
        ),
      };
  const dims = [theta.length];
  const graph = trainProgram(config, { batch, length }, ADAMW_DEFAULTS, isReward ? bradleyTerry({ centring: 0.1 }) : crossEntropy);
  return runOnce(engine, graph, {
    theta: floats(dims, theta),
    m: floats(dims, new Float32Array(theta.length)),
    v: floats(dims, new Float32Array(theta.length).fill(1e-3)),
    ...data,
    ...adamWFeeds(ADAMW_DEFAULTS, 0.01, 2),
  });
}

/** log p of every token after the first of each row, at a temperature; rows are as long as the first. */
async function logprobsOf(config: ModelConfig, theta: Float32Array, rows: readonly Sequence[], length: number, temperature: number) {
  const { tokens } = packSequences(rows, rows.length, length, config.padTokenId);
  const { logprobs } = await runOnce(node, scoreProgram(config, { batch: rows.length, length }), {
    theta: floats([theta.length], theta),
    tokens: ints([rows.length, length + 1], tokens),
    inverse_temperature: scalarTensor(1 / temperature),
  });
  return rows.map((_, row) => [...logprobs!.data.subarray(row * length, (row + 1) * length)]);
}

/** Rows of one to `length + 1` random tokens each. */
function randomRows(config: ModelConfig, batch: number, length: number, seed: number): number[][] {
  const random = new Random(seed);
  return Array.from({ length: batch }, (_, row) => [...randomTokens(config, 1 + random.integer(length + 1), `${seed} ${row}`)]);
}

describe('for any shape', () => {
  it.each([
    ['a language model', 0],
    ['a reward model', 1],
  ] as const)("ONNX Runtime's train step is the interpreter's: %s", async (_, numLabels) => {
    await fc.assert(
      fc.asyncProperty(anyBatch, async ({ config, batch, length, seed }) => {
        const shaped = { ...config, numLabels };
        const rows = numLabels === 1 ? 2 * batch : batch;
        const [found, expected] = [
          await trainStep(node, shaped, rows, length, seed),
          await trainStep(interpreter, shaped, rows, length, seed),
        ];
        for (const name of ['loss', 'grad_norm', 'm', 'v', 'theta'])
          expectAllclose(found[name]!.data, expected[name]!.data, STEP_BOUND, name);
      }),
      { numRuns: 25, seed: 11 },
    );
  });

  it('a rollout reports the log-probabilities that the score program gives its tokens', async () => {
    await fc.assert(
      fc.asyncProperty(anyBatch, async ({ config, batch, length, temperature, seed }) => {
        const theta = livelyTheta(config, seed, 0.4);
        const prompts = randomRows(config, batch, length, seed).map((row) => row.slice(0, length));
        const rollouts = await roll(config, theta, prompts, length + 5, temperature, seed);
        const scored = await logprobsOf(config, theta, rollouts, 2 * length + 5, temperature); // prompt and completion
        rollouts.forEach(({ promptTokens, samplingLogprobs }, row) => {
          const from = promptTokens.length - 1;
          expectNear(samplingLogprobs, scored[row]!.slice(from, from + samplingLogprobs.length), `row ${row}`);
        });
      }),
      { numRuns: 25, seed: 12 },
    );
  });

  it('a row draws the same tokens alone and among others', async () => {
    await fc.assert(
      fc.asyncProperty(anyBatch, async ({ config, batch, length, temperature, seed }) => {
        const theta = livelyTheta(config, seed, 0.4);
        const prompts = randomRows(config, batch, length, seed).map((row) => row.slice(0, length));
        const together = await roll(config, theta, prompts, length + 5, temperature, seed);
        for (const [row, prompt] of prompts.entries()) {
          const [alone] = await roll(config, theta, [prompt], length + 5, temperature, seed, row);
          expect(alone!.completionTokens).toEqual(together[row]!.completionTokens);
          expectNear(alone!.samplingLogprobs, together[row]!.samplingLogprobs, `row ${row}`);
        }
      }),
      { numRuns: 25, seed: 13 },
    );
  });

  it('padding changes no log-probability of a real token', async () => {
    await fc.assert(
      fc.asyncProperty(anyBatch, async ({ config, batch, length, temperature, seed }) => {
        const theta = livelyTheta(config, seed, 0.4);
        const rows = randomRows(config, batch, length, seed)
          .filter((row) => row.length > 1)
          .map((row) => ({ promptTokens: row, completionTokens: [] }));
        fc.pre(rows.length > 0);
        const padded = await logprobsOf(config, theta, rows, length + 3, temperature);
        for (const [i, row] of rows.entries()) {
          const count = row.promptTokens.length - 1;
          const [alone] = await logprobsOf(config, theta, [row], count, temperature);
          expectNear(padded[i]!.slice(0, count), alone!, `row ${i}`);
        }
      }),
      { numRuns: 25, seed: 14 },
    );
  });
});

/** Completions of prompts; row i draws from stream `firstRow + i` of the seed. */
async function roll(
  config: ModelConfig,
  theta: Float32Array,
  prompts: readonly (readonly number[])[],
  numSteps: number,
  temperature: number,
  seed: number,
  firstRow = 0,
): Promise<Rollout[]> {
  const sampler = await RolloutSampler.create(node, config, {
    batch: prompts.length,
    maxPromptTokens: Math.max(...prompts.map((prompt) => prompt.length)),
    maxCompletionTokens: numSteps,
  });
  const rollouts = await sampler.sample({
    theta: floats([theta.length], theta),
    prompts,
    randoms: prompts.map((_, row) => new Random(seed).split(firstRow + row)),
    temperature,
    maxCompletionTokens: numSteps,
  });
  await sampler.release();
  return rollouts;
}
