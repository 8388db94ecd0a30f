/**
 * @file The stages of a build, in order. To add one: a line here, and its model's id in the manifest's list.
 *
 * A stage finds what earlier ones made in `made`, keeps its own checkpoints in the store, and returns the weights of the
 * model it makes, or nothing.
 */
import type { ModelConfig } from '../../src/core/model/config';
import type { ManifestModel } from '../../src/core/model/manifest';
import { rewardModelConfig } from '../../src/core/algorithms/reward-model';
import { dpoStage } from './dpo-stage';
import { chatConfig, pretrainStage, sftStage, type BuildContext } from './language-stages';
import { preferenceStage, rewardModelStage, rlhfStage, secondRewardModelStage, secondRlhfStage } from './preference-stages';
import type { Recipe } from './recipe';

/** Names of the models a build can make. */
export type ModelId = ManifestModel['id'];

/** Weights made so far, and by which stages. @throws RangeError for what no stage has made yet */
export class Made {
  readonly #thetas = new Map<ModelId, Float32Array>();
  readonly #stages = new Map<ModelId, readonly string[]>();

  /** A later stage may make a model anew. */
  set(id: ModelId, theta: Float32Array, stage: string): void {
    this.#thetas.set(id, theta);
    this.#stages.set(id, [...this.stagesOf(id), stage]);
  }

  has(id: ModelId): boolean {
    return this.#thetas.has(id);
  }

  get(id: ModelId): Float32Array {
    const theta = this.#thetas.get(id);
    if (!theta) throw new RangeError(`no stage has made ${id} yet`);
    return theta;
  }

  /** The stages that made the model, one going on from the other. */
  stagesOf(id: ModelId): readonly string[] {
    return this.#stages.get(id) ?? [];
  }
}

/** One stage. */
export interface Stage {
  readonly name: string;
  /** The model it makes, and its shape. */
  readonly makes?: { readonly id: ModelId; config(context: BuildContext): ModelConfig };
  /** Whether a recipe has it; every recipe when left out. */
  isIn?(recipe: Recipe): boolean;
  run(context: BuildContext, made: Made): Promise<Float32Array | void>;
}

const REWARD_MODEL: Stage['makes'] = { id: 'reward-model', config: (context) => rewardModelConfig(chatConfig(context)) };
const hasSecondRound = ({ secondRound }: Recipe) => secondRound !== undefined;
const firstRound = (made: Made) => ({ sft: made.get('sft'), rlhf: made.get('rlhf'), rewardModel: made.get('reward-model') });

/** All stages. The second round's make the reward model and the RLHF model anew. */
export const STAGES: readonly Stage[] = [
  {
    name: 'pretrain',
    makes: { id: 'base', config: ({ recipe }) => recipe.model },
    run: (context) => pretrainStage(context),
  },
  {
    name: 'sft',
    makes: { id: 'sft', config: chatConfig },
    run: (context, made) => sftStage(context, made.get('base')),
  },
  {
    name: 'preferences',
    run: async (context, made) => {
      await preferenceStage(context, made.get('sft'));
    },
  },
  {
    name: 'reward-model',
    makes: REWARD_MODEL,
    run: async (context, made) => rewardModelStage(context, made.get('sft'), await preferenceStage(context, made.get('sft'))),
  },
  {
    name: 'rlhf',
    makes: { id: 'rlhf', config: chatConfig },
    run: (context, made) => rlhfStage(context, made.get('sft'), made.get('reward-model')),
  },
  {
    name: 'reward-model-2',
    makes: REWARD_MODEL,
    isIn: hasSecondRound,
    run: (context, made) => secondRewardModelStage(context, firstRound(made)),
  },
  {
    name: 'rlhf-2',
    makes: { id: 'rlhf', config: chatConfig },
    isIn: hasSecondRound,
    run: (context, made) => secondRlhfStage(context, firstRound(made)),
  },
  {
    name: 'dpo',
    makes: { id: 'dpo', config: chatConfig },
    run: async (context, made) => dpoStage(context, made.get('sft'), await preferenceStage(context, made.get('sft'))),
  },
];
