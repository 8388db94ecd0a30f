/**
 * @file Our tokenizer's two Hugging Face files: writing them, and checking them when they come back.
 *
 * `tokenizer.json` is the whole encoding; `tokenizer_config.json` names the roles of the special tokens and, for a chat
 * model, carries the chat template. Ours is a byte-level BPE without normaliser, exact on every text; here anything else
 * is refused by name (library-tokenizer.ts reads other folders). No post-processor: `<|endoftext|>` in front is the
 * caller's to put.
 */
import * as v from 'valibot';
import { CheckpointError, parseWith } from '../model/checkpoint-error';
import type { BpeModel } from './bpe-trainer';
import { BYTE_CHARACTERS, PRE_TOKENIZER } from './byte-level';
import { CHAT_TEMPLATE, DOCUMENT_TOKEN, END_TOKEN, PAD_TOKEN, RESULT_TOKEN, SPECIAL_TOKENS, TOOL_TOKEN } from './chat-template';
import { parseTokenizerConfig, tokenText } from './tokenizer-config';

/** The `tokenizer.json` object of a trained encoding. Serialise with `JSON.stringify`. */
export function toTokenizerJson(model: BpeModel): Record<string, unknown> {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: model.vocabulary.slice(0, model.numSpecialTokens).map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: PRE_TOKENIZER,
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      // fromEntries defines own properties, so that even a token spelled "__proto__" is kept.
      vocab: Object.fromEntries(model.vocabulary.map((token, id) => [token, id])),
      merges: model.merges,
    },
  };
}

/**
 * The `tokenizer_config.json` object.
 * @param options.chat whether the model answers chat messages: adds the chat template, and a message's end ends a text
 * @param options.maxPositions longest sequence the model takes, in tokens
 */
export function toTokenizerConfigJson(options: { chat: boolean; maxPositions: number }): Record<string, unknown> {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: DOCUMENT_TOKEN,
    eos_token: options.chat ? END_TOKEN : DOCUMENT_TOKEN,
    pad_token: PAD_TOKEN,
    add_bos_token: true,
    clean_up_tokenization_spaces: false,
    model_max_length: options.maxPositions,
    ...(options.chat ? { chat_template: CHAT_TEMPLATE } : {}),
  };
}

const MAX_TOKENS = 1 << 18;

/** One character would leave no room to tell a user's text from the token (see chat-renderer.ts). */
const specialText = v.pipe(tokenText, v.minLength(2, 'must have at least two characters'));
const id = v.pipe(
  v.number('must be a token id'),
  v.integer('must be a token id'),
  v.minValue(0),
  v.maxValue(MAX_TOKENS - 1, 'is too large'),
);
const not = (message: string) => v.nullish(v.custom<false | ''>((input) => input === false || input === '', message));

const tokenizerSchema = v.looseObject({
  added_tokens: v.pipe(v.array(v.looseObject({ id, content: specialText })), v.maxLength(1 << 12, 'there are too many')),
  normalizer: v.null('text normalisation is not supported'),
  pre_tokenizer: v.unknown(),
  decoder: v.looseObject({ type: v.literal('ByteLevel', 'only ByteLevel is supported') }, 'must be a ByteLevel decoder'),
  model: v.looseObject(
    {
      type: v.literal('BPE', 'only BPE is supported'),
      // Not v.record: it drops the keys "constructor", "prototype" and "__proto__", which are words like any other.
      vocab: v.custom<Record<string, unknown>>((input) => typeof input === 'object' && input !== null, 'must be an object'),
      merges: v.pipe(
        v.array(v.union([v.tuple([tokenText, tokenText]), v.pipe(tokenText, v.regex(/^[^ ]+ [^ ]+$/))], 'must be a pair of tokens')),
        v.maxLength(MAX_TOKENS, 'there are too many'),
      ),
      continuing_subword_prefix: not('is not supported'),
      continuing_subword_suffix: not('is not supported'),
      end_of_word_suffix: not('is not supported'),
      byte_fallback: not('is not supported'),
      ignore_merges: not('is not supported'),
    },
    'must be an object',
  ),
});

/** What the two files say, checked. */
export interface TokenizerFiles {
  /** Token strings by id, special tokens included, without gaps. */
  readonly vocabulary: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
  /** Id of each special token's text. */
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly bosToken: string | null;
  readonly eosToken: string | null;
  readonly padToken: string | null;
  readonly chatTemplate: string | null;
}

