/**
 * @file How the next run is set up: by which algorithm, from which model, with which seed and settings.
 *
 * Each algorithm keeps its own settings, so that looking at another one and coming back loses nothing.
 */
import { ALGORITHMS, REWARD_STAGES, type RewardStage, type StageConfigs } from '../core/algorithms/catalogue';
import { readField, type Field } from '../core/algorithms/fields';
import type { RewardWeights, RunSpec } from '../protocol/run';

/** Settings of any algorithm that learns from a reward. */
export type RunConfig = StageConfigs[RewardStage];

/** A setting's value. */
export type FieldValue = number | string | boolean;

/** What a first visit, and a link that says nothing else, starts with. */
export const DEFAULT_STAGE: RewardStage = 'grpo';
const DEFAULT_START: RunSpec['start'] = 'sft';
const DEFAULT_SEED = 1;

/** What differs from the defaults: what a link carries. */
export interface SetupChanges {
  readonly stage?: RewardStage;
  readonly start?: RunSpec['start'];
  readonly runSeed?: number;
  /** Settings of that algorithm, by key. */
  readonly config: Readonly<Record<string, FieldValue>>;
}

/** The settings of an algorithm, whichever it is. */
export const fieldsOf = (stage: RewardStage): readonly Field[] => ALGORITHMS[stage].fields;

/** A configuration as values by key. */
export const valuesOf = (config: RunConfig): Readonly<Record<string, FieldValue>> => config as unknown as Record<string, FieldValue>;

/** The setup. */
export class RunSetup {
  stage = $state<RewardStage>(DEFAULT_STAGE);
  start = $state<RunSpec['start']>(DEFAULT_START);
  seed = $state(DEFAULT_SEED);
  #configs = $state.raw<Readonly<Record<RewardStage, RunConfig>>>(defaultConfigs());

  /** The chosen algorithm's settings. */
  config = $derived(this.#configs[this.stage]);
  /** What differs from the defaults. */
  changes = $derived.by((): SetupChanges => {
    const { stage, start, seed } = this;
    const changed = fieldsOf(stage).filter((field) => valuesOf(this.config)[field.key] !== field.default);
    return {
      stage: stage === DEFAULT_STAGE ? undefined : stage,
      start: start === DEFAULT_START ? undefined : start,
      runSeed: seed === DEFAULT_SEED ? undefined : seed,
      config: Object.fromEntries(changed.map(({ key }) => [key, valuesOf(this.config)[key]!])),
    };
  });

  /** The settings of an algorithm that may not be the chosen one. */
  configOf(stage: RewardStage): RunConfig {
    return this.#configs[stage];
  }

  /** Changes a setting of the chosen algorithm; a value it may not have is brought into range. Names it does not know are passed over. */
  set(key: string, value: FieldValue): void {
    const field = fieldsOf(this.stage).find((each) => each.key === key);
    if (!field) return;
    this.#configs = { ...this.#configs, [this.stage]: { ...this.config, [key]: readField(field, value) } as RunConfig };
  }

  /** The defaults, but for what is given. */
  open({ stage = DEFAULT_STAGE, start = DEFAULT_START, runSeed = DEFAULT_SEED, config }: SetupChanges): void {
    this.stage = stage;
    this.start = start;
    this.seed = runSeed;
    this.#configs = defaultConfigs();
    for (const [key, value] of Object.entries(config)) this.set(key, value);
  }

  /** The complete description of a run so set up. */
  spec(reward: RewardWeights, fixedPrompts: readonly string[]): RunSpec {
    const { stage, seed, start, config } = this;
    return { stage, seed, start, reward, config, fixedPrompts } as RunSpec;
  }
}

function defaultConfigs(): Record<RewardStage, RunConfig> {
  return Object.fromEntries(REWARD_STAGES.map((stage) => [stage, ALGORITHMS[stage].defaults])) as Record<RewardStage, RunConfig>;
}
