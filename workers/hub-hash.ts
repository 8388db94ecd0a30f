/**
 * @file Whether what came from the hub is what its list says: large files have a SHA-256 there, the others git's name of them.
 *
 * WebCrypto takes whole files only, so one is in memory while it is checked: no more than reading its weights takes afterwards.
 */
import type { HubFile } from '../src/protocol/hub-cache';

/** Hexadecimal digits of a SHA-256; git's names, of SHA-1, are shorter. */
const SHA256_DIGITS = 64;

/** Compares contents with the hash that the list gives. */
export async function matchesHash({ hash }: Pick<HubFile, 'hash'>, contents: Blob): Promise<boolean> {
  const isSha256 = hash.length === SHA256_DIGITS;
  const hashed = isSha256 ? contents : new Blob([`blob ${contents.size}\0`, contents]);
  const digest = await crypto.subtle.digest(isSha256 ? 'SHA-256' : 'SHA-1', await hashed.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('') === hash;
}