/** Every special token and vocabulary entry at its id; ids must be 0 … V-1, each once. */
function vocabularyOf(vocab: Record<string, unknown>, specialTokens: ReadonlyMap<string, number>): string[] {
  const entries = new Map<string, unknown>([...Object.entries(vocab), ...specialTokens]);
  if (entries.size > MAX_TOKENS)
    throw new CheckpointError(`tokenizer.json: there are ${entries.size} tokens; at most ${MAX_TOKENS} are supported.`);
  const vocabulary = new Array<string | undefined>(entries.size).fill(undefined);
  for (const [token, tokenId] of entries) {
    const known = typeof tokenId === 'number' && Number.isInteger(tokenId) && tokenId >= 0 && tokenId < entries.size;
    if (!known || vocabulary[tokenId] !== undefined)
      throw new CheckpointError(
        `tokenizer.json: token ids must be 0 to ${entries.size - 1}, each once; ${JSON.stringify(token)} has ${String(JSON.stringify(tokenId)).slice(0, 40)}.`,
      );
    vocabulary[tokenId] = token;
  }
  return vocabulary as string[];
}

/**
 * Checks the parsed `tokenizer.json` and `tokenizer_config.json`.
 * @throws CheckpointError naming the field that is malformed or the feature that is not supported
 */
export function parseTokenizerFiles(tokenizerJson: unknown, tokenizerConfigJson: unknown): TokenizerFiles {
  const tokenizer = parseWith(tokenizerSchema, tokenizerJson, 'tokenizer.json');
  const config = parseTokenizerConfig(tokenizerConfigJson);
  const preTokenizer = JSON.stringify(tokenizer.pre_tokenizer);
  if (!isOurPreTokenizer(tokenizer.pre_tokenizer))
    throw new CheckpointError(
      `tokenizer.json: pre_tokenizer: only single digits then ByteLevel is supported, not ${String(preTokenizer).slice(0, 200)}.`,
    );

  const specialTokens = new Map(tokenizer.added_tokens.map((token) => [token.content, token.id]));
  const vocabulary = vocabularyOf(tokenizer.model.vocab, specialTokens);
  const known = new Set(vocabulary);
  const missing = BYTE_CHARACTERS.find((character) => !known.has(character));
  if (missing !== undefined) throw new CheckpointError(`tokenizer.json: the byte ${JSON.stringify(missing)} has no token.`);
  const merges = tokenizer.model.merges.map((merge): [string, string] =>
    typeof merge === 'string' ? (merge.split(' ') as [string, string]) : merge,
  );
  for (const [left, right] of merges) {
    const joined = left + right;
    if (!known.has(left) || !known.has(right) || !known.has(joined))
      throw new CheckpointError(
        `tokenizer.json: the merge of ${JSON.stringify(left)} and ${JSON.stringify(right)} uses a token that is not in the vocabulary.`,
      );
    if (specialTokens.has(joined)) throw new CheckpointError(`tokenizer.json: a merge spells the special token ${JSON.stringify(joined)}.`);
  }
  const role = (name: string, token: string | null): string | null => {
    if (token === null) return null;
    if (!specialTokens.has(token))
      throw new CheckpointError(`tokenizer_config.json: ${name}: ${JSON.stringify(token)} is not a special token of tokenizer.json.`);
    return token;
  };
  return {
    vocabulary,
    merges,
    specialTokens,
    bosToken: role('bos_token', config.bosToken),
    eosToken: role('eos_token', config.eosToken),
    padToken: role('pad_token', config.padToken),
    chatTemplate: config.chatTemplate,
  };
}

/** Whether a `pre_tokenizer` section cuts text as ours does; other fields only concern offsets. */
function isOurPreTokenizer(section: unknown): boolean {
  const [digits, byteLevel] = PRE_TOKENIZER.pretokenizers;
  const schema = v.looseObject({
    type: v.literal(PRE_TOKENIZER.type),
    pretokenizers: v.strictTuple([
      v.looseObject({ type: v.literal(digits.type), individual_digits: v.literal(true) }),
      v.looseObject({ type: v.literal(byteLevel.type), add_prefix_space: v.literal(false), use_regex: v.optional(v.literal(true)) }),
    ]),
  });
  return v.is(schema, section);
}

/**
 * Whether tokenizer.json is of the kind written here: our special tokens, cut as ours, a byte-level BPE. Faults inside
 * it are then found by `parseTokenizerFiles`.
 */
export function isOwnTokenizerJson(json: unknown): boolean {
  const schema = v.looseObject({
    added_tokens: v.array(v.looseObject({ content: v.string() })),
    normalizer: v.nullish(v.null()),
    pre_tokenizer: v.custom(isOurPreTokenizer),
    post_processor: v.nullish(v.null()),
    decoder: v.looseObject({ type: v.literal('ByteLevel') }),
    model: v.looseObject({ type: v.literal('BPE') }),
  });
  if (!v.is(schema, json)) return false;
  const contents = new Set(json.added_tokens.map(({ content }) => content));
  // The tools' tokens came later; a tokenizer without them is ours all the same.
  return SPECIAL_TOKENS.every((token) => contents.has(token) || token === TOOL_TOKEN || token === RESULT_TOKEN);
}
