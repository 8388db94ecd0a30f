/**
 * @file The shape of a model, read from and written to Hugging Face `config.json` files of the Llama architecture.
 *
 * Supported is what the graph builder can express: RMSNorm, rotary positions (rotate-half, no scaling), grouped-query
 * attention, SwiGLU, no biases. Anything else is refused by name rather than run wrongly. Sizes are bounded because the
 * file may come from anywhere. Llama: https://arxiv.org/abs/2302.13971
 */
import * as v from 'valibot';
import { CheckpointError, parseWith } from './checkpoint-error';

/** The shape of a Llama-style decoder and the ids of its special tokens. */
export interface ModelConfig {
  /** V: number of token ids. */
  readonly vocabularySize: number;
  /** D: size of the residual stream (`hidden_size`). */
  readonly width: number;
  /** L: number of decoder layers. */
  readonly numLayers: number;
  /** H: number of query heads. */
  readonly numHeads: number;
  /** Number of key and value heads; divides `numHeads`. */
  readonly numKeyValueHeads: number;
  /** K: size of one head; even, because rotary positions turn pairs. */
  readonly headSize: number;
  /** F: inner size of the feed-forward block (`intermediate_size`). */
  readonly feedForwardSize: number;
  /** Longest sequence, in tokens (`max_position_embeddings`). */
  readonly maxPositions: number;
  /** Base of the rotary frequencies (`rope_theta`). */
  readonly ropeTheta: number;
  /** Added to the mean square inside RMSNorm. */
  readonly normEpsilon: number;
  /** True when the output head is the transposed embedding. */
  readonly tiedEmbeddings: boolean;
  /** 0: a language model. 1: a scalar score head instead (`LlamaForSequenceClassification`), a reward or value model. */
  readonly numLabels: 0 | 1;
  /** Starts every sequence. */
  readonly bosTokenId: number;
  /** Each of these ends a completion; never empty. */
  readonly eosTokenIds: readonly number[];
  /** Fills unused positions. */
  readonly padTokenId: number;
}

/** Element types of a weights file, as Hugging Face spells them in `torch_dtype`. */
export type TorchDtype = 'float32' | 'float16' | 'bfloat16';

/** Hugging Face's default for Llama. */
const DEFAULT_EOS = 2;

const LANGUAGE_MODEL = 'LlamaForCausalLM';
const CLASSIFIER = 'LlamaForSequenceClassification';

/** An integer from 1 to `limit`: sizes multiply, so each is bounded before any is used. */
const size = (limit: number) =>
  v.pipe(
    v.number('must be a number'),
    v.integer('must be a whole number'),
    v.minValue(1, 'must be at least 1'),
    v.maxValue(limit, `must be at most ${limit}`),
  );

const positive = v.pipe(v.number('must be a number'), v.finite('must be finite'), v.gtValue(0, 'must be positive'));
const tokenId = v.pipe(v.number('must be a token id'), v.integer('must be a token id'), v.minValue(-1, 'must be a token id'));

/** Only the plain rotary embedding exists here: absent, null, or explicitly of type `default`. */
const plainRope = v.looseObject({
  rope_theta: v.optional(positive),
  type: v.nullish(v.literal('default', 'scaled rotary positions are not supported')),
  rope_type: v.nullish(v.literal('default', 'scaled rotary positions are not supported')),
  partial_rotary_factor: v.nullish(v.literal(1, 'partial rotary positions are not supported')),
});

const no = (message: string) => v.nullish(v.literal(false, message));

const schema = v.looseObject({
  model_type: v.literal('llama', 'only "llama" is supported'),
  architectures: v.nullish(
    v.pipe(
      v.array(v.picklist([LANGUAGE_MODEL, CLASSIFIER], `must be ${LANGUAGE_MODEL} or ${CLASSIFIER}`)),
      v.length(1, 'must name one architecture'),
    ),
  ),
  vocab_size: size(1 << 18),
  hidden_size: size(1 << 14),
  intermediate_size: size(1 << 16),
  num_hidden_layers: size(256),
  num_attention_heads: size(256),
  num_key_value_heads: v.nullish(size(256)),
  head_dim: v.nullish(size(1 << 10)),
  max_position_embeddings: v.optional(size(1 << 20), 2048),
  rope_theta: v.nullish(positive),
  rope_parameters: v.nullish(plainRope),
  rope_scaling: v.nullish(plainRope),
  partial_rotary_factor: v.nullish(v.literal(1, 'partial rotary positions are not supported')),
  rms_norm_eps: v.optional(v.pipe(positive, v.maxValue(1, 'must be at most 1')), 1e-6),
  hidden_act: v.nullish(v.literal('silu', 'only "silu" is supported')),
  attention_bias: no('biases in attention are not supported'),
  mlp_bias: no('biases in the feed-forward block are not supported'),
  quantization_config: v.nullish(v.never('quantised weights are not supported')),
  tie_word_embeddings: v.optional(v.boolean('must be true or false'), false),
  id2label: v.nullish(v.record(v.string(), v.unknown(), 'must be an object')),
  num_labels: v.nullish(size(1 << 16)),
  bos_token_id: v.nullish(tokenId),
  eos_token_id: v.nullish(v.union([tokenId, v.pipe(v.array(tokenId), v.maxLength(16))], 'must be a token id or a list of at most 16')),
  pad_token_id: v.nullish(tokenId),
});

