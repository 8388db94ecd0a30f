/**
 * @file What every contender can be asked, ours and peers alike. Each lives in a worker of its own, so that threads and
 * memory are its own; timings are taken inside the worker, from the call to the answer read back.
 */
import type { ModelConfig } from '../../src/core/model/config';
import type { ParameterEntry } from '../../src/core/model/parameters';

/** One training task; all contenders get the same numbers. */
export interface TrainTask {
  readonly config: ModelConfig;
  /** How theta is cut: see src/core/model/parameters.ts. */
  readonly entries: readonly ParameterEntry[];
  /** `[N]` */
  readonly theta: Float32Array;
  /** int32 `[B, T + 1]`: predictions are of the tokens one further. */
  readonly tokens: Int32Array;
  readonly batch: number;
  readonly length: number;
  readonly runtime: 'wasm' | 'webgpu';
  readonly numThreads: number;
}

/** AdamW as all contenders do it: decoupled decay on matrices, gradients clipped to a global norm. */
export const OPTIMISER = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, maxGradNorm: 1, learningRate: 1e-3 } as const;

/** One generation task. The folder has config.json, model.safetensors and onnx/model.onnx of the same weights. */
export interface GenerateTask {
  readonly folderUrl: string;
  readonly runtime: 'wasm' | 'webgpu';
  readonly numThreads: number;
}

/** A step done. */
export interface StepTiming {
  readonly ms: number;
  readonly loss: number;
}

/** A rollout done: the tokens of each row, its start token not among them. */
export interface RolloutTiming {
  readonly ms: number;
  readonly tokens: readonly (readonly number[])[];
}

/** The most memory held so far, in bytes. Wasm memory only grows; of GPU buffers the peak is kept. */
export interface Memory {
  readonly wasmBytes: number;
  readonly gpuBytes: number;
}

/** Trains a model. */
export interface TrainContender {
  /** Loads the library, sets threads, puts the weights where it computes. */
  prepareTraining(task: TrainTask): Promise<void>;
  /** One optimiser step on the task's batch. The first compiles. */
  step(): Promise<StepTiming>;
  memory(): Promise<Memory>;
}

/** Writes text with a model; always takes the likeliest token, never stops before `numTokens`. */
export interface GenerateContender {
  /** Loads library and model; `firstTokenMs` is from here to the first token of the prompt's continuation. */
  prepareGeneration(task: GenerateTask, prompt: readonly number[]): Promise<{ firstTokenMs: number }>;
  /** From the call to the first token, everything loaded and compiled. */
  firstToken(prompt: readonly number[]): Promise<number>;
  /** One token to start each row, `numTokens` more drawn. The first call of a batch size compiles. */
  rollout(starts: readonly number[], numTokens: number): Promise<RolloutTiming>;
  memory(): Promise<Memory>;
}

/** Milliseconds that `job` takes, and its result. */
export async function timed<Result>(job: () => Promise<Result>): Promise<{ ms: number; result: Result }> {
  const start = performance.now();
  const result = await job();
  return { ms: performance.now() - start, result };
}
