/** @file Things that are made once for each key and kept, as compiled programs are. */

/** The promise kept under a key, made once; a failed one is forgotten. */
export function remember<Kept>(kept: Map<string, Promise<Kept>>, key: string, make: () => Promise<Kept>): Promise<Kept> {
  const known = kept.get(key);
  if (known) return known;
  const made = make();
  kept.set(key, made);
  made.catch(() => kept.delete(key));
  return made;
}
