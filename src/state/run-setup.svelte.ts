/**
 * @file How the next run is set up: by which algorithm, from which model, with which seed and settings.
 *
 * Each algorithm keeps its own settings, and each kind of data its own, so that looking at another one and coming back loses
 * nothing.
 */
import { ALGORITHMS, STAGES, type Stage, type StageConfigs } from '../core/algorithms/catalogue';
import { readField, type Field } from '../core/algorithms/fields';
import { DATA_DEFAULTS, DATA_FIELDS } from '../core/data/fields';
import type { KindWeights, LearnsFrom, RowsName, RunData, RunDataOf } from '../core/data/run-data';
import { dataOf, type NeuralPart, type RewardWeights, type RunSpec } from '../protocol/run';
import { textsIn } from '../core/data/rows';
import type { OwnRows } from './own-rows.svelte';

/** Settings of any algorithm. */
export type RunConfig = StageConfigs[Stage];

/** A setting's value. */
export type FieldValue = number | string | boolean;

/** What a first visit, and a link that says nothing else, starts with. */
export const DEFAULT_STAGE: Stage = 'grpo';
const DEFAULT_START: RunSpec['start'] = 'sft';
const DEFAULT_SEED = 1;

/** What differs from the defaults: what a link carries. */
export interface SetupChanges {
  readonly stage?: Stage;
  readonly start?: RunSpec['start'];
  readonly runSeed?: number;
  /** Whose models; the site's first family where undefined. */
  readonly family?: string;
  /** Null or undefined: the sliders alone. */
  readonly rewardModel?: NeuralPart | null;
  /** See `RunSpec`. */
  readonly chat?: boolean;
  /** Settings of that algorithm, by key. */
  readonly config: Readonly<Record<string, FieldValue>>;
  /** Settings of what it learns from, by key. */
  readonly data?: Readonly<Record<string, FieldValue>>;
  /** Undefined: as often as the world asks them. */
  readonly kinds?: KindWeights;
  /** Undefined: the world's. */
  readonly rows?: RowsName;
}

/** The settings of an algorithm, whichever it is. */
export const fieldsOf = (stage: Stage): readonly Field[] => ALGORITHMS[stage].fields;

/** The settings of what an algorithm learns from. */
export const dataFieldsOf = (stage: Stage): readonly Field[] => DATA_FIELDS[ALGORITHMS[stage].learnsFrom];

/** A configuration, or a description of data, as values by key. */
export const valuesOf = (config: RunConfig | RunData): Readonly<Record<string, FieldValue>> =>
  config as unknown as Record<string, FieldValue>;

/** A specification as changes of the defaults; what does not change anything is among them. */
export function changesOf(spec: RunSpec): SetupChanges {
  const { stage, start, seed: runSeed, family, rewardModel, chat, config } = spec;
  const { kinds, rows, ...data } = dataOf(spec);
  return { stage, start, runSeed, family, rewardModel, chat, config: { ...config }, data: { ...data }, kinds, rows };
}

/** The setup. */
export class RunSetup {
  stage = $state<Stage>(DEFAULT_STAGE);
  start = $state<RunSpec['start']>(DEFAULT_START);
  seed = $state(DEFAULT_SEED);
  /** Whose models the page has and runs train; the site's first family where undefined. */
  family = $state<string | undefined>();
  /** The neural model that rewards the run beside the sliders; null: they alone do. */
  rewardModel = $state.raw<NeuralPart | null>(null);
  /** Whether prompts are put in the chat format even for a model without one; only files and links say so. */
  chat = $state<boolean | undefined>();
  /** Rows of the reader's own to choose from; null until they have been read. */
  ownRows = $state.raw<OwnRows | null>(null);
  #configs = $state.raw<Readonly<Record<Stage, RunConfig>>>(defaultConfigs());
  #datas = $state.raw<Readonly<RunDataOf>>(DATA_DEFAULTS);

