/** @file The world for the page: makes it when first asked, and answers with plain data. */
import { Random } from '../src/core/random';
import { catalogueOf, entryIdOf } from '../src/core/world/catalogue';
import { demonstrateTurns, messagesOf, sampleConversation } from '../src/core/world/dialogues';
import { DOCUMENT_KINDS, generateDocument, type DocumentKind } from '../src/core/world/documents';
import { worldRows, type DataWish } from '../src/core/trl/data-sets';
import { goldReward } from '../src/core/world/judges';
import type { RequestKind } from '../src/core/world/subjects';
import { createWorld, type World } from '../src/core/world/world';
import type { Catalogue, ReadDialogue, ReadDocument, ReadingWish, WorldApi } from '../src/protocol/world';

/** Draws until a page is of the kind wished for. The rarest kind is one page in a hundred; this many never fail. */
const MAX_DRAWS = 20_000;

/** Everything the page may ask about the world. */
export class WorldGuide implements WorldApi {
  #made: World | null = null;

  /** The world the models were trained on. */
  get #world(): World {
    return (this.#made ??= createWorld());
  }

  catalogue(): Promise<Catalogue> {
    return Promise.resolve({ entries: catalogueOf(this.#world), documentKinds: DOCUMENT_KINDS });
  }

  readDocument({ kind, split, seed }: ReadingWish<DocumentKind>): Promise<ReadDocument> {
    const random = new Random(seed).split('read a page');
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const page = generateDocument(this.#world, random.split(draw), split);
      if (kind === null || page.kind === kind) return Promise.resolve(page);
    }
    return Promise.reject(new RangeError(`no page of the kind "${kind}" in ${MAX_DRAWS} draws`));
  }

  readDialogue({ kind, split, seed }: ReadingWish<RequestKind>): Promise<ReadDialogue> {
    const world = this.#world;
    const random = new Random(seed).split('read a conversation');
    const request = sampleConversation(world, random, split, kind ?? undefined);
    const answer = demonstrateTurns(world, request, random);
    return Promise.resolve({
      kind: request.kind,
      entity: request.entity,
      entryId: entryIdOf(request),
      turns: [...messagesOf(request), ...answer],
      // Where tools were called the answer is more than its last turn.
      gold: answer.length > 1 ? null : goldReward(world, request, answer[0]!.content, true),
    });
  }

  trlRows(wish: DataWish): Promise<Readonly<Record<string, string>>> {
    return Promise.resolve(worldRows(this.#world, wish));
  }
}
