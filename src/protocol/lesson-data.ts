/**
 * @file What lessons ask of the trainer worker besides runs: prompts to measure with, demonstrations to read and edit, answers
 * improved by hand. The world that writes them lives there.
 */
import type { NamePrompt } from '../core/data/name-prompts';
import type { KindWeights, RunDataOf } from '../core/data/run-data';
import type { Split } from '../core/world/subjects';

/** Which prompts. The same wish gives the same. */
export interface PromptsWish {
  /** Left out: as often as the world asks them. */
  readonly kinds?: KindWeights;
  readonly split: Split;
  readonly seed: number;
  readonly count: number;
}

/** A demonstration to read. */
export interface WrittenDemonstration {
  readonly prompt: string;
  readonly completion: string;
}

/** Everything lessons may ask for. */
export interface LessonDataApi {
  drawPrompts(wish: PromptsWish): Promise<readonly string[]>;
  /** See `namePrompts`. */
  drawNames(seed: number, perGroup: number): Promise<readonly NamePrompt[]>;
  /** The first demonstrations that an SFT run of this seed and data learns from. */
  writeDemonstrations(data: RunDataOf['demonstrations'], seed: number, count: number): Promise<readonly WrittenDemonstration[]>;
  /** See `improvedAnswers`. */
  improveAnswers(prompts: readonly string[], typos: number, seed: number): Promise<readonly (string | null)[]>;
}
