/**
 * @file What a family is expected to show on held-out prompts, checked when it is built.
 */
import type { Evals } from '../../src/core/eval/evals';
import type { ModelId } from './stages';

/** One expectation and whether it holds. */
export interface TargetResult {
  readonly words: string;
  readonly value: number;
  readonly holds: boolean;
}

interface Target {
  readonly words: string;
  /** From the figures of all models; undefined when one was not made. */
  value(figure: (model: ModelId, name: string) => number | undefined): number | undefined;
  holds(value: number, family: string): boolean;
}

const one = (model: ModelId, name: string, words: string, holds: Target['holds']): Target => ({
  words: `${model}: ${words}`,
  value: (figure) => figure(model, name),
  holds,
});

/** How much less of something the RLHF model has than the SFT model. */
const less = (name: string, words: string): Target => ({
  words: `rlhf: ${words} less than sft's`,
  value: (figure) => {
    const [sft, rlhf] = [figure('sft', name), figure('rlhf', name)];
    return sft === undefined || rlhf === undefined ? undefined : sft - rlhf;
  },
  holds: (value) => value > 0,
});

const TARGETS: readonly Target[] = [
  one('base', 'format', 'answers in the assistant’s form below 10 %', (value) => value < 0.1),
  one('base', 'documents/lexicon', 'words of its pages are the world’s, 97 %', (value) => value >= 0.97),
  one('base', 'documents/kind-kept', 'pages stay of the kind they began as, over 80 %', (value) => value > 0.8),
  one('base', 'off-map/auroc', 'tells off-the-map prompts apart, AUROC over 0.95', (value) => value > 0.95),
  one('sft', 'format', 'in form over 95 %', (value) => value > 0.95),
  one('sft', 'known/held-out', 'right on known facts over 85 % (m: 93 %)', (value, family) => value > (family === 'm' ? 0.93 : 0.85)),
  one('sft', 'known/gap', 'held-out phrasings within 5 points of trained ones', (value) => value <= 0.05),
  one('rlhf', 'wins', 'gold prefers it to sft in over 70 % of pairs', (value) => value > 0.7),
  one('rlhf', 'kl', 'KL from sft below 15 nats', (value) => value < 15),
  one('dpo', 'wins', 'gold prefers it to sft in over half of pairs', (value) => value > 0.5),
  less('diversity/per-input/ead', 'distinctness of answers to one prompt'),
];

/** Checks a family's evals; expectations of models that were not made are left out. */
export function checkTargets(family: string, evals: ReadonlyMap<ModelId, Evals>): TargetResult[] {
  return TARGETS.flatMap(({ words, value, holds }) => {
    const found = value((model, name) => evals.get(model)?.figures[name]?.value);
    return found === undefined ? [] : [{ words, value: found, holds: holds(found, family) }];
  });
}
