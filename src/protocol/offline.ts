/**
 * @file What the page, its service worker and the build agree on about working offline: which files are large, in which
 * cache they are kept, and under which names.
 *
 * Small files (the page itself) are kept by the service worker when it is installed, all of them or none. Large ones (ONNX
 * Runtime's wasm, models) are kept when they are first used, or when the reader asks for all. Each is kept under its SHA-256,
 * so a file of another build is never taken for it; whoever keeps one has checked it.
 */
import * as v from 'valibot';
import { sha256Hex } from '../core/model/manifest';

/** What a large file belongs to: an engine's build of ONNX Runtime, the code that runs other people's models, or a family of models. */
export type LargePart = 'webgpu' | 'wasm' | 'others' | `models/${string}`;

const fileSchema = v.object({
  /** Relative to the page, percent-encoded as it is asked for. */
  path: v.string(),
  bytes: v.number(),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  part: v.custom<LargePart>((part) => typeof part === 'string' && /^(webgpu|wasm|others|models\/.+)$/.test(part)),
});

const listSchema = v.object({ version: v.literal(1), files: v.array(fileSchema) });

/** One large file. */
export type LargeFile = v.InferOutput<typeof fileSchema>;
/** The list as the build writes it. */
export type LargeFilesList = v.InferOutput<typeof listSchema>;

/** Reads the list. @throws ValiError when it is none */
export const parseLargeFiles = (json: unknown): readonly LargeFile[] => v.parse(listSchema, json).files;

/**
 * Name of a cache. Caches are shared by all pages of an origin, such as the many projects of one GitHub Pages account, so it
 * carries the page's own address.
 * @param scope address of the folder that the page lies in
 */
export const cacheName = (which: 'small' | 'large', scope: string): string => `aftertrain-${which}-${scope}`;

/** Address under which a large file is kept. */
export const largeKey = ({ path, sha256 }: LargeFile, scope: string): string => new URL(`${path}?sha256=${sha256}`, scope).href;

/** The file that came is not the one that the list names. */
export class WrongFileError extends Error {
  override readonly name = 'WrongFileError';
}

/**
 * Keeps a large file, if it is the one listed. Reads `response` to its end.
 * @throws WrongFileError when it is another; DOMException when there is no room
 */
export async function keepLargeFile(cache: Cache, file: LargeFile, scope: string, response: Response): Promise<void> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (response.status !== 200) throw new WrongFileError(`${file.path}: the server answered ${response.status}.`);
  if (bytes.length !== file.bytes || (await sha256Hex(bytes)) !== file.sha256) {
    throw new WrongFileError(`${file.path} is damaged, or of another version of the page.`);
  }
  const type = response.headers.get('Content-Type') ?? 'application/octet-stream';
  await cache.put(
    largeKey(file, scope),
    new Response(bytes, { headers: { 'Content-Type': type, 'Content-Length': String(bytes.length) } }),
  );
}

/** What the page tells its service worker. The first word is workbox-window's own. */
export type ServiceWorkerMessage = { readonly type: 'SKIP_WAITING' } | { readonly type: 'TIDY' };
