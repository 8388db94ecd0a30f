/**
 * @file The page of the benchmark: starts a worker for each contender and measures the cells that `bench.ts` asks for
 * through `window.bench`. Workers end with their cell, and their memory with them.
 */
import { wrap, type Remote } from 'comlink';
import { thetaFromSafetensors } from '../../../src/core/model/checkpoint';
import { parseHuggingFaceConfig } from '../../../src/core/model/config';
import { parameterLayout } from '../../../src/core/model/parameters';
import { Random } from '../../../src/core/random';
import {
  measureGeneration,
  measureTraining,
  type CellResult,
  type ContenderName,
  type GenerateCell,
  type GenerateSamples,
  type TrainCell,
  type TrainSamples,
  type UpdateSamples,
} from '../cells';
import type { GenerateContender, TrainContender, TrainTask } from '../contender';
import { NUM_WARM_UPDATES, rolloutStarts } from '../plan';
import type { OurWorker } from './ours.worker';

/** Vite wants each worker spelt out. */
const START: Readonly<Record<ContenderName, () => Worker>> = {
  ours: () => new Worker(new URL('./ours.worker.ts', import.meta.url), { type: 'module' }),
  'jax-js': () => new Worker(new URL('../peers/jax.worker.ts', import.meta.url), { type: 'module' }),
  tfjs: () => new Worker(new URL('../peers/tfjs.worker.ts', import.meta.url), { type: 'module' }),
  nanogpt: () => new Worker(new URL('../peers/nanogpt.worker.ts', import.meta.url), { type: 'module' }),
  'transformers.js': () => new Worker(new URL('../peers/transformers.worker.ts', import.meta.url), { type: 'module' }),
};

/** A worker, its face, and what happens when it cannot start, which comlink would wait out for ever. */
class Held<Face> {
  readonly #worker: Worker;
  readonly #broken: Promise<never>;
  readonly #face: Remote<Face>;

  constructor(contender: ContenderName) {
    this.#worker = START[contender]();
    this.#broken = new Promise((_, reject) => {
      this.#worker.addEventListener('error', (event) => reject(new Error(event.message || 'the worker could not start')));
    });
    this.#broken.catch(() => undefined); // heard by whoever waits for an answer
    this.#face = wrap<Face>(this.#worker);
  }

  /** Asks the worker, and hears when it breaks instead. */
  ask<Answer>(question: (face: Remote<Face>) => Promise<Answer>): Promise<Answer> {
    return Promise.race([question(this.#face), this.#broken]);
  }

  end(): void {
    this.#worker.terminate();
  }
}

/** Workers lie elsewhere than the page, so relative addresses would mean something else to them. */
const absolute = (url: string) => new URL(url, location.href).href;

async function trainTask({ folderUrl, batch, length, runtime, numThreads }: TrainCell): Promise<TrainTask> {
  const response = await fetch(`${folderUrl}/config.json`);
  const config = parseHuggingFaceConfig(await response.json(), { generation: {}, eosTokenIds: [] });
  const weights = await (await fetch(`${folderUrl}/model.safetensors`)).arrayBuffer();
  const random = new Random('benchmark');
  return {
    config,
    entries: parameterLayout(config).entries,
    theta: thetaFromSafetensors(config, new Uint8Array(weights)),
    tokens: Int32Array.from({ length: batch * (length + 1) }, () => random.integer(config.vocabularySize)),
    batch,
    length,
    runtime,
    numThreads,
  };
}

async function train(cell: TrainCell): Promise<CellResult<TrainSamples>> {
  const task = await trainTask(cell);
  const held = cell.contenders.map((contender) => ({ contender, worker: new Held<TrainContender>(contender) }));
  try {
    const entries = held.map(({ contender, worker }) => ({
      contender,
      prepare: () => worker.ask((face) => face.prepareTraining(task)),
      step: () => worker.ask((face) => face.step()),
      memory: () => worker.ask((face) => face.memory()),
    }));
    return await measureTraining(entries, cell.numRounds);
  } finally {
    held.forEach(({ worker }) => worker.end());
  }
}

/** Our step, and its matrix products alone: milliseconds each. */
async function ceiling(cell: TrainCell): Promise<{ stepMs: number; productsMs: number }> {
  const worker = new Held<OurWorker>('ours');
  try {
    const task = await trainTask(cell);
    await worker.ask((face) => face.prepareTraining(task));
    return await worker.ask((face) => face.ceiling(cell.numRounds));
  } finally {
    worker.end();
  }
}

async function generate(cell: GenerateCell): Promise<CellResult<GenerateSamples>> {
  const folderUrl = absolute(cell.folderUrl);
  const { runtime, numThreads, prompts, numTokens } = cell;
  const held = cell.contenders.map((contender) => ({ contender, worker: new Held<GenerateContender>(contender) }));
  try {
    const entries = held.map(({ contender, worker }) => ({
      contender,
      prepare: () => worker.ask((face) => face.prepareGeneration({ folderUrl, runtime, numThreads }, prompts[0]!)),
      firstToken: () => worker.ask((face) => face.firstToken(prompts[0]!)),
      rollout: (batch: number) => worker.ask((face) => face.rollout(rolloutStarts(batch), numTokens)),
      memory: () => worker.ask((face) => face.memory()),
    }));
    return await measureGeneration(entries, cell.batches, cell.numRounds);
  } finally {
    held.forEach(({ worker }) => worker.end());
  }
}

async function reinforce({ runtime, numThreads, prompts, numRounds, ...cell }: GenerateCell): Promise<UpdateSamples> {
  const folderUrl = absolute(cell.folderUrl);
  const worker = new Held<OurWorker>('ours');
  try {
    await worker.ask((face) => face.prepareReinforcement({ folderUrl, runtime, numThreads }, prompts));
    for (let round = 0; round < NUM_WARM_UPDATES; round++) await worker.ask((face) => face.update());
    const updates = [];
    for (let round = 0; round < numRounds; round++) updates.push(await worker.ask((face) => face.update()));
    return {
      updateMs: updates.map(({ ms }) => ms),
      numTokens: updates.map(({ numTokens }) => numTokens),
    };
  } finally {
    worker.end();
  }
}

/** The graphics adapter, or null; `isSoftware` when a processor plays it. */
async function adapter(): Promise<{ label: string; isSoftware: boolean } | null> {
  const found = await (navigator as Partial<Navigator>).gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!found) return null;
  const { vendor, architecture, description, isFallbackAdapter } = found.info;
  const label = [vendor, architecture, description].filter(Boolean).join(' ') || 'unnamed adapter';
  return { label, isSoftware: isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(label) };
}

const face = { train, ceiling, generate, reinforce, adapter };

declare global {
  interface Window {
    /** What `bench.ts` calls; there when the page has loaded. */
    bench: typeof face;
  }
}

window.bench = face;
