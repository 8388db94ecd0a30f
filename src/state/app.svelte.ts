/**
 * @file The page's state as one object: who tells whom when something happens.
 *
 * The page comes alive by itself: it loads, asks the default prompt, and ranks a group of answers. Training never
 * starts without a click.
 */
import { DEFAULT_WEIGHTS } from '../core/reward/features';
import { SUGGESTED_PROMPTS } from '../core/world/suggestions';
import { m } from '../messages/messages';
import { broughtFamily, type BroughtFolder } from '../protocol/brought';
import type { EngineChoice, Failure } from '../protocol/load';
import type { RunSpec } from '../protocol/run';
import { Compare } from './compare.svelte';
import { Language } from './language.svelte';
import { differing, readLink, writeLink } from './link';
import { Recovery } from './recovery.svelte';
import { completeWeights, Reward } from './reward.svelte';
import { Run } from './run.svelte';
import { SAMPLING_DEFAULTS } from './sampling';
import { Settings } from './settings.svelte';
import { TrainerClient } from './trainer-client.svelte';
import type { Lessons } from './lessons.svelte';
import type { HubLlamas } from './hub-llamas.svelte';
import type { OtherModels } from './other-models.svelte';
import type { OwnRows } from './own-rows.svelte';
import type { RewardLab } from './reward-lab.svelte';
import type { RewardShelves } from './reward-shelves.svelte';
import type { Backup } from './backup/backup.svelte';
import type { Offline } from './offline.svelte';
import type { Runs } from './runs.svelte';
import type { Storage } from './storage.svelte';
import { isBareView, placeOf, View, viewOf, type ViewId } from './view.svelte';
import type { WorldState } from './world.svelte';

/** What the page asks when nobody has said otherwise. */
const DEFAULT_PROMPT = SUGGESTED_PROMPTS[0] ?? 'Hello!';
/** Prompts followed through a run, the reader's own among them. */
const NUM_FIXED_PROMPTS = 3;

/** Everything on the page. */
export class AppState {
  readonly settings = new Settings();
  readonly language = new Language();
  readonly view = new View();
  readonly client: TrainerClient;
  readonly compare: Compare;
  readonly reward: Reward;
  readonly run: Run;
  readonly recovery: Recovery;
  engineChoice = $state<EngineChoice>('auto');
  /** Sentences about values in the link that were refused or brought into range. */
  linkNotes = $state.raw<readonly string[]>([]);
  #storage: Promise<Storage> | null = null;
  #lab: Promise<RewardLab> | null = null;
  #world: Promise<WorldState> | null = null;
  #lessons: Promise<Lessons> | null = null;
  #backup: Promise<Backup> | null = null;
  #others: Promise<OtherModels> | null = null;
  #hubLlamas: Promise<HubLlamas> | null = null;
  /** What of the page is kept on this device; null until it has been opened, and in development. */
  offline = $state.raw<Offline | null>(null);
  #offline: Promise<void> | null = null;
  /** The kept reward models; null until the page has started. */
  rewards = $state.raw<RewardShelves | null>(null);
  #rewards: Promise<RewardShelves> | null = null;
  #ownRows: Promise<OwnRows> | null = null;
  /** The kept runs; null until the page has started. */
  runs = $state.raw<Runs | null>(null);
  #runs: Promise<Runs> | null = null;

  /** The address's fragment for the page as it stands. */
  fragment = $derived.by(() => {
    const { compare, reward, run } = this;
    const prompt = compare.prompt.trim();
    return writeLink({
      prompt: prompt === DEFAULT_PROMPT || prompt === '' ? undefined : prompt,
      engine: this.engineChoice === 'auto' ? undefined : this.engineChoice,
      setup: run.setup.changes,
      sampling: differing(compare.sampling, SAMPLING_DEFAULTS),
      weights: differing(reward.weights, completeWeights(DEFAULT_WEIGHTS)),
    });
  });

