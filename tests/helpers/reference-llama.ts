/**
 * @file Llama's forward pass as Hugging Face's `modeling_llama.py` states it, in plain loops and float64: rotate-half
 * rotary positions, repeated key-value heads, RMSNorm, SwiGLU. Knows nothing of our graphs or of theta.
 */
import type { LlamaShape, Tensors } from './llama-folder';

type Rows = number[][];

/** `y = W x` for each row x; W is `[out, in]`, row-major. */
function linear(rows: Rows, weight: Float32Array): Rows {
  const numIn = rows[0]!.length;
  return rows.map((x) => {
    const y = new Array<number>(weight.length / numIn).fill(0);
    for (let out = 0; out < y.length; out++) for (let i = 0; i < numIn; i++) y[out]! += weight[out * numIn + i]! * x[i]!;
    return y;
  });
}

function rmsNorm(rows: Rows, weight: Float32Array, epsilon: number): Rows {
  return rows.map((x) => {
    const meanSquare = x.reduce((sum, value) => sum + value * value, 0) / x.length;
    return x.map((value, i) => (value / Math.sqrt(meanSquare + epsilon)) * weight[i]!);
  });
}

/** One head of one position, turned: `x · cos + rotate_half(x) · sin`. */
function turned(head: readonly number[], position: number, base: number): number[] {
  const half = head.length / 2;
  return head.map((value, i) => {
    const angle = position / base ** ((2 * (i % half)) / head.length);
    const rotated = i < half ? -head[i + half]! : head[i - half]!;
    return value * Math.cos(angle) + rotated * Math.sin(angle);
  });
}

function attention(queries: Rows, keys: Rows, values: Rows, shape: LlamaShape, headSize: number): Rows {
  const { num_attention_heads: H, num_key_value_heads: G, rope_theta: base } = shape;
  const cut = (row: number[], head: number) => row.slice(head * headSize, (head + 1) * headSize);
  return queries.map((row, t) =>
    Array.from({ length: H }, (_, head) => {
      const keyHead = Math.floor(head / (H / G));
      const query = turned(cut(row, head), t, base);
      const scores = keys.slice(0, t + 1).map((key, s) => {
        const turnedKey = turned(cut(key, keyHead), s, base);
        return query.reduce((sum, value, i) => sum + value * turnedKey[i]!, 0) / Math.sqrt(headSize);
      });
      const top = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - top));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return Array.from({ length: headSize }, (_, i) =>
        weights.reduce((sum, weight, s) => sum + (weight / total) * values[s]![keyHead * headSize + i]!, 0),
      );
    }).flat(),
  );
}

/** log p of every next token after the last of `tokens`, `[V]`, nats. */
export function referenceLogprobs(shape: LlamaShape, tensors: Tensors, tokens: readonly number[]): number[] {
  const weight = (name: string) => tensors.get(`${name}.weight`)!.data;
  const D = shape.hidden_size;
  const headSize = shape.head_dim ?? D / shape.num_attention_heads;
  const embedding = weight('model.embed_tokens');
  const plus = (a: Rows, b: Rows) => a.map((row, t) => row.map((value, i) => value + b[t]![i]!));
  let x: Rows = tokens.map((id) => Array.from(embedding.subarray(id * D, (id + 1) * D)));
  for (let i = 0; i < shape.num_hidden_layers; i++) {
    const layer = `model.layers.${i}`;
    const normed = rmsNorm(x, weight(`${layer}.input_layernorm`), shape.rms_norm_eps);
    const [queries, keys, values] = ['q', 'k', 'v'].map((kind) => linear(normed, weight(`${layer}.self_attn.${kind}_proj`)));
    const attended = attention(queries!, keys!, values!, shape, headSize);
    x = plus(x, linear(attended, weight(`${layer}.self_attn.o_proj`)));
    const again = rmsNorm(x, weight(`${layer}.post_attention_layernorm`), shape.rms_norm_eps);
    const gate = linear(again, weight(`${layer}.mlp.gate_proj`));
    const up = linear(again, weight(`${layer}.mlp.up_proj`));
    const inner = gate.map((row, t) => row.map((value, j) => (value / (1 + Math.exp(-value))) * up[t]![j]!));
    x = plus(x, linear(inner, weight(`${layer}.mlp.down_proj`)));
  }
  const last = rmsNorm(x.slice(-1), weight('model.norm'), shape.rms_norm_eps);
  const [logits] = linear(last, shape.tie_word_embeddings ? embedding : weight('lm_head')) as [number[]];
  const top = Math.max(...logits);
  const logTotal = top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
  return logits.map((logit) => logit - logTotal);
}
