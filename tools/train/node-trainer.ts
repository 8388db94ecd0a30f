/**
 * @file The page's trainer in Node: the class that the worker has, on onnxruntime-node, with the models of a folder.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeEngine } from '../../src/engine/ort-node';
import type { WebEngine } from '../../src/engine/ort-web';
import type { RunSpec } from '../../src/protocol/run';
import { FileFailure, ModelFiles } from '../../workers/model-files';
import { Trainer } from '../../workers/trainer';
import { ClearError } from '../ensure-dependencies.mjs';

/** A trainer, and where the models that it has come from. */
export interface NodeTrainer {
  readonly trainer: Trainer;
  /** Folder of the model whose shape and tokenizer a run's policy has. */
  readonly folderOf: (spec: RunSpec) => string;
}

/**
 * Loads a family from a folder such as `public/models`.
 * @param family whose models; the folder's first when left out
 * @throws ClearError saying what is missing
 */
export async function nodeTrainer(models: string, numThreads: number, family?: string): Promise<NodeTrainer> {
  const engine: WebEngine = {
    engine: createNodeEngine({ numThreads }),
    backend: 'wasm',
    label: 'onnxruntime-node',
    isSoftware: false,
    numThreads,
    precision: 'float32',
    offersFloat16: false,
    fallbackReason: null,
    lost: new Promise(() => undefined),
  };
  const read = (path: string): Promise<Uint8Array<ArrayBuffer>> => {
    const file = join(models, path);
    if (existsSync(file)) return Promise.resolve(new Uint8Array(readFileSync(file)));
    return Promise.reject(new FileFailure({ type: 'failed', code: 'missing-file', file: path, detail: `There is no ${file}.` }));
  };
  const trainer = new Trainer({ createEngine: () => Promise.resolve(engine), modelFiles: new ModelFiles(read) });
  const outcome = await trainer.load('wasm', () => undefined, family);
  if (outcome.type === 'failed') throw new ClearError(outcome.detail);
  const folderOf = ({ stage, start }: RunSpec) => {
    const id = stage === 'sft' && start === 'base' ? 'sft' : start; // SFT teaches the chat format
    return join(models, outcome.models.find((model) => model.id === id)!.folder);
  };
  return { trainer, folderOf };
}
