/**
 * @file What is put before a labeller: which answers of those drawn, on which side, and when an earlier pair comes again.
 *
 * Why not just any two? A pair that the reward model of the moment cannot tell apart teaches it most (uncertainty sampling),
 * and answers that differ most show a labeller what there is to choose from. Sides are shuffled, because people favour one.
 * Repeated pairs measure how well a labeller agrees with themselves.
 */
import { comparisonsOfRanking, type Comparison, type Verdict } from '../core/preferences/comparison';
import type { Random } from '../core/random';
import type { Completion } from '../protocol/generate';
import type { ModelId } from '../protocol/load';

/** How answers are chosen among those drawn. */
export type Strategy = 'random' | 'uncertain' | 'different';

/** A model at a temperature. */
export interface AnswerSource {
  readonly model: ModelId;
  readonly temperature: number;
  /** As it stands in labels: the model, with its temperature where there are several of them. */
  readonly name: string;
}

const AT = '@';

/** Who answers: every model, at one temperature or at two. */
export function sourcesOf(
  models: readonly ModelId[],
  { temperature, otherTemperature }: { readonly temperature: number; readonly otherTemperature: number | null },
): readonly AnswerSource[] {
  if (otherTemperature === null || otherTemperature === temperature) return models.map((model) => ({ model, temperature, name: model }));
  return models.flatMap((model) =>
    [temperature, otherTemperature].map((one) => ({ model, temperature: one, name: `${model}${AT}${one}` })),
  );
}

/** The model of a name that {@link sourcesOf} gave, and its temperature; null where that was not told. */
export function readSource(name: string): { readonly model: string; readonly temperature: string | null } {
  const [model = '', temperature = null] = name.split(AT);
  return { model, temperature };
}

/** An answer that may be shown. */
export interface Candidate {
  readonly text: string;
  /** See {@link AnswerSource}; empty where nobody knows. */
  readonly model: string;
  /** As measured when it was drawn; null for one that comes again from an earlier label. */
  readonly completion: Completion | null;
}

/** Answers to judge, in the order shown. */
export interface LabelTask {
  readonly id: string;
  readonly prompt: string;
  readonly answers: readonly Candidate[];
  /** The label that this asks again; null for a new one. */
  readonly repeatOf: string | null;
}

/** What the labeller said. `places` is a ranking, 1 the best; null for two answers. */
export interface Judgement {
  readonly verdict: Verdict | null;
  readonly strength: number | null;
  readonly places: readonly number[] | null;
  readonly note: string;
  readonly annotator: string;
  readonly time: string;
  readonly durationMs: number | null;
}

/** One new task in so many is an earlier pair again. */
export const REPEAT_EVERY = 12;
/** A pair does not come again while it is still in mind: this many labels lie between. */
const REPEAT_DISTANCE = 5;

const wordSet = (text: string) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);

/** How different two texts are, 0 to 1: the share of their words that only one of them has (Jaccard distance). */
export function difference(left: string, right: string): number {
  const [a, b] = [wordSet(left), wordSet(right)];
  const numShared = [...a].filter((word) => b.has(word)).length;
  const numAll = a.size + b.size - numShared;
  return numAll === 0 ? 0 : 1 - numShared / numAll;
}

/** Answers without those that read the same as an earlier one. */
export function distinct(candidates: readonly Candidate[]): readonly Candidate[] {
  const texts = new Set<string>();
  return candidates.filter(({ text }) => !texts.has(text.trim()) && texts.add(text.trim()));
}

/**
 * `count` of the candidates, in random order. `uncertain` takes those whose scores lie closest together (random where there is
 * no `score`); `different` those that differ most in words, of different models where there are several.
 */
export function chooseAnswers(
  candidates: readonly Candidate[],
  count: number,
  strategy: Strategy,
  score: ((completion: Completion) => number) | null,
  random: Random,
): readonly Candidate[] {
  const shuffled = random.shuffle(candidates);
  if (strategy === 'uncertain' && score) return random.shuffle(closest(shuffled, count, score));
  if (strategy === 'different') return random.shuffle(mostDifferent(shuffled, count));
  return shuffled.slice(0, count);
}

/** The run of `count` in the order of scores that spans the least. */
function closest(candidates: readonly Candidate[], count: number, score: (completion: Completion) => number): readonly Candidate[] {
  const scored = candidates.map((candidate) => ({ candidate, value: candidate.completion ? score(candidate.completion) : 0 }));
  scored.sort((a, b) => a.value - b.value);
  let best = 0;
  const span = (start: number) => scored[start + count - 1]!.value - scored[start]!.value;
  for (let start = 1; start + count <= scored.length; start++) if (span(start) < span(best)) best = start;
  return scored.slice(best, best + count).map(({ candidate }) => candidate);
}

