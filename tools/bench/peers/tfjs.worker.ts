/** @file @tensorflow/tfjs in a worker, on its wasm or WebGPU backend. */
import '../browser/machine';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plainUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import { expose } from 'comlink';
import { memoryHeld, pretendProcessors } from '../browser/machine';
import type { Memory, StepTiming, TrainContender, TrainTask } from '../contender';
import { TfjsTraining } from './tfjs-train';

class TfjsWorker implements TrainContender {
  #training: TfjsTraining | null = null;

  async prepareTraining(task: TrainTask): Promise<void> {
    pretendProcessors(task.numThreads);
    if (task.runtime === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
    else {
      setThreadsCount(task.numThreads);
      const absolute = (url: string) => new URL(url, self.location.href).href;
      setWasmPaths({
        'tfjs-backend-wasm.wasm': absolute(plainUrl),
        'tfjs-backend-wasm-simd.wasm': absolute(simdUrl),
        'tfjs-backend-wasm-threaded-simd.wasm': absolute(threadedUrl),
      });
    }
    if (!(await tf.setBackend(task.runtime))) throw new Error(`tfjs has no ${task.runtime} here`);
    await tf.ready();
    this.#training = new TfjsTraining(task);
  }

  step(): Promise<StepTiming> {
    return this.#training!.step();
  }

  memory(): Promise<Memory> {
    return Promise.resolve(memoryHeld());
  }
}

expose(new TfjsWorker());
