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
  expand,
  gather,
  gatherElements,
  log,
  matmul,
  mul,
  neg,
  reciprocal,
  reduceMax,
  reduceMean,
  reduceSum,
  reduceSumSquare,
  reshape,
  rotate,
  scale,
  scatterAdd,
  sigmoid,
  simplifiedLayerNorm,
  softmax,
  split,
  sqrt,
  sub,
  transpose,
} from './ops';

/**
 * RMSNorm (Zhang and Sennrich, arXiv 1910.07467): x / √(mean x² + ε) · weight, over the last axis.
 *
 * @param x `[..., D]`
 * @param weight `[D]`
 */
export function rmsNorm(x: Value, weight: Value, epsilon: number): Value {
  const last = x.dims.length - 1;
  const y = simplifiedLayerNorm(x, weight, epsilon);
  return x.graph.setGradient(y, [x, weight], (g) => {
    const meanSquare = scale(reduceSumSquare(x, [last], true), 1 / x.dims[last]!);
    const inverse = reciprocal(sqrt(add(meanSquare, x.graph.scalar(epsilon)))); // [..., 1]
    const normed = mul(x, inverse);
    const gNormed = mul(g, weight);
    const mean = reduceMean(mul(gNormed, normed), [last], true);
    const gX = mul(sub(gNormed, mul(normed, mean)), inverse);
    const gWeight = reduceSum(mul(g, normed), x.dims.map((_, i) => i).slice(0, -1));
    return [gX, gWeight];
  });
}

/**
 * The inner part of a SwiGLU feed-forward block and its projection down (Shazeer, arXiv 2002.05202):
 * (gate · sigmoid(gate) · up) · down.
 *
 * @param gate, up `[M, F]`
 * @param down `[F, D]`
 * @returns `[M, D]`
 */
export function swiGluProjection(gate: Value, up: Value, down: Value): Value {
  const s = sigmoid(gate);
  const silu = mul(gate, s);
  const y = matmul(mul(silu, up), down);
  return y.graph.setGradient(y, [gate, up, down], (g) => {
    // The product is made anew rather than kept from the forward pass, which is a tensor less a layer to hold. (The factors
    // the other way round: ONNX Runtime would find two equal nodes, and keep the first.)
    const inner = mul(up, silu);
    const gInner = matmul(g, down, { transposeB: true });
    // d silu / d gate = s + silu · (1 − s)
    const slope = add(s, mul(silu, sub(s.graph.scalar(1), s)));
    return [mul(mul(gInner, up), slope), mul(gInner, silu), matmul(inner, g, { transposeA: true })];
  });
}

/** Cosines and sines of the angles of every position, `[P, K/2]`; tables, because Sin and Cos are inexact on some adapters. */
export interface RotaryTables {
  readonly cos: Value;
  readonly sin: Value;
}

/**
 * Rotary position embedding with its gradient.
 *
 * @param x `[B, T, H·K]`
 * @param positions int64 `[B, T]`, rows of the tables
 */
export function rotaryEmbedding(x: Value, positions: Value, { cos, sin }: RotaryTables, numHeads: number): Value {
  const y = rotate(x, positions, cos, sin, numHeads);
  // The inverse of a rotation is its transpose.
  return x.graph.setGradient(y, [x], (g) => [rotate(g, positions, cos, neg(sin), numHeads)]);
}

/**
 * Attention: softmax(q·kᵀ / √K + mask) · v, for grouped heads.
 *
 * The G' = H / G query heads of a key head are stacked along the rows, so that each key head is one product.
 *
 * @param q `[B, H, T, K]`
 * @param k, v `[B, G, T, K]`
 * @param mask `[T, T]` or `[B, 1, T, T]`, 0 where a row may look and very negative where not; null where all may be seen
 * @returns `[B, T, H, K]`
 */
export function attend(q: Value, k: Value, v: Value, mask: Value | null): Value {
  const [batch, numHeads, length, headSize] = q.dims as [number, number, number, number];
  const groups = k.dims[1]!;
  const stackedRows = (numHeads / groups) * length;
  const stack = (x: Value) => reshape(x, [batch, groups, stackedRows, x.dims[3]!]);
  const alpha = 1 / Math.sqrt(headSize);
  const stacked = stack(q);
  const scores = matmul(stacked, k, { transposeB: true, alpha }); // [B, G, G'·T, T]
  const masked = mask ? stack(add(reshape(scores, [batch, numHeads, length, length]), mask)) : scores;
  const weights = softmax(masked);
  const attended = matmul(weights, v); // [B, G, G'·T, K]
  const y = transpose(reshape(attended, q.dims), [0, 2, 1, 3]);
  return y.graph.setGradient(y, [q, k, v], (g) => {
    const gAttended = stack(transpose(g, [0, 2, 1, 3]));
    const gWeights = matmul(gAttended, v, { transposeB: true }); // [B, G, G'·T, T]
    // Σ over the keys of weight · its gradient is Σ over K of output · its gradient, which is shorter.
    // (Of y, which the next layer keeps anyway, rather than of `attended`.)
    const mean = stack(transpose(reduceSum(mul(g, y), [3], true), [0, 2, 1, 3])); // [B, G, G'·T, 1]
    const gScores = mul(weights, sub(gWeights, mean));
    return [
      reshape(matmul(gScores, k, { alpha }), q.dims),
      matmul(gScores, stacked, { transposeA: true, alpha }),
      matmul(weights, gAttended, { transposeA: true }),
    ];
  });
}

