/** @file A model of the trainer as the files of a folder: read back from the engine where it was trained here, else as it came. */
import { loadModel, type ModelFiles as FolderFiles } from '../src/core/model/loaded-model';
import { folderOf, folderOfWeights } from '../src/core/model/written-folder';
import type { ExportOutcome, ExportWish } from '../src/protocol/model-export';
import { BadRequest } from './failures';
import type { HeldModel } from './held-model';
import type { HeldModels } from './held-models';

/** What is borrowed of the trainer. */
export interface ExportHost {
  readonly models: HeldModels;
  rewardModel(id: string): Promise<HeldModel & { readonly sd: number }>;
}

const NOTHING_HEARD = () => Promise.resolve();

/** The chat format that a folder has; empty for none. */
function chatTemplateOf(files: FolderFiles): string {
  const jinja = files.get('chat_template.jinja');
  if (jinja) return new TextDecoder().decode(jinja);
  const config = files.get('tokenizer_config.json');
  const { chat_template: template } = (config ? JSON.parse(new TextDecoder().decode(config)) : {}) as { chat_template?: unknown };
  return typeof template === 'string' ? template : '';
}

/** @throws BadRequest when there is no such model */
export async function exportModel({ models, rewardModel }: ExportHost, wish: ExportWish): Promise<ExportOutcome> {
  const filesOf = async (id: HeldModel['describedBy']) => models.modelFiles.files(models.listed(id), NOTHING_HEARD);
  const chatTemplate = chatTemplateOf(await filesOf('sft'));
  const outcome = (files: ReadonlyMap<string, Uint8Array>, { config }: Pick<HeldModel, 'config'>, sd = 1): ExportOutcome => {
    const { maxPositions: maxTokens, eosTokenIds: endTokenIds } = config;
    return { type: 'completed', files, chatTemplate, maxTokens, endTokenIds, sd };
  };
  const written = async (model: Omit<HeldModel, 'theta'>, theta: Float32Array) =>
    folderOfWeights(await filesOf(model.describedBy), { ...model, theta });
  switch (wish.type) {
    case 'model': {
      const model = await models.asked(wish.id);
      if (wish.id === 'yours') return outcome(await written(model, (await model.theta.read()) as Float32Array), model);
      const files = await filesOf(wish.id);
      return outcome(folderOf(files, loadModel(files)), model);
    }
    case 'checkpoint': {
      const { spec, theta } = wish.checkpoint;
      models.family?.check(spec);
      const start = models.startOf(spec);
      if (theta.length !== start.theta.dims[0]) throw new BadRequest('This checkpoint belongs to a model of another size.');
      return outcome(await written(start, theta), start);
    }
    case 'rewardModel': {
      const model = await rewardModel(wish.id);
      return outcome(await written(model, (await model.theta.read()) as Float32Array), model, model.sd);
    }
  }
}
