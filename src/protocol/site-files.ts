/**
 * @file Where a file of the site is: beside the page, or, where the page is one file that carries everything
 * (`npm run build:single`), within it.
 */

declare global {
  /** Set in the page that is one file, and in its workers: blob addresses by the path that a file has in the site. */
  var aftertrainFiles: Readonly<Record<string, string>> | undefined;
}

/**
 * The address of a file.
 * @param path in the site, such as `models/manifest.json`
 * @param from any address from which the site is reached by `up`
 */
export function siteFile(path: string, from: string, up: './' | '../' = './'): string {
  // Asked first: no address can be made from a worker's that is a blob.
  return globalThis.aftertrainFiles?.[path] ?? new URL(`${up}${path}`, from).href;
}
