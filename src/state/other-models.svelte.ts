/**
 * @file Other people's models beside ours: a pair is chosen, looked at, loaded, and asked one prompt; the worker that runs it is
 * started when it is first wanted and ended to cancel.
 *
 * Nothing is asked of the hub but in `look` and `load`, which the page calls after a click.
 */
import { memoryFor } from '../core/model/memory';
import { proxy, wrap } from 'comlink';
import { forgetRepo, keptRepos, type KeptRepo } from '../protocol/hub-cache';
import type { ModelId } from '../protocol/load';
import type {
  LoadPlan,
  ModelSource,
  OtherAnswerOutcome,
  OtherFailure,
  OtherLoadEvent,
  OtherModelsApi,
  Role,
} from '../protocol/other-models';
import { ROLES } from '../protocol/other-models';
import { End } from './end';
import { noRoomFor } from './hub-room';
import { hubAddress } from './other-pairs';
import { SAMPLING_DEFAULTS, type Sampling } from './sampling';
import type { TrainerClient, WorkerLike } from './trainer-client.svelte';

/** Longest time that an answer may take to end when it is stopped; then its worker is ended. */
const STOP_MS = 10_000;
/** Most files of a folder that are looked at. */
const MAX_FILES = 2000;

/** One column: theirs by role, ours by model. */
export class OtherAnswer {
  status = $state<'empty' | 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed'>('empty');
  text = $state('');
  numTokens = $state(0);
  finished = $state(false);
  tokensPerSecond = $state<number | null>(null);
  failure = $state.raw<OtherFailure | null>(null);

  begin(): void {
    this.status = 'waiting';
    this.text = '';
    this.numTokens = 0;
    this.finished = false;
    this.tokensPerSecond = null;
    this.failure = null;
  }

  add(text: string): void {
    this.status = 'streaming';
    this.text += text;
  }
}

/** One worker from birth to death. */
interface Life {
  readonly worker: WorkerLike;
  readonly api: OtherModelsApi;
  readonly end: End<OtherFailure>;
}

const failed = (code: OtherFailure['code'], detail: string, name = ''): OtherFailure => ({ type: 'failed', code, name, detail });

function startHubWorker(): WorkerLike {
  return new Worker(new URL('../../workers/hub.worker.ts', import.meta.url), { type: 'module' });
}

/** The pair, and what it says. */
export class OtherModels {
  /** `looked`: there is a plan; `loaded`: they can be asked. */
  phase = $state<'none' | 'looking' | 'looked' | 'loading' | 'loaded'>('none');
  plan = $state.raw<LoadPlan | null>(null);
  failure = $state.raw<OtherFailure | null>(null);
  progress = $state.raw<OtherLoadEvent | null>(null);
  /** Kept repositories of the hub. */
  kept = $state.raw<readonly KeptRepo[]>([]);
  /** Folders picked so far. */
  folders = $state.raw<Readonly<Partial<Record<Role, ModelSource & { type: 'folder' }>>>>({});
  prompt = $state('');
  sampling = $state.raw<Sampling>({ ...SAMPLING_DEFAULTS });
  /** Whether our models answer too. */
  withOurs = $state(true);
  running = $state(false);
  readonly theirs: Readonly<Record<Role, OtherAnswer>> = { base: new OtherAnswer(), instruct: new OtherAnswer() };
  readonly ours: Readonly<Record<'base' | 'instruct', OtherAnswer>> = { base: new OtherAnswer(), instruct: new OtherAnswer() };
  /** The hub's address; null where nothing can be asked of it. */
  readonly hub = hubAddress();

  readonly #client: TrainerClient;
  readonly #startWorker: () => WorkerLike;
  readonly #scope = new URL('./', document.baseURI).href;
  #life: Life | null = null;
  #turn = 0;

  constructor(client: TrainerClient, startWorker: () => WorkerLike = startHubWorker) {
    this.#client = client;
    this.#startWorker = startWorker;
  }

  /** Roles that can be asked. */
  roles: readonly Role[] = $derived(ROLES.filter((role) => this.plan?.models.some((model) => model.role === role)));

  /** Our models that answer beside them: base, and the one that post-training made. */
  ourIds: Readonly<Partial<Record<Role, ModelId>>> = $derived.by(() => {
    const { models, phase } = this.#client;
    if (phase !== 'ready') return {};
    const after = (['rlhf', 'sft'] as const).find((id) => models.some((model) => model.id === id));
    return { ...(models.some(({ id }) => id === 'base') && { base: 'base' as const }), ...(after && { instruct: after }) };
  });

