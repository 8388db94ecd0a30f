/**
 * @file The tokenizer of any Hugging Face folder, by @huggingface/tokenizers: any model, normaliser, pre-tokenizer and
 * decoder it knows (Llama 2's Metaspace with byte fallback, Llama 3's byte-level BPE with its own regex, …).
 *
 * Two things differ from `AutoTokenizer` on purpose. Text stays text: "</s>" in a message is not the end token. And
 * decoding never tidies spaces (`clean_up_tokenization_spaces`), so that the tokens' texts, joined, are the text.
 */
import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { CheckpointError, parseWith } from '../model/checkpoint-error';
import { ChatRenderer } from './chat-renderer';
import type { ChatMessage } from './chat-template';
import { checkTokenId, textsOf, type DecodeOptions, type TextTokenizer, type TokenDecoder } from './tokenizer';
import { parseTokenizerConfig, templateVariables, tokenText } from './tokenizer-config';

const MAX_TOKENS = 1 << 20;

const id = v.pipe(v.number('must be a token id'), v.integer('must be a token id'), v.minValue(0), v.maxValue(MAX_TOKENS, 'is too large'));
const section = v.nullish(v.looseObject({ type: v.string('must be text') }, 'must be an object'), null);

/** Only what the library would trip over; it names itself what it does not support. */
const schema = v.looseObject({
  added_tokens: v.nullish(v.array(v.looseObject({ id, content: tokenText, special: v.nullish(v.boolean()) }), 'must be a list'), []),
  normalizer: section,
  pre_tokenizer: section,
  post_processor: section,
  decoder: section,
  model: v.looseObject(
    {
      vocab: v.custom<Record<string, unknown> | unknown[]>((input) => typeof input === 'object' && input !== null, 'must be an object'),
    },
    'must be an object',
  ),
});

/** Llama's tokenizers put the start token before text unless told not to. */
const LLAMA_CLASS = /^(Code)?LlamaTokenizer(Fast)?$/;

/** The tokenizer of one model. */
export class LibraryTokenizer implements TextTokenizer {
  readonly vocabularySize: number;
  readonly bosTokenId: number | null;
  readonly addsBosToken: boolean;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly #tokenizer: Tokenizer;
  readonly #specialIds: ReadonlySet<number>;
  readonly #makePlain: () => Tokenizer;
  readonly #chat: ChatRenderer | null;
  /** Knows no special tokens; made when a text spells one. */
  #plain: Tokenizer | null = null;

