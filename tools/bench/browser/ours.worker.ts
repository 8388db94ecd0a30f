/** @file Ours, in a worker: what `ours.ts` measures, on wasm or WebGPU. */
import './machine';
import { expose } from 'comlink';
import type { Engine } from '../../../src/core/graph/engine';
import { thetaFromSafetensors } from '../../../src/core/model/checkpoint';
import { parseHuggingFaceConfig } from '../../../src/core/model/config';
import { createWebEngine } from '../../../src/engine/ort-web';
import type { GenerateContender, GenerateTask, Memory, RolloutTiming, StepTiming, TrainContender, TrainTask } from '../contender';
import { OurGeneration, OurProducts, OurReinforcement, OurTraining } from '../ours';
import { quantile } from '../statistics';
import { memoryHeld, pretendProcessors } from './machine';

/** The engine asked for. @throws when it is not what was asked for, which would be measured under a wrong name */
async function engineFor({ runtime, numThreads }: { runtime: 'wasm' | 'webgpu'; numThreads: number }): Promise<Engine> {
  pretendProcessors(numThreads);
  const { engine, backend, numThreads: got } = await createWebEngine(runtime);
  if (backend !== runtime || (runtime === 'wasm' && got !== numThreads))
    throw new Error(`wanted ${runtime} with ${numThreads} threads, got ${backend} with ${got}`);
  return engine;
}

/** The files of a model folder. */
async function loadFolder(folderUrl: string) {
  const [config, weights] = await Promise.all([
    fetch(`${folderUrl}/config.json`).then((response) => response.json() as Promise<unknown>),
    fetch(`${folderUrl}/model.safetensors`).then((response) => response.arrayBuffer()),
  ]);
  const shape = parseHuggingFaceConfig(config, { generation: {}, eosTokenIds: [] });
  return { config: shape, theta: thetaFromSafetensors(shape, new Uint8Array(weights)) };
}

/** What the page may ask of ours. */
export class OurWorker implements TrainContender, GenerateContender {
  #engine: Engine | null = null;
  #task: TrainTask | null = null;
  #training: OurTraining | null = null;
  #generation: OurGeneration | null = null;
  #reinforcement: OurReinforcement | null = null;

  async prepareTraining(task: TrainTask): Promise<void> {
    this.#engine ??= await engineFor(task);
    this.#task = task;
    this.#training = new OurTraining(this.#engine, task);
  }

  step(): Promise<StepTiming> {
    return this.#training!.step();
  }

  /** A step and the step's matrix products alone, in turns; milliseconds each. */
  async ceiling(numRounds: number): Promise<{ stepMs: number; productsMs: number }> {
    const { config, batch, length } = this.#task!;
    const products = new OurProducts(this.#engine!);
    await products.prepare(config, { batch, length });
    await this.step();
    const steps: number[] = [];
    for (let round = 0; round < numRounds; round++) {
      steps.push((await this.step()).ms);
      await products.measure();
    }
    return { stepMs: quantile(steps, 0.5), productsMs: products.totalMs() };
  }

  async prepareGeneration(task: GenerateTask, prompt: readonly number[]): Promise<{ firstTokenMs: number }> {
    const start = performance.now();
    this.#engine = await engineFor(task);
    const { config, theta } = await loadFolder(task.folderUrl);
    this.#generation = new OurGeneration(this.#engine, config, theta);
    await this.#generation.firstToken(prompt);
    return { firstTokenMs: performance.now() - start };
  }

  firstToken(prompt: readonly number[]): Promise<number> {
    return this.#generation!.firstToken(prompt);
  }

  rollout(starts: readonly number[], numTokens: number): Promise<RolloutTiming> {
    return this.#generation!.rollout(starts, numTokens);
  }

  /** Makes ready for `update`. */
  async prepareReinforcement(task: GenerateTask, prompts: readonly (readonly number[])[]): Promise<void> {
    this.#engine = await engineFor(task);
    const { config, theta } = await loadFolder(task.folderUrl);
    this.#reinforcement = new OurReinforcement(this.#engine, config, theta, prompts);
  }

  /** One GRPO update. */
  update(): Promise<{ ms: number; numTokens: number }> {
    return this.#reinforcement!.update();
  }

  memory(): Promise<Memory> {
    return Promise.resolve(memoryHeld());
  }
}

expose(new OurWorker());
