/** @file What would fit when something does not: the largest model, or the most answers at once, in one sentence. */
import type { Stage, StageConfigs } from '../src/core/algorithms/catalogue';
import type { TooLargeError } from '../src/engine/limits';

const count = (number: number) => number.toLocaleString('en');

/** Says of a model that its weights do not fit into one buffer, and how large it might be. */
export function modelTooLarge(id: string, { numElements, numElementsFit }: TooLargeError): string {
  return `The ${id} model has ${count(numElements)} parameters; this device holds models of at most ${count(numElementsFit)}.`;
}

/**
 * Says of a run how many answers would fit at once. All that is larger than the weights grows with the batch, so the
 * share of the largest tensor that fits is the share of the answers that fit.
 */
export function runTooLarge({ numElements, numElementsFit, message }: TooLargeError, config: StageConfigs[Stage]): string {
  if (!('promptsPerUpdate' in config)) return sequencesTooLarge({ numElements, numElementsFit, message }, config);
  const { promptsPerUpdate, maxCompletionTokens } = config;
  const groupSize = 'groupSize' in config ? config.groupSize : 1;
  const numAnswers = promptsPerUpdate * groupSize;
  const fit = Math.floor((numAnswers * numElementsFit) / numElements);
  const asked = `${count(numAnswers)} answers of ${maxCompletionTokens} tokens at once are too many for this device`;
  if (fit < 2) return `${asked}, and so are two: choose a shorter longest answer. ${message}`;
  const prompts = Math.floor(fit / groupSize);
  const example =
    prompts > 0
      ? `${prompts} ${prompts === 1 ? 'prompt' : 'prompts'} with a group size of ${groupSize}`
      : `1 prompt with a group size of ${fit}`;
  return `${asked}: at most ${count(fit)} fit, for example ${example}. ${message}`;
}

/** The same for algorithms that read what others wrote. */
function sequencesTooLarge(
  { numElements, numElementsFit, message }: Pick<TooLargeError, 'numElements' | 'numElementsFit' | 'message'>,
  config: StageConfigs['sft'] | StageConfigs['dpo'],
): string {
  const [asked, what] = 'pairsPerUpdate' in config ? [config.pairsPerUpdate, 'pairs'] : [config.demonstrationsPerUpdate, 'demonstrations'];
  const fit = Math.floor((asked * numElementsFit) / numElements);
  const most = fit < 1 ? 'and so is one' : `at most ${count(fit)} fit`;
  return `${count(asked)} ${what} at once are too many for this device: ${most}. ${message}`;
}
