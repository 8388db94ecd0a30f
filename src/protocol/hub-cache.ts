/**
 * @file How models of the hub are kept on this device, in the Cache API: a list of files for each repository, and each file in
 * pieces, so that a download that broke off goes on where it was.
 *
 * A piece is kept under its file's hash: another version of a repository is never mixed with it. Used by the worker that
 * fetches, and by the page, which lists and deletes.
 */
import * as v from 'valibot';

/** Bytes of a piece; the last may be smaller. What a broken download loses at most. */
const PIECE_BYTES = 2_000_000;
/** Longest list of files that is read, in bytes and in files. */
export const MAX_LISTING_BYTES = 4e6;
const MAX_FILES = 5000;

const fileSchema = v.object({
  path: v.pipe(v.string(), v.maxLength(500)),
  bytes: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Of its contents: SHA-256, or the SHA-1 under which git has it. */
  hash: v.pipe(v.string(), v.regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/)),
});
const listingSchema = v.object({
  repo: v.string(),
  commit: v.pipe(v.string(), v.regex(/^[0-9a-f]{7,64}$/)),
  licence: v.nullable(v.pipe(v.string(), v.maxLength(100))),
  files: v.pipe(v.array(fileSchema), v.maxLength(MAX_FILES)),
});

/** A file of a repository. */
export type HubFile = v.InferOutput<typeof fileSchema>;
/** What a repository holds. */
export type Listing = v.InferOutput<typeof listingSchema>;

const answerSchema = v.object({
  sha: v.string(),
  tags: v.optional(v.array(v.string()), []),
  siblings: v.pipe(
    v.array(
      v.object({
        rfilename: v.string(),
        size: v.optional(v.number()),
        blobId: v.optional(v.string()),
        lfs: v.nullish(v.object({ sha256: v.string(), size: v.number() })),
      }),
    ),
    v.maxLength(MAX_FILES),
  ),
});

/** A name that the hub could have: `owner/name`. */
export const isRepoName = (name: string): boolean =>
  /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/.test(name) && !/\.\.|--/.test(name);

/** Reads the hub's own answer about a repository. @throws ValiError when it is none */
export function listingOf(repo: string, json: unknown): Listing {
  const { sha, tags, siblings } = v.parse(answerSchema, json);
  const files = siblings.flatMap(({ rfilename, size, blobId, lfs }) => {
    const [bytes, hash] = [lfs?.size ?? size, lfs?.sha256 ?? blobId];
    return bytes === undefined || hash === undefined ? [] : [{ path: rfilename, bytes, hash }];
  });
  const licence = tags.find((tag) => tag.startsWith('license:'))?.slice('license:'.length) ?? null;
  return v.parse(listingSchema, { repo, commit: sha, licence, files });
}

/** Name of the cache. */
export const hubCacheName = (scope: string): string => `aftertrain-hub-${scope}`;

const folderOf = (scope: string, repo: string) => new URL(`kept-from-hub/${repo}/`, scope).href;
const listingKey = (scope: string, repo: string) => `${folderOf(scope, repo)}listing`;
/** Under which a piece is kept; nothing is ever asked of this address. */
export const pieceKey = (scope: string, repo: string, { hash }: Pick<HubFile, 'hash'>, index: number): string =>
  `${folderOf(scope, repo)}${hash}?piece=${index}`;

/** How many bytes a piece has. */
export const pieceBytes = ({ bytes }: Pick<HubFile, 'bytes'>, index: number): number => Math.min(PIECE_BYTES, bytes - index * PIECE_BYTES);
export const numPieces = ({ bytes }: Pick<HubFile, 'bytes'>): number => Math.ceil(bytes / PIECE_BYTES);

/** Keeps what a repository holds. */
export async function keepListing(cache: Cache, scope: string, listing: Listing): Promise<void> {
  await cache.put(listingKey(scope, listing.repo), new Response(JSON.stringify(listing)));
}

/** What a repository held when it was last looked at; null when it never was. */
export async function keptListing(cache: Cache, scope: string, repo: string): Promise<Listing | null> {
  const kept = await cache.match(listingKey(scope, repo));
  const parsed = kept && v.safeParse(listingSchema, await kept.json().catch(() => null));
  return parsed?.success ? parsed.output : null;
}

/** Which pieces of a repository's files are kept, as their keys. */
export async function keptPieces(cache: Cache, scope: string, repo: string): Promise<ReadonlySet<string>> {
  const folder = folderOf(scope, repo);
  return new Set((await cache.keys()).map(({ url }) => url).filter((url) => url.startsWith(folder) && url.includes('?piece=')));
}

/** Bytes of files that are kept. */
export function keptBytesOf(scope: string, repo: string, files: readonly HubFile[], pieces: ReadonlySet<string>): number {
  let sum = 0;
  for (const file of files)
    for (let i = 0; i < numPieces(file); i++) if (pieces.has(pieceKey(scope, repo, file, i))) sum += pieceBytes(file, i);
  return sum;
}

/** A repository of which something is kept. */
export interface KeptRepo {
  readonly repo: string;
  readonly bytes: number;
}

/** All repositories of which something is kept. Never throws: where there is no cache, nothing is kept. */
export async function keptRepos(scope: string): Promise<readonly KeptRepo[]> {
  try {
    const cache = await caches.open(hubCacheName(scope));
    const start = new URL('kept-from-hub/', scope).href;
    const bytes = new Map<string, number>();
    for (const { url } of await cache.keys()) {
      const [owner, name, rest = ''] = url.slice(start.length).split('/');
      if (!url.startsWith(start) || !rest.includes('?piece=')) continue;
      const size = Number((await cache.match(url))?.headers.get('Content-Length') ?? 0);
      bytes.set(`${owner}/${name}`, (bytes.get(`${owner}/${name}`) ?? 0) + size);
    }
    return [...bytes].map(([repo, sum]) => ({ repo, bytes: sum }));
  } catch {
    return [];
  }
}

/** Deletes what is kept of a repository. */
export async function forgetRepo(scope: string, repo: string): Promise<void> {
  const cache = await caches.open(hubCacheName(scope));
  const folder = folderOf(scope, repo);
  for (const request of await cache.keys()) if (request.url.startsWith(folder)) await cache.delete(request);
}
