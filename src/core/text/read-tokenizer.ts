/** @file Picks the tokenizer for a model folder: ours where the file is ours, else the library's. */
import { ByteLevelTokenizer } from './byte-level-tokenizer';
import { LibraryTokenizer } from './library-tokenizer';
import type { TextTokenizer } from './tokenizer';
import { isOwnTokenizerJson } from './tokenizer-files';

/**
 * The tokenizer of a model folder.
 *
 * @param tokenizerJson parsed tokenizer.json
 * @param tokenizerConfigJson parsed tokenizer_config.json, `{}` where there is none
 * @throws CheckpointError naming what is malformed or not supported
 */
export function readTokenizer(tokenizerJson: unknown, tokenizerConfigJson: unknown): TextTokenizer {
  return isOwnTokenizerJson(tokenizerJson)
    ? new ByteLevelTokenizer(tokenizerJson, tokenizerConfigJson)
    : new LibraryTokenizer(tokenizerJson, tokenizerConfigJson);
}
