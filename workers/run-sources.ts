/**
 * @file What a run learns from, as token ids: its specification's data, made by the world or taken from the reader's rows.
 *
 * Everything depends on the seed and the place in the run alone, so that a run which is continued meets the same as one that
 * never stopped. Rows that do not fit the model are refused before the run begins: none is cut or left out in silence.
 */
import { ALGORITHMS, type StageConfigs, type StageOptions } from '../src/core/algorithms/catalogue';
import { dialogueSequence } from '../src/core/algorithms/sft';
import type { PolicyPrompt } from '../src/core/algorithms/step';
import { worldDemonstrations } from '../src/core/data/demonstrations';
import { worldPairsByPlace } from '../src/core/data/pairs';
import { itemsByPlace } from '../src/core/data/places';
import { ownPrompts, worldPrompts } from '../src/core/data/prompts';
import { rowsHash, textsIn, type DataRows, type RowOf } from '../src/core/data/rows';
import type { LearnsFrom, RunDataOf } from '../src/core/data/run-data';
import { encodeLong, holdOut, windowsOf } from '../src/core/data/texts';
import { promptTokens } from '../src/core/model/loaded-model';
import type { Random } from '../src/core/random';
import type { Sequence } from '../src/core/rl/batch';
import type { ChatMessage } from '../src/core/text/chat-template';
import { interpretRequest } from '../src/core/world/interpret';
import { sampleDocument } from '../src/core/world/documents';
import type { Request } from '../src/core/world/subjects';
import { dataOf, type RunSpec } from '../src/protocol/run';
import { BadRequest } from './failures';
import type { HeldModel } from './held-model';
import { world } from './world-judge';

/** Prompts drawn from the world are at most this long, in tokens; longer ones are drawn again. */
const MAX_PROMPT_TOKENS = 32;
/** Longest prompt of the reader's own, in tokens. */
const MAX_OWN_PROMPT_TOKENS = 128;
/** Longest pair of prompt and answer that DPO learns from, in tokens; answers of the world that are longer are cut. */
const MAX_PAIR_TOKENS = 160;

/** A prompt, and what it asks; null where the world does not cover it. */
export interface RunPrompt extends PolicyPrompt {
  readonly prompt: string;
  readonly request: Request | null;
}

/** An answer that an update learned from and the policy did not draw. */
export interface ShownAnswer {
  readonly prompt: string;
  readonly request: Request | null;
  readonly text: string;
  /** 1 where it is made likelier, −1 where less likely. */
  readonly pull: 1 | -1;
}

/** The part of an algorithm's options that its data decides; and what can be shown of it. */
export interface RunSources extends Pick<
  StageOptions<RunPrompt>,
  'demonstration' | 'document' | 'pairs' | 'maxTokens' | 'samplePrompt' | 'maxPromptTokens'
> {
  /** The first few answers that an update learns from; none where the policy draws them. */
  readonly shown: (update: number, count: number) => readonly ShownAnswer[];
  /** The part of a plain text that is not learned; null where none is learned from. */
  readonly heldOutText: HeldOutText | null;
}

/** A text to measure a policy by. */
export interface HeldOutText {
  readonly windows: readonly Sequence[];
  /** In UTF-8. */
  readonly bytes: number;
}

/** What sources are made of. */
export interface SourceOptions {
  readonly spec: RunSpec;
  readonly model: Pick<HeldModel, 'config' | 'tokenizer'>;
  /** The model that documents are tokenised for as it read them. */
  readonly base: Pick<HeldModel, 'config' | 'tokenizer'>;
  /** Rows that the specification names; null when it names none. */
  readonly rows: DataRows | null;
}

/** Sets of rows kept; the page has them all, and installs one again when a run needs it. */
const MAX_SETS = 8;

/** Keeps rows under an id; of too many sets the one kept longest is given up. */
export function keepRows(installed: Map<string, DataRows>, id: string, rows: DataRows): void {
  installed.delete(id);
  installed.set(id, rows);
  const [oldest] = installed.keys();
  if (installed.size > MAX_SETS && oldest !== undefined) installed.delete(oldest);
}

/** Looks up the rows that a specification names. @throws BadRequest saying what is missing, and what to do */
export function findRows(installed: ReadonlyMap<string, DataRows>, spec: RunSpec): DataRows | null {
  const named = dataOf(spec).rows;
  if (!named) return null;
  const rows = installed.get(named.id);
  if (!rows) throw new BadRequest(`This run learns from the rows "${named.id}", which are not on this device: load them first.`);
  if (rowsHash(rows) !== named.hash)
    throw new BadRequest(
      `The rows "${named.id}" are not those that this run was made with: load them again, or choose the ones there are.`,
    );
  const { learnsFrom } = ALGORITHMS[spec.stage];
  if (rows.learnsFrom !== learnsFrom)
    throw new BadRequest(`The rows "${named.id}" are ${WHAT[rows.learnsFrom]}; this run learns from ${WHAT[learnsFrom]}.`);
  return rows;
}

