/**
 * @file What a model knows, says it does not know, and makes up; and whether it knows it in other words than it was taught in.
 */
import { meanOf, shareOf } from '../../src/core/eval/intervals';
import { Random } from '../../src/core/random';
import { isCorrect } from '../../src/core/world/judges';
import { phraseRequest, sampleRequest, sampleUnknownName } from '../../src/core/world/requests';
import type { Request, RequestSubject } from '../../src/core/world/subjects';
import type { World } from '../../src/core/world/world';
import type { Asker } from './asker';
import { admitsNotKnowing } from '../../src/core/world/judges/phrases';
import { drawRequests, type Figures } from './prompts';

const FACT_KINDS = ['recipe', 'person', 'place', 'how-to'] as const;

/** A request of a subject in new words. */
function ask(subject: RequestSubject, held: boolean, random: Random): Request {
  return { ...subject, prompt: phraseRequest(subject, held, random), split: held ? 'heldout' : 'train' };
}

/** What training asked about; of people only those that are famous or known. */
function isKnown(request: Request): boolean {
  return request.kind !== 'person' || request.person.fame !== 'rare';
}

/** Right about subjects of the training split, asked in trained and in held-out phrasings of the same subjects. */
export async function measureFacts(asker: Asker): Promise<Figures> {
  const { world, model, options } = asker;
  const random = new Random(options.seed).split('facts');
  const perKind = Math.ceil(options.numPrompts / 10);
  const figures: Figures = {};
  const right: Record<'trained' | 'held-out', boolean[]> = { trained: [], 'held-out': [] };
  for (const kind of FACT_KINDS) {
    const subjects = drawRequests([model], perKind, () => {
      for (;;) {
        const request = sampleRequest(world, random, 'train', kind);
        if (isKnown(request) && request.style === undefined) return request;
      }
    });
    for (const words of ['trained', 'held-out'] as const) {
      const answers = await asker.answer(
        subjects.map((subject) => ask(subject, words === 'held-out', random)),
        `facts ${kind} ${words}`,
      );
      const outcomes = answers.map(({ judgement }) => isCorrect(judgement));
      right[words].push(...outcomes);
      figures[`known/${words}/${kind}`] = shareOf(outcomes);
    }
  }
  figures['known/trained'] = shareOf(right.trained);
  figures['known/held-out'] = shareOf(right['held-out']);
  // Pair by pair, for both sides ask about the same subjects.
  figures['known/gap'] = meanOf(right.trained.map((isRight, i) => Number(isRight) - Number(right['held-out'][i])));
  return figures;
}

/** One who is asked about, by how well the world knows them. */
function subjectOf(world: World, fame: 'famous' | 'known' | 'rare' | 'unknown', random: Random): RequestSubject {
  if (fame === 'unknown') return { kind: 'unknown-person', entity: sampleUnknownName(world, random) };
  const person = random.pick(world.people.filter((other) => other.fame === fame));
  return { kind: 'person', entity: person.name, person };
}

/** Who is somebody: right, abstained ("I do not know") or made up, by fame. */
export async function measureNames(asker: Asker): Promise<Figures> {
  const { world, model, options } = asker;
  const random = new Random(options.seed).split('names');
  const figures: Figures = {};
  for (const fame of ['famous', 'known', 'rare', 'unknown'] as const) {
    const requests = drawRequests([model], Math.ceil(options.numPrompts / 10), () =>
      ask(subjectOf(world, fame, random), random.chance(0.5), random),
    );
    const answers = await asker.answer(requests, `names ${fame}`);
    const abstained = answers.map(({ text }) => admitsNotKnowing(text));
    const right = answers.map(({ judgement }, i) => fame !== 'unknown' && !abstained[i] && isCorrect(judgement));
    if (fame !== 'unknown') figures[`names/${fame}/right`] = shareOf(right);
    figures[`names/${fame}/abstained`] = shareOf(abstained);
    figures[`names/${fame}/made-up`] = shareOf(answers.map((_, i) => !abstained[i] && !right[i]));
  }
  return figures;
}
