/**
 * @file A run rehearsed while the page is read: its programs are there when it starts, nothing else changes, and answers
 * come in between. A tiny model through the real trainer over a MessageChannel, on onnxruntime-node.
 */
import { proxy } from 'comlink';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GRPO_DEFAULTS } from '../../src/core/algorithms/grpo';
import type { Engine } from '../../src/core/graph/engine';
import { createNodeEngine } from '../../src/engine/ort-node';
import type { RunCheckpoint, RunEvent, RunSpec } from '../../src/protocol/run';
import { countAlive, type Alive } from '../helpers/counted-engine';
import { startTinyTrainer, type TinyTrainer } from '../helpers/trainer-channel';

const SPEC: RunSpec = {
  stage: 'grpo',
  seed: 1,
  start: 'sft',
  reward: { typos: 1, repetition: 1, length: 1 },
  config: { ...GRPO_DEFAULTS, numUpdates: 1, promptsPerUpdate: 2, groupSize: 2, maxCompletionTokens: 24 },
  fixedPrompts: ['Hello!'],
};

let engine: Engine;
let alive: () => Alive;
let trainer: TinyTrainer;
/** Names of the programs compiled, in order. */
let compiled: string[];

beforeEach(async () => {
  engine = createNodeEngine({ numThreads: 1 });
  alive = countAlive(engine);
  compiled = [];
  const { compile } = engine;
  engine.compile = (graph) => {
    compiled.push(graph.name);
    return compile.call(engine, graph);
  };
  trainer = await startTinyTrainer(engine);
});
afterEach(() => trainer.close());

const checkpointOf = (events: readonly RunEvent[]): RunCheckpoint =>
  (events.findLast(({ type }) => type === 'checkpoint') as Extract<RunEvent, { type: 'checkpoint' }>).checkpoint;

const answer = () =>
  trainer.api.generate(
    { model: 'sft', prompt: 'Hello!', seed: 1, temperature: 1, maxTokens: 8, numAlternatives: 0 },
    proxy(() => undefined),
  );

it('leaves a run nothing to compile, and changes no number of it', async () => {
  const plain = await trainer.run(SPEC);
  expect(compiled.some((name) => name.startsWith('train'))).toBe(true);
  await trainer.api.reset();
  compiled.length = 0;
  await trainer.api.rehearse(SPEC);
  const rehearsed = [...compiled];
  expect(rehearsed.filter((name) => name.startsWith('train'))).toHaveLength(1);
  const { outcome, events } = await trainer.run(SPEC);
  expect(compiled).toEqual(rehearsed);
  expect(outcome).toEqual(plain.outcome);
  expect(checkpointOf(events)).toEqual(checkpointOf(plain.events));
});

it('takes no gradient step on a processor, holds programs only, and those no longer than to the end of the next run', async () => {
  const before = alive();
  await trainer.api.rehearse(SPEC);
  expect(alive().tensors).toBe(before.tensors);
  expect(alive().programs).toBeGreaterThan(before.programs);
  const { programs } = engine.stats();
  expect(programs.find(({ name }) => name.startsWith('train'))).toMatchObject({ numRuns: 0 });
  await trainer.run({ ...SPEC, config: { ...SPEC.config, groupSize: 3 } }); // another run than the one rehearsed
  await trainer.api.reset();
  expect(alive()).toEqual(before);
});

it('is done once for runs that need the same programs', async () => {
  await trainer.api.rehearse(SPEC);
  compiled.length = 0;
  await trainer.api.rehearse({ ...SPEC, reward: { length: -1 } });
  expect(compiled).toEqual([]);
});

it('lets answers come in between', async () => {
  const order: string[] = [];
  const rehearsal = trainer.api.rehearse(SPEC).then(() => order.push('rehearsal'));
  const answered = answer().then(({ type }) => order.push(type));
  await Promise.all([rehearsal, answered]);
  expect(order).toEqual(['completed', 'rehearsal']);
});

it('ends when the run comes, which takes over what is there: nothing is compiled twice', async () => {
  compiled.length = 0;
  await trainer.run(SPEC);
  const needed = [...compiled].sort();
  compiled.length = 0;
  const rehearsal = trainer.api.rehearse(SPEC);
  const { outcome } = await trainer.run(SPEC);
  await rehearsal;
  expect(outcome).toEqual({ type: 'completed', update: 1 });
  expect([...compiled].sort()).toEqual(needed);
});