const WHAT: Readonly<Record<LearnsFrom, string>> = { demonstrations: 'demonstrations', pairs: 'pairs of answers', rewards: 'prompts' };
const rowsOf = <L extends LearnsFrom>(rows: DataRows) => rows.rows as readonly RowOf<L>[];
const lengthOf = ({ promptTokens: prompt, completionTokens }: Sequence) => prompt.length + completionTokens.length;

/** The sources of a run. @throws BadRequest naming rows that do not fit */
export function runSources(options: SourceOptions): RunSources {
  const { spec, model, base, rows } = options;
  const data = dataOf(spec);
  const tokens = (prompt: string) => promptTokens(model.tokenizer, model.config.bosTokenId, prompt);
  const document = (random: Random): Sequence => ({
    promptTokens: [base.config.bosTokenId],
    completionTokens: [...base.tokenizer.encode(sampleDocument(world, random).text), base.config.bosTokenId],
  });
  const sources: RunSources = { document, ...promptSource(options, tokens), shown: () => [], heldOutText: null };
  switch (spec.stage) {
    case 'sft':
      return { ...sources, ...demonstrationSource(options, data as RunDataOf['demonstrations'], spec.config) };
    case 'dpo':
      return { ...sources, ...pairSource(options, data as RunDataOf['pairs'], spec.config) };
    default:
      return rows ? { ...sources, ...ownPromptSource(options, rows, tokens) } : sources;
  }
}

function promptSource({ spec }: SourceOptions, tokens: (prompt: string) => number[]): Pick<RunSources, 'samplePrompt' | 'maxPromptTokens'> {
  const data = dataOf(spec);
  // SFT and DPO draw no prompts to learn from.
  const wished: RunDataOf['rewards'] = 'split' in data ? data : { split: 'train', paired: false, tenses: 'all', aboutGroups: false };
  const draw = worldPrompts(world, wished, (prompt) => tokens(prompt).length <= MAX_PROMPT_TOKENS);
  const samplePrompt = (random: Random, index: number): RunPrompt => {
    const drawn = draw(random, index);
    return { ...drawn, promptTokens: tokens(drawn.prompt) };
  };
  return { samplePrompt, maxPromptTokens: MAX_PROMPT_TOKENS };
}

function ownPromptSource({ spec, model }: SourceOptions, rows: DataRows, tokens: (prompt: string) => number[]) {
  const prompts = rowsOf<'rewards'>(rows);
  const answer = 'maxCompletionTokens' in spec.config ? spec.config.maxCompletionTokens : 0;
  const most = Math.min(MAX_OWN_PROMPT_TOKENS, model.config.maxPositions - answer);
  const lengths = prompts.map(({ prompt }) => tokens(prompt).length);
  refuseLong(lengths, most, 'prompt');
  const draw = ownPrompts(world, prompts);
  const samplePrompt = (random: Random, index: number): RunPrompt => {
    const drawn = draw(random, index);
    return { ...drawn, promptTokens: tokens(drawn.prompt) };
  };
  return { samplePrompt, maxPromptTokens: Math.max(1, ...lengths) };
}

function demonstrationSource(
  { spec, model, rows }: SourceOptions,
  data: RunDataOf['demonstrations'],
  { maxTokens, demonstrationsPerUpdate }: StageConfigs['sft'],
): Pick<RunSources, 'demonstration' | 'shown'> & Partial<Pick<RunSources, 'heldOutText'>> {
  const texts = rows && textsIn(rows);
  if (texts) return textSource(texts, { model, seed: spec.seed, maxTokens });
  const sequenceOf = ({ messages }: Demonstrated) => dialogueSequence(model.tokenizer, messages);
  let at: (place: number) => Demonstrated;
  if (rows) {
    const own = rowsOf<'demonstrations'>(rows).map((row): Demonstrated => ({ request: null, messages: messagesIn(row) }));
    refuseLong(
      own.map((one) => lengthOf(sequenceOf(one))),
      maxTokens + 1,
      'demonstration',
    );
    at = itemsByPlace(own.length, spec.seed, (index) => own[index]!);
  } else at = worldDemonstrations(world, data, spec.seed);
  const shown = (update: number, count: number) =>
    Array.from({ length: Math.min(count, demonstrationsPerUpdate) }, (_, i): ShownAnswer => {
      const { request, messages } = at((update - 1) * demonstrationsPerUpdate + i);
      const prompt = messages.findLast(({ role }) => role === 'user')!.content;
      return { prompt, request: request ?? interpretRequest(world, prompt), text: messages.at(-1)!.content, pull: 1 };
    });
  return { demonstration: (_: Random, place: number) => sequenceOf(at(place)), shown };
}

