/**
 * @file The list of models that come with the site, `public/models/manifest.json`, and the check of what was fetched.
 *
 * Each file is listed with its size and SHA-256, so a stale cache or a broken download is noticed before it is run, and
 * each model says how it was built, so anyone can build it again. Paths are relative to the model's folder, which is
 * relative to the manifest; neither can leave it.
 *
 * A site may carry several families: the root manifest is that of the one loaded first, and names the others' manifests, which
 * are fetched only when somebody chooses them.
 */
import * as v from 'valibot';
import { CheckpointError, parseWith } from './checkpoint-error';
import { parseHuggingFaceConfig, type ModelConfig } from './config';

const name = v.pipe(v.string('must be text'), v.minLength(1, 'must not be empty'), v.maxLength(200, 'is too long'));
const prose = v.pipe(v.string('must be text'), v.maxLength(2000, 'is too long'));
/** Plain segments joined by slashes: no scheme, no root, no way up. */
const relativePath = v.pipe(
  name,
  v.regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/, 'must be a relative path of plain names'),
);
const count = (limit: number) =>
  v.pipe(
    v.number('must be a number'),
    v.integer('must be a whole number'),
    v.minValue(0, 'must not be negative'),
    v.maxValue(limit, 'is too large'),
  );
const finite = v.pipe(v.number('must be a number'), v.finite('must be finite'));

const fileSchema = v.object({
  path: relativePath,
  bytes: count(2 ** 32),
  sha256: v.pipe(v.string('must be text'), v.regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')),
});

const modelSchema = v.object({
  id: v.picklist(['base', 'sft', 'reward-model', 'rlhf', 'dpo'], 'must be base, sft, reward-model, rlhf or dpo'),
  folder: relativePath,
  files: v.pipe(v.array(fileSchema, 'must be a list'), v.minLength(1, 'must not be empty'), v.maxLength(64, 'is too long')),
  numParameters: count(2 ** 40),
  config: v.pipe(
    v.looseObject({}, 'must be an object'),
    v.rawTransform(({ dataset, addIssue, NEVER }): ModelConfig => {
      try {
        return parseHuggingFaceConfig(dataset.value);
      } catch (error) {
        addIssue({ message: error instanceof CheckpointError ? error.message.replace(/\.$/, '') : String(error) });
        return NEVER;
      }
    }),
  ),
  howBuilt: v.objectWithRest(
    { command: prose, seed: v.union([finite, name], 'must be a number or text'), steps: count(2 ** 40) },
    v.union([finite, prose, v.boolean()], 'must be a number, text or true or false'),
  ),
  eval: v.optional(v.record(name, finite, 'must be a table of numbers')),
  /** Base models: bits per byte above which a prompt counts as off the map (see `world/off-map.ts`). */
  offMapLimit: v.optional(finite),
});

/** A family as readers choose between them: `bytes` is what choosing it downloads. */
const familySchema = v.object({
  id: relativePath,
  title: name,
  manifest: relativePath,
  numParameters: count(2 ** 40),
  bytes: count(2 ** 40),
});

const manifestSchema = v.object({
  version: v.literal(1, 'must be 1; a newer page may be needed'),
  family: v.object({ id: relativePath, title: name, description: v.optional(prose), license: v.optional(name) }),
  models: v.pipe(v.array(modelSchema, 'must be a list'), v.maxLength(64, 'is too long')),
  /** Root manifests: the other families of the site. */
  otherFamilies: v.optional(v.pipe(v.array(familySchema, 'must be a list'), v.maxLength(16, 'is too long')), []),
});

/** One file of a model; `bytes` is its size. */
export type ManifestFile = v.InferOutput<typeof fileSchema>;
/** One model; its `config` is parsed from the Hugging Face form in which it is written. */
export type ManifestModel = v.InferOutput<typeof modelSchema>;
/** The whole list. */
export type Manifest = v.InferOutput<typeof manifestSchema>;
/** A family of the site, as the root manifest names it. */
export type ManifestFamily = v.InferOutput<typeof familySchema>;

/** The models that a page has on screen from the start; others are fetched when they are asked for. */
export const FIRST_MODELS = ['base', 'sft', 'rlhf'] as const;

/** The family of a manifest, as a list of families names it. @param path of the manifest */
export function familyOf({ family: { id, title }, models }: Pick<Manifest, 'family' | 'models'>, path: string): ManifestFamily {
  const first = models.filter((model) => (FIRST_MODELS as readonly string[]).includes(model.id));
  return {
    id,
    title,
    manifest: path,
    numParameters: models[0]?.numParameters ?? 0,
    bytes: first.flatMap(({ files }) => files).reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** One family's list, and which families the site has. */
export interface SiteManifest extends Manifest {
  /** All of them, that of the root manifest first. */
  readonly families: readonly ManifestFamily[];
}

/**
 * Reads the manifest of a family, the root's own where none is named or the site has none such. Folders come back relative
 * to the root.
 * @param read a JSON file beside the root manifest
 * @throws CheckpointError naming the field that is wrong
 */
export async function readManifest(read: (path: string) => Promise<unknown>, family?: string): Promise<SiteManifest> {
  const root = parseManifest(await read('manifest.json'));
  const families = [familyOf(root, 'manifest.json'), ...root.otherFamilies];
  const other = root.otherFamilies.find(({ id }) => id === family && id !== root.family.id);
  if (!other) return { ...root, families };
  const chosen = parseManifest(await read(other.manifest));
  const folder = other.manifest.replace(/[^/]*$/, '');
  return { ...chosen, models: chosen.models.map((model) => ({ ...model, folder: `${folder}${model.folder}` })), families };
}

/**
 * Reads the parsed manifest.json.
 * @throws CheckpointError naming the field that is wrong
 */
export function parseManifest(json: unknown): Manifest {
  const manifest = parseWith(manifestSchema, json, 'manifest.json');
  const ids = manifest.models.map((model) => model.id);
  const repeated = ids.find((id, i) => ids.indexOf(id) !== i);
  if (repeated !== undefined) throw new CheckpointError(`manifest.json: there are two models with the id "${repeated}".`);
  return manifest;
}

/**
 * SHA-256 in lower-case hexadecimal, or null where the browser offers none: WebCrypto is missing on pages served over
 * plain HTTP from other hosts than localhost. Null means "cannot be verified", not "wrong".
 */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  // Named here and not taken from a library of types: the core knows neither the browser's nor Node's.
  const { crypto } = globalThis as { crypto?: { subtle?: { digest(algorithm: 'SHA-256', data: Uint8Array): Promise<ArrayBuffer> } } };
  const subtle = crypto?.subtle;
  if (!subtle) return null;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Compares a fetched file with the manifest: true when size and hash agree, false when only the size could be compared.
 * @throws CheckpointError when they differ
 */
export async function verifyFile(file: ManifestFile, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
  if (bytes.length !== file.bytes) throw new CheckpointError(`${file.path} has ${bytes.length} bytes instead of ${file.bytes}.`);
  const hash = await sha256Hex(bytes);
  if (hash !== null && hash !== file.sha256)
    throw new CheckpointError(`${file.path} is damaged or of another version: its SHA-256 differs.`);
  return hash !== null;
}
