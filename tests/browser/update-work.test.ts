/**
 * @file What one update of reinforcement learning moves from the GPU: the tokens drawn, their log-probabilities, and a few
 * scalars. One wait a run, no weights, no caches, no logits.
 */
import { expect, it } from 'vitest';
import { GRPO_DEFAULTS, trainGrpo } from '../../src/core/algorithms/grpo';
import type { Engine } from '../../src/core/graph/engine';
import { subtractWork, totalWork, type EngineStats } from '../../src/core/graph/engine-stats';
import { sizeOf, type Graph } from '../../src/core/graph/graph';
import { TrainingState } from '../../src/core/model/training-state';
import { createWebEngine } from '../../src/engine/ort-web';
import { livelyTheta, tinyConfig } from '../helpers/tiny-config';

const PER_TOKEN = ['tokens', 'logprobs'];
const PER_ROW = ['ended'];

it('an update reads back tokens, log-probabilities and scalars, in one wait a run, and nothing else', async () => {
  const { engine, fallbackReason } = await createWebEngine('webgpu');
  if (fallbackReason) throw new Error(`no WebGPU: ${fallbackReason}`);
  const graphs = new Map<string, Graph>();
  const listening: Engine = {
    name: engine.name,
    isGpu: true,
    compile: (graph) => {
      graphs.set(graph.name, graph);
      return engine.compile(graph);
    },
    upload: (tensor) => engine.upload(tensor),
    copy: (tensor) => engine.copy(tensor),
    readAll: (tensors) => engine.readAll(tensors),
    stats: () => engine.stats(),
  };
  const model = tinyConfig();
  const theta = livelyTheta(model);
  const state = new TrainingState(listening, { theta });
  const settings = { ...GRPO_DEFAULTS, numUpdates: 2, promptsPerUpdate: 1, groupSize: 2, maxCompletionTokens: 6 };
  const steps = trainGrpo({
    engine: listening,
    model,
    state,
    reference: listening.upload({ dims: [theta.length], data: theta }),
    settings: () => settings,
    firstUpdate: 0,
    seed: 1,
    maxPromptTokens: 3,
    samplePrompt: () => ({ promptTokens: [0, 7, 3] }),
    reward: (_prompts, rollouts) => Promise.resolve(rollouts.map(({ completionTokens }) => completionTokens.length + completionTokens[0]!)),
  });
  const readings: EngineStats[] = [];
  for await (const step of steps) {
    expect(step.rollouts.length).toBe(2);
    readings.push(engine.stats());
  }
  const [before, after] = readings as [EngineStats, EngineStats];
  const work = subtractWork(totalWork(after), totalWork(before));

  let [numRuns, numNumbers] = [0, 0];
  for (const program of after.programs) {
    const runs = program.numRuns - (before.programs.find(({ name }) => name === program.name)?.numRuns ?? 0);
    const { outputs } = graphs.get(program.name)!;
    for (const { name, value, resident } of outputs) {
      if (resident) continue;
      expect([...PER_TOKEN, ...PER_ROW, value.size === 1 ? name : ''], `${program.name} returns ${name}`).toContain(name);
      numNumbers += runs * sizeOf(value.dims);
    }
    numRuns += runs;
  }
  expect(numRuns).toBeGreaterThanOrEqual(3); // rollout, reference, step
  expect(work).toMatchObject({ numRuns, numReadBacks: numRuns, readBackBytes: 4 * numNumbers });
  // The state that trains is larger than everything that came back.
  expect(work.readBackBytes).toBeLessThan(theta.byteLength / 4);
  state.dispose();
});