  /** What a screen reader is told as it changes; not each token and not each update. */
  announcement = $derived.by(() => {
    const { client, compare, run } = this;
    if (run.status === 'recovering') return m.engine_says_recovering();
    if (client.phase === 'loading') return m.engine_says_loading();
    if (client.phase === 'failed') return '';
    if (run.status === 'running') return m.engine_says_training({ update: run.update - (run.update % 10), total: run.numUpdates });
    if (run.status === 'paused') return m.engine_says_paused({ update: run.update });
    if (run.status === 'completed') return m.engine_says_finished({ update: run.update });
    if (run.status === 'stopped') return m.engine_says_stopped({ update: run.update });
    if (compare.running) return m.engine_says_answering();
    return compare.answers.rlhf.status === 'done' ? m.engine_says_answered() : m.engine_says_ready();
  });

  /** @param storage where to keep things; the browser's own unless told otherwise */
  constructor(client = new TrainerClient(), storage: Storage | null = null) {
    this.client = client;
    this.#storage = storage && Promise.resolve(storage);
    this.compare = new Compare(client);
    this.reward = new Reward(client, {
      part: () => this.run.setup.rewardModel,
      score: async (id, texts) => (await this.openRewards()).neural.score(id, texts),
    });
    this.run = new Run(client, {
      weights: () => this.reward.weights,
      setWeights: (weights) => this.reward.setWeights(weights),
      observer: async () => (await this.#runs?.catch(() => null))?.keeper ?? null,
      fixedPrompts: () => this.#fixedPrompts(),
      policyChanged: (update) => this.compare.refreshYours(update),
      policyForgotten: () => this.compare.forgetYours(),
      familyChanged: () => this.load(),
      starting: () => this.recovery.clear(),
      recovered: () => this.recovery.ended(),
    });
    this.recovery = new Recovery(client, {
      done: () => ({ updates: this.run.numDone, answers: this.client.numAnswers }),
      runGoesOn: () => this.run.goesOn,
      restore: () => this.run.restorePolicy(),
      back: () => void this.#resumeAnswers(),
    });
    client.onlost = (failure) => this.recovery.begin(failure);
    client.prepare = (spec) => this.#prepare(spec);
    this.compare.prompt = DEFAULT_PROMPT;
  }

  /** Sets up what the link says, loads, and asks the prompt. */
  async start(hash: string): Promise<void> {
    this.view.current = viewOf(hash);
    this.view.place = placeOf(hash);
    this.openLink(hash);
    void this.openRuns();
    void this.openRewards();
    void this.openOwnRows();
    await this.load(this.engineChoice);
  }

  /** Sets the page up as a link says; never starts a run. */
  openLink(hash: string): void {
    const { link, notes } = readLink(hash);
    this.linkNotes = notes;
    this.compare.prompt = link.prompt ?? DEFAULT_PROMPT;
    this.compare.sampling = { ...SAMPLING_DEFAULTS, ...link.sampling };
    this.engineChoice = link.engine ?? 'auto';
    this.reward.setWeights({ ...DEFAULT_WEIGHTS, ...link.weights });
    if (!this.run.active) this.run.setup.open(link.setup);
  }

  /** Shows a view, as the navigation does. */
  async goTo(view: ViewId, place = ''): Promise<void> {
    this.view.go(view, this.fragment, place);
    if (this.compare.asked === '') await this.ask();
  }

  /** The reward lab, fetched when first asked for: the first view does without. */
  openLab(): Promise<RewardLab> {
    this.#lab ??= Promise.all([import('./reward-lab.svelte'), this.#openStorage(), this.openRewards()]).then(
      ([{ RewardLab }, storage, rewards]) => RewardLab.open(this.client, { hasYours: () => this.compare.hasYours, storage, rewards }),
    );
    this.#lab.catch(() => (this.#lab = null)); // so that a broken connection can be tried again
    return this.#lab;
  }

