/**
 * @file The Llama decoder and the losses once more, in jax-js: an automatic differentiation that nobody here wrote.
 *
 * Weights go by Hugging Face's names, projections `[out, in]`, as `modeling_llama.py` has them; nothing here knows our
 * graphs or theta. Everything is float64 on jax-js's plain `cpu` backend, so what differs from it is ours. jax-js
 * arrays are moved into what uses them; `.ref` keeps one for a further use.
 */
import { defaultDevice, lax, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import type { AdamWConfig } from '../../src/core/model/adamw';
import type { LlamaShape, Tensors } from './llama-folder';

// Node 20 lacks this type, and jax-js asks of every array it is given whether it is one. None is.
if (!('Float16Array' in globalThis)) Object.defineProperty(globalThis, 'Float16Array', { value: class {} });
defaultDevice('cpu');

/** Arrays by Hugging Face name. */
type Weights = Record<string, np.Array>;

/** What a batch is made of besides the weights; arrays are `[B, T]` row by row. */
export interface JaxBatch {
  readonly numRows: number;
  /** `[B, T + 1]` */
  readonly tokens: ArrayLike<number>;
  readonly temperature?: number;
}

/** Inputs of the GRPO loss; `oldLogprobs` is left out on a batch's only pass. */
export interface JaxGrpoBatch extends JaxBatch {
  readonly advantages: ArrayLike<number>;
  readonly completionMask: ArrayLike<number>;
  readonly refLogprobs: ArrayLike<number>;
  readonly oldLogprobs?: ArrayLike<number>;
  readonly klCoef: number;
  readonly clipRange: number;
}

/** A loss and its gradient, by tensor. */
export interface JaxGradient {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Float64Array>;
}

const float64 = (values: ArrayLike<number>, shape: number[]) => np.array(Float64Array.from(values), { shape });
const int32 = (values: ArrayLike<number>, shape: number[]) => np.array(Int32Array.from(values), { shape });

/** `x Wᵀ` for rows x. */
const linear = (x: np.Array, weight: np.Array) => np.matmul(x, weight.transpose());

function rmsNorm(x: np.Array, weight: np.Array, epsilon: number): np.Array {
  const meanSquare = np.square(x.ref).mean(-1, { keepdims: true });
  return x.div(np.sqrt(meanSquare.add(epsilon))).mul(weight);
}

/** `x · cos + rotate_half(x) · sin`, `x [B, H, T, K]`. */
function turned(x: np.Array, base: number): np.Array {
  const [length, headSize] = x.shape.slice(-2) as [number, number];
  const half = headSize / 2;
  const angles = Array.from({ length: length * headSize }, (_, i) => {
    const [position, at] = [Math.floor(i / headSize), i % headSize];
    return position / base ** ((2 * (at % half)) / headSize);
  });
  const [first, second] = np.split(x.ref, 2, -1) as [np.Array, np.Array];
  const rotated = np.concatenate([second.neg(), first], -1);
  const table = (f: (angle: number) => number) => float64(angles.map(f), [length, headSize]);
  return x.mul(table(Math.cos)).add(rotated.mul(table(Math.sin)));
}

/** Causal attention; query heads that share a key head get it repeated. Rows in, rows out: `[B, T, ·]`. */
function attention(queries: np.Array, keys: np.Array, values: np.Array, shape: LlamaShape): np.Array {
  const { num_attention_heads: H, num_key_value_heads: G } = shape;
  const [B, T, inner] = queries.shape as [number, number, number];
  const K = inner / H;
  const heads = (rows: np.Array, count: number) => rows.reshape([B, T, count, K]).transpose([0, 2, 1, 3]);
  const q = turned(heads(queries, H), shape.rope_theta);
  const k = np.repeat(turned(heads(keys, G), shape.rope_theta), H / G, 1);
  const v = np.repeat(heads(values, G), H / G, 1);
  const scores = np.matmul(q, k.transpose([0, 1, 3, 2])).div(Math.sqrt(K)); // [B, H, T, T]
  const hidden = Array.from({ length: T * T }, (_, i) => (i % T > Math.floor(i / T) ? -1e30 : 0));
  const mixed = np.matmul(nn.softmax(scores.add(float64(hidden, [T, T])), -1), v);
  return mixed.transpose([0, 2, 1, 3]).reshape([B, T, inner]);
}

/** log p of each next token at a temperature, nats. `[B, T]` */
function logprobs(shape: LlamaShape, weights: Weights, { numRows, tokens, temperature = 1 }: JaxBatch): np.Array {
  const T = tokens.length / numRows - 1;
  const columns = (from: number) => Array.from(tokens).filter((_, i) => i % (T + 1) >= from && i % (T + 1) < from + T);
  const weight = (name: string) => weights[`${name}.weight`]!.ref;
  let x = np.take(weight('model.embed_tokens'), int32(columns(0), [numRows, T]), 0); // [B, T, D]
  for (let i = 0; i < shape.num_hidden_layers; i++) {
    const layer = `model.layers.${i}`;
    const normed = rmsNorm(x.ref, weight(`${layer}.input_layernorm`), shape.rms_norm_eps);
    const project = (kind: string) => linear(normed.ref, weight(`${layer}.self_attn.${kind}_proj`));
    const mixed = attention(project('q'), project('k'), project('v'), shape);
    normed.dispose();
    x = x.add(linear(mixed, weight(`${layer}.self_attn.o_proj`)));
    const again = rmsNorm(x.ref, weight(`${layer}.post_attention_layernorm`), shape.rms_norm_eps);
    const gate = nn.silu(linear(again.ref, weight(`${layer}.mlp.gate_proj`)));
    const up = linear(again, weight(`${layer}.mlp.up_proj`));
    x = x.add(linear(gate.mul(up), weight(`${layer}.mlp.down_proj`)));
  }
  const last = rmsNorm(x, weight('model.norm'), shape.rms_norm_eps);
  const logits = linear(last, weight(shape.tie_word_embeddings ? 'model.embed_tokens' : 'lm_head')).div(temperature);
  const targets = int32(columns(1), [numRows, T, 1]);
  return np.takeAlongAxis(nn.logSoftmax(logits, -1), targets, -1).reshape([numRows, T]);
}

/** Mean of −log p over all predictions. */
export const crossEntropy = (shape: LlamaShape, batch: JaxBatch) => (weights: Weights) => logprobs(shape, weights, batch).mean().neg();

/**
 * DeepSeekMath eq. 3 (arXiv 2402.03300), averaged over all completion tokens:
 * −mean min(ρ·A, clip(ρ, 1 − ε, 1 + ε)·A) + β · mean (π_ref/π − log π_ref/π − 1).
 */
export const grpoLoss = (shape: LlamaShape, batch: JaxGrpoBatch) => (weights: Weights) => {
  const { numRows, completionMask, clipRange, klCoef } = batch;
  const dims = [numRows, completionMask.length / numRows];
  const now = logprobs(shape, weights, batch);
  const old = batch.oldLogprobs ? float64(batch.oldLogprobs, dims) : lax.stopGradient(now.ref);
  const advantages = float64(batch.advantages, [numRows, 1]);
  const ratio = np.exp(now.ref.sub(old));
  const clipped = np.clip(ratio.ref, 1 - clipRange, 1 + clipRange);
  const surrogate = np.minimum(ratio.mul(advantages.ref), clipped.mul(advantages));
  const logRatioRef = float64(batch.refLogprobs, dims).sub(now);
  const k3 = np.exp(logRatioRef.ref).sub(logRatioRef).sub(1);
  const numTokens = Array.from(completionMask).reduce((sum, counts) => sum + counts, 0);
  return k3.mul(klCoef).sub(surrogate).mul(float64(completionMask, dims)).sum().div(numTokens);
};

const arraysOf = (tensors: Tensors): Weights =>
  Object.fromEntries(Array.from(tensors, ([name, { dims, data }]) => [name, float64(data, [...dims])]));

const numbersOf = (arrays: Weights): Map<string, Float64Array> =>
  new Map(Object.entries(arrays).map(([name, array]) => [name, Float64Array.from(array.dataSync())]));

/** The value of a loss at the weights, and its gradient. */
export function jaxGradient(loss: (weights: Weights) => np.Array, tensors: Tensors): JaxGradient {
  const [value, gradients] = valueAndGrad(loss)(arraysOf(tensors)) as [np.Array, Weights];
  return { loss: Number(value.dataSync()[0]), gradients: numbersOf(gradients) };
}

/**
 * One step of AdamW as PyTorch's documentation states it (`torch.optim.AdamW`), after `clip_grad_norm_`; matrices decay,
 * vectors do not. Returns the new weights, first and second moments.
 */
export function jaxAdamW(
  loss: (weights: Weights) => np.Array,
  state: { readonly weights: Tensors; readonly m: Tensors; readonly v: Tensors },
  { beta1, beta2, epsilon, weightDecay, maxGradNorm }: AdamWConfig,
  { learningRate, step }: { learningRate: number; step: number },
) {
  const [, gradients] = valueAndGrad(loss)(arraysOf(state.weights)) as [np.Array, Weights];
  const squares = Object.values(gradients).map((gradient) => np.square(gradient.ref).sum());
  const norm = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
  const shrink = np.minimum(np.reciprocal(norm).mul(maxGradNorm), 1);
  const next: Record<'weights' | 'm' | 'v', Weights> = { weights: {}, m: {}, v: {} };
  for (const [name, weight] of Object.entries(arraysOf(state.weights))) {
    const before = ({ dims, data }: { dims: readonly number[]; data: Float32Array }) => float64(data, [...dims]);
    const gradient = gradients[name]!.mul(shrink.ref);
    const m = before(state.m.get(name)!)
      .mul(beta1)
      .add(gradient.ref.mul(1 - beta1));
    const v = before(state.v.get(name)!)
      .mul(beta2)
      .add(np.square(gradient).mul(1 - beta2));
    const decay = weight.ndim > 1 ? weightDecay : 0;
    const stepSize = np.sqrt(v.ref.div(1 - beta2 ** step)).add(epsilon);
    next.weights[name] = weight.mul(1 - learningRate * decay).sub(
      m.ref
        .div(1 - beta1 ** step)
        .div(stepSize)
        .mul(learningRate),
    );
    next.m[name] = m;
    next.v[name] = v;
  }
  return { weights: numbersOf(next.weights), m: numbersOf(next.m), v: numbersOf(next.v) };
}
