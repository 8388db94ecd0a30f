/**
 * @file DPO: direct preference optimisation (Rafailov et al., arXiv 2305.18290), TRL's option names.
 *
 * No reward model and no sampling: each pair says that one answer is better, and the policy is moved until the pair is in the
 * right order, measured against the reference. Its optimum on endless Bradley–Terry pairs is that of RL with a KL penalty β.
 */
import type { Tensor } from '../graph/engine';
import { Random } from '../random';
import { addCosts } from '../rl/cost';
import { LEARNING_RATE, NUM_UPDATES } from './common-fields';
import { defaultsOf, type Field } from './fields';
import { preferenceLoss, type PreferenceLoss } from './objectives';
import { cutTo, PackedPolicy } from './packed-policy';
import { checkPairStart, pairFeeds, pairMetrics } from './pairs';
import { BETA, LABEL_SMOOTHING, PREFERENCE_LOSS } from './preference-fields';
import type { TokenComparison } from './reward-model';
import type { AlgorithmStep, RunOptions } from './step';

/** Settings of a DPO run; keys follow TRL's DPOConfig in camel case. */
export interface DpoConfig {
  readonly numUpdates: number;
  /** Pairs in one update. */
  readonly pairsPerUpdate: number;
  readonly learningRate: number;
  readonly beta: number;
  /** TRL loss_type. */
  readonly lossType: PreferenceLoss;
  /** TRL label_smoothing. */
  readonly labelSmoothing: number;
}

const TRL = 'TRL DPOConfig; DPO, arXiv 2305.18290';

/** What each setting is. */
export const DPO_FIELDS = [
  {
    key: 'pairsPerUpdate',
    trl: 'per_device_train_batch_size',
    label: 'Pairs per update',
    unit: 'pairs',
    min: 1,
    max: 64,
    step: 1,
    scale: 'linear',
    default: 16,
    hint: 'How many pairs one update looks at.',
    citation: TRL,
    live: false,
  },
  { ...LEARNING_RATE, default: 5e-5, citation: TRL }, // pairs drawn once say nothing of where a fast policy goes
  BETA,
  PREFERENCE_LOSS,
  LABEL_SMOOTHING,
  { ...NUM_UPDATES, citation: TRL },
] as const satisfies readonly (Field & { key: keyof DpoConfig })[];

/** The settings a first click uses. */
export const DPO_DEFAULTS = defaultsOf<DpoConfig>(DPO_FIELDS);

/** What DPO needs besides its settings. */
export interface DpoOptions extends RunOptions<DpoConfig> {
  /** Theta of the reference. */
  readonly reference: Tensor;
  /** Whether the policy starts as its reference: true of a fresh run unless told otherwise. */
  readonly startsAtReference?: boolean;
  /** Tokens of the longest prompt and completion together; longer completions are cut. */
  readonly maxTokens: number;
  /** The pairs of an update, counted from 1: always the same for the same update. See {@link shuffledPairs}. */
  readonly pairs: (update: number, count: number) => Promise<readonly TokenComparison[]>;
}

/** What one update did. */
export type DpoStep = AlgorithmStep<never, keyof ReturnType<typeof pairMetrics> | 'loss' | 'grad_norm' | 'learning_rate'>;

/** Goes through a set of comparisons again and again, in a new random order each time. @throws RangeError when there are too few */
export function shuffledPairs(comparisons: readonly TokenComparison[], seed: number): DpoOptions['pairs'] {
  return (update, count) => {
    const perEpoch = Math.floor(comparisons.length / count);
    if (perEpoch < 1) throw new RangeError(`${comparisons.length} comparisons are fewer than the ${count} of one update.`);
    const order = new Random(seed)
      .split('dpo')
      .split(Math.floor((update - 1) / perEpoch))
      .shuffle(comparisons);
    const start = ((update - 1) % perEpoch) * count;
    return Promise.resolve(order.slice(start, start + count));
  };
}

/**
 * Trains until `settings().numUpdates`, one update a `next()`.
 * @throws NonFiniteLossError with the state as before the failing step
 * @throws StepZeroError when the first loss is not ln 2 (or what another loss is at policy = reference)
 */
export async function* trainDpo(options: DpoOptions): AsyncGenerator<DpoStep> {
  const { firstUpdate, startsAtReference = firstUpdate === 0, reference, maxTokens } = options;
  const { pairsPerUpdate: numPairs, lossType } = options.settings();
  const policy = new PackedPolicy(options, { objective: preferenceLoss({ lossType, numPairs }), longest: maxTokens });
  try {
    for (let update = firstUpdate + 1; update <= options.settings().numUpdates; update++) {
      const { learningRate, beta, labelSmoothing } = options.settings();
      const pairs = await options.pairs(update, numPairs);
      const sequences = [...pairs.map(({ chosen }) => chosen), ...pairs.map(({ rejected }) => rejected)].map((sequence) =>
        cutTo(sequence, maxTokens),
      );
      const refLogprobs = await policy.logprobs(reference, sequences, 1);
      const pairWeights = pairs.map(() => 1 / numPairs);
      const pass = await policy.step(sequences, {
        others: pairFeeds(sequences, refLogprobs, pairWeights),
        scalars: { beta, label_smoothing: labelSmoothing },
        temperature: 1,
        learningRate,
      });
      if (startsAtReference && update === 1) checkPairStart(pass.loss, lossType, beta, pairWeights);
      const { loss, gradNorm, logprobs } = pass;
      yield {
        update,
        metrics: { ...pairMetrics(logprobs, refLogprobs, beta), loss, grad_norm: gradNorm, learning_rate: learningRate },
        groupSize: 0,
        prompts: [],
        rollouts: [],
        rewards: [],
        rewardParts: {},
        advantages: [],
        tokens: null,
        watched: [],
        cost: addCosts(policy.scoreCost(sequences), pass.cost),
        memory: {},
      };
    }
  } finally {
    await policy.release();
  }
}
