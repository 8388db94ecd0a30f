/**
 * @file Our settings under TRL's names, as `settings.json` of the zip that leaves the page: what each script of `python/` is
 * called with.
 *
 * Batches are those of a whole update; the scripts divide them among processes. What TRL has no name for stays behind:
 * rehearsed documents, and the learning rate of PPO's value model. Names: huggingface.co/docs/trl.
 */
import { stepsPerUpdate, ALGORITHMS, type StageConfigs } from '../algorithms/catalogue';
import type { Field } from '../algorithms/fields';
import { REWARD_MODEL_DEFAULTS, REWARD_MODEL_FIELDS } from '../algorithms/reward-model';
import { ADAMW_DEFAULTS } from '../model/adamw';

/** The algorithms that TRL has, and had. */
export const TRL_STAGES = ['sft', 'dpo', 'grpo', 'rloo', 'ppo'] as const;

/** Settings of those algorithms. */
export type TrlConfigs = Pick<StageConfigs, (typeof TRL_STAGES)[number]>;

type Settings = Record<string, unknown>;

/** What holds of every run here: AdamW as ours, float32, a constant learning rate. */
const COMMON: Settings = {
  adam_beta1: ADAMW_DEFAULTS.beta1,
  adam_beta2: ADAMW_DEFAULTS.beta2,
  adam_epsilon: ADAMW_DEFAULTS.epsilon,
  weight_decay: ADAMW_DEFAULTS.weightDecay,
  max_grad_norm: ADAMW_DEFAULTS.maxGradNorm,
  lr_scheduler_type: 'constant',
  bf16: false,
  gradient_checkpointing: false,
  logging_steps: 1,
  save_strategy: 'no',
  report_to: 'none',
};

/** Models read from files are trained in float32, whatever they are stored in. */
const FLOAT32 = { model_init_kwargs: { dtype: 'float32' } };

/** The values of those settings that TRL has a name for, under it. */
function named(fields: readonly Field[], config: object): Settings {
  const values = config as Record<string, unknown>;
  return Object.fromEntries(fields.flatMap(({ trl, key }) => (trl ? [[trl, values[key]]] : [])));
}

/** Answers of an update, cut into minibatches: TRL counts answers, and generates once for all minibatches. */
function grouped(config: TrlConfigs['grpo'] | TrlConfigs['rloo']): Settings {
  const numMiniBatches = 'numMiniBatches' in config ? config.numMiniBatches : 1;
  return {
    per_device_train_batch_size: (config.promptsPerUpdate * config.groupSize) / numMiniBatches,
    steps_per_generation: numMiniBatches,
    max_steps: config.numUpdates * stepsPerUpdate(config),
  };
}

/** `settings.json`, by script. */
export function trlSettings(configs: TrlConfigs, seed: number, maxTokens: number): Readonly<Record<string, Settings>> {
  const common = { ...COMMON, seed };
  const { sft, dpo, grpo, rloo, ppo } = configs;
  const of = (stage: (typeof TRL_STAGES)[number]) => named(ALGORITHMS[stage].fields, configs[stage]);
  const { max_steps: _, ...ppoSettings } = of('ppo');
  const { loss_type: loss, ...dpoSettings } = of('dpo');
  return {
    sft: { ...common, ...FLOAT32, ...of('sft'), lr_scheduler_type: 'cosine', max_steps: sft.numUpdates },
    reward: { ...common, ...FLOAT32, ...named(REWARD_MODEL_FIELDS, REWARD_MODEL_DEFAULTS), max_length: maxTokens },
    dpo: { ...common, ...FLOAT32, ...dpoSettings, loss_type: [loss], max_length: maxTokens, max_steps: dpo.numUpdates },
    grpo: { ...common, ...FLOAT32, ...of('grpo'), ...grouped(grpo) },
    rloo: { ...common, ...FLOAT32, ...of('rloo'), ...grouped(rloo) },
    ppo: {
      ...common,
      ...ppoSettings,
      per_device_train_batch_size: ppo.promptsPerUpdate,
      total_episodes: ppo.numUpdates * ppo.promptsPerUpdate,
      stop_token: 'eos',
      num_sample_generations: 0,
    },
  };
}
