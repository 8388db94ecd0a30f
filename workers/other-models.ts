/**
 * @file Other people's models in their own worker, through transformers.js: looked at, fetched or read from a folder, loaded, asked.
 *
 * transformers.js never asks the network: it is handed files that we have fetched, or that the reader picked, as the answers to what
 * it would fetch. So progress, resuming, cancelling and every failure are ours, and a folder and the hub are loaded alike.
 */
import {
  AutoModelForCausalLM,
  AutoTokenizer,
  env,
  InterruptableStoppingCriteria,
  random,
  TextStreamer,
  type PreTrainedModel,
  type PreTrainedTokenizer,
  type Tensor,
} from '@huggingface/transformers';
import { requestOwnDevice } from '../src/engine/device';
import { numWasmThreads, wasmPaths } from '../src/engine/wasm-paths';
import { isRepoName, keptBytesOf, keptPieces, type HubFile, type Listing } from '../src/protocol/hub-cache';
import {
  ROLES,
  type LookOutcome,
  type LookRequest,
  type ModelSource,
  type OtherAnswerOutcome,
  type OtherAnswerRequest,
  type OtherFailure,
  type OtherLoadEvent,
  type OtherLoadOutcome,
  type OtherModelsApi,
  type Role,
} from '../src/protocol/other-models';
import { OUT_OF_MEMORY } from './failures';
import { hubFiles, lookUp, openHub, OtherError, type HubHost } from './hub-files';
import { chooseOnnx, type OnnxChoice } from './onnx-choice';

/** What is asked of it is answered from files at hand; nothing has this address. */
const NOWHERE = 'https://files.invalid/';

/** A model that was looked at: how to get its files, and which. */
interface Looked {
  readonly role: Role;
  readonly from: ModelSource['type'];
  readonly name: string;
  readonly choice: OnnxChoice<{ readonly path: string; readonly bytes: number }>;
  readonly licence: string | null;
  readonly keptBytes: number;
  files(heard: (bytes: number) => void): Promise<ReadonlyMap<string, Blob>>;
}

/** A model that answers. */
interface Loaded {
  readonly name: string;
  readonly tokenizer: PreTrainedTokenizer;
  readonly model: PreTrainedModel;
  /** Turns a question into what the model reads; null for a base model. */
  readonly chatTemplate: string | null;
}

/** A message of the page can only come between two tasks; on the processor a whole answer would be one. */
const breath = () =>
  new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

function failureOf(error: unknown, name: string): OtherFailure {
  if (error instanceof OtherError) return error.failure;
  const detail = error instanceof Error ? error.message : String(error);
  return new OtherError(OUT_OF_MEMORY.test(detail) ? 'out-of-memory' : 'unsupported', name, detail).failure;
}

/** The worker's side of the contract. */
export class OtherModels implements OtherModelsApi {
  #looked: readonly Looked[] = [];
  #device: GPUDevice | null = null;
  #loaded = new Map<Role, Loaded>();
  #stopping: InterruptableStoppingCriteria | null = null;
  /** Loads so far: transformers.js remembers what it found under a name. */
  #numLoads = 0;