/** The two that differ most, then each time the one that differs most from those taken. */
function mostDifferent(candidates: readonly Candidate[], count: number): readonly Candidate[] {
  const severalModels = new Set(candidates.map(({ model }) => model)).size > 1;
  let pair: readonly Candidate[] = candidates.slice(0, 2);
  let most = -1;
  for (const [i, a] of candidates.entries()) {
    for (const b of candidates.slice(i + 1)) {
      const value = severalModels && a.model === b.model ? -1 : difference(a.text, b.text);
      if (value > most) [most, pair] = [value, [a, b]];
    }
  }
  const taken = [...pair];
  while (taken.length < count) {
    const left = candidates.filter((candidate) => !taken.includes(candidate));
    const distance = ({ text }: Candidate) => Math.min(...taken.map((other) => difference(other.text, text)));
    const next = left.reduce<Candidate | undefined>((far, one) => (far && distance(far) >= distance(one) ? far : one), undefined);
    if (!next) break;
    taken.push(next);
  }
  return taken;
}

/** An earlier pair of this annotator, sides shuffled anew; null when it is not the time, or there is none to ask again. */
export function repeatTask(labels: readonly Comparison[], annotator: string, random: Random): LabelTask | null {
  if (!random.chance(1 / REPEAT_EVERY)) return null;
  const own = labels.filter((label) => label.annotator === annotator && label.source === 'me');
  const asked = new Set(own.map(({ isRepeatOf }) => isRepeatOf));
  const earlier = own.slice(0, -REPEAT_DISTANCE).filter(({ id, isRepeatOf }) => !isRepeatOf && !asked.has(id));
  if (earlier.length === 0) return null;
  const label = random.pick(earlier);
  const answers: readonly Candidate[] = [
    { text: label.a, model: label.modelA ?? '', completion: null },
    { text: label.b, model: label.modelB ?? '', completion: null },
  ];
  return { id: crypto.randomUUID(), prompt: label.prompt, answers: random.shuffle(answers), repeatOf: label.id };
}

/** The labels that a judgement gives: one for two answers, all pairs for a ranking (InstructGPT, arXiv 2203.02155). */
export function labelsOf(task: LabelTask, judgement: Judgement): readonly Comparison[] {
  const { places, verdict, strength, durationMs, ...rest } = judgement;
  const pairs = places ? comparisonsOfRanking(places) : [{ a: 0, b: 1, verdict: verdict ?? 'tie' }];
  return pairs.map((pair) => {
    const [a, b] = [task.answers[pair.a]!, task.answers[pair.b]!];
    return {
      ...rest,
      id: places ? `${task.id}/${pair.a}${pair.b}` : task.id,
      prompt: task.prompt,
      a: a.text,
      b: b.text,
      verdict: pair.verdict,
      strength: places ? null : strength,
      durationMs: durationMs === null ? null : durationMs / pairs.length,
      source: 'me',
      cost: 1,
      ...(a.model === '' ? {} : { modelA: a.model }),
      ...(b.model === '' ? {} : { modelB: b.model }),
      ...(task.repeatOf === null ? {} : { isRepeatOf: task.repeatOf }),
    };
  });
}

/** Indices in the order of their places, 1 first; equal places and those without one as they come. */
export const orderOf = (places: readonly (number | null)[]): readonly number[] =>
  places.map((_, index) => index).sort((a, b) => (places[a] ?? Infinity) - (places[b] ?? Infinity) || a - b);

/** The text that won; null for a tie, `both-bad` among them. */
const winner = ({ verdict, a, b }: Comparison) => (verdict === 'a' ? a : verdict === 'b' ? b : null);

/** How a labeller is doing. */
export interface LabelProgress {
  readonly numLabels: number;
  /** Median time a label, in milliseconds; null when none was measured. */
  readonly medianMs: number | null;
  /** Pairs asked twice. */
  readonly numRepeats: number;
  /** Of those, how many were judged the same both times, whichever side they were on. */
  readonly numAgreed: number;
}

/** Counts over the labels that `annotator` gave here. */
export function progressOf(labels: readonly Comparison[], annotator: string): LabelProgress {
  const own = labels.filter((label) => label.annotator === annotator && label.source === 'me');
  const byId = new Map(own.map((label) => [label.id, label]));
  const times = own.flatMap(({ durationMs }) => (durationMs === null ? [] : [durationMs])).sort((a, b) => a - b);
  const repeats = own.flatMap((label) => {
    const first = label.isRepeatOf === undefined ? undefined : byId.get(label.isRepeatOf);
    return first ? [winner(first) === winner(label)] : [];
  });
  return {
    numLabels: own.length,
    medianMs: times.length === 0 ? null : times[Math.floor(times.length / 2)]!,
    numRepeats: repeats.length,
    numAgreed: repeats.filter(Boolean).length,
  };
}
