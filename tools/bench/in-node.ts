/**
 * @file Ours in Node, on onnxruntime-node: the same measurements as in the browser, of ours alone.
 */
import { Random } from '../../src/core/random';
import { createNodeEngine } from '../../src/engine/ort-node';
import { measureGeneration, measureTraining } from './cells';
import type { BenchModel } from './folders';
import { OurGeneration, OurReinforcement, OurTraining } from './ours';
import { comparedShape, NUM_ROLLOUT_TOKENS, NUM_WARM_UPDATES, ROLLOUT_BATCHES, rolloutStarts, type BenchPlan, type SizeName } from './plan';
import { generateRows, trainRows, type Row } from './results';
import { summarise } from './statistics';

/** A Node process tells no memory that is one contender's alone. */
const memory = () => Promise.resolve({ wasmBytes: 0, gpuBytes: 0 });

/** Measures one size in one thread setting; RL updates where prompts are given. */
export async function measureInNode(
  size: SizeName,
  numThreads: number,
  model: BenchModel,
  prompts: readonly (readonly number[])[] | null,
  { numRounds }: BenchPlan,
): Promise<Row[]> {
  const place = { size, runtime: 'node', numThreads } as const;
  const engine = createNodeEngine({ numThreads });
  const { config, theta } = model;
  const { batch, length } = comparedShape(size);
  const random = new Random('benchmark');
  const tokens = Int32Array.from({ length: batch * (length + 1) }, () => random.integer(config.vocabularySize));

  const training = new OurTraining(engine, { config, theta, tokens, batch, length });
  const prepare = () => Promise.resolve();
  const trained = await measureTraining([{ contender: 'ours', prepare, step: () => training.step(), memory }], numRounds);
  const rows = [...trainRows(place, trained, batch * length, trained.samples[0]).rows];
  await training.release();

  const generation = new OurGeneration(engine, config, theta);
  const prompt = prompts?.[0] ?? rolloutStarts(16);
  const entry = {
    contender: 'ours',
    prepare: async () => ({ firstTokenMs: await generation.firstToken(prompt) }),
    firstToken: () => generation.firstToken(prompt),
    rollout: (rowsAtOnce: number) => generation.rollout(rolloutStarts(rowsAtOnce), NUM_ROLLOUT_TOKENS),
    memory,
  } as const;
  const generated = await measureGeneration([entry], ROLLOUT_BATCHES, numRounds);
  rows.push(...generateRows(place, generated, NUM_ROLLOUT_TOKENS).rows);
  await generation.release();
  if (!prompts) return rows;

  const reinforcement = new OurReinforcement(engine, config, theta, prompts);
  for (let round = 0; round < NUM_WARM_UPDATES; round++) await reinforcement.update();
  const updates: number[] = [];
  for (let round = 0; round < numRounds; round++) updates.push((await reinforcement.update()).ms);
  rows.push({ ...place, metric: 'update', contender: 'ours', value: summarise(updates) });
  await reinforcement.release();
  return rows;
}
