/**
 * @file SFT: supervised fine-tuning on demonstrations, loss on the assistant's tokens only.
 *
 * Every answer token of a batch counts alike (TRL's `completion_only_loss`); the prompt is read, not learned. A share of
 * the loss may rehearse documents, as InstructGPT's pretraining mix does (arXiv 2203.02155): without it a small model
 * learns the demonstrated answers by heart and forgets how to answer about anything else.
 */
import type { Engine } from '../graph/engine';
import { ADAMW_DEFAULTS, adamWFeeds, type AdamWConfig } from '../model/adamw';
import type { ModelConfig } from '../model/config';
import { trainProgram } from '../model/programs';
import type { TrainingState } from '../model/training-state';
import { Random } from '../random';
import { packSequences, type Sequence } from '../rl/batch';
import type { ChatMessage } from '../text/chat-template';
import type { TextTokenizer } from '../text/tokenizer';
import { crossEntropy } from './objectives';
import { warmupCosine, type LanguageStep } from './pretrain';

/** Settings of an SFT run. */
export interface SftConfig {
  readonly numSteps: number;
  /** B: demonstrations a step. */
  readonly batch: number;
  /** T: longest demonstration in tokens, prompt included. */
  readonly length: number;
  readonly learningRate: number;
  readonly numWarmupSteps: number;
  readonly optimiser: AdamWConfig;
  /** Rows of documents beside the demonstrations of a step. */
  readonly numDocuments: number;
  /** Share of the loss that those rows make up, 0 to 1. */
  readonly documentWeight: number;
}

/** The recipe of family `s`. */
export const SFT_DEFAULTS: SftConfig = {
  numSteps: 4000,
  batch: 16,
  length: 120,
  learningRate: 9e-4,
  numWarmupSteps: 100,
  optimiser: ADAMW_DEFAULTS,
  numDocuments: 6,
  documentWeight: 0.3,
};

/**
 * A dialogue as a sequence to learn from: every turn of the assistant counts, its tool calls and end tokens included; what
 * users, systems and tools say is only read.
 * @throws RangeError when the assistant says nothing
 */
export function dialogueSequence(tokenizer: TextTokenizer, messages: readonly ChatMessage[]): Sequence {
  const isOwn = ({ role }: ChatMessage) => role === 'assistant' || role === 'call';
  const tokens = tokenizer.encodeChat(messages, { addGenerationPrompt: false });
  const counts = new Array<boolean>(tokens.length).fill(false);
  const starts = messages.flatMap((message, i) => {
    if (!isOwn(message)) return [];
    const start = tokenizer.encodeChat(messages.slice(0, i), { addGenerationPrompt: true }).length;
    counts.fill(true, start, tokenizer.encodeChat(messages.slice(0, i + 1), { addGenerationPrompt: false }).length);
    return [start];
  });
  const [first] = starts;
  if (first === undefined) throw new RangeError('a dialogue without a turn of the assistant');
  return { promptTokens: tokens.slice(0, first), completionTokens: tokens.slice(first), completionMask: counts.slice(first) };
}

/** What a run needs besides its settings. */
export interface SftOptions {
  readonly engine: Engine;
  readonly model: ModelConfig;
  /** Advanced in place; `state.step` says where to go on. */
  readonly state: TrainingState;
  readonly config: SftConfig;
  readonly seed: number;
  /** One random demonstration as token ids, the answer's end token included. */
  readonly demonstration: (random: Random) => Sequence;
  /** One random document to rehearse; only asked for when the settings want any. */
  readonly document?: (random: Random) => Sequence;
}

/** Trains on demonstrations, one step a `next()`. */
export async function* trainSft({ engine, model, state, config, seed, demonstration, document }: SftOptions): AsyncGenerator<LanguageStep> {
  const { length, numSteps } = config;
  const numDocuments = document ? config.numDocuments : 0;
  const batch = config.batch + numDocuments;
  const program = await engine.compile(trainProgram(model, { batch, length }, config.optimiser, crossEntropy));
  try {
    while (state.step < numSteps) {
      const step = state.step + 1;
      const random = new Random(seed).split('sft').split(step);
      const rows = Array.from({ length: batch }, (_, row) => (row < config.batch ? demonstration(random) : document!(random)));
      const packed = packSequences(rows, batch, length, model.padTokenId);
      const weights = shareLoss(packed.completionMask, config.batch * length, numDocuments > 0 ? config.documentWeight : 0);
      const learningRate = config.learningRate * warmupCosine(step, numSteps, config.numWarmupSteps);
      const results = await program.run({
        ...state.feeds(),
        ...adamWFeeds(config.optimiser, learningRate, step),
        tokens: { dims: [batch, length + 1], data: packed.tokens },
        weights: { dims: [batch, length], data: weights },
      });
      yield { step, numSteps, ...(await state.advance(results)) };
    }
  } finally {
    await program.release();
  }
}

/** Weights that add up to 1: demonstrations (the first `numFirst` entries) share 1 − `rest`, documents `rest`, every token of a kind alike. */
function shareLoss(mask: Float32Array, numFirst: number, rest: number): Float32Array {
  const count = (part: Float32Array) =>
    Math.max(
      1,
      part.reduce((sum, counts) => sum + counts, 0),
    );
  const [numAnswer, numDocument] = [count(mask.subarray(0, numFirst)), count(mask.subarray(numFirst))];
  return mask.map((counts, at) => (at < numFirst ? ((1 - rest) * counts) / numAnswer : (rest * counts) / numDocument));
}
