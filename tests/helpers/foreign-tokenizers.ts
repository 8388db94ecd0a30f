/**
 * @file Tokenizer files of the two kinds that most Llama models have, cut down to a few hundred tokens. Sections are
 * spelled as in the originals; merges are made up.
 */
import { BYTE_CHARACTERS } from '../../src/core/text/byte-level';

const special = (content: string, id: number) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

/** Ids in order of first mention. */
const numbered = (tokens: readonly string[]) => Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));

const METASPACE_MERGES = ['▁ t', 'h e', '▁t he', '▁ a', 'i n', 'r i', 'ri v', 'e r', 'riv er', '▁ river', '▁a n', '▁an d'];

/** Llama 2: "▁" for spaces, prepended; characters without a token as bytes `<0x..>`; `<s>` by template. */
export const metaspaceTokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: ['<unk>', '<s>', '</s>'].map(special),
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'Prepend', prepend: '▁' },
      { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    ],
  },
  pre_tokenizer: null,
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [
      { SpecialToken: { id: '<s>', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '<s>', type_id: 1 } },
      { Sequence: { id: 'B', type_id: 1 } },
    ],
    special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
  },
  decoder: {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 },
    ],
  },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: '<unk>',
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: true,
    byte_fallback: true,
    ignore_merges: false,
    vocab: numbered([
      '<unk>',
      '<s>',
      '</s>',
      ...Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
      ...'▁abcdefghijklmnopqrstuvwxyz.,!?<>/',
      ...METASPACE_MERGES.map((merge) => merge.replace(' ', '')),
    ]),
    merges: METASPACE_MERGES,
  },
};

/** Its tokenizer_config.json. */
export const metaspaceConfig = {
  add_bos_token: true,
  add_eos_token: false,
  bos_token: { content: '<s>', lstrip: false, normalized: false, rstrip: false, single_word: false },
  eos_token: { content: '</s>', lstrip: false, normalized: false, rstrip: false, single_word: false },
  pad_token: null,
  unk_token: { content: '<unk>' },
  clean_up_tokenization_spaces: false,
  legacy: false,
  tokenizer_class: 'LlamaTokenizer',
  chat_template:
    "{% for message in messages %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + message['content'] + ' [/INST]' }}" +
    "{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}",
};

const SPLIT =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const BYTE_LEVEL_MERGES = ['Ġ t', 'h e', 'Ġt he', 'i n', '1 2', '12 3', 'Ġ r', 'Ġr i', 'e r', 'v er'];
const BYTE_LEVEL_WORDS = [...BYTE_CHARACTERS, ...BYTE_LEVEL_MERGES.map((merge) => merge.replace(' ', '')), 'Ġriver'];
const FIRST_SPECIAL = new Set(BYTE_LEVEL_WORDS).size;

/** Llama 3: byte-level BPE behind a regular expression; whole words first; special tokens after the vocabulary. */
export const splitTokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: ['<|begin_of_text|>', '<|end_of_text|>', '<|start_header_id|>', '<|end_header_id|>', '<|eot_id|>'].map((token, i) =>
    special(token, FIRST_SPECIAL + i),
  ),
  normalizer: null,
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex: SPLIT }, behavior: 'Isolated', invert: false },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    ],
  },
  post_processor: {
    type: 'Sequence',
    processors: [
      { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true },
      {
        type: 'TemplateProcessing',
        single: [{ SpecialToken: { id: '<|begin_of_text|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
        pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
        special_tokens: { '<|begin_of_text|>': { id: '<|begin_of_text|>', ids: [FIRST_SPECIAL], tokens: ['<|begin_of_text|>'] } },
      },
    ],
  },
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: true,
    vocab: numbered(BYTE_LEVEL_WORDS),
    merges: BYTE_LEVEL_MERGES,
  },
};

/** Its tokenizer_config.json. */
export const splitConfig = {
  bos_token: '<|begin_of_text|>',
  eos_token: '<|eot_id|>',
  clean_up_tokenization_spaces: true,
  tokenizer_class: 'PreTrainedTokenizerFast',
  chat_template:
    "{{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}" +
    "{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}",
};
