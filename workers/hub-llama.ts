/**
 * @file A Llama of the hub, for the page's own engine: looked at, then fetched, and handed over as the files of a folder.
 *
 * Looking reads what says the model's shape and where its weights lie; what these take in memory is known before any comes.
 */
import { CheckpointError } from '../src/core/model/checkpoint-error';
import { parseHuggingFaceConfig } from '../src/core/model/config';
import { SMALL_FILES, weightFileNames } from '../src/core/model/loaded-model';
import { memoryOf, refuseTooLarge } from '../src/core/model/memory';
import { isRepoName, keptBytesOf, keptPieces, type HubFile, type Listing } from '../src/protocol/hub-cache';
import type { HubLlamaApi, LlamaFetchOutcome, LlamaLookOutcome, LlamaRequest } from '../src/protocol/hub-llama';
import type { OtherFailure } from '../src/protocol/other-models';
import { OUT_OF_MEMORY } from './failures';
import { hubFiles, lookUp, openHub, OtherError, type HubHost } from './hub-files';

const CONFIG = 'config.json';
const INDEX = 'model.safetensors.index.json';
/** Largest of the files that are read before the weights are: tokenizers of 256 k tokens have some 30 MB. */
const MAX_SMALL_BYTES: Readonly<Record<string, number>> = { [CONFIG]: 1e6, [INDEX]: 2e7 };
const MAX_OTHER_BYTES = 1e8;
/** Shortest time between two tellings of progress. */
const MIN_EVENT_MS = 50;

const sum = (files: readonly HubFile[]) => files.reduce((bytes, file) => bytes + file.bytes, 0);

function failureOf(error: unknown, repo: string): OtherFailure {
  if (error instanceof OtherError) return error.failure;
  const detail = error instanceof Error ? error.message : String(error);
  const code = error instanceof CheckpointError ? 'not-llama' : OUT_OF_MEMORY.test(detail) ? 'out-of-memory' : 'unsupported';
  return new OtherError(code, repo, detail).failure;
}

/** What says the model's shape and names its weights. @throws CheckpointError where it is none of ours */
async function describe(host: HubHost, listing: Listing, files: readonly HubFile[]) {
  for (const { path, bytes } of files)
    if (SMALL_FILES.includes(path) && bytes > (MAX_SMALL_BYTES[path] ?? MAX_OTHER_BYTES))
      throw new CheckpointError(`${path} is too large.`);
  for (const name of [CONFIG, 'tokenizer.json'])
    if (!files.some(({ path }) => path === name)) throw new CheckpointError(`The repository has no ${name}.`);
  const wanted = files.filter(({ path }) => path in MAX_SMALL_BYTES);
  const fetched = await hubFiles(host, listing, wanted, () => undefined);
  const small = new Map<string, Uint8Array>();
  for (const [path, blob] of fetched) small.set(path, new Uint8Array(await blob.arrayBuffer()));
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(small.get(CONFIG)));
  } catch {
    throw new CheckpointError(`${CONFIG} is not valid JSON.`);
  }
  const config = parseHuggingFaceConfig(json, { eosTokenIds: [0] });
  if (config.numLabels > 0) throw new CheckpointError('This is a reward model: it scores text and writes none.');
  const names = weightFileNames(
    files.map(({ path }) => path),
    small,
  );
  return { config, weights: files.filter(({ path }) => names.includes(path)) };
}

/** The worker's side of the contract. */
export class HubLlama implements HubLlamaApi {
  #looked: { readonly host: HubHost; readonly listing: Listing; readonly files: readonly HubFile[] } | null = null;

  async look({ repo, hub, scope, availableBytes }: LlamaRequest): Promise<LlamaLookOutcome> {
    try {
      if (!isRepoName(repo)) throw new OtherError('bad-request', repo, 'A repository is named owner/name.');
      const host = await openHub(hub, scope);
      const listing = await lookUp(host, repo);
      const known = listing.files.filter(({ path }) => SMALL_FILES.includes(path) || /^[^/]+\.safetensors$/.test(path));
      const { config, weights } = await describe(host, listing, known);
      const estimate = memoryOf(config, sum(weights));
      try {
        refuseTooLarge(estimate, availableBytes);
      } catch (error) {
        throw new OtherError('too-large', repo, (error as Error).message);
      }
      const files = [...known.filter(({ path }) => SMALL_FILES.includes(path)), ...weights];
      this.#looked = { host, listing, files };
      const keptBytes = keptBytesOf(scope, repo, files, await keptPieces(host.cache, scope, repo));
      const fitsTraining = estimate.trainBytes <= availableBytes;
      return { type: 'completed', plan: { repo, licence: listing.licence, estimate, fitsTraining, bytes: sum(files), keptBytes } };
    } catch (error) {
      return failureOf(error, repo);
    }
  }

  async fetch(listener: (doneBytes: number, totalBytes: number) => void): Promise<LlamaFetchOutcome> {
    const looked = this.#looked;
    if (!looked) return new OtherError('bad-request', '', 'Nothing has been looked at.').failure;
    const totalBytes = sum(looked.files);
    let [doneBytes, toldMs] = [0, -Infinity];
    const heard = (bytes: number) => {
      doneBytes += bytes;
      const now = performance.now();
      if (now - toldMs < MIN_EVENT_MS && doneBytes < totalBytes) return;
      toldMs = now;
      listener(doneBytes, totalBytes);
    };
    try {
      return { type: 'completed', files: await hubFiles(looked.host, looked.listing, looked.files, heard) };
    } catch (error) {
      return failureOf(error, looked.listing.repo);
    }
  }
}
