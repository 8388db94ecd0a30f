/**
 * @file The stages of a build, in order. To add one: a line here, and its model's id in the manifest's list.
 *
 * A stage finds what earlier ones made in `made`, keeps its own checkpoints in the store, and returns the weights of the
 * model it makes, or nothing.
 */
import type { ModelConfig } from '../../src/core/model/config';
import type { ManifestModel } from '../../src/core/model/manifest';
import { rewardModelConfig } from '../../src/core/algorithms/reward-model';
import { pretrainStage, sftStage, type BuildContext } from './language-stages';
import { chatConfig, preferenceStage, rewardModelStage, rlhfStage } from './preference-stages';
import type { Recipe } from './recipe';

/** Names of the models a build can make. */
export type ModelId = ManifestModel['id'];

/** Weights made so far. @throws RangeError for what no stage has made yet */
export class Made {
  readonly thetas = new Map<ModelId, Float32Array>();

  get(id: ModelId): Float32Array {
    const theta = this.thetas.get(id);
    if (!theta) throw new RangeError(`no stage has made ${id} yet`);
    return theta;
  }
}

/** One stage. */
export interface Stage {
  readonly name: string;
  /** The model it makes, its shape, and how many optimiser steps or updates that takes. */
  readonly makes?: { readonly id: ModelId; config(context: BuildContext): ModelConfig; steps(recipe: Recipe): number };
  run(context: BuildContext, made: Made): Promise<Float32Array | void>;
}

/** All stages. */
export const STAGES: readonly Stage[] = [
  {
    name: 'pretrain',
    makes: { id: 'base', config: ({ recipe }) => recipe.model, steps: ({ pretrain }) => pretrain.numSteps },
    run: (context) => pretrainStage(context),
  },
  {
    name: 'sft',
    makes: { id: 'sft', config: chatConfig, steps: ({ sft }) => sft.numUpdates },
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
    makes: {
      id: 'reward-model',
      config: (context) => rewardModelConfig(chatConfig(context)),
      steps: ({ rewardModel }) => rewardModel.numEpochs,
    },
    run: async (context, made) => rewardModelStage(context, made.get('sft'), await preferenceStage(context, made.get('sft'))),
  },
  {
    name: 'rlhf',
    makes: { id: 'rlhf', config: chatConfig, steps: ({ rlhf }) => rlhf.numUpdates },
    run: (context, made) => rlhfStage(context, made.get('sft'), made.get('reward-model')),
  },
];
