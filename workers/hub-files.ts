/**
 * @file Asks the hub: what a repository holds, and files of it, which are kept piece by piece as they come.
 *
 * What happens to a download that breaks off? The pieces that came stay, and the next one asks for the rest of the file only. A server
 * that sends all of it nevertheless is listened to until what is missing comes. Each file, kept or fetched, must have the hash of
 * the hub's list; one that has not is thrown away, so that fetching again fetches it.
 */
import {
  hubCacheName,
  keepListing,
  keptListing,
  keptPieces,
  listingOf,
  MAX_LISTING_BYTES,
  numPieces,
  pieceBytes,
  pieceKey,
  type HubFile,
  type Listing,
} from '../src/protocol/hub-cache';
import type { OtherFailure, OtherFailureCode } from '../src/protocol/other-models';
import { matchesHash } from './hub-hash';

/** Something to be told to the page. */
export class OtherError extends Error {
  constructor(
    readonly code: OtherFailureCode,
    readonly subject: string,
    detail: string,
  ) {
    super(detail);
  }

  get failure(): OtherFailure {
    return { type: 'failed', code: this.code, name: this.subject, detail: this.message };
  }
}

/** What a worker needs to ask the hub. */
export interface HubHost {
  readonly hub: string;
  readonly scope: string;
  readonly cache: Cache;
}

/** Where there is no cache, such as in a page from disk, nothing of the hub can be had. */
export async function openHub(hub: string, scope: string): Promise<HubHost> {
  return { hub, scope, cache: await caches.open(hubCacheName(scope)) };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
const addressOf = (path: string) => path.split('/').map(encodeURIComponent).join('/');

/** What an answer of the hub that is no success means. A repository that is not there is told from a private one by nobody. */
function refusal(repo: string, { status, headers }: Response): OtherError {
  const word = headers.get('X-Error-Code') ?? '';
  const detail = [status, word].filter(Boolean).join(' ');
  if (word.startsWith('Gated') || (status === 403 && word === '')) return new OtherError('gated', repo, detail);
  if (status === 401 || status === 403 || status === 404) return new OtherError('missing', repo, detail);
  return new OtherError('hub-error', repo, detail);
}

/** What a repository holds now or, where the hub cannot be reached, held when it was last looked at. */
export async function lookUp({ hub, scope, cache }: HubHost, repo: string): Promise<Listing> {
  let response: Response;
  try {
    response = await fetch(new URL(`api/models/${addressOf(repo)}/revision/main?blobs=true`, hub), { cache: 'no-store' });
  } catch (error) {
    const kept = await keptListing(cache, scope, repo);
    if (kept) return kept;
    throw new OtherError('offline', repo, messageOf(error));
  }
  if (!response.ok) throw refusal(repo, response);
  try {
    const listing = listingOf(repo, JSON.parse(await textOf(response)));
    await keepListing(cache, scope, listing);
    return listing;
  } catch (error) {
    throw new OtherError('hub-error', repo, messageOf(error));
  }
}

/** The text of a short answer. @throws RangeError when it is longer than any list of files */
async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > MAX_LISTING_BYTES) throw new RangeError('The list of files is too long.');
    parts.push(part);
  }
  return new Blob(parts).text();
}

/**
 * Fetches what is missing of a file.
 * @param heard is told the bytes of each part that comes
 * @throws OtherError; what came by then is kept
 */
async function fetchFile(host: HubHost, { repo, commit }: Listing, file: HubFile, first: number, heard: (bytes: number) => void) {
  const { hub, scope, cache } = host;
  const skip = pieceBytes(file, 0) * first;
  let response: Response;
  try {
    response = await fetch(new URL(`${addressOf(repo)}/resolve/${commit}/${addressOf(file.path)}`, hub), {
      headers: skip > 0 ? { Range: `bytes=${skip}-` } : {},
      cache: 'no-store',
    });
  } catch (error) {
    throw new OtherError('offline', repo, messageOf(error));
  }
  if (!response.ok) throw refusal(repo, response);
  let [position, index] = [response.status === 206 ? skip : 0, first];
  let piece = new Uint8Array(pieceBytes(file, index));
  let filled = 0;
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new OtherError('broken-off', repo, messageOf(error));
    });
    if (done) break;
    let part = value.subarray(Math.min(value.length, Math.max(0, skip - position)));
    position += value.length;
    if (position > file.bytes) throw new OtherError('damaged', repo, `${file.path} is larger than the hub's list says.`);
    heard(part.length);
    while (part.length > 0) {
      const taken = part.subarray(0, piece.length - filled);
      piece.set(taken, filled);
      filled += taken.length;
      part = part.subarray(taken.length);
      if (filled < piece.length) break;
      await keepPiece(cache, pieceKey(scope, repo, file, index), piece, repo);
      index += 1;
      [piece, filled] = [new Uint8Array(Math.max(0, pieceBytes(file, index))), 0];
    }
  }
  if (position < file.bytes) throw new OtherError('broken-off', repo, `${file.path}: ${position} of ${file.bytes} bytes came.`);
}

async function keepPiece(cache: Cache, key: string, bytes: Uint8Array<ArrayBuffer>, repo: string): Promise<void> {
  try {
    await cache.put(key, new Response(bytes, { headers: { 'Content-Length': String(bytes.length) } }));
  } catch (error) {
    throw new OtherError('no-room', repo, messageOf(error));
  }
}

/**
 * Files of a repository, fetched as far as they are not kept.
 * @param heard is told the bytes that are there, kept ones included, as they come
 */
export async function hubFiles(
  host: HubHost,
  listing: Listing,
  wanted: readonly HubFile[],
  heard: (bytes: number) => void,
): Promise<ReadonlyMap<string, Blob>> {
  const { cache, scope } = host;
  const { repo } = listing;
  const kept = await keptPieces(cache, scope, repo);
  const files = new Map<string, Blob>();
  for (const file of wanted) {
    let first = 0;
    for (; first < numPieces(file) && kept.has(pieceKey(scope, repo, file, first)); first++) heard(pieceBytes(file, first));
    if (first < numPieces(file)) await fetchFile(host, listing, file, first, heard);
    const pieces: Blob[] = [];
    for (let i = 0; i < numPieces(file); i++) {
      const key = pieceKey(scope, repo, file, i);
      const piece = await (await cache.match(key))?.blob();
      if (piece?.size !== pieceBytes(file, i)) {
        await cache.delete(key); // so that trying again fetches it
        throw new OtherError('damaged', repo, `${file.path}: what is kept is not whole.`);
      }
      pieces.push(piece);
    }
    const whole = new Blob(pieces);
    if (!(await matchesHash(file, whole))) {
      for (let i = 0; i < numPieces(file); i++) await cache.delete(pieceKey(scope, repo, file, i));
      throw new OtherError('damaged', repo, `${file.path}: its hash is not the one that the hub lists.`);
    }
    files.set(file.path, whole);
  }
  return files;
}
