/** @file Imported by the build's configuration, which Node reads as it is: nothing is imported here. */

/** The list of large files, beside the page; written by the build, kept with the page. */
export const LARGE_FILES_LIST = 'large-files.json';
