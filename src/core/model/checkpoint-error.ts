/**
 * @file The one error that reading anything about a model may throw.
 *
 * Configurations, manifests, tokenizers and weights come from files a user may have made or damaged, so every reader
 * checks everything and fails with one clear sentence; callers turn it into the run outcome `bad-checkpoint`.
 */
import * as v from 'valibot';

/** A model file that cannot be used; the message is one sentence fit for the page. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

/**
 * Checks untrusted data against a valibot schema.
 * @param what names the file in the message, for example `config.json`
 * @throws CheckpointError naming the first offending field
 */
export function parseWith<const Schema extends v.GenericSchema>(schema: Schema, input: unknown, what: string): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = v.getDotPath(issue);
  throw new CheckpointError(`${what}: ${path === null ? '' : `${path}: `}${issue.message}.`);
}
