/** @file A model as the trainer holds it: in ordinary memory and on the engine. */
import type { EngineTensor } from '../src/core/graph/engine';
import type { ModelConfig } from '../src/core/model/config';
import type { TextTokenizer } from '../src/core/text/tokenizer';

/** A model on the engine. */
export interface HeldModel {
  readonly config: ModelConfig;
  readonly tokenizer: TextTokenizer;
  /** `[N]`, in ordinary memory. */
  readonly weights: Float32Array;
  /** The same, where the engine reads it. */
  readonly theta: EngineTensor;
}
