/**
 * @file SFT: supervised fine-tuning on demonstrations, loss on the assistant's tokens only, TRL's option names.
 *
 * Every token of a batch that the assistant says counts alike, in all its turns (TRL's `assistant_only_loss`); what others
 * say is read, not learned. A share of the loss may rehearse documents, as InstructGPT's pretraining mix does (arXiv
 * 2203.02155): without it a small model learns the demonstrated answers by heart and forgets how to answer about anything else.
 */
import { ADAMW_DEFAULTS } from '../model/adamw';
import { Random } from '../random';
import type { Sequence } from '../rl/batch';
import type { ChatMessage } from '../text/chat-template';
import type { TextTokenizer } from '../text/tokenizer';
import { LEARNING_RATE, NUM_UPDATES } from './common-fields';
import { defaultsOf, type Field } from './fields';
import { measuredCrossEntropy } from './objectives';
import { countTokens, cutTo, fill, PackedPolicy } from './packed-policy';
import { warmupCosine } from './pretrain';
import type { AlgorithmStep, RunOptions } from './step';

/** Settings of an SFT run; keys follow TRL's SFTConfig in camel case. */
export interface SftConfig {
  readonly numUpdates: number;
  readonly demonstrationsPerUpdate: number;
  /** Longest demonstration in tokens, prompt included; the rest is cut. */
  readonly maxTokens: number;
  /** At its peak; it rises in a line and falls as a cosine. */
  readonly learningRate: number;
  readonly numWarmupUpdates: number;
  readonly weightDecay: number;
  /** Documents beside the demonstrations of an update. */
  readonly numDocuments: number;
  /** Share of the loss that those make up, 0 to 1. */
  readonly documentWeight: number;
}

const TRL = 'TRL SFTConfig; InstructGPT, arXiv 2203.02155';
const COUNT = { unit: '', step: 1, scale: 'linear', citation: TRL, live: false } as const;

/** What each setting is. */
export const SFT_FIELDS = [
  {
    ...COUNT,
    key: 'demonstrationsPerUpdate',
    trl: 'per_device_train_batch_size',
    label: 'Demonstrations per update',
    unit: 'demonstrations',
    min: 1,
    max: 64,
    default: 16,
    hint: 'How many demonstrations one update looks at.',
  },
  { ...LEARNING_RATE, default: 9e-4, citation: TRL },
  { ...NUM_UPDATES, default: 200, max: 50_000, citation: TRL },
  {
    ...COUNT,
    key: 'numWarmupUpdates',
    trl: 'warmup_steps',
    label: 'Warm-up',
    unit: 'updates',
    min: 0,
    max: 500,
    default: 20,
    hint: 'Over how many updates the learning rate rises to its peak.',
  },
  {
    ...COUNT,
    key: 'maxTokens',
    trl: 'max_length',
    label: 'Longest demonstration',
    unit: 'tokens',
    min: 16,
    max: 256,
    step: 8,
    default: 120,
    hint: 'Demonstrations are cut here.',
  },
  {
    ...COUNT,
    key: 'weightDecay',
    trl: 'weight_decay',
    label: 'Weight decay',
    min: 0,
    max: 1,
    step: 0.01,
    default: 0.1,
    hint: 'How strongly weights are pulled towards 0.',
  },
  {
    ...COUNT,
    key: 'numDocuments',
    label: 'Documents rehearsed',
    unit: 'an update',
    min: 0,
    max: 32,
    default: 6,
    hint: 'How many plain documents each update rehearses beside the demonstrations.',
  },
  {
    ...COUNT,
    key: 'documentWeight',
    label: 'Weight of rehearsal',
    unit: 'share',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0.3,
    hint: 'How much of the loss the rehearsed documents make up.',
  },
] as const satisfies readonly (Field & { key: keyof SftConfig })[];

/** The settings a first click uses. */
export const SFT_DEFAULTS = defaultsOf<SftConfig>(SFT_FIELDS);

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

/** What SFT needs besides its settings. */
export interface SftOptions extends RunOptions<SftConfig> {
  /**
   * One demonstration as token ids, the answer's end token included ({@link dialogueSequence}): a random one, or the one that
   * comes at this place of the run, counted from 0.
   */
  readonly demonstration: (random: Random, place: number) => Sequence;
  /** One random document to rehearse; only asked for when the settings want any. */
  readonly document?: (random: Random) => Sequence;
}

/** What one update did. */
export type SftStep = AlgorithmStep<never, 'loss' | 'mean_token_accuracy' | 'grad_norm' | 'learning_rate'>;

/**
 * Trains until `settings().numUpdates`, one update a `next()`. Update u always sees the same data for the same seed.
 * @throws NonFiniteLossError with the state as before the failing step
 */
export async function* trainSft(options: SftOptions): AsyncGenerator<SftStep> {
  const { seed, firstUpdate, demonstration, document } = options;
  const { demonstrationsPerUpdate, maxTokens, weightDecay, ...first } = options.settings();
  const numDocuments = document ? first.numDocuments : 0;
  const policy = new PackedPolicy(options, {
    objective: measuredCrossEntropy,
    optimiser: { ...ADAMW_DEFAULTS, weightDecay },
    longest: maxTokens,
  });
  try {
    for (let update = firstUpdate + 1; update <= options.settings().numUpdates; update++) {
      const config = options.settings();
      const random = new Random(seed).split('sft').split(update);
      const firstPlace = (update - 1) * demonstrationsPerUpdate;
      const draw = (count: number, one: (random: Random, place: number) => Sequence) =>
        Array.from({ length: count }, (_, i) => cutTo(one(random, firstPlace + i), maxTokens)).filter(
          (sequence) => countTokens([sequence]) > 0,
        );
      const demonstrations = draw(demonstrationsPerUpdate, demonstration);
      const documents = draw(numDocuments, document!);

      // Demonstrations share 1 − documentWeight of the loss, documents the rest, every token of a kind alike.
      const rest = numDocuments > 0 ? config.documentWeight : 0;
      const weights = [
        ...fill(demonstrations, () => (1 - rest) / countTokens(demonstrations)),
        ...fill(documents, () => rest / countTokens(documents)),
      ];
      const learningRate = config.learningRate * warmupCosine(update, config.numUpdates, config.numWarmupUpdates);
      const counted = [...fill(demonstrations, () => 1 / countTokens(demonstrations)), ...fill(documents, () => 0)];
      const perToken = { weights, accuracy_weights: counted };
      const pass = await policy.step([...demonstrations, ...documents], { perToken, temperature: 1, learningRate });
      yield {
        update,
        metrics: {
          loss: pass.loss,
          mean_token_accuracy: pass.scalars.accuracy!,
          grad_norm: pass.gradNorm,
          learning_rate: learningRate,
        },
        groupSize: 0,
        prompts: [],
        rollouts: [],
        rewards: [],
        rewardParts: {},
        advantages: [],
        tokens: null,
        watched: [],
        cost: pass.cost,
        memory: {},
      };
    }
  } finally {
    await policy.release();
  }
}
