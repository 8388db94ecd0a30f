/**
 * @file @huggingface/transformers in a worker: generation from our exported ONNX, with its own ONNX Runtime.
 *
 * Greedy, which is its fastest way: its sampler sorts in JavaScript. End tokens are out of reach, as they are for ours.
 */
import '../browser/machine';
import { AutoModelForCausalLM, env, Tensor, type PreTrainedModel } from '@huggingface/transformers';
import { expose } from 'comlink';
import glueUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import { memoryHeld, pretendProcessors } from '../browser/machine';
import type { GenerateContender, GenerateTask, Memory, RolloutTiming } from '../contender';

const absolute = (url: string) => new URL(url, self.location.href).href;

class TransformersWorker implements GenerateContender {
  #model: PreTrainedModel | null = null;

  async #generate(rows: readonly (readonly number[])[], numTokens: number): Promise<number[][]> {
    const dims = [rows.length, rows[0]!.length];
    const ids = BigInt64Array.from(rows.flat(), BigInt);
    const outputs = await this.#model!.generate({
      inputs: new Tensor('int64', ids, dims),
      attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), dims),
      max_new_tokens: numTokens,
      do_sample: false,
      eos_token_id: null,
    } as unknown as Parameters<PreTrainedModel['generate']>[0]);
    const [batch, length] = (outputs as Tensor).dims as [number, number];
    const all = Array.from((outputs as Tensor).data as BigInt64Array, Number);
    return Array.from({ length: batch }, (_, row) => all.slice(row * length + dims[1]!, (row + 1) * length));
  }

  async prepareGeneration({ folderUrl, runtime, numThreads }: GenerateTask, prompt: readonly number[]): Promise<{ firstTokenMs: number }> {
    const start = performance.now();
    pretendProcessors(numThreads);
    const { wasm } = env.backends.onnx;
    if (!wasm) throw new Error('transformers.js has no wasm backend here');
    Object.assign(wasm, { numThreads, wasmPaths: { wasm: absolute(wasmUrl), mjs: absolute(glueUrl) } });
    Object.assign(env, {
      allowRemoteModels: false,
      allowLocalModels: true,
      useBrowserCache: false,
      localModelPath: new URL('.', folderUrl).href,
    });
    const name = folderUrl.slice(folderUrl.lastIndexOf('/') + 1);
    this.#model = await AutoModelForCausalLM.from_pretrained(name, { dtype: 'fp32', device: runtime });
    await this.firstToken(prompt);
    return { firstTokenMs: performance.now() - start };
  }

  async firstToken(prompt: readonly number[]): Promise<number> {
    const start = performance.now();
    await this.#generate([prompt], 1);
    return performance.now() - start;
  }

  async rollout(starts: readonly number[], numTokens: number): Promise<RolloutTiming> {
    const start = performance.now();
    const tokens = await this.#generate(
      starts.map((token) => [token]),
      numTokens,
    );
    return { ms: performance.now() - start, tokens };
  }

  memory(): Promise<Memory> {
    return Promise.resolve(memoryHeld());
  }
}

expose(new TransformersWorker());
