/**
 * @file Which files of a repository or folder are loaded: the configuration, the tokenizer, and the weights in the kind that suits the
 * device best, of those that there are.
 */
import type { Dtype } from '../src/protocol/other-models';

/** The files' names, after `model`, as transformers.js knows them. */
const SUFFIXES: Readonly<Record<Dtype, string>> = { q4f16: '_q4f16', q4: '_q4', q8: '_quantized', fp16: '_fp16', fp32: '' };

/** Best first. Eight-bit products run on the processor; float16 needs an adapter that computes in it. */
const PREFERENCES = {
  'webgpu-float16': ['q4f16', 'q4', 'q8', 'fp16', 'fp32'],
  webgpu: ['q4', 'q8', 'fp32'],
  wasm: ['q8', 'q4', 'fp32'],
} as const satisfies Record<string, readonly Dtype[]>;

/** Read beside the weights; the first three must be there. */
const NEEDED = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
const OPTIONAL = ['generation_config.json', 'chat_template.jinja'];
/** Larger ones are no configuration and no tokenizer; in bytes. */
const MAX_SMALL_BYTES = 64e6;
/** Browsers hold no larger file in one piece. */
const MAX_WEIGHTS_BYTES = 2 ** 31 - 1;

interface Sized {
  readonly path: string;
  readonly bytes: number;
}

/** The files to load. */
export interface OnnxChoice<F extends Sized> {
  readonly dtype: Dtype;
  /** Folder of the weights; empty for the top. */
  readonly subfolder: string;
  /** How many files of weights lie beside the graph's own. */
  readonly numDataFiles: number;
  readonly files: readonly F[];
  /** Of the weights. */
  readonly weightBytes: number;
}

/** Chooses. A sentence where there is nothing that could be loaded. */
export function chooseOnnx<F extends Sized>(all: readonly F[], device: keyof typeof PREFERENCES): OnnxChoice<F> | string {
  const byPath = new Map(all.map((file) => [file.path, file]));
  const missing = NEEDED.filter((name) => !byPath.has(name));
  if (missing.length > 0) return `There is no ${missing.join(', no ')}.`;
  const small = [...NEEDED, ...OPTIONAL].flatMap((name) => byPath.get(name) ?? []);
  const tooLong = small.find(({ bytes }) => bytes > MAX_SMALL_BYTES);
  if (tooLong) return `${tooLong.path} is too large.`;
  for (const dtype of PREFERENCES[device])
    for (const subfolder of ['onnx', '']) {
      const path = `${subfolder === '' ? '' : `${subfolder}/`}model${SUFFIXES[dtype]}.onnx`;
      const graph = byPath.get(path);
      if (!graph) continue;
      const data: F[] = [];
      for (let next = byPath.get(`${path}_data`); next; next = byPath.get(`${path}_data_${data.length}`)) data.push(next);
      const weights = [graph, ...data];
      if (weights.some(({ bytes }) => bytes > MAX_WEIGHTS_BYTES)) continue;
      const weightBytes = weights.reduce((sum, { bytes }) => sum + bytes, 0);
      return { dtype, subfolder, numDataFiles: data.length, files: [...small, ...weights], weightBytes };
    }
  return 'There are no ONNX files (onnx/model.onnx or a quantized one) that this device could load.';
}
