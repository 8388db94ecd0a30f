/**
 * @file Pairs of other people's models worth comparing: a small base model, and the same after post-training, as ONNX on the hub.
 *
 * Sizes are what the hub says when a pair is looked at; here is only how many parameters a model has. The repositories hold
 * conversions of the models that they are named after.
 */

/** A pair. */
export interface OtherPair {
  readonly id: string;
  readonly title: string;
  /** Of one model. */
  readonly numParameters: number;
  readonly licence: string;
  readonly base: string;
  readonly instruct: string;
}

/** The pairs, smallest first. */
export const OTHER_PAIRS: readonly OtherPair[] = [
  {
    id: 'smollm2-135m',
    title: 'SmolLM2 135M',
    numParameters: 134_515_008,
    licence: 'Apache 2.0',
    base: 'onnx-community/SmolLM2-135M-ONNX',
    instruct: 'onnx-community/SmolLM2-135M-Instruct-ONNX',
  },
  {
    id: 'gemma-3-270m',
    title: 'Gemma 3 270M',
    numParameters: 268_098_176,
    licence: 'Gemma terms of use',
    base: 'onnx-community/gemma-3-270m-ONNX',
    instruct: 'onnx-community/gemma-3-270m-it-ONNX',
  },
  {
    id: 'qwen3-0.6b',
    title: 'Qwen3 0.6B',
    numParameters: 596_049_920,
    licence: 'Apache 2.0',
    base: 'liodon-ai/Qwen3-0.6B-Base-ONNX',
    instruct: 'onnx-community/Qwen3-0.6B-ONNX',
  },
];

/** The hub that this site asks, as `index.html` says; null for a page from disk, whose policy lets it ask nobody. */
export function hubAddress(): string | null {
  if (globalThis.aftertrainFiles !== undefined) return null;
  const address = document.querySelector<HTMLMetaElement>('meta[name="aftertrain-hub"]')?.content ?? '';
  return URL.canParse(address) ? new URL(address).href : null;
}
