/** @file A model as the trainer holds it: its weights lie on the engine only, and are read back when somebody asks. */
import type { Engine, EngineTensor } from '../src/core/graph/engine';
import type { ModelConfig } from '../src/core/model/config';
import type { TextTokenizer } from '../src/core/text/tokenizer';
import { TooLargeError } from '../src/engine/limits';
import type { ModelId } from '../src/protocol/load';
import { modelTooLarge } from './too-large';

/** A model on the engine. */
export interface HeldModel {
  readonly config: ModelConfig;
  readonly tokenizer: TextTokenizer;
  /** The model of the family whose files say its shape, tokenizer and chat format. */
  readonly describedBy: Exclude<ModelId, 'yours'>;
  /** `[N]`, where the engine reads it. */
  readonly theta: EngineTensor;
}

/** Puts weights on the engine. @throws TooLargeError saying which model is too large, and what would fit */
export function upload(engine: Engine, id: ModelId, theta: Float32Array): EngineTensor {
  try {
    return engine.upload({ dims: [theta.length], data: theta });
  } catch (error) {
    if (!(error instanceof TooLargeError)) throw error;
    throw new TooLargeError(error.dims, error.numElements, error.numElementsFit, modelTooLarge(id, error));
  }
}
