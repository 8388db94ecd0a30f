/** @file Whether the browser has room for what is to be fetched from the hub. */
import type { OtherFailure } from '../protocol/other-models';

/** Why so many bytes cannot be kept; null when they can, or when the browser does not say. */
export async function noRoomFor(bytes: number): Promise<OtherFailure | null> {
  const estimate = await navigator.storage?.estimate?.().catch(() => null);
  const free = (estimate?.quota ?? Infinity) - (estimate?.usage ?? 0);
  return bytes > free ? { type: 'failed', code: 'no-room', name: '', detail: `${bytes} > ${free}` } : null;
}