  async look({ sources, hub, scope, wasmOnly, availableBytes }: LookRequest): Promise<LookOutcome> {
    let name = '';
    try {
      const found = wasmOnly ? null : (this.#device ?? (await requestOwnDevice({ float16: true })));
      const device = found && 'device' in found ? found.device : found;
      const noWebgpu = found && 'device' in found && found.device === null ? found.reason : null;
      this.#device = device;
      const backend = device ? 'webgpu' : 'wasm';
      const kind = device?.features.has('shader-f16') ? 'webgpu-float16' : backend;
      const host = Object.values(sources).some(({ type }) => type === 'hub') ? await openHub(hub, scope) : null;
      const looked: Looked[] = [];
      for (const role of ROLES) {
        const source = sources[role];
        if (!source) continue;
        name = source.type === 'hub' ? source.repo : source.name;
        looked.push(await lookAt(role, source, kind, host));
      }
      const sizes = looked.map(({ choice }) => choice.weightBytes);
      // Each is in memory twice while it is read: as its file, and as the engine has it.
      const memoryBytes = sizes.reduce((sum, bytes) => sum + bytes, 0) + Math.max(0, ...sizes);
      this.#looked = looked;
      const models = looked.map(({ role, from, name: of, licence, keptBytes, choice }) => {
        const bytes = choice.files.reduce((sum, file) => sum + file.bytes, 0);
        return { role, from, name: of, licence, dtype: choice.dtype, bytes, keptBytes };
      });
      return { type: 'completed', plan: { models, backend, noWebgpu, memoryBytes, availableBytes } };
    } catch (error) {
      return failureOf(error, name);
    }
  }

  async load(listener: (event: OtherLoadEvent) => void): Promise<OtherLoadOutcome> {
    const looked = this.#looked;
    const start = performance.now();
    const totalBytes = looked.flatMap(({ choice }) => choice.files).reduce((sum, { bytes }) => sum + bytes, 0);
    let [doneBytes, toldMs, name] = [0, -Infinity, ''];
    const heard = (bytes: number) => {
      doneBytes += bytes;
      const now = performance.now();
      if (now - toldMs < 50 && doneBytes < totalBytes) return;
      toldMs = now;
      listener({ type: 'fetching', doneBytes, totalBytes });
    };
    try {
      await this.#unload();
      const fetched: (readonly [Looked, ReadonlyMap<string, Blob>])[] = [];
      for (const one of looked) {
        name = one.name;
        fetched.push([one, await one.files(heard)]);
      }
      for (const [one, files] of fetched) {
        name = one.name;
        await Promise.resolve(listener({ type: 'starting', role: one.role }));
        this.#loaded.set(one.role, await this.#start(one, files));
      }
      return { type: 'completed', loadMs: performance.now() - start };
    } catch (error) {
      await this.#unload().catch(() => undefined);
      return failureOf(error, name);
    }
  }

  async answer(request: OtherAnswerRequest, listener: (text: string) => void): Promise<OtherAnswerOutcome> {
    const { role, prompt, seed, temperature, maxTokens } = request;
    const loaded = this.#loaded.get(role);
    if (!loaded || this.#stopping) return new OtherError('bad-request', '', 'This model is not loaded, or still answers.').failure;
    const { name, tokenizer, model, chatTemplate } = loaded;
    const stopping = (this.#stopping = new InterruptableStoppingCriteria());
    const told: unknown[] = [];
    let numTokens = 0;
    try {
      const text =
        chatTemplate === null
          ? prompt
          : (tokenizer.apply_chat_template([{ role: 'user', content: prompt }], {
              chat_template: chatTemplate,
              add_generation_prompt: true,
              tokenize: false,
              enable_thinking: false, // Qwen's; others do not know it
            } as object) as unknown as string);
      // A template writes its special tokens itself.
      const inputs = tokenizer(text, { add_special_tokens: chatTemplate === null }) as { input_ids: Tensor };
      const streamer = new TextStreamer(tokenizer, {
        skip_prompt: true,
        callback_function: (part: string) => told.push(listener(part)),
        token_callback_function: () => (numTokens += 1),
      });
      random.seed(seed);
      const start = performance.now();
      const sampling = temperature > 0 ? { do_sample: true, temperature, top_k: 0, top_p: 1 } : { do_sample: false };
      const output = (await model.generate({
        ...inputs,
        ...sampling,
        max_new_tokens: maxTokens,
        streamer,
        stopping_criteria: stopping,
      } as Parameters<PreTrainedModel['generate']>[0])) as Tensor;
      const seconds = (performance.now() - start) / 1000;
      await Promise.all(told);
      if (stopping.interrupted) return { type: 'stopped' };
      const finished = output.dims.at(-1)! - inputs.input_ids.dims.at(-1)! < maxTokens || this.#ended(model, output);
      return { type: 'completed', numTokens, finished, tokensPerSecond: numTokens / seconds };
    } catch (error) {
      return failureOf(error, name);
    } finally {
      this.#stopping = null;
    }
  }

  stop(): Promise<void> {
    this.#stopping?.interrupt();
    return Promise.resolve();
  }

  /** Whether the last token is one that ends an answer. */
  #ended(model: PreTrainedModel, output: Tensor): boolean {
    const ends = [(model as { generation_config?: { eos_token_id?: number | number[] } }).generation_config?.eos_token_id ?? []].flat();
    return ends.includes(Number((output.data as BigInt64Array).at(-1)));
  }

  async #start({ name, role, choice }: Looked, files: ReadonlyMap<string, Blob>): Promise<Loaded> {
    const numLoads = ++this.#numLoads;
    const id = `load-${numLoads}/${role}`;
    env.allowLocalModels = false;
    env.useBrowserCache = false;
    env.useWasmCache = false; // the service worker keeps it
    env.remoteHost = NOWHERE;
    env.fetch = (address: string | URL) => {
      const path = decodeURIComponent(String(address).replace(`${NOWHERE}${id}/resolve/main/`, ''));
      const file = files.get(path);
      const headers = { 'Content-Length': String(file?.size ?? 0) };
      return Promise.resolve(file ? new Response(file, { headers }) : new Response(null, { status: 404 }));
    };
    const wasm = env.backends.onnx.wasm!;
    wasm.wasmPaths = wasmPaths('webgpu'); // the build that transformers.js imports; it runs on the processor as well
    wasm.numThreads = numWasmThreads();
    const device = this.#device;
    const session_options = {
      logSeverityLevel: 3 as const,
      ...(device && { executionProviders: [{ name: 'webgpu', device }] as never[] }),
    };
    const tokenizer = await AutoTokenizer.from_pretrained(id);
    const model = await AutoModelForCausalLM.from_pretrained(id, {
      device: device ? 'webgpu' : 'wasm',
      dtype: choice.dtype,
      subfolder: choice.subfolder,
      use_external_data_format: choice.numDataFiles,
      session_options,
    });
    for (const session of Object.values(model.sessions) as { run: (...args: unknown[]) => Promise<unknown> }[]) {
      const run = session.run.bind(session);
      session.run = async (...args) => {
        await breath();
        return run(...args);
      };
    }
    const template = files.get('chat_template.jinja');
    const own = typeof tokenizer.chat_template === 'string' ? tokenizer.chat_template : null;
    const chatTemplate =
      role === 'base' ? null : template ? await template.text() : (own ?? (tokenizer.chat_template ? tokenizer.get_chat_template() : null));
    return { name, tokenizer, model, chatTemplate };
  }

  async #unload(): Promise<void> {
    const loaded = [...this.#loaded.values()];
    this.#loaded.clear();
    for (const { model } of loaded) await model.dispose();
  }
}

async function lookAt(role: Role, source: ModelSource, kind: Parameters<typeof chooseOnnx>[1], host: HubHost | null): Promise<Looked> {
  if (source.type === 'folder') {
    const { name, files } = source;
    const choice = chosen(name, chooseOnnx(sizes(files), kind));
    const wanted = new Map(choice.files.map(({ path }) => [path, files.get(path)!]));
    const bytes = choice.files.reduce((sum, file) => sum + file.bytes, 0);
    const read = (heard: (bytes: number) => void) => Promise.resolve((heard(bytes), wanted));
    return { role, from: source.type, name, choice, licence: null, keptBytes: bytes, files: read };
  }
  const { repo } = source;
  if (!isRepoName(repo)) throw new OtherError('bad-request', repo, 'A repository is named owner/name.');
  const listing: Listing = await lookUp(host!, repo);
  const choice: OnnxChoice<HubFile> = chosen(repo, chooseOnnx(listing.files, kind));
  const keptBytes = keptBytesOf(host!.scope, repo, choice.files, await keptPieces(host!.cache, host!.scope, repo));
  const fetchAll = (heard: (bytes: number) => void) => hubFiles(host!, listing, choice.files, heard);
  return { role, from: source.type, name: repo, choice, licence: listing.licence, keptBytes, files: fetchAll };
}

const sizes = (files: ReadonlyMap<string, Blob>) => [...files].map(([path, { size }]) => ({ path, bytes: size }));

function chosen<F extends { readonly path: string; readonly bytes: number }>(name: string, choice: OnnxChoice<F> | string): OnnxChoice<F> {
  if (typeof choice === 'string') throw new OtherError('no-onnx', name, choice);
  return choice;
}
