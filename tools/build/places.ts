/** @file Where a build's files lie in the folder of models, and by what they are known again. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ModelId } from './stages';

/** A family's manifest is the root's for the page's own family, else in the family's folder; folders are named from there. */
export function placesOf(family: string): { manifest: string; folder: (id: ModelId) => string } {
  return family === 'm'
    ? { manifest: join(family, 'manifest.json'), folder: (id) => id }
    : { manifest: 'manifest.json', folder: (id) => join(family, id) };
}

/** SHA-256 in hexadecimal. */
export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** What a model's files are known by: the same for the same bytes in the same order. */
export const keyOf = (files: ReadonlyMap<string, Uint8Array>) => sha256(Buffer.concat([...files.values()]));
