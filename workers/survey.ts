/**
 * @file Is a prompt on the map? First the world is asked, then, where it seems to cover the prompt, how surprised the base
 * model is by it, as if it were the beginning of a page.
 */
import type { Engine, Program } from '../src/core/graph/engine';
import { scoreProgram } from '../src/core/model/programs';
import { interpretRequest } from '../src/core/world/interpret';
import { nearPrompts, offMapScore } from '../src/core/world/off-map';
import type { SurveyOutcome } from '../src/protocol/survey';
import type { HeldModel } from './held-model';
import { world } from './world-judge';

/** Programs are made for lengths that are multiples of this many tokens. */
const LENGTH_STEP = 32;

/** Prompts offered in place of one that is off the map. */
const NUM_NEAR = 3;

/**
 * Whether the world covers a prompt, and prompts like it where it does not.
 * @param limit bits per byte above which the base model finds a prompt off the map; null where nobody has calibrated it
 * @param score how far off the base model finds it, see {@link SurpriseScorer}; null when stopped
 */
export async function survey(prompt: string, limit: number | null, score: () => Promise<number | null>): Promise<SurveyOutcome> {
  const offMap = (verdict: 'unrecognised' | 'surprising') =>
    ({ type: 'completed', verdict, near: nearPrompts(world, prompt, NUM_NEAR) }) as const;
  if (!interpretRequest(world, prompt)) return offMap('unrecognised');
  const bitsPerByte = limit === null ? 0 : await score();
  if (bitsPerByte === null) return { type: 'stopped' };
  return limit !== null && bitsPerByte > limit ? offMap('surprising') : { type: 'completed', verdict: 'on-map', near: [] };
}

/** Scores prompts with one model on one engine: one program a length, which prompts of like length share. */
export class SurpriseScorer {
  readonly #programs = new Map<number, Program>();

  constructor(
    readonly engine: Engine,
    readonly model: HeldModel,
  ) {}

  /** How far off the map the model finds a prompt, bits per byte; of a prompt longer than its window, the beginning. */
  async score(prompt: string): Promise<number> {
    const { config, tokenizer, theta } = this.model;
    const all = tokenizer.encode(prompt);
    const length = Math.min(config.maxPositions, Math.ceil(Math.max(1, all.length) / LENGTH_STEP) * LENGTH_STEP);
    const ids = all.slice(0, length);
    const tokens = new Int32Array(length + 1).fill(config.padTokenId);
    tokens.set([config.bosTokenId, ...ids]);
    const program = await this.#program(length);
    const results = await program.run({
      theta,
      tokens: { dims: [1, length + 1], data: tokens },
      inverse_temperature: { dims: [], data: Float32Array.of(1) },
    });
    const logprobs = await results.logprobs!.read(); // [1, T]
    results.logprobs!.dispose();
    const text = ids.length < all.length ? tokenizer.decode(ids) : prompt;
    return offMapScore(world, text, Array.from(logprobs.slice(0, ids.length)));
  }

  async #program(length: number): Promise<Program> {
    let program = this.#programs.get(length);
    if (!program) {
      program = await this.engine.compile(scoreProgram(this.model.config, { batch: 1, length }, { entropies: false }));
      this.#programs.set(length, program);
    }
    return program;
  }
}