  /** The kept reward models, fetched while the models load: a run may be rewarded by one. */
  openRewards(): Promise<RewardShelves> {
    this.#rewards ??= Promise.all([import('./reward-shelves.svelte'), this.#openStorage()]).then(([{ RewardShelves }, storage]) =>
      RewardShelves.open(this.client, storage),
    );
    this.#rewards.then(
      (rewards) => (this.rewards = rewards),
      () => (this.#rewards = null),
    );
    return this.#rewards;
  }

  /** Rows of the reader's own, which runs may learn from. */
  openOwnRows(): Promise<OwnRows> {
    this.#ownRows ??= Promise.all([import('./own-rows.svelte'), this.#openStorage()]).then(([{ OwnRows }, storage]) =>
      OwnRows.open(this.client, storage),
    );
    this.#ownRows.then(
      (rows) => (this.run.setup.ownRows = rows),
      () => (this.#ownRows = null),
    );
    return this.#ownRows;
  }

  /** Gives the worker what a run needs besides its specification. Null, or why that is impossible. */
  async #prepare({ rewardModel, data }: RunSpec): Promise<Failure | null> {
    const failure = rewardModel ? await (await this.openRewards()).neural.install(rewardModel) : null;
    return failure ?? (data?.rows ? (await this.openOwnRows()).install(data.rows) : null);
  }

  /** The lessons, fetched when first asked for. */
  openLessons(): Promise<Lessons> {
    this.#lessons ??= Promise.all([import('./lessons.svelte'), import('../lessons/catalogue'), this.#openStorage()]).then(
      ([{ Lessons }, { LESSONS }, storage]) => new Lessons(LESSONS, this, storage),
    );
    this.#lessons.catch(() => (this.#lessons = null));
    return this.#lessons;
  }

  /** The world's state, fetched when first asked for, as the reward lab is. */
  openWorld(): Promise<WorldState> {
    this.#world ??= import('./world.svelte').then(({ WorldState }) => new WorldState());
    this.#world.catch(() => (this.#world = null));
    return this.#world;
  }

  /** Starts keeping the page for use without a network; a built page only, for in development files change all the time. */
  openOffline(): Promise<void> {
    if (!import.meta.env.PROD) return Promise.resolve();
    this.#offline ??= import('./offline.svelte').then(async ({ Offline }) => {
      const offline = new Offline();
      this.offline = offline;
      await offline.start();
    });
    this.#offline.catch(() => (this.#offline = null));
    return this.#offline;
  }

  /** Everything the reader made, into one file and back; fetched when first asked for. */
  openBackup(): Promise<Backup> {
    this.#backup ??= Promise.all([import('./backup/backup.svelte'), this.#openStorage()]).then(
      ([{ Backup }, storage]) => new Backup(storage),
    );
    this.#backup.catch(() => (this.#backup = null));
    return this.#backup;
  }

  /** Other people's models, fetched when first asked for; their worker comes later still. */
  openOthers(): Promise<OtherModels> {
    this.#others ??= import('./other-models.svelte').then(({ OtherModels }) => new OtherModels(this.client));
    this.#others.catch(() => (this.#others = null));
    return this.#others;
  }

  /** A Llama of the hub for the page's own engine, fetched as the others are. */
  openHubLlamas(): Promise<HubLlamas> {
    this.#hubLlamas ??= import('./hub-llamas.svelte').then(({ HubLlamas }) => new HubLlamas((folder) => this.bring(folder)));
    this.#hubLlamas.catch(() => (this.#hubLlamas = null));
    return this.#hubLlamas;
  }

  /** Shows the playground and asks a prompt there; one asked before the models are loaded is asked when they are. */
  async askThere(prompt: string): Promise<void> {
    this.compare.prompt = prompt;
    this.view.go('playground', this.fragment);
    await this.ask();
  }

  /** The runs that were kept, fetched while the models load. */
  openRuns(): Promise<Runs> {
    this.#runs ??= Promise.all([import('./runs.svelte'), this.#openStorage()]).then(([{ Runs }, storage]) =>
      Runs.open(this.client, this.run, storage, async () => (await this.openRewards()).neural),
    );
    this.#runs.then(
      (runs) => (this.runs = runs),
      () => (this.#runs = null), // so that a broken connection can be tried again
    );
    return this.#runs;
  }

  #openStorage(): Promise<Storage> {
    this.#storage ??= import('./storage.svelte').then(({ Storage }) => new Storage());
    this.#storage.catch(() => (this.#storage = null));
    return this.#storage;
  }

  /** Shows the view that an entry of the history is of, or follows a link. */
  async followHistory(hash: string, state: unknown): Promise<void> {
    if (!this.view.returnTo(state)) await this.followLink(hash);
    else if (this.compare.asked === '') await this.ask();
  }

  /** A link opened while the page is there: another engine is loaded, otherwise the prompt is asked. */
  async followLink(hash: string): Promise<void> {
    this.view.show(viewOf(hash), placeOf(hash));
    if (isBareView(hash)) return;
    const { engineChoice } = this;
    this.weigh(() => this.openLink(hash));
    const isOther = engineChoice !== this.engineChoice || !this.client.hasFamily(this.run.setup.family);
    if (isOther && !this.run.active) await this.load(this.engineChoice);
    else await this.ask();
  }

  /**
   * Loads or, after a failure, loads again: the trained policy that the page kept goes back in, and so do answers on screen.
   * @param choice another engine than the one last asked for
   * @param options `continues`: the run that was interrupted goes on
   */
  async load(choice?: EngineChoice, { continues = false } = {}): Promise<void> {
    const isRetry = this.client.phase === 'failed';
    if (choice) this.engineChoice = choice;
    this.client.wantedFamily = this.run.setup.family;
    const outcome = await this.client.load(choice ?? this.client.choice);
    if (outcome.type === 'failed') return;
    this.#settleFamily();
    await this.run.restorePolicy();
    if (continues) void this.run.continueRun();
    await (isRetry ? this.#resumeAnswers() : this.ask());
  }

  /** Loads another family of models; the run on the page, if any, is put away: it stays among the kept ones. */
  async chooseFamily(id: string): Promise<void> {
    const { client, run } = this;
    if (run.active || id === client.family) return;
    await run.reset();
    run.setup.family = id;
    await this.load();
  }

  /** Opens a model of the reader's own beside the site's. Where that is impossible, the site's come back. Null, or why. */
  async bring(folder: BroughtFolder): Promise<Failure | null> {
    const { client, run } = this;
    if (run.active) return null;
    await run.reset();
    client.brought = folder;
    run.setup.family = broughtFamily(folder);
    run.setup.start = 'sft';
    await this.load();
    const { failure } = client;
    if (!failure) return null;
    client.brought = null;
    run.setup.family = undefined;
    await this.load();
    return failure;
  }

  /** Says so when a family was asked for that this site does not carry. The site's first needs no name. */
  #settleFamily(): void {
    const { client, run } = this;
    const [first] = client.families;
    const wanted = run.setup.family;
    if (wanted !== undefined && wanted !== client.family)
      this.linkNotes = [...this.linkNotes, m.engine_link_no_family({ wanted, used: client.family ?? '' })];
    run.setup.family = client.family === first?.id ? undefined : (client.family ?? undefined);
  }

  /** Lets the run go on that ended early; loads first if need be. */
  async continueRun(): Promise<void> {
    await (this.client.phase === 'failed' ? this.load(undefined, { continues: true }) : this.run.continueRun());
  }

  /** Asks the prompt in all columns, then ranks a group of answers to it; while they are read, a run is made ready. */
  async ask(prompt?: string): Promise<void> {
    if (!this.recovery.noteIsOfRun) this.recovery.clear();
    if (this.view.current !== 'playground') return; // the engine is free for what is on screen
    if (!(await this.compare.ask(prompt))) return;
    await this.#rank();
    void this.run.rehearse();
  }

  /** Moves a slider: answers are ranked again at once, and a run hears of it. */
  weigh(change: () => void): void {
    change();
    this.run.rewardChanged();
  }

  /** Draws a group for the prompt of the comparison, if the group on screen is of another, or was interrupted. */
  async #rank(): Promise<void> {
    const { compare, reward, run } = this;
    const isStale = reward.prompt !== compare.asked || reward.status === 'empty' || reward.interrupted;
    if (isStale && !run.active) await reward.draw(compare.asked, compare.sampling);
  }

  /** Answers on screen stay; those that broke off are asked for again. */
  async #resumeAnswers(): Promise<void> {
    const { compare } = this;
    if (await (compare.asked === '' ? compare.ask() : compare.resume())) await this.#rank();
  }

  #fixedPrompts(): readonly string[] {
    const own = this.compare.asked || this.compare.prompt.trim();
    const others = SUGGESTED_PROMPTS.filter((prompt) => prompt !== own);
    return [own, ...others].filter((prompt) => prompt !== '').slice(0, NUM_FIXED_PROMPTS);
  }
}
