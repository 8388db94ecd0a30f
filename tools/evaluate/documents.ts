/**
 * @file The base model as a writer of web pages: how well it predicts held-out pages, whether what it writes is of the
 * world, and whether a page it goes on with stays the kind of page it was.
 */
import { bootstrap, meanOf, shareOf } from '../../src/core/eval/intervals';
import { NaiveBayes } from '../../src/core/eval/naive-bayes';
import { Random } from '../../src/core/random';
import { generateDocument, sampleDocument, type DocumentKind, type WorldDocument } from '../../src/core/world/documents';
import { worldWordRate } from '../../src/core/world/judges';
import type { World } from '../../src/core/world/world';
import type { Asker } from './asker';
import type { Figures } from './prompts';

/** Pages that the classifier of kinds learns from. */
const NUM_EXAMPLES = 6000;
/** Characters of a page that the model is given: a first line or so. */
const OPENING = 60;

/** Bits per byte of pages in held-out templates: `Σ −log2 p / bytes`, pages cut where the model's window ends. */
export async function measureBitsPerByte(asker: Asker): Promise<Figures> {
  const { world, model, options } = asker;
  const random = new Random(options.seed).split('held-out pages');
  const pages = Array.from({ length: Math.ceil(options.numPrompts / 2) }, () => generateDocument(world, random, 'heldout').text);
  const sequences = pages.map((page) => ({ promptTokens: [model.config.bosTokenId], completionTokens: model.tokenizer.encode(page) }));
  const logprobs = await asker.logprobs(sequences);
  const encoder = new TextEncoder();
  const items = sequences.map(({ completionTokens }, i) => {
    const scored = logprobs[i]!;
    const text = model.tokenizer.decode(completionTokens.slice(0, scored.length));
    return { nats: scored.reduce((sum, logprob) => sum - logprob, 0), bytes: encoder.encode(text).length };
  });
  const total = (of: typeof items, part: 'nats' | 'bytes') => of.reduce((sum, item) => sum + item[part], 0);
  return { 'documents/bits-per-byte': bootstrap(items, (of) => total([...of], 'nats') / Math.LN2 / Math.max(1, total([...of], 'bytes'))) };
}

/** Where a page's opening ends: after the word that reaches the length. */
function openingOf({ text }: WorldDocument): string {
  const space = text.slice(OPENING).search(/\s/);
  return space < 0 ? text : text.slice(0, OPENING + space);
}

/** Knows the kinds of page by what follows their opening. */
function kindClassifier(world: World): NaiveBayes<DocumentKind> {
  const random = new Random('kinds of page');
  const examples = Array.from({ length: NUM_EXAMPLES }, () => sampleDocument(world, random));
  return new NaiveBayes(examples.map((page) => ({ label: page.kind, text: page.text.slice(openingOf(page).length) })));
}

/** Pages written from nothing and from the openings of the world's own pages. */
export async function measureFreeDocuments(asker: Asker): Promise<Figures> {
  const { world, model, options } = asker;
  const count = Math.ceil(options.numPrompts / 2);
  const free = await asker.complete(
    Array.from({ length: count }, () => [model.config.bosTokenId]),
    'pages',
  );
  const classifier = kindClassifier(world);
  const random = new Random(options.seed).split('openings');
  const pages: WorldDocument[] = [];
  while (pages.length < count) {
    const page = sampleDocument(world, random);
    // A page that is all opening has nothing left to be judged by.
    if (page.text.length > 2 * OPENING) pages.push(page);
  }
  const openings = pages.map((page) => [model.config.bosTokenId, ...model.tokenizer.encode(openingOf(page))]);
  const written = (await asker.complete(openings, 'openings')).map((rollout) => asker.textOf(rollout));
  const isKept = (page: WorldDocument, rest: string) => classifier.classify(rest) === page.kind;
  return {
    'documents/lexicon': meanOf(free.map((rollout) => worldWordRate(world, asker.textOf(rollout)))),
    'documents/kind-kept': shareOf(pages.map((page, i) => isKept(page, written[i]!))),
    // What the classifier says of the world's own pages: no model can be expected to do better.
    'documents/kind-kept-by-the-world': shareOf(pages.map((page) => isKept(page, page.text.slice(openingOf(page).length)))),
  };
}