  /**
   * @param tokenizerJson parsed tokenizer.json
   * @param tokenizerConfigJson parsed tokenizer_config.json
   * @throws CheckpointError naming what is malformed or not supported
   */
  constructor(tokenizerJson: unknown, tokenizerConfigJson: unknown) {
    const json = parseWith(schema, tokenizerJson, 'tokenizer.json');
    const config = parseTokenizerConfig(tokenizerConfigJson);
    // The library compares tokens with `undefined`, not with null.
    const libraryConfig = { eos_token: config.eosToken ?? undefined };
    const make = (added_tokens: typeof json.added_tokens) => guarded(() => new Tokenizer({ ...json, added_tokens }, libraryConfig));
    this.#tokenizer = make(json.added_tokens);
    this.#makePlain = () => make(json.added_tokens.filter((token) => !token.special));
    this.vocabularySize = vocabularySizeOf(json.model.vocab);
    this.specialTokens = new Map(json.added_tokens.filter((token) => token.special).map((token) => [token.content, token.id]));
    const unknown = this.#tokenizer.model?.unk_token_id; // What text may become, though it is special.
    this.#specialIds = new Set([...this.specialTokens.values()].filter((each) => each !== unknown));

    const idOf = (token: string | null) => (token === null ? null : (this.#tokenizer.token_to_id(token) ?? null));
    const eos = idOf(config.eosToken);
    this.eosTokenIds = eos === null ? [] : [eos];
    this.padTokenId = idOf(config.padToken);
    const first = this.#firstAddedId();
    this.bosTokenId = idOf(config.bosToken) ?? first;
    this.addsBosToken = config.addsBosToken ?? (first !== null || LLAMA_CLASS.test(config.tokenizerClass ?? ''));
    const breakable = [...this.specialTokens.keys()].filter((token) => token.length > 1);
    this.#chat = config.chatTemplate === null ? null : new ChatRenderer(config.chatTemplate, breakable, templateVariables(config));
  }

  get hasChatTemplate(): boolean {
    return this.#chat !== null;
  }

  /** The token that the post-processor puts before every text, or null. */
  #firstAddedId(): number | null {
    const [plain, processed] = [false, true].map((add_special_tokens) => this.#ids(this.#tokenizer, 'a', add_special_tokens));
    return processed![0] === undefined || processed![0] === plain![0] ? null : processed![0];
  }

  /** A text without tokens for some character loses it: the library gives no id then. */
  #ids(tokenizer: Tokenizer, text: string, add_special_tokens = false): number[] {
    const { ids } = guarded(() => tokenizer.encode(text, { add_special_tokens }));
    return ids.filter((each) => Number.isInteger(each));
  }

  encode(text: string): number[] {
    if (text === '') return [];
    const isSpecial = (each: number) => this.#specialIds.has(each);
    const ids = this.#ids(this.#tokenizer, text);
    if (!ids.some(isSpecial)) return ids;
    this.#plain ??= this.#makePlain();
    const plain = this.#ids(this.#plain, text);
    // A vocabulary that holds special tokens as words can still give them; nothing in the text says so, so they go.
    return plain.filter((each) => !isSpecial(each));
  }

  encodeChat(messages: readonly ChatMessage[], { addGenerationPrompt }: { addGenerationPrompt: boolean }): number[] {
    if (!this.#chat) throw new CheckpointError('This model has no chat template.');
    const segments = this.#chat.render(messages, addGenerationPrompt);
    const whole = this.#ids(this.#tokenizer, segments.map(({ text }) => text).join(''));
    // The whole at once is what Hugging Face does, and right unless a message spells a special token.
    const numSpecial = whole.filter((each) => this.#specialIds.has(each)).length;
    if (numSpecial === segments.filter(({ special }) => special).length) return whole;
    return segments.flatMap(({ special, text }) => (special ? [this.specialTokens.get(text)!] : this.encode(text)));
  }

  /** The ids that have a text. @throws RangeError when an id is negative or not whole */
  #shown(ids: Iterable<number>, { skipSpecial = false }: DecodeOptions): number[] {
    const skipped = skipSpecial ? new Set(this.specialTokens.values()) : null;
    return Array.from(ids).filter((each) => {
      checkTokenId(each);
      return this.#tokenizer.id_to_token(each) !== undefined && !skipped?.has(each);
    });
  }

  decode(ids: Iterable<number>, options: DecodeOptions = {}): string {
    const shown = this.#shown(ids, options);
    return shown.length === 0 ? '' : guarded(() => this.#tokenizer.decode(shown, { clean_up_tokenization_spaces: false }));
  }

  tokenTexts(ids: Iterable<number>, options: DecodeOptions = {}): string[] {
    return textsOf(this.streamDecoder(options), ids);
  }

  streamDecoder(options: DecodeOptions = {}): TokenDecoder {
    return new WindowDecoder(
      (ids) => this.decode(ids),
      (each) => this.#shown([each], options).length > 0,
    );
  }
}

/**
 * Streams by decoding a short window twice, with and without what is new: decoders may treat the first token of a text
 * differently, and need several tokens for one character. What ends in U+FFFD may not be whole yet, and waits.
 */
class WindowDecoder implements TokenDecoder {
  readonly #decode: (ids: readonly number[]) => string;
  readonly #isShown: (id: number) => boolean;
  /** Tokens already shown that the next ones are decoded after. */
  #before: number[] = [];
  #waiting: number[] = [];

  constructor(decode: (ids: readonly number[]) => string, isShown: (id: number) => boolean) {
    this.#decode = decode;
    this.#isShown = isShown;
  }

  push(token: number): string {
    if (!this.#isShown(token)) return '';
    this.#waiting.push(token);
    const text = this.#decode([...this.#before, ...this.#waiting]);
    return text.endsWith('\ufffd') ? '' : this.#take(text);
  }

  finish(): string {
    return this.#waiting.length === 0 ? '' : this.#take(this.#decode([...this.#before, ...this.#waiting]));
  }

  #take(text: string): string {
    const added = text.slice(this.#decode(this.#before).length);
    this.#before = this.#waiting;
    this.#waiting = [];
    return added;
  }
}

/** One more than the largest id of the model's own vocabulary: a list, or ids by token. */
function vocabularySizeOf(vocab: Record<string, unknown> | unknown[]): number {
  if (Array.isArray(vocab)) return vocab.length;
  let size = 0;
  for (const [token, each] of Object.entries(vocab)) {
    if (!v.is(id, each)) throw new CheckpointError(`tokenizer.json: the token ${JSON.stringify(token).slice(0, 100)} has no proper id.`);
    size = Math.max(size, each + 1);
  }
  return size;
}

/** Runs library code; what it throws about a file is said as a fault of the file. */
function guarded<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CheckpointError(`tokenizer.json: ${message.replace(/\.$/, '')}.`);
  }
}
