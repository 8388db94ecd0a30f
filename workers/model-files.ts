/**
 * @file Fetching the shipped models: the manifest, then each file with progress, size and SHA-256 checked.
 *
 * A file that is missing or does not match its hash is named in the failure; what was fetched before is kept, so a
 * retry asks only for the rest.
 */
import { CheckpointError } from '../src/core/model/checkpoint-error';
import { readManifest, sha256Hex, type ManifestModel, type SiteManifest } from '../src/core/model/manifest';
import type { Failure } from '../src/protocol/load';
import type { BroughtFiles } from './brought-files';

/** Reads a file of the site; `heard` is told of bytes as they come. @throws FileFailure */
export type FetchFile = (path: string, heard: (doneBytes: number) => void) => Promise<Uint8Array<ArrayBuffer>>;

/** A file that could not be had, as data for the page. */
export class FileFailure extends Error {
  override readonly name = 'FileFailure';
  constructor(readonly failure: Failure) {
    super(failure.detail);
  }
}

const missing = (file: string, why: string) =>
  new FileFailure({ type: 'failed', code: 'missing-file', file, detail: `The file ${file} could not be fetched (${why}).` });

/** Fetches from the page's own origin. @param addressOf where a file is */
export function fetchFrom(addressOf: (path: string) => string): FetchFile {
  return async (path, heard) => {
    let response: Response;
    try {
      response = await fetch(addressOf(path));
    } catch (error) {
      throw missing(path, error instanceof Error ? error.message : String(error));
    }
    if (!response.ok || !response.body) throw missing(path, `the server answered ${response.status}`);
    const chunks: Uint8Array[] = [];
    let doneBytes = 0;
    const reader = response.body.getReader();
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        chunks.push(part.value);
        doneBytes += part.value.length;
        heard(doneBytes);
      }
    } catch {
      throw missing(path, 'the connection broke off');
    }
    const bytes = new Uint8Array(doneBytes);
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  };
}

/** The models of the site, fetched once and kept. */
export class ModelFiles {
  readonly #kept = new Map<string, Uint8Array<ArrayBuffer>>();
  /** Whose models; the site's first where undefined, or where there is none such. */
  family: string | undefined;
  /** A folder of the reader's own, a family beside the site's. */
  brought: BroughtFiles | null = null;

  constructor(readonly fetchFile: FetchFile) {}

  /** The list of models. @throws FileFailure */
  async manifest(): Promise<SiteManifest> {
    let path = '';
    const read = async (file: string): Promise<unknown> => {
      path = file;
      return JSON.parse(new TextDecoder().decode(await this.fetchFile(file, () => undefined)));
    };
    try {
      const site = await readManifest(read, this.family);
      return this.brought ? await this.brought.within(site, this.family) : site;
    } catch (error) {
      if (error instanceof FileFailure) throw error;
      if (error instanceof CheckpointError && this.family === this.brought?.family) throw error;
      const detail = error instanceof CheckpointError ? error.message : `${path} is not valid JSON.`;
      throw new FileFailure({ type: 'failed', code: 'corrupt-file', file: path, detail });
    }
  }

  /** The files of one model by name, checked. `heard` gets bytes over the whole model. @throws FileFailure */
  async files(model: ManifestModel, heard: (doneBytes: number, totalBytes: number) => Promise<void>): Promise<Map<string, Uint8Array>> {
    if (this.brought?.has(model)) return this.brought.files(model, heard);
    const totalBytes = model.files.reduce((sum, file) => sum + file.bytes, 0);
    const files = new Map<string, Uint8Array>();
    let before = 0;
    for (const file of model.files) {
      const path = `${model.folder}/${file.path}`;
      const bytes = this.#kept.get(path) ?? (await this.fetchFile(path, (doneBytes) => void heard(before + doneBytes, totalBytes)));
      // On an insecure origin there is no WebCrypto: the size is still checked.
      const sha256 = await sha256Hex(bytes);
      if (bytes.length !== file.bytes || (sha256 !== null && sha256 !== file.sha256)) {
        const detail = `The file ${path} is damaged: it is not the one the manifest lists.`;
        throw new FileFailure({ type: 'failed', code: 'corrupt-file', file: path, detail });
      }
      this.#kept.set(path, bytes);
      files.set(file.path, bytes);
      before += file.bytes;
      await heard(before, totalBytes);
    }
    return files;
  }
}
