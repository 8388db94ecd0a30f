/**
 * @file How far two models disagree about each token of an answer: KL of what one thinks comes next from what the other does.
 *
 * Each reads the prompt as it is used to (chat models in their template, the base model plain), then the same tokens.
 */
import type { Engine, Program } from '../src/core/graph/engine';
import { distributionsProgram } from '../src/core/model/distributions-program';
import { promptTokens } from '../src/core/model/loaded-model';
import { klOfRows } from '../src/core/rl/kl';
import { remember } from './remember';
import type { HeldModel } from './held-model';

/** Programs are made for lengths that are multiples of this many tokens. */
const LENGTH_STEP = 64;
/** Tokens looked at: longer answers are cut. */
const MAX_TOKENS = 128;

/** Compares models on one engine: one program for each shape and length, which answers of like length share. */
export class Disagreement {
  readonly #programs = new Map<string, Promise<Program>>();

  constructor(readonly engine: Engine) {}

  /** KL(model ‖ against) at each token of an answer, nats; fewer where it does not fit a model's window. */
  async measure(prompt: string, tokenIds: readonly number[], model: HeldModel, against: HeldModel): Promise<number[]> {
    const vocabularySize = model.config.vocabularySize;
    if (against.config.vocabularySize !== vocabularySize) return []; // they do not speak of the same tokens
    const ids = tokenIds.slice(0, MAX_TOKENS);
    const [p, q] = [await this.#logprobs(prompt, ids, model), await this.#logprobs(prompt, ids, against)];
    const size = Math.min(p.length, q.length);
    return klOfRows(p.subarray(0, size), q.subarray(0, size), vocabularySize);
  }

  /** log p of every token at each place of the answer, `[M, V]`. */
  async #logprobs(prompt: string, ids: readonly number[], { config, tokenizer, theta }: HeldModel): Promise<Float32Array> {
    const before = promptTokens(tokenizer, config.bosTokenId, prompt);
    const read = [...before, ...ids].slice(0, config.maxPositions);
    const numRows = Math.max(0, Math.min(ids.length, read.length - before.length + 1));
    const length = Math.min(config.maxPositions, Math.ceil(read.length / LENGTH_STEP) * LENGTH_STEP);
    const tokens = new Int32Array(length).fill(config.padTokenId);
    tokens.set(read);
    // Rows beyond the answer's end look at the first place again; what they say is not read.
    const rows = Int32Array.from({ length: MAX_TOKENS }, (_, i) => before.length - 1 + (i < numRows ? i : 0));
    const program = await remember(this.#programs, JSON.stringify([config, length]), () =>
      this.engine.compile(distributionsProgram(config, length, MAX_TOKENS)),
    );
    const results = await program.run({
      theta,
      tokens: { dims: [1, length], data: tokens },
      rows: { dims: [MAX_TOKENS], data: rows },
    });
    const logprobs = (await results.logprobs!.read()) as Float32Array; // [M, V]
    results.logprobs!.dispose();
    return logprobs.slice(0, numRows * config.vocabularySize);
  }
}