/** Hugging Face stores the number of labels as the labels' names; without them a classifier has two. */
function numLabelsOf(json: v.InferOutput<typeof schema>): 0 | 1 {
  if (json.architectures?.[0] !== CLASSIFIER) return 0;
  const numLabels = json.num_labels ?? (json.id2label ? Object.keys(json.id2label).length : 2);
  if (numLabels !== 1)
    throw new CheckpointError(`config.json: ${CLASSIFIER} has ${numLabels} labels; only one (a scalar score) is supported.`);
  return 1;
}

const generationSchema = v.looseObject({ eos_token_id: schema.entries.eos_token_id });

/** What else says where a text ends. */
export interface ConfigContext {
  /** Parsed `generation_config.json`; what it says of end tokens wins over `config.json`. */
  readonly generation?: unknown;
  /** The tokenizer's end tokens, for when neither file names one. */
  readonly eosTokenIds?: readonly number[];
}

/** The end tokens: generation_config.json's, else config.json's, else the tokenizer's, else Llama's. */
function eosTokenIdsOf(stated: v.InferOutput<typeof schema>['eos_token_id'], context: ConfigContext): readonly number[] {
  const { eos_token_id: generating } = parseWith(generationSchema, context.generation ?? {}, 'generation_config.json');
  const listed = [generating, stated].map((ids) => [ids ?? []].flat().filter((id) => id >= 0)).find((ids) => ids.length > 0);
  const found = listed ?? context.eosTokenIds ?? [];
  if (found.length > 0) return found;
  if (stated === undefined) return [DEFAULT_EOS];
  throw new CheckpointError('config.json: eos_token_id: there must be a token that ends a text.');
}

/**
 * Reads the parsed `config.json` of a Llama model. Missing fields take Hugging Face's defaults; a missing padding or
 * start token is the first end token, as is usual in post-training code, and so is padding outside the vocabulary.
 * @throws CheckpointError naming the field that is malformed or the option that is not supported
 */
export function parseHuggingFaceConfig(json: unknown, context: ConfigContext = {}): ModelConfig {
  const parsed = parseWith(schema, json, 'config.json');
  const numHeads = parsed.num_attention_heads;
  const numKeyValueHeads = parsed.num_key_value_heads ?? numHeads;
  if (numHeads % numKeyValueHeads !== 0)
    throw new CheckpointError(`config.json: num_key_value_heads (${numKeyValueHeads}) must divide num_attention_heads (${numHeads}).`);
  const headSize = parsed.head_dim ?? parsed.hidden_size / numHeads;
  if (!Number.isInteger(headSize) || headSize % 2 !== 0)
    throw new CheckpointError(`config.json: the head size (${headSize}) must be an even whole number.`);
  const eosTokenIds = eosTokenIdsOf(parsed.eos_token_id, context);
  const orEos = (id: number | null | undefined): number => (id === null || id === undefined || id < 0 ? eosTokenIds[0]! : id);
  const bosTokenId = orEos(parsed.bos_token_id);
  const padTokenId = orEos((parsed.pad_token_id ?? 0) < parsed.vocab_size ? parsed.pad_token_id : null);
  const outside = [bosTokenId, ...eosTokenIds].find((id) => id >= parsed.vocab_size);
  if (outside !== undefined)
    throw new CheckpointError(`config.json: the special token id ${outside} is outside the vocabulary of ${parsed.vocab_size}.`);
  return {
    vocabularySize: parsed.vocab_size,
    width: parsed.hidden_size,
    numLayers: parsed.num_hidden_layers,
    numHeads,
    numKeyValueHeads,
    headSize,
    feedForwardSize: parsed.intermediate_size,
    maxPositions: parsed.max_position_embeddings,
    ropeTheta: parsed.rope_parameters?.rope_theta ?? parsed.rope_scaling?.rope_theta ?? parsed.rope_theta ?? 10000,
    normEpsilon: parsed.rms_norm_eps,
    tiedEmbeddings: parsed.tie_word_embeddings,
    numLabels: numLabelsOf(parsed),
    bosTokenId,
    eosTokenIds,
    padTokenId,
  };
}

/** The `config.json` object of `config`, complete enough for `AutoModel.from_pretrained` of transformers 4 and 5. */
export function toHuggingFaceConfig(config: ModelConfig, dtype: TorchDtype): Record<string, unknown> {
  const classifier = config.numLabels === 1;
  return {
    architectures: [classifier ? CLASSIFIER : LANGUAGE_MODEL],
    model_type: 'llama',
    vocab_size: config.vocabularySize,
    hidden_size: config.width,
    intermediate_size: config.feedForwardSize,
    num_hidden_layers: config.numLayers,
    num_attention_heads: config.numHeads,
    num_key_value_heads: config.numKeyValueHeads,
    head_dim: config.headSize,
    hidden_act: 'silu',
    max_position_embeddings: config.maxPositions,
    rope_theta: config.ropeTheta,
    rms_norm_eps: config.normEpsilon,
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: config.tiedEmbeddings,
    bos_token_id: config.bosTokenId,
    eos_token_id: config.eosTokenIds.length === 1 ? config.eosTokenIds[0] : [...config.eosTokenIds],
    pad_token_id: config.padTokenId,
    torch_dtype: dtype,
    ...(classifier ? { id2label: { 0: 'LABEL_0' }, label2id: { LABEL_0: 0 }, problem_type: 'regression' } : {}),
  };
}