/** A row as a conversation. */
function messagesIn(row: RowOf<'demonstrations'>): readonly ChatMessage[] {
  if ('messages' in row) return row.messages;
  if ('text' in row) return []; // sets of texts have a source of their own
  return [
    { role: 'user', content: row.prompt },
    { role: 'assistant', content: row.completion },
  ];
}

/** Windows of a text, gone through again and again in another order; every token counts. */
function textSource(
  texts: readonly string[],
  { model, seed, maxTokens }: Pick<SourceOptions, 'model'> & { readonly seed: number; readonly maxTokens: number },
): Pick<RunSources, 'demonstration' | 'shown' | 'heldOutText'> {
  const { tokenizer, config } = model;
  const length = Math.min(maxTokens, config.maxPositions);
  const { learned, heldOut } = holdOut(texts);
  const ids: number[] = [];
  for (const text of learned) {
    for (const id of encodeLong(tokenizer, text)) ids.push(id);
    ids.push(config.bosTokenId); // the next text, if there is one, begins
  }
  const windows = windowsOf(ids, config.bosTokenId, length);
  const at = itemsByPlace(windows.length, seed, (index) => windows[index]!);
  const heldOutText = {
    windows: heldOut.flatMap((text) => windowsOf(encodeLong(tokenizer, text), config.bosTokenId, length)),
    bytes: heldOut.reduce((sum, text) => sum + new TextEncoder().encode(text).length, 0),
  };
  return { demonstration: (_: Random, place: number) => at(place), shown: () => [], heldOutText };
}

/** A conversation to imitate, and what it answers where the world wrote it. */
interface Demonstrated {
  readonly request: Request | null;
  readonly messages: readonly ChatMessage[];
}

/** Two answers, the better one first, and what they answer where the world wrote them. */
interface Compared {
  readonly prompt: string;
  readonly request: Request | null;
  readonly chosen: string;
  readonly rejected: string;
}

function pairSource(
  { spec, model, rows }: SourceOptions,
  data: RunDataOf['pairs'],
  { pairsPerUpdate }: StageConfigs['dpo'],
): Pick<RunSources, 'pairs' | 'maxTokens' | 'shown'> {
  const { tokenizer, config } = model;
  const maxTokens = Math.min(MAX_PAIR_TOKENS, config.maxPositions - 1);
  const answer = (prompt: string, completion: string): Sequence => ({
    promptTokens: promptTokens(tokenizer, config.bosTokenId, prompt),
    completionTokens: [...tokenizer.encode(completion), ...config.eosTokenIds.slice(0, 1)],
  });
  const comparison = ({ prompt, chosen, rejected }: Compared) => ({
    chosen: answer(prompt, chosen),
    rejected: answer(prompt, rejected),
    margin: 0,
  });
  let at: (place: number) => Compared;
  if (rows) {
    const own = rowsOf<'pairs'>(rows).map((row): Compared => ({ ...row, request: null }));
    const lengths = own.map(comparison).map(({ chosen, rejected }) => Math.max(lengthOf(chosen), lengthOf(rejected)));
    refuseLong(lengths, maxTokens + 1, 'pair');
    at = itemsByPlace(own.length, spec.seed, (index) => own[index]!);
  } else {
    const made = worldPairsByPlace(world, data, spec.seed);
    at = (place) => {
      const { request, chosen, rejected } = made(place);
      return { prompt: request.prompt, request, chosen, rejected };
    };
  }
  const of = (update: number, count: number) => Array.from({ length: count }, (_, i) => at((update - 1) * pairsPerUpdate + i));
  const shown = (update: number, count: number) =>
    of(update, Math.min(pairsPerUpdate, Math.ceil(count / 2))).flatMap(({ prompt, request, chosen, rejected }): ShownAnswer[] => {
      const asked = { prompt, request: request ?? interpretRequest(world, prompt) };
      return [
        { ...asked, text: chosen, pull: 1 },
        { ...asked, text: rejected, pull: -1 },
      ];
    });
  return { pairs: (update, count) => Promise.resolve(of(update, count).map(comparison)), maxTokens, shown };
}

/** Rows that are too long and are named. */
const MAX_NAMED = 10;

/** @throws BadRequest when rows are longer than `most` tokens, naming the first of them */
function refuseLong(lengths: readonly number[], most: number, what: string): void {
  const first = lengths.findIndex((length) => length > most);
  if (first < 0) return;
  const long = lengths.flatMap((length, i) => (length > most ? [i + 1] : []));
  const others = long.slice(1, MAX_NAMED);
  const more = long.length > MAX_NAMED ? ' and more' : '';
  const named = others.length > 0 ? `; so are rows ${others.join(', ')}${more}` : '';
  throw new BadRequest(
    `${long.length} of ${lengths.length} rows are too long for this run: row ${first + 1} is a ${what} of ${lengths[first]} tokens, at most ${most} fit${named}. Shorten or remove them.`,
  );
}
