/**
 * @file The models that the trainer holds, by their names on screen: loaded from the site's files, or trained here.
 *
 * Which files describe a model is remembered with it, so that it can leave as a folder again.
 */
import type { Engine } from '../src/core/graph/engine';
import { loadModel } from '../src/core/model/loaded-model';
import type { LoadEvent, ModelId, ModelInfo } from '../src/protocol/load';
import type { RunSpec } from '../src/protocol/run';
import { BadRequest } from './failures';
import { infoOf, type Family, type ListedPolicy } from './families';
import { upload, type HeldModel } from './held-model';
import type { ModelFiles } from './model-files';
import { MIN_EVENT_MS } from './stream-answer';

/** Models by name. */
export class HeldModels {
  readonly #held = new Map<ModelId, HeldModel>();
  /** Whose models these are; null before the first load. */
  family: Family | null = null;

  constructor(
    readonly engine: () => Engine,
    readonly modelFiles: ModelFiles,
  ) {}

  /** Loads what a family has on screen from the start. */
  async load(family: Family, listener: (event: LoadEvent) => void): Promise<ModelInfo[]> {
    this.family = family;
    const models: ModelInfo[] = [];
    for (const listed of family.first) {
      let saidMs = -Infinity;
      await this.#loadOne(listed, async (doneBytes, totalBytes) => {
        if (doneBytes < totalBytes && performance.now() - saidMs < MIN_EVENT_MS) return;
        saidMs = performance.now();
        await listener({ type: 'progress', what: `the ${listed.id} model`, doneBytes, totalBytes });
      });
      const model = infoOf(listed);
      models.push(model);
      await listener({ type: 'model', model });
    }
    return models;
  }

  async #loadOne(listed: ListedPolicy, heard: Parameters<ModelFiles['files']>[1]): Promise<HeldModel> {
    const { config, tokenizer, theta } = loadModel(await this.modelFiles.files(listed, heard));
    const model = { config, tokenizer, describedBy: listed.id, theta: upload(this.engine(), listed.id, theta) };
    this.hold(listed.id, model);
    return model;
  }

  has(id: ModelId): boolean {
    return this.#held.has(id);
  }

  /** @throws BadRequest when there is none of that name */
  get(id: ModelId): HeldModel {
    const model = this.#held.get(id);
    if (!model) throw new BadRequest(id === 'yours' ? 'No policy has been trained yet.' : `The ${id} model is not loaded.`);
    return model;
  }

  /** The model that documents are read by, and that says how surprising a prompt is: where there is no base model, the only one. */
  get base(): HeldModel {
    return this.get(this.has('base') ? 'base' : 'sft');
  }

  /** A model that is asked something, maybe for the first time. */
  async asked(id: ModelId): Promise<HeldModel> {
    const later = this.has(id) ? undefined : this.family?.later(id);
    return later ? this.#loadOne(later, () => Promise.resolve()) : this.get(id);
  }

  /** A model as the manifest lists it. @throws BadRequest when the family has none such */
  listed(id: HeldModel['describedBy']): ListedPolicy {
    const listed = this.family?.first.find((model) => model.id === id) ?? this.family?.later(id);
    if (!listed) throw new BadRequest(`The manifest lists no model "${id}".`);
    return listed;
  }

  /** What a run starts from. SFT teaches the chat format, so it reads and writes as the chat models do, whatever it starts from. */
  startOf(spec: Pick<RunSpec, 'start' | 'chat' | 'stage'>): HeldModel {
    const start = this.get(spec.start);
    if (!(spec.chat ?? spec.stage === 'sft') || start.tokenizer.hasChatTemplate) return start;
    const { theta, ...chat } = this.get('sft');
    if (theta.dims[0] !== start.theta.dims[0]) throw new BadRequest('This base model is of another size than the chat models.');
    return { ...chat, theta: start.theta };
  }

  /** Keeps a model under a name; the one before is given back. */
  hold(id: ModelId, model: HeldModel): void {
    this.#held.get(id)?.theta.dispose();
    this.#held.set(id, model);
  }

  /** Gives a model back. */
  drop(id: ModelId): void {
    this.#held.get(id)?.theta.dispose();
    this.#held.delete(id);
  }
}
