/**
 * @file What a model will take in memory, before any of it is read: to answer, and to be trained.
 *
 * To answer: its files, the weights in float32 once while they are read and once on the engine. To train: weights, gradient,
 * AdamW's two moments and what replaces these three after a step, and the reference; activations come on top, so an eighth
 * vector stands for them. Weights are float32 whatever the files hold.
 */
import { CheckpointError } from './checkpoint-error';
import type { ModelConfig } from './config';
import { parameterLayout } from './parameters';

/** Vectors of the size of the weights that training holds at once. */
const TRAINING_VECTORS = 9;
/** A processor's engine ends here, whatever the device has: its memory is addressed by 32 bits. */
const WASM_BYTES = 4e9;
/** Share of a device's memory that a page may hope for. */
const SHARE = 0.5;

/** What a model takes. */
export interface MemoryEstimate {
  readonly numParameters: number;
  readonly answerBytes: number;
  readonly trainBytes: number;
}

/** @param fileBytes size of the weights' files */
export function memoryOf(config: ModelConfig, fileBytes: number): MemoryEstimate {
  const { numParameters } = parameterLayout(config);
  return { numParameters, answerBytes: fileBytes + 8 * numParameters, trainBytes: 4 * TRAINING_VECTORS * numParameters };
}

/** Bytes that a page may use. @param deviceGigabytes as the browser says; undefined where it says nothing */
export const memoryFor = (deviceGigabytes: number | undefined): number =>
  Math.min(WASM_BYTES, deviceGigabytes === undefined ? WASM_BYTES : SHARE * deviceGigabytes * 1e9);

const gigabytes = (bytes: number) => `${(bytes / 1e9).toPrecision(2)} GB`;

/** @throws CheckpointError saying how much would be needed, and how much there is */
export function refuseTooLarge({ numParameters, answerBytes }: MemoryEstimate, availableBytes: number): void {
  if (answerBytes <= availableBytes) return;
  throw new CheckpointError(
    `The model has ${(numParameters / 1e6).toFixed(0)} million parameters and would take ${gigabytes(answerBytes)} to answer; this page can use about ${gigabytes(availableBytes)}. Bring a smaller one.`,
  );
}
