/**
 * @file Bringing a model of one's own: the folder that the reader picked is looked at, what it would take is told, and only then
 * is it opened. Its files stay on this device.
 */
import { CheckpointError } from '../core/model/checkpoint-error';
import { parseHuggingFaceConfig } from '../core/model/config';
import { memoryFor, memoryOf, refuseTooLarge, type MemoryEstimate } from '../core/model/memory';
import type { BroughtFolder } from '../protocol/brought';
import type { Failure } from '../protocol/load';

/** Most files of a folder that are looked at. */
const MAX_FILES = 2000;
/** Longest config.json. */
const MAX_CONFIG_BYTES = 1e6;

/** A picked folder, looked at. */
export interface Picked {
  readonly folder: BroughtFolder;
  readonly estimate: MemoryEstimate;
  /** Whether training it fits as well. */
  readonly fitsTraining: boolean;
}

/** The files of a picked folder by their path within it; files picked one by one lie in a folder without a name. */
function folderOf(files: readonly File[]): BroughtFolder {
  const split = files.slice(0, MAX_FILES).map((file) => ({ file, parts: (file.webkitRelativePath || `model/${file.name}`).split('/') }));
  return { name: split[0]?.parts[0] ?? 'model', files: new Map(split.map(({ file, parts }) => [parts.slice(1).join('/'), file])) };
}

/** Looks at a folder. @throws CheckpointError saying why it cannot be opened */
async function lookAt(folder: BroughtFolder, availableBytes: number): Promise<Picked> {
  const file = folder.files.get('config.json');
  if (!file) throw new CheckpointError('The model folder has no config.json.');
  if (file.size > MAX_CONFIG_BYTES) throw new CheckpointError('config.json is too large.');
  let json: unknown;
  try {
    json = JSON.parse(await file.text());
  } catch {
    throw new CheckpointError('config.json is not valid JSON.');
  }
  const config = parseHuggingFaceConfig(json, { eosTokenIds: [0] });
  const weights = [...folder.files].filter(([path]) => path.endsWith('.safetensors') && !path.includes('/'));
  const estimate = memoryOf(
    config,
    weights.reduce((sum, [, { size }]) => sum + size, 0),
  );
  refuseTooLarge(estimate, availableBytes);
  return { folder, estimate, fitsTraining: estimate.trainBytes <= availableBytes };
}

/** What the panel shows. */
export class Bring {
  picked = $state.raw<Picked | null>(null);
  /** Why a folder was not opened; null while all is well. */
  problem = $state<string | null>(null);
  opening = $state(false);

  readonly #open: (folder: BroughtFolder) => Promise<Failure | null>;

  /** @param open loads the folder's model; null, or why that was impossible */
  constructor(open: (folder: BroughtFolder) => Promise<Failure | null>) {
    this.#open = open;
  }

  async pick(files: readonly File[]): Promise<void> {
    this.picked = null;
    this.problem = null;
    if (files.length === 0) return;
    const { deviceMemory } = navigator as { deviceMemory?: number };
    try {
      this.picked = await lookAt(folderOf(files), memoryFor(deviceMemory));
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  async open(): Promise<void> {
    const { picked } = this;
    if (!picked) return;
    this.opening = true;
    this.problem = (await this.#open(picked.folder))?.detail ?? null;
    this.opening = false;
    if (this.problem === null) this.picked = null;
  }
}
