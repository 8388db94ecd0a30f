/** @file @jax-js/jax in a worker. */
import '../browser/machine';
import { expose } from 'comlink';
import { memoryHeld, pretendProcessors } from '../browser/machine';
import type { Memory, StepTiming, TrainContender, TrainTask } from '../contender';
import { JaxTraining } from './jax-train';

class JaxWorker implements TrainContender {
  #training: JaxTraining | null = null;

  async prepareTraining(task: TrainTask): Promise<void> {
    pretendProcessors(task.numThreads);
    this.#training = await JaxTraining.create(task);
  }

  step(): Promise<StepTiming> {
    return this.#training!.step();
  }

  memory(): Promise<Memory> {
    return Promise.resolve(memoryHeld());
  }
}

expose(new JaxWorker());
