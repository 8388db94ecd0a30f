/**
 * @file The list of models that come with the site, `public/models/manifest.json`, and the check of what was fetched.
 *
 * Each file is listed with its size and SHA-256, so a stale cache or a broken download is noticed before it is run, and
 * each model says how it was built, so anyone can build it again. Paths are relative to the model's folder, which is
 * relative to the manifest; neither can leave it.
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
  id: v.picklist(['base', 'sft', 'reward-model', 'rlhf'], 'must be base, sft, reward-model or rlhf'),
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

const manifestSchema = v.object({
  version: v.literal(1, 'must be 1; a newer page may be needed'),
  family: v.object({ id: relativePath, title: name, description: v.optional(prose), license: v.optional(name) }),
  models: v.pipe(v.array(modelSchema, 'must be a list'), v.maxLength(64, 'is too long')),
});

/** One file of a model; `bytes` is its size. */
export type ManifestFile = v.InferOutput<typeof fileSchema>;
/** One model; its `config` is parsed from the Hugging Face form in which it is written. */
export type ManifestModel = v.InferOutput<typeof modelSchema>;
/** The whole list. */
export type Manifest = v.InferOutput<typeof manifestSchema>;

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
