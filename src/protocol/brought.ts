/** @file A model that the reader brings: the files of a Hugging Face folder on this device, as they go to the worker. */

/** Begins the name of the family that such a folder makes; what follows is the folder's own name. */
const PREFIX = 'brought-';

/** A folder. Files are handed over as they are, and read where they are needed. */
export interface BroughtFolder {
  /** The folder's name. */
  readonly name: string;
  /** By path within the folder. */
  readonly files: ReadonlyMap<string, Blob>;
}

/** The family that a folder makes: the same for a folder of the same name, so that runs find their models again. */
export function broughtFamily({ name }: Pick<BroughtFolder, 'name'>): string {
  return PREFIX + name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 80);
}
