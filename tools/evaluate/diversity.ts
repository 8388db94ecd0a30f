/**
 * @file How varied a model's answers are: one sample of many prompts, and many samples of one prompt (Kirk et al.,
 * arXiv 2310.06452).
 */
import { entropyOf, expectationAdjustedDistinctness, selfBleu } from '../../src/core/eval/diversity';
import { meanOf } from '../../src/core/eval/intervals';
import { NaiveBayes } from '../../src/core/eval/naive-bayes';
import { Random } from '../../src/core/random';
import { MANNERS } from '../../src/core/world/demonstration-policy';
import { demonstrate } from '../../src/core/world/demonstrations';
import { sampleRequest } from '../../src/core/world/requests';
import { wordsOf } from '../../src/core/world/words';
import type { World } from '../../src/core/world/world';
import { promptOf, type Asker, type JudgedAnswer } from './asker';
import { heldOutRequests, type Figures } from './prompts';

const NUM_SAMPLES = 16;
/** Training texts of the classifier, a style. */
const NUM_EXAMPLES = 400;

/** Tells the styles that demonstrators write in (good, terse, rambling, with slips) apart. */
function styleClassifier(world: World): NaiveBayes<string> {
  const random = new Random('styles');
  return new NaiveBayes(
    MANNERS.flatMap((style) =>
      Array.from({ length: NUM_EXAMPLES }, () => ({
        label: style as string,
        text: demonstrate(world, sampleRequest(world, random, 'train'), random, style),
      })),
    ),
  );
}

interface Sample {
  readonly tokens: readonly number[];
  readonly words: readonly string[];
  /** Probability of each style. */
  readonly styles: readonly number[];
}

/** Measures of one set of samples. */
function measures(vocabularySize: number) {
  return {
    ead: (samples: readonly Sample[]) =>
      expectationAdjustedDistinctness(
        samples.map(({ tokens }) => tokens),
        vocabularySize,
      ),
    'self-bleu': (samples: readonly Sample[]) => selfBleu(samples.map(({ words }) => words)),
    'style-entropy': (samples: readonly Sample[]) =>
      entropyOf((samples[0]?.styles ?? []).map((_, style) => samples.reduce((sum, { styles }) => sum + styles[style]!, 0))),
  };
}

/** Diversity across inputs and per input. @param answers one sample of each of many prompts */
export async function measureDiversity(asker: Asker, answers: readonly JudgedAnswer[]): Promise<Figures> {
  const { world, model, options } = asker;
  const classifier = styleClassifier(world);
  const sampleOf = (tokens: readonly number[], text: string): Sample => ({
    tokens,
    words: wordsOf(text),
    styles: classifier.probabilities(text),
  });
  // One sample of as many prompts as there are samples of one, so that both have sets of the same size.
  const across: Sample[][] = [];
  for (let start = 0; start + NUM_SAMPLES <= answers.length; start += NUM_SAMPLES)
    across.push(answers.slice(start, start + NUM_SAMPLES).map(({ rollout, text }) => sampleOf(rollout.completionTokens, text)));

  const numPrompts = Math.max(2, Math.ceil(options.numPrompts / 40));
  const requests = heldOutRequests(world, [model], { ...options, numPrompts });
  const prompts = requests.flatMap((request) => Array<number[]>(NUM_SAMPLES).fill(promptOf(model, request)));
  // At temperature 1: the model's own distribution, not a sharpened one.
  const rollouts = await asker.complete(prompts, 'diversity', { ...options, temperature: 1 });
  const samples = rollouts.map((rollout) => sampleOf(rollout.completionTokens, asker.textOf(rollout)));
  const perInput = requests.map((_, i) => samples.slice(i * NUM_SAMPLES, (i + 1) * NUM_SAMPLES));

  const figures: Figures = {};
  for (const [name, measure] of Object.entries(measures(model.tokenizer.vocabularySize))) {
    figures[`diversity/across-input/${name}`] = meanOf(across.map(measure));
    figures[`diversity/per-input/${name}`] = meanOf(perInput.map(measure));
  }
  return figures;
}
