/**
 * @file @genai-fi/nanogpt in a worker: its own GPT of our width and depth (GELU, as many key as query heads), so of about
 * our number of parameters, with its own trainer. Its losses cannot be compared with ours, only its speed.
 *
 * It has no wasm backend: where others run on wasm, it runs on its `cpu` backend, which is plain JavaScript. The package
 * exports its trainer only behind a tokenizer and data sets, hence the imports by path.
 */
import '../browser/machine';
import { expose } from 'comlink';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { selectBackend } from '../node_modules/@genai-fi/nanogpt/dist/backend.js';
import NanoGPTV1 from '../node_modules/@genai-fi/nanogpt/dist/models/NanoGPTV1.js';
import BasicTrainer from '../node_modules/@genai-fi/nanogpt/dist/training/BasicTrainer.js';
import type { ITokeniser } from '../node_modules/@genai-fi/nanogpt/dist/tokeniser/type.js';
import { memoryHeld, pretendProcessors } from '../browser/machine';
import { OPTIMISER, type Memory, type StepTiming, type TrainContender, type TrainTask } from '../contender';

/** Its step is `protected`, but it is what its training calls for every batch. */
class Trainer extends BasicTrainer {
  async timedStep(batch: { xs: tf.Tensor; ys: tf.Tensor }): Promise<StepTiming> {
    const start = performance.now();
    const value = this.trainStep({}, batch);
    const loss = (await value.data())[0]!;
    value.dispose();
    return { ms: performance.now() - start, loss };
  }
}

class NanogptWorker implements TrainContender {
  #trainer: Trainer | null = null;
  #batch: { xs: tf.Tensor; ys: tf.Tensor } | null = null;

  async prepareTraining({ config, tokens, batch, length, runtime, numThreads }: TrainTask): Promise<void> {
    pretendProcessors(numThreads);
    await selectBackend(runtime === 'wasm' ? 'cpu' : 'webgpu');
    const model = new NanoGPTV1({
      vocabSize: config.vocabularySize,
      blockSize: length,
      nLayer: config.numLayers,
      nHead: config.numHeads,
      nEmbed: config.width,
      mlpFactor: 4,
    });
    const { maxGradNorm, ...adamW } = OPTIMISER;
    const clipping = runtime === 'wasm' ? {} : { clipNorm: maxGradNorm }; // which its cpu backend cannot do
    const noTokeniser = null as unknown as ITokeniser; // asked for by the constructor, used only when making data sets
    this.#trainer = new Trainer(model, noTokeniser, { ...adamW, ...clipping, warmupSteps: 0 });
    const rows = tf.tensor2d(tokens, [batch, length + 1], 'int32');
    this.#batch = { xs: tf.slice(rows, [0, 0], [batch, length]), ys: tf.slice(rows, [0, 1], [batch, length]) };
  }

  step(): Promise<StepTiming> {
    return this.#trainer!.timedStep(this.#batch!);
  }

  memory(): Promise<Memory> {
    return Promise.resolve(memoryHeld());
  }
}

expose(new NanogptWorker());