  /** The chosen algorithm's settings. */
  config = $derived(this.#configs[this.stage]);
  /** What the chosen algorithm learns from. */
  learnsFrom: LearnsFrom = $derived(ALGORITHMS[this.stage].learnsFrom);
  /** The same in full. */
  data: RunData = $derived(this.#datas[this.learnsFrom]);
  /** What differs from the defaults. */
  changes = $derived.by((): SetupChanges => {
    const { stage, start, seed, family, rewardModel, chat } = this;
    const changed = fieldsOf(stage).filter((field) => valuesOf(this.config)[field.key] !== field.default);
    return {
      stage: stage === DEFAULT_STAGE ? undefined : stage,
      start: start === DEFAULT_START ? undefined : start,
      runSeed: seed === DEFAULT_SEED ? undefined : seed,
      family,
      ...(rewardModel ? { rewardModel } : {}),
      ...(chat === undefined ? {} : { chat }),
      config: Object.fromEntries(changed.map(({ key }) => [key, valuesOf(this.config)[key]!])),
      data: this.#dataChanges,
      kinds: this.data.kinds,
      rows: this.data.rows,
    };
  });

  get #dataChanges(): Record<string, FieldValue> {
    const changed = dataFieldsOf(this.stage).filter((field) => valuesOf(this.data)[field.key] !== field.default);
    return Object.fromEntries(changed.map(({ key }) => [key, valuesOf(this.data)[key]!]));
  }

  /** What each kind of algorithm would learn from. */
  get datas(): Readonly<RunDataOf> {
    return this.#datas;
  }

  /** The settings of an algorithm that may not be the chosen one. */
  configOf(stage: Stage): RunConfig {
    return this.#configs[stage];
  }

  /** Changes a setting of the chosen algorithm; a value it may not have is brought into range. Names it does not know are passed over. */
  set(key: string, value: FieldValue): void {
    const field = fieldsOf(this.stage).find((each) => each.key === key);
    if (!field) return;
    this.#configs = { ...this.#configs, [this.stage]: { ...this.config, [key]: readField(field, value) } as RunConfig };
  }

  /** Changes a setting of what the chosen algorithm learns from, in the same way. */
  setData(key: string, value: FieldValue): void {
    const field = dataFieldsOf(this.stage).find((each) => each.key === key);
    if (field) this.#changeData({ [key]: readField(field, value) });
  }

  /** Chooses the kinds of request, and how often each is asked; undefined: as the world asks them. */
  setKinds(kinds: KindWeights | undefined): void {
    this.#changeData({ kinds });
  }

  /** Chooses rows of the reader's own; undefined: the world's data. */
  setRows(rows: RowsName | undefined): void {
    this.#changeData({ rows });
  }

  #changeData(changes: object): void {
    const merged = Object.entries({ ...this.data, ...changes }).filter(([, value]) => value !== undefined);
    this.#datas = { ...this.#datas, [this.learnsFrom]: Object.fromEntries(merged) };
  }

  /** The defaults, but for what is given. */
  open({ stage = DEFAULT_STAGE, start = DEFAULT_START, runSeed = DEFAULT_SEED, rewardModel = null, ...changes }: SetupChanges): void {
    this.stage = stage;
    this.start = start;
    this.seed = runSeed;
    this.rewardModel = rewardModel;
    this.family = changes.family;
    this.chat = changes.chat;
    this.#configs = defaultConfigs();
    this.#datas = DATA_DEFAULTS;
    for (const [key, value] of Object.entries(changes.config)) this.set(key, value);
    for (const [key, value] of Object.entries(changes.data ?? {})) this.setData(key, value);
    this.setKinds(changes.kinds);
    this.setRows(changes.rows);
  }

  /** The complete description of a run so set up. */
  spec(reward: RewardWeights, fixedPrompts: readonly string[]): RunSpec {
    const { stage, seed, family, start, rewardModel, config, data } = this;
    const own = data.rows && this.ownRows?.find(data.rows);
    const chat = this.chat ?? (own && textsIn(own.body) ? false : undefined); // a text is no conversation
    const differs = Object.keys(this.#dataChanges).length > 0 || data.kinds !== undefined || data.rows !== undefined;
    const optional = {
      ...(family === undefined ? {} : { family }),
      ...(chat === undefined ? {} : { chat }),
      ...(rewardModel ? { rewardModel } : {}),
      ...(differs ? { data } : {}),
    };
    return { stage, seed, start, reward, ...optional, config, fixedPrompts } as RunSpec;
  }
}

function defaultConfigs(): Record<Stage, RunConfig> {
  return Object.fromEntries(STAGES.map((stage) => [stage, ALGORITHMS[stage].defaults])) as Record<Stage, RunConfig>;
}
