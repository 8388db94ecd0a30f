/**
 * @file What was measured of each model of the site: the manifest says which models there are, `evals.json` beside each
 * what came out. Both come from the site itself, and are checked before anything is shown.
 */
import { meaningOf, parseEvals, type Evals } from '../core/eval/evals';
import { m } from '../messages/messages';
import { siteFile } from '../protocol/site-files';
import { CheckpointError } from '../core/model/checkpoint-error';
import { readManifest, type ManifestFamily, type ManifestModel } from '../core/model/manifest';

/** The models compared, in the order of the columns. */
const COMPARED_IDS = ['base', 'sft', 'rlhf', 'dpo', 'reward-model'] as const;
/** Name of such a model. */
export type ComparedId = (typeof COMPARED_IDS)[number];

/** One model and its evals; `problem` is a plain sentence when there are none. */
export interface MeasuredModel {
  readonly id: ComparedId;
  readonly numParameters: number;
  readonly bytes: number;
  /** How to build it again. */
  readonly howBuilt: ManifestModel['howBuilt'];
  readonly evals: Evals | null;
  readonly problem: string | null;
}

/** Files of figures are some tens of kilobytes; nothing near this is one. */
const MAX_CHARACTERS = 2_000_000;

/** Reads a JSON file under `models/`. @throws Error whose message is a plain sentence */
export type ReadModelJson = (path: string) => Promise<unknown>;

/** Reads from beside the page. */
async function fetchJson(path: string): Promise<unknown> {
  const failed = (why: string) => new Error(m.models_file_failed({ path, why }));
  const response = await fetch(siteFile(`models/${path}`, document.baseURI)).catch(() => null);
  if (!response) throw failed(m.models_no_connection());
  if (!response.ok) throw failed(m.models_server_answered({ status: response.status }));
  const text = await response.text();
  if (text.length > MAX_CHARACTERS) throw failed(m.models_far_too_long());
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(m.models_not_json({ path }));
  }
}

/**
 * True when a model was measured by the eval suite: its manifest then repeats headline figures by the names the suite knows.
 * Where it does not there is no file to ask for, and a page should not ask for files that are not there.
 */
const isMeasured = ({ eval: headline = {} }: ManifestModel) => Object.keys(headline).some((name) => meaningOf(name).label !== name);

const sentenceOf = (error: unknown) => (error instanceof CheckpointError || error instanceof Error ? error.message : String(error));

async function measuredModel(id: ComparedId, model: ManifestModel, read: ReadModelJson): Promise<MeasuredModel> {
  const about = {
    id,
    numParameters: model.numParameters,
    bytes: model.files.reduce((sum, file) => sum + file.bytes, 0),
    howBuilt: model.howBuilt,
  };
  if (!isMeasured(model)) return { ...about, evals: null, problem: m.models_unmeasured() };
  try {
    return { ...about, evals: parseEvals(await read(`${model.folder}/evals.json`)), problem: null };
  } catch (error) {
    return { ...about, evals: null, problem: sentenceOf(error) };
  }
}

/** The card's data. */
export class ModelEvals {
  status = $state<'loading' | 'ready' | 'failed'>('loading');
  /** Why the list of models could not be had; null otherwise. */
  problem = $state<string | null>(null);
  title = $state('');
  /** All families of the site, its first first. */
  families = $state.raw<readonly ManifestFamily[]>([]);
  /** The family shown; undefined before the first. */
  family = $state<string | undefined>();
  models = $state.raw<readonly MeasuredModel[]>([]);
  #read: ReadModelJson;
  #turn = 0;

  constructor(read: ReadModelJson = fetchJson) {
    this.#read = read;
  }

  /**
   * Fetches everything; may be called again after a failure. Never throws.
   * @param wanted the family whose figures are wanted; the one wanted before, or the site's first, unless told otherwise
   */
  async load(wanted = this.family): Promise<void> {
    this.status = 'loading';
    const turn = ++this.#turn;
    try {
      const { family, models, families } = await readManifest(this.#read, wanted);
      const listed = COMPARED_IDS.flatMap((id) => models.filter((model) => model.id === id).map((model) => ({ id, model })));
      const measured = await Promise.all(listed.map(({ id, model }) => measuredModel(id, model, this.#read)));
      if (turn !== this.#turn) return;
      this.models = measured;
      this.families = families;
      this.family = family.id;
      this.title = family.title;
      this.problem = null;
      this.status = 'ready';
    } catch (error) {
      if (turn !== this.#turn) return;
      this.problem = sentenceOf(error);
      this.status = 'failed';
    }
  }
}
