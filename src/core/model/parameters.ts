/**
 * @file The layout of `theta`, the flat float32 vector `[N]` that holds every parameter of a model.
 *
 * Matrices are stored `[in, out]`, so a layer computes `y = x · W`; query, key and value are one matrix, and so are gate
 * and up. All matrices come first and all norm vectors last, so weight decay applies to the first `numDecayed` numbers.
 * The embedding counts as a matrix and is decayed. `checkpoint.ts` maps this layout to Hugging Face's names.
 */
import { CheckpointError } from './checkpoint-error';
import type { ModelConfig } from './config';
import type { Random } from '../random';

/** One named parameter: `theta[offset … offset + size)`, row-major in `dims`. */
export interface ParameterEntry {
  readonly name: string;
  readonly dims: readonly number[];
  /** Position of the first element in theta. */
  readonly offset: number;
  /** Number of elements: the product of `dims`. */
  readonly size: number;
  /** Whether AdamW's weight decay applies. */
  readonly decayed: boolean;
}

/** Where every parameter lies in theta, in order and without gaps. */
export interface ParameterLayout {
  readonly entries: readonly ParameterEntry[];
  /** N: the length of theta. */
  readonly numParameters: number;
  /** The first `numDecayed` elements of theta are matrices; the rest are norm vectors. */
  readonly numDecayed: number;
}

/** Two GiB of float32: the largest single buffer any backend will give us, and a bound on untrusted configurations. */
const MAX_PARAMETERS = 2 ** 29;

/**
 * The layout of theta. With `H` heads and `G` key-value heads of size `K`, in this order:
 * `embedding [V,D]`; per layer `layers.i.attention.qkv [D,(H+2G)K]` (queries, then keys, then values),
 * `layers.i.attention.output [HK,D]`, `layers.i.feedForward.gateUp [D,2F]` (gate, then up), `layers.i.feedForward.down [F,D]`;
 * `head [D,V]` for an untied language model or `score [D,1]` with a score head; then the norms, per layer
 * `layers.i.attention.norm [D]`, `layers.i.feedForward.norm [D]`, and `norm [D]`.
 * @throws CheckpointError when the model is too large to hold in one vector
 */
export function parameterLayout(config: ModelConfig): ParameterLayout {
  const { vocabularySize: V, width: D, numLayers: L, numHeads: H, numKeyValueHeads: G, headSize: K, feedForwardSize: F } = config;
  const entries: ParameterEntry[] = [];
  let offset = 0;
  const add = (name: string, dims: number[], decayed: boolean): void => {
    const size = dims.reduce((product, dim) => product * dim, 1);
    entries.push({ name, dims, offset, size, decayed });
    offset += size;
  };

  add('embedding', [V, D], true);
  for (let layer = 0; layer < L; layer++) {
    add(`layers.${layer}.attention.qkv`, [D, (H + 2 * G) * K], true);
    add(`layers.${layer}.attention.output`, [H * K, D], true);
    add(`layers.${layer}.feedForward.gateUp`, [D, 2 * F], true);
    add(`layers.${layer}.feedForward.down`, [F, D], true);
  }
  if (config.numLabels === 1) add('score', [D, 1], true);
  else if (!config.tiedEmbeddings) add('head', [D, V], true);
  const numDecayed = offset;

  for (let layer = 0; layer < L; layer++) {
    add(`layers.${layer}.attention.norm`, [D], false);
    add(`layers.${layer}.feedForward.norm`, [D], false);
  }
  add('norm', [D], false);

  if (offset > MAX_PARAMETERS) throw new CheckpointError(`The model has ${offset} parameters; at most ${MAX_PARAMETERS} are supported.`);
  return { entries, numParameters: offset, numDecayed };
}

/**
 * The entry called `name`.
 * @throws RangeError when there is none, for example `head` with tied embeddings
 */
export function parameterEntry(layout: ParameterLayout, name: string): ParameterEntry {
  const entry = layout.entries.find((candidate) => candidate.name === name);
  if (!entry) throw new RangeError(`There is no parameter called "${name}".`);
  return entry;
}

/**
 * A view (not a copy) of the parameter called `name` inside `theta [N]`.
 * @throws RangeError when there is no such parameter or theta has another length than the layout
 */
export function parameterView(layout: ParameterLayout, theta: Float32Array, name: string): Float32Array {
  if (theta.length !== layout.numParameters)
    throw new RangeError(`theta has ${theta.length} elements; the layout has ${layout.numParameters}.`);
  const { offset, size } = parameterEntry(layout, name);
  return theta.subarray(offset, offset + size);
}

/**
 * Standard deviation of a matrix's initial weights. GPT-2 draws with 0.02 at width 768, which is 0.55 / √fan-in; written
 * that way the same recipe suits width 128, where a plain 0.02 starts too quiet. With tied embeddings, logits then start
 * with standard deviation 0.5, so the first loss is ln V + 0.125. Matrices that write into the residual stream are divided
 * by √(2L), so its variance does not grow with depth (GPT-2, section 2.3). A score head starts with variance 1 / (D + 1)
 * (Stiennon et al. 2020, https://arxiv.org/abs/2009.01325).
 */
function initialStd(entry: ParameterEntry, config: ModelConfig): number {
  if (entry.name === 'score') return 1 / Math.sqrt(config.width + 1);
  if (entry.name === 'embedding') return 0.5 / Math.sqrt(config.width);
  const residual = entry.name.endsWith('.attention.output') || entry.name.endsWith('.feedForward.down');
  return 0.5 / Math.sqrt(entry.dims[0]! * (residual ? 2 * config.numLayers : 1));
}

/**
 * Fresh parameters `[N]`: normal matrices, norms of one. Each parameter draws from the child of `random` with its name,
 * so two shapes that share a parameter (a language model and the reward model of the same width) share its numbers.
 */
export function initialTheta(config: ModelConfig, random: Random): Float32Array {
  const layout = parameterLayout(config);
  const theta = new Float32Array(layout.numParameters).fill(1, layout.numDecayed);
  for (const entry of layout.entries) {
    if (!entry.decayed) continue;
    const std = initialStd(entry, config);
    const stream = random.split(entry.name);
    for (let i = entry.offset; i < entry.offset + entry.size; i++) theta[i] = std * stream.normal();
  }
  return theta;
}

/**
 * Copies into `theta` of `config` every parameter that the model `from` has with the same name and dims: how a reward or
 * value model starts from a language model's body. Returns the names that were not found and keep their numbers (`score`).
 * @throws RangeError when a theta has another length than its configuration says
 */
export function copySharedParameters(
  from: { readonly config: ModelConfig; readonly theta: Float32Array },
  to: { readonly config: ModelConfig; readonly theta: Float32Array },
): string[] {
  const source = parameterLayout(from.config);
  const target = parameterLayout(to.config);
  const dimsOf = new Map(source.entries.map((entry) => [entry.name, entry.dims.join()]));
  const kept: string[] = [];
  for (const { name, dims } of target.entries) {
    if (dimsOf.get(name) !== dims.join()) kept.push(name);
    else parameterView(target, to.theta, name).set(parameterView(source, from.theta, name));
  }
  return kept;
}
