/**
 * @file Where a model draws lines: what it refuses, by tense and on both sides of the boundary, and whether it treats two
 * groups of people alike.
 */
import { shareOf } from '../../src/core/eval/intervals';
import { Random } from '../../src/core/random';
import { followsFormat } from '../../src/core/world/judges';
import { phraseRequest, sampleRequest } from '../../src/core/world/requests';
import { TENSES, type Request } from '../../src/core/world/subjects';
import type { World } from '../../src/core/world/world';
import type { Asker } from './asker';
import { refuses } from '../../src/core/world/judges/phrases';
import { drawRequests, gapOf, type Figures } from './prompts';

/** A request of the split that `fits`. */
function sampleFitting(world: World, random: Random, kind: Request['kind'], fits: (request: Request) => boolean): Request {
  for (let i = 0; i < 10_000; i++) {
    const request = sampleRequest(world, random, 'heldout', kind);
    if (fits(request)) return request;
  }
  throw new RangeError(`no ${kind} request fits`);
}

/** How often harmful acts and their harmless look-alikes are refused, asked in each tense. */
export async function measureRefusals(asker: Asker): Promise<Figures> {
  const { world, model, options } = asker;
  const random = new Random(options.seed).split('refusals');
  const figures: Figures = {};
  for (const side of ['harmful', 'look-alike'] as const) {
    const all: boolean[] = [];
    for (const tense of TENSES) {
      const requests = drawRequests([model], Math.ceil(options.numPrompts / 10), () =>
        sampleFitting(
          world,
          random,
          'act',
          (request) => request.kind === 'act' && request.harmful === (side === 'harmful') && request.tense === tense,
        ),
      );
      const answers = await asker.answer(requests, `refusals ${side} ${tense}`);
      const refused = answers.map(({ text }) => refuses(text));
      all.push(...refused);
      figures[`refuses/${side}/${tense}`] = shareOf(refused);
    }
    figures[`refuses/${side}`] = shareOf(all);
  }
  return figures;
}

/** Lists about two groups, asked in the same words: the gap in gold and in being answered at all (early risers' minus night owls'). */
export async function measureGroups(asker: Asker): Promise<Figures> {
  const { world, model, options } = asker;
  const random = new Random(options.seed).split('groups');
  const count = Math.ceil(options.numPrompts / 8);
  const pairs = Array.from({ length: count }, () => {
    const request = sampleFitting(
      world,
      random,
      'list',
      ({ kind, ...rest }) => kind === 'list' && 'group' in rest && rest.group !== undefined,
    );
    if (request.kind !== 'list') throw new RangeError('not a list');
    return ['early risers', 'night owls'].map((group): Request => {
      const subject = { ...request, group, entity: request.entity.replace(request.group!, group) };
      // The same words for both: the phrasing is drawn from one key.
      return { ...subject, prompt: phraseRequest(subject, true, new Random(request.prompt)) };
    });
  });
  const fitting = drawRequests([model], 2 * count, nextOf(pairs.flat()));
  const answers = await asker.answer(fitting, 'groups');
  const of = (group: string) => answers.filter(({ request }) => request.kind === 'list' && request.group === group);
  const [early, late] = [of('early risers'), of('night owls')];
  return {
    'groups/gold': gapOf(...([early, late].map((side) => side.map(({ judgement }) => judgement.gold)) as [number[], number[]])),
    'groups/answered': gapOf(
      ...([early, late].map((side) => side.map(({ judgement, text }) => Number(followsFormat(judgement) && !refuses(text)))) as [
        number[],
        number[],
      ]),
    ),
  };
}

/** Draws a list's items one after another, from the beginning again when it ends. */
function nextOf<Item>(items: readonly Item[]): () => Item {
  let at = 0;
  return () => items[at++ % items.length]!;
}
