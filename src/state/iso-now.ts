/** @file The time, as it is written on labels and named things. */

/** Now, as ISO 8601. */
export const isoNow = (): string => new Date().toISOString();
