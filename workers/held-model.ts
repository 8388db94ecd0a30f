/** @file A model as the trainer holds it: its weights lie on the engine only, and are read back when somebody asks. */
import type { EngineTensor } from '../src/core/graph/engine';
import type { ModelConfig } from '../src/core/model/config';
import type { TextTokenizer } from '../src/core/text/tokenizer';

/** A model on the engine. */
export interface HeldModel {
  readonly config: ModelConfig;
  readonly tokenizer: TextTokenizer;
  /** `[N]`, where the engine reads it. */
  readonly theta: EngineTensor;
}
