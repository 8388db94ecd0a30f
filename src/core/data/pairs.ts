/**
 * @file Pairs of answers as a description of data wants them: the world writes two answers to a request, and simulated
 * annotators say which is better, with their noise and their likings (`annotators.ts`).
 *
 * Two faults that real pipelines had can be put in: answers improved by hand are counted as the better ones unseen, typos and
 * all; and annotators lean a little towards holding back when one group is asked about. Ties teach DPO nothing: they are
 * drawn again.
 */
import { annotate, DEFAULT_POOL, type AnnotatedAnswer, type AnnotatorPool } from '../preferences/annotators';
import { Random } from '../random';
import { featureValues } from '../reward/features';
import { DEMONSTRATION_POLICY, type DemonstrationPolicy } from '../world/demonstration-policy';
import { GROUPS } from '../world/data/lists';
import { demonstrate } from '../world/demonstrations';
import { judge } from '../world/judges';
import type { Request } from '../world/subjects';
import { addTypos } from '../world/typos';
import { wordsOf } from '../world/words';
import type { World } from '../world/world';
import { holdBack } from './holding-back';
import { itemsByPlace } from './places';
import { drawRequest } from './requests';
import type { RunDataOf } from './run-data';

type Data = RunDataOf['pairs'];

/** Two answers to one request, the better one first, as the pipeline has it. */
export interface WorldPair {
  readonly request: Request;
  readonly chosen: string;
  readonly rejected: string;
  /** True where a hand improved the better answer and nobody compared the two. */
  readonly improved: boolean;
}

/** Answers to be compared differ: more slips, and more that go along with what they should not, than demonstrations have. */
const COMPARED: DemonstrationPolicy = {
  ...DEMONSTRATION_POLICY,
  manners: { good: 0.4, terse: 0.15, rambling: 0.2, slips: 0.25 },
  invention: 0.5,
  refusal: { present: 0.5, past: 0.5, future: 0.5 },
  overRefusal: 0.25,
};
/** Group that leaning annotators would rather not be asked about. */
export const LEANT_AGAINST = GROUPS[0]!;
/** Draws before a place is given up for which nobody finds one answer better. */
const MAX_DRAWS = 200;
/** Labels carry a time; those of a run's data carry this one, so that the same run has the same. */
const NO_TIME = '1970-01-01T00:00:00.000Z';

const poolOf = ({ noise, lengthLoving, formatLoving, flattering, careless, policyAware }: Data): AnnotatorPool => ({
  ...DEFAULT_POOL,
  noise,
  lengthLoving,
  formatLoving,
  flattering,
  careless,
  policyAware,
});

const groupOf = (request: Request): string | undefined => (request.kind === 'list' ? request.group : undefined);

/** What an annotator sees. */
function seen(world: World, request: Request, text: string, leaning: number): AnnotatedAnswer {
  const features = featureValues({ world, request, text, finished: true, numTokens: wordsOf(text).length });
  const lean = groupOf(request) === LEANT_AGAINST ? leaning * features.refusal : 0;
  return { text, model: 'demonstrators', features, goldReward: judge(world, request, text, true).gold + lean };
}

/** Two different answers. About groups, one of two assistants holds back: that is what a leaning shows in. */
function drawAnswers(world: World, request: Request, random: Random): readonly [string, string] {
  const group = groupOf(request);
  const answer = () => demonstrate(world, request, random, undefined, COMPARED);
  const first = answer();
  if (group !== undefined && random.chance(0.5)) return random.shuffle([first, holdBack(group, random)]) as [string, string];
  return [first, answer()];
}

/** One pair, or null where this draw gives none. */
function drawPair(world: World, data: Data, pool: AnnotatorPool, request: Request, random: Random): Omit<WorldPair, 'request'> | null {
  const [a, b] = drawAnswers(world, request, random);
  if (random.chance(data.improvedShare)) {
    // Better in everything that the hand looked at; what it mistyped nobody looked at.
    const better = demonstrate(world, request, random, 'good', { ...DEMONSTRATION_POLICY, invention: 0 });
    const chosen = addTypos(better, data.improvedTypos, random);
    return chosen === a ? null : { chosen, rejected: a, improved: true };
  }
  if (a === b) return null;
  const pair = {
    prompt: request.prompt,
    kind: request.kind,
    a: seen(world, request, a, data.leaning),
    b: seen(world, request, b, data.leaning),
  };
  const [label] = annotate([pair], pool, random, NO_TIME);
  if (label!.verdict !== 'a' && label!.verdict !== 'b') return null;
  return label!.verdict === 'a' ? { chosen: a, rejected: b, improved: false } : { chosen: b, rejected: a, improved: false };
}

/** Pairs by place in the run, counted from 0. The same seed and description give the same ones. */
export function worldPairsByPlace(world: World, data: Data, seed: number): (place: number) => WorldPair {
  const { kinds, tenses, count } = data;
  const pool = poolOf(data);
  const all = new Random(seed).split('pairs');
  return itemsByPlace(count, seed, (index) => {
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const random = all.split(`${index} ${draw}`);
      const request = drawRequest(world, { kinds, tenses, split: 'train' }, random);
      const pair = drawPair(world, data, pool, request, random);
      if (pair) return { request, ...pair };
    }
    throw new RangeError('Nobody finds one of two answers better: ask for other kinds of request.');
  });
}
