/**
 * @file A folder that the reader brings, as a family of one model: its place in the list of families, and its files, which stay
 * where they are until they are read.
 *
 * The one model stands where SFT stands: it answers, is trained, and is what rewards are tried on. A folder without a chat
 * format continues texts.
 */
import { CheckpointError } from '../src/core/model/checkpoint-error';
import { parseHuggingFaceConfig } from '../src/core/model/config';
import { SMALL_FILES, weightFileNames } from '../src/core/model/loaded-model';
import { FIRST_MODELS, type ManifestModel, type SiteManifest } from '../src/core/model/manifest';
import { parameterLayout } from '../src/core/model/parameters';
import { broughtFamily, type BroughtFolder } from '../src/protocol/brought';

/** Files of the folder that lies in the page's memory begin so. */
const FOLDER = 'brought';
/** Node and browsers read no larger file at once. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

type Files = Map<string, Uint8Array<ArrayBuffer>>;

/** One brought folder. */
export class BroughtFiles {
  readonly #folder: BroughtFolder;
  #listed: Promise<ManifestModel> | null = null;

  constructor(folder: BroughtFolder) {
    this.#folder = folder;
  }

  get family(): string {
    return broughtFamily(this.#folder);
  }

  /** Whether a model of a manifest is this folder's. */
  has({ folder }: Pick<ManifestModel, 'folder'>): boolean {
    return folder === FOLDER;
  }

  async #read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const file = this.#folder.files.get(name);
    if (!file) throw new CheckpointError(`The model folder has no ${name}.`);
    if (file.size > MAX_FILE_BYTES) throw new CheckpointError(`${name} is larger than two gigabytes, which is not supported.`);
    return new Uint8Array(await file.arrayBuffer());
  }

  async #small(): Promise<Files> {
    const names = SMALL_FILES.filter((name) => this.#folder.files.has(name));
    return new Map(await Promise.all(names.map(async (name) => [name, await this.#read(name)] as const)));
  }

  async #list(): Promise<ManifestModel> {
    const small = await this.#small();
    const bytes = small.get('config.json');
    if (!bytes) throw new CheckpointError('The model folder has no config.json.');
    let json: unknown;
    try {
      json = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      throw new CheckpointError('config.json is not valid JSON.');
    }
    const config = parseHuggingFaceConfig(json, { eosTokenIds: [0] });
    if (config.numLabels > 0) throw new CheckpointError('This is a reward model: it scores text and writes none.');
    const names = [...small.keys(), ...weightFileNames(this.#folder.files.keys(), small)];
    return {
      id: 'sft',
      folder: FOLDER,
      files: names.map((path) => ({ path, bytes: this.#folder.files.get(path)!.size, sha256: '' })),
      numParameters: parameterLayout(config).numParameters,
      config,
      howBuilt: { command: 'brought by the reader', seed: 0, steps: 0 },
    };
  }

  /** The site's manifest with this family in the list, or, where it is the one wanted, in the place of the site's own models. */
  async within(site: SiteManifest, wanted: string | undefined): Promise<SiteManifest> {
    const model = await (this.#listed ??= this.#list());
    const { numParameters, files } = model;
    const listed = { id: this.family, title: this.#folder.name, manifest: 'brought.json', numParameters };
    const families = [...site.families, { ...listed, bytes: files.reduce((sum, file) => sum + file.bytes, 0) }];
    if (wanted !== this.family) return { ...site, families };
    return { ...site, family: { id: this.family, title: this.#folder.name }, models: [model], families };
  }

  /** The files, one after the other. */
  async files(model: ManifestModel, heard: (doneBytes: number, totalBytes: number) => Promise<void>): Promise<Files> {
    const totalBytes = model.files.reduce((sum, file) => sum + file.bytes, 0);
    const files: Files = new Map();
    let doneBytes = 0;
    for (const { path, bytes } of model.files) {
      files.set(path, await this.#read(path));
      doneBytes += bytes;
      await heard(doneBytes, totalBytes);
    }
    return files;
  }
}

/** What a family must have to be on screen: all of the first models, or the one that was brought. */
export const firstOf = (models: readonly ManifestModel[]): readonly (typeof FIRST_MODELS)[number][] =>
  models.length === 1 && models[0]!.folder === FOLDER ? ['sft'] : FIRST_MODELS;