/** Logits held at once beside their probabilities, unless there are more than {@link MOST_PARTS} times as many. */
const LOGITS_AT_ONCE = 2 ** 20;
const MOST_PARTS = 4;

/** What a pass over the logits gives. */
export interface TokenLogprobs {
  /** log p(target), nats, with gradient. `[M]` */
  readonly logprobs: Value;
  /** Entropy of each row's distribution, nats; a measurement, no gradient flows. `[M]` */
  readonly entropies: Value;
  /** log p of the likeliest token, nats; a measurement, no gradient flows. `[M]` */
  readonly largest: Value;
}

/**
 * Log-probabilities of chosen tokens under softmax(hidden · embeddingᵀ), fused with the head.
 *
 * With P the probabilities and e the embedding of a target, d log p / d hidden = e − P·E and d log p / d E = onehotᵀ·h − Pᵀ·h:
 * no gradient of the size of the logits is ever made. The entropy is log Σ exp x − Σ p·x, and Σ p·x = h · (P·E).
 *
 * @param hidden `[M, D]`
 * @param embedding E `[V, D]`
 * @param targets int32 `[M]`
 * @param logitsAtOnce where there are more logits, rows are taken in parts
 */
export function tokenLogprobs(hidden: Value, embedding: Value, targets: Value, logitsAtOnce = LOGITS_AT_ONCE): TokenLogprobs {
  const [rows] = hidden.dims as [number];
  const numParts = Math.min(MOST_PARTS, Math.ceil((rows * embedding.dims[0]!) / logitsAtOnce), rows);
  if (numParts <= 1) return logprobsAtOnce(hidden, embedding, targets);
  const sizes = Array.from({ length: numParts }, (_, i) => Math.floor(((i + 1) * rows) / numParts) - Math.floor((i * rows) / numParts));
  const parts = split(targets, 0, sizes);
  const found = split(hidden, 0, sizes).map((part, i) => logprobsAtOnce(part, embedding, parts[i]!));
  const joined = (of: (one: TokenLogprobs) => Value) => concat(found.map(of), 0);
  return { logprobs: joined((one) => one.logprobs), entropies: joined((one) => one.entropies), largest: joined((one) => one.largest) };
}

/** {@link tokenLogprobs} with all logits in memory at once. */
function logprobsAtOnce(hidden: Value, embedding: Value, targets: Value): TokenLogprobs {
  const [rows, width] = hidden.dims as [number, number];
  const logits = matmul(hidden, embedding, { transposeB: true }); // [M, V]
  const probabilities = softmax(logits);
  // log Σ exp x = max x − log max p: nothing overflows, and one pass of exponentials serves both.
  const best = log(reduceMax(probabilities, [1], true)); // [M, 1]
  const logSumExp = sub(reduceMax(logits, [1], true), best); // [M, 1]
  const expected = matmul(probabilities, embedding); // the mean embedding, [M, D]
  const logprobs = reshape(sub(gatherElements(logits, reshape(targets, [rows, 1]), 1), logSumExp), [rows]);
  hidden.graph.setGradient(logprobs, [hidden, embedding], (g) => {
    const column = reshape(g, [rows, 1]);
    const weighted = mul(hidden, column); // [M, D]
    const gHidden = mul(column, sub(gather(embedding, targets), expected));
    const away = matmul(probabilities, weighted, { transposeA: true, alpha: -1 }); // [V, D]
    const index = expand(reshape(targets, [rows, 1]), [rows, width]);
    return [gHidden, scatterAdd(away, index, weighted, 0)];
  });
  const entropies = sub(reshape(logSumExp, [rows]), reduceSum(mul(hidden, expected), [1]));
  hidden.graph.setGradient(entropies, [], () => []);
  const largest = reshape(best, [rows]);
  hidden.graph.setGradient(largest, [], () => []);
  return { logprobs, entropies, largest };
}
