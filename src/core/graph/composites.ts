/**
 * @file Layers made of several operators, with gradients of their own.
 *
 * Differentiating the parts would be right but longer: each rule here is the textbook formula, using what the forward
 * pass has already computed. Each is tested against central differences like any operator.
 */
import type { Value } from './graph';
import {
  add,
  concat,
  gatherElements,
  log,
  matmul,
  mul,
  neg,
  reciprocal,
  reduceMax,
  reduceMean,
  reduceSum,
  reshape,
  scatterAdd,
  sigmoid,
  softmax,
  split,
  sqrt,
  sub,
} from './ops';

/**
 * RMSNorm (Zhang and Sennrich, arXiv 1910.07467): x / √(mean x² + ε) · weight, over the last axis.
 *
 * @param x `[..., D]`
 * @param weight `[D]`
 */
export function rmsNorm(x: Value, weight: Value, epsilon: number): Value {
  const last = x.dims.length - 1;
  const meanSquare = reduceMean(mul(x, x), [last], true);
  const inverse = reciprocal(sqrt(add(meanSquare, x.graph.scalar(epsilon)))); // [..., 1]
  const normed = mul(x, inverse);
  const y = mul(normed, weight);
  return x.graph.setGradient(y, [x, weight], (g) => {
    const gNormed = mul(g, weight);
    const mean = reduceMean(mul(gNormed, normed), [last], true);
    const gX = mul(sub(gNormed, mul(normed, mean)), inverse);
    const gWeight = reduceSum(mul(g, normed), x.dims.map((_, i) => i).slice(0, -1));
    return [gX, gWeight];
  });
}

/** SwiGLU (Shazeer, arXiv 2002.05202): gate · sigmoid(gate) · up, element by element. */
export function swiGlu(gate: Value, up: Value): Value {
  const s = sigmoid(gate);
  const silu = mul(gate, s);
  const y = mul(silu, up);
  return y.graph.setGradient(y, [gate, up], (g) => {
    // d silu / d gate = s + silu · (1 − s)
    const slope = add(s, mul(silu, sub(s.graph.scalar(1), s)));
    return [mul(mul(g, up), slope), mul(g, silu)];
  });
}

/**
 * Rotary position embedding (Su et al., arXiv 2104.09864), "rotate half" as Llama checkpoints have it.
 *
 * @param x `[..., T, K]`
 * @param cos, sin `[T, K]`, both halves filled; tables, because Sin and Cos are inexact on some adapters
 */
export function rotaryEmbedding(x: Value, cos: Value, sin: Value): Value {
  const last = x.dims.length - 1;
  const half = x.dims[last]! / 2;
  const rotate = (v: Value, sine: Value, direction: 1 | -1) => {
    const [first, second] = split(v, last, [half, half]) as [Value, Value];
    const turned = direction === 1 ? concat([neg(second), first], last) : concat([second, neg(first)], last);
    return add(mul(v, cos), mul(turned, sine));
  };
  const y = rotate(x, sin, 1);
  return y.graph.setGradient(y, [x], (g) => [rotate(g, sin, -1)]); // the inverse of a rotation is its transpose
}

/**
 * Causal attention probabilities applied to values: softmax(α·q·kᵀ + mask) · v.
 *
 * @param q `[B, Hkv, G·T, K]`, the G query heads of a key head stacked along the rows
 * @param k, v `[B, Hkv, S, K]`
 * @param mask `[G·T, S]`, 0 where seen and very negative where not
 */
export function attend(q: Value, k: Value, v: Value, mask: Value | null): Value {
  const alpha = 1 / Math.sqrt(q.dims[3]!);
  const scores = matmul(q, k, { transposeB: true, alpha }); // [B, Hkv, G·T, S]
  const masked = mask ? add(scores, mask) : scores;
  const weights = softmax(masked);
  return matmul(weights, v); // [B, Hkv, G·T, K]
}

/** Log-probabilities of chosen tokens, and what else one pass over the logits gives. */
export interface TokenLogprobs {
  /** log p(target), nats. `[M]` */
  readonly logprobs: Value;
  /** p of every token; carries no gradient. `[M, V]` */
  readonly probabilities: Value;
  /** log Σ exp logits; carries no gradient. `[M, 1]` */
  readonly logSumExp: Value;
}

/**
 * log softmax(logits) at the targets: logit of the target − log Σ exp, with gradient one-hot − p.
 *
 * @param logits `[M, V]`
 * @param targets int32 `[M]`
 */
export function tokenLogprobs(logits: Value, targets: Value): TokenLogprobs {
  const [rows] = logits.dims as [number, number];
  const index = reshape(targets, [rows, 1]);
  const probabilities = softmax(logits); // [M, V]
  // log Σ exp x = max x − log max p: nothing overflows, and one pass of exponentials serves both.
  const logSumExp = sub(reduceMax(logits, [1], true), log(reduceMax(probabilities, [1], true))); // [M, 1]
  const chosen = gatherElements(logits, index, 1); // [M, 1]
  const logprobs = reshape(sub(chosen, logSumExp), [rows]);
  logits.graph.setGradient(probabilities, [], () => []);
  logits.graph.setGradient(logSumExp, [], () => []);
  logits.graph.setGradient(logprobs, [logits], (g) => {
    const column = reshape(g, [rows, 1]);
    return [scatterAdd(mul(probabilities, neg(column)), index, column, 1)];
  });
  return { logprobs, probabilities, logSumExp };
}

/**
 * Entropy of each row's softmax, nats: log Σ exp x − Σ p·x. A measurement: no gradient flows.
 *
 * @param logits `[M, V]`
 * @returns `[M]`
 */
export function tokenEntropies(logits: Value, { probabilities, logSumExp }: TokenLogprobs): Value {
  const [rows] = logits.dims as [number, number];
  const entropies = sub(reshape(logSumExp, [rows]), reduceSum(mul(probabilities, logits), [1]));
  return logits.graph.setGradient(entropies, [], () => []);
}