  async refreshKept(): Promise<void> {
    this.kept = this.hub === null ? [] : await keptRepos(this.#scope);
  }

  async forget(repo: string): Promise<void> {
    await forgetRepo(this.#scope, repo).catch(() => undefined);
    await this.refreshKept();
    if (this.phase === 'looked') this.close();
  }

  /** Asks the hub what a pair takes. */
  lookAtHub(base: string, instruct: string): Promise<void> {
    const repos = { base: base.trim(), instruct: instruct.trim() };
    const entries = ROLES.filter((role) => repos[role] !== '').map((role) => [role, { type: 'hub', repo: repos[role] }] as const);
    return this.#look(Object.fromEntries(entries));
  }

  /** Takes the files of a picked folder for one of the pair, and looks at what has been picked. */
  async pick(role: Role, picked: readonly File[]): Promise<void> {
    if (picked.length === 0) return;
    const split = picked.slice(0, MAX_FILES).map((file) => ({ file, parts: (file.webkitRelativePath || `model/${file.name}`).split('/') }));
    const files = new Map(split.map(({ file, parts }) => [parts.slice(1).join('/'), file as Blob]));
    this.folders = { ...this.folders, [role]: { type: 'folder', name: split[0]!.parts[0]!, files } };
    await this.#look(this.folders);
  }

  async #look(sources: Readonly<Partial<Record<Role, ModelSource>>>): Promise<void> {
    this.close({ keepFolders: true });
    if (Object.keys(sources).length === 0) return;
    this.phase = 'looking';
    const { deviceMemory } = navigator as { deviceMemory?: number };
    const request = {
      sources,
      hub: this.hub ?? '',
      scope: this.#scope,
      wasmOnly: this.#client.choice === 'wasm',
      availableBytes: memoryFor(deviceMemory),
    };
    const outcome = await this.#call((api) => api.look(request));
    if (this.phase !== 'looking') return;
    if (outcome.type === 'failed') {
      this.failure = outcome;
      this.phase = 'none';
      return;
    }
    this.plan = outcome.plan;
    this.phase = 'looked';
    const { memoryBytes, availableBytes } = outcome.plan;
    if (memoryBytes > availableBytes) this.failure = failed('too-large', '');
  }

  /** Fetches what is missing and loads the pair. */
  async load(): Promise<void> {
    const { plan } = this;
    if (!plan || this.phase !== 'looked' || plan.memoryBytes > plan.availableBytes) return;
    this.failure = null;
    this.phase = 'loading';
    const missing = plan.models.reduce((sum, { bytes, keptBytes }) => sum + bytes - keptBytes, 0);
    this.progress = { type: 'fetching', doneBytes: 0, totalBytes: 0 };
    const failure = await noRoomFor(missing);
    const outcome = failure ?? (await this.#call((api) => api.load(proxy((event) => void (this.progress = event)))));
    if (this.phase !== 'loading') return; // cancelled
    this.progress = null;
    this.phase = outcome.type === 'completed' ? 'loaded' : 'looked';
    if (outcome.type === 'failed') this.failure = outcome;
    await this.refreshKept();
  }

  /** Ends fetching or loading; what came is kept, and the pair can be loaded again. */
  async cancel(): Promise<void> {
    if (this.phase !== 'loading' && this.phase !== 'looking') return;
    this.#end(failed('worker-crashed', ''));
    this.phase = 'none';
    this.plan = null;
    this.progress = null;
    await this.refreshKept();
  }

  /** Lets the pair go, and its memory with it. */
  close({ keepFolders = false } = {}): void {
    this.#turn += 1;
    this.running = false;
    this.#end(failed('worker-crashed', ''));
    this.phase = 'none';
    this.plan = null;
    this.progress = null;
    this.failure = null;
    if (!keepFolders) this.folders = {};
    for (const answer of [...Object.values(this.theirs), ...Object.values(this.ours)]) answer.status = 'empty';
  }

  /** Asks the pair, and ours with it. */
  async ask(): Promise<void> {
    const prompt = this.prompt.trim();
    if (prompt === '' || this.phase !== 'loaded' || this.running) return;
    const turn = ++this.#turn;
    this.running = true;
    const { roles } = this;
    const ourIds = this.withOurs ? this.ourIds : {};
    for (const role of ROLES) {
      if (roles.includes(role)) this.theirs[role].begin();
      if (ourIds[role]) this.ours[role].begin();
      else this.ours[role].status = 'empty';
    }
    await Promise.all([this.#askTheirs(roles, prompt, turn), this.#askOurs(ourIds, prompt, turn)]);
    if (turn === this.#turn) this.running = false;
  }

  /** Ends all answers where they are; a worker that does not listen is ended. */
  async stop(): Promise<void> {
    this.#turn += 1;
    this.running = false;
    for (const answer of [...Object.values(this.theirs), ...Object.values(this.ours)])
      if (answer.status === 'waiting' || answer.status === 'streaming') answer.status = 'stopped';
    void this.#client.stopGenerating();
    const life = this.#life;
    if (!life) return;
    const timer = setTimeout(() => {
      if (life === this.#life) this.close({ keepFolders: true });
    }, STOP_MS);
    await this.#call((api) => api.stop());
    await this.#answering; // until then it takes no other question
    clearTimeout(timer);
  }

  #answering: Promise<unknown> = Promise.resolve();

  async #askTheirs(roles: readonly Role[], prompt: string, turn: number): Promise<void> {
    await this.#answering; // of a question that was stopped
    for (const role of roles) {
      if (turn !== this.#turn) return;
      const answer = this.theirs[role];
      const request = { role, prompt, ...this.sampling };
      const asked = this.#call((api) =>
        api.answer(
          request,
          proxy((text) => {
            if (turn === this.#turn) answer.add(text);
          }),
        ),
      );
      this.#answering = asked;
      const outcome = await asked;
      if (turn !== this.#turn) return;
      settle(answer, outcome);
    }
  }

  async #askOurs(ids: Readonly<Partial<Record<Role, ModelId>>>, prompt: string, turn: number): Promise<void> {
    for (const role of ROLES) {
      const model = ids[role];
      if (!model || turn !== this.#turn) continue;
      const answer = this.ours[role];
      const outcome = await this.#client.generate({ model, prompt, ...this.sampling, numAlternatives: 0 }, ({ tokens }) => {
        if (turn === this.#turn) answer.add(tokens.map(({ text }) => text).join(''));
      });
      if (turn !== this.#turn) return;
      if (outcome.type !== 'completed') settle(answer, outcome.type === 'failed' ? failed('worker-crashed', outcome.detail) : outcome);
      else {
        const { completion, tokensPerSecond } = outcome;
        settle(answer, { type: 'completed', numTokens: completion.numTokens, finished: completion.finished, tokensPerSecond });
      }
    }
  }

  /** Calls the worker; its death comes back as a failure. */
  async #call<T>(ask: (api: OtherModelsApi) => Promise<T>): Promise<T | OtherFailure> {
    const life = (this.#life ??= this.#begin());
    const answer = ask(life.api).catch((error: unknown) =>
      failed('worker-crashed', error instanceof Error ? error.message : String(error)),
    );
    return life.end.race(answer);
  }

  #begin(): Life {
    const worker = this.#startWorker();
    const life: Life = { worker, api: wrap<OtherModelsApi>(worker), end: new End() };
    worker.addEventListener('error', ((event: Event) => {
      if (this.#life !== life) return;
      event.preventDefault();
      const failure = failed('worker-crashed', (event as Partial<ErrorEvent>).message ?? '');
      this.#end(failure);
      if (this.phase === 'loaded' || this.phase === 'looked') this.phase = 'none';
      this.failure = failure;
    }) as EventListener);
    return life;
  }

  #end(why: OtherFailure): void {
    const life = this.#life;
    this.#life = null;
    life?.worker.terminate();
    life?.end.come(why);
  }
}

function settle(answer: OtherAnswer, outcome: OtherAnswerOutcome): void {
  if (outcome.type === 'failed') {
    answer.failure = outcome;
    answer.status = 'failed';
  } else if (outcome.type === 'stopped') answer.status = 'stopped';
  else {
    answer.numTokens = outcome.numTokens;
    answer.finished = outcome.finished;
    answer.tokensPerSecond = outcome.tokensPerSecond;
    answer.status = 'done';
  }
}
