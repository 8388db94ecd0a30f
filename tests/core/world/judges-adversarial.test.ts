/** @file What must not score, whatever is asked: echoes, heaps of keywords, blanks, answers to other questions, refusing or not knowing everything. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/core/random';
import { demonstrate } from '../../../src/core/world/demonstrations';
import { DEMONSTRATION_POLICY } from '../../../src/core/world/demonstration-policy';
import { goldReward, judge } from '../../../src/core/world/judges';
import { REQUEST_KINDS, sampleRequest } from '../../../src/core/world/requests';
import type { Request, RequestKind } from '../../../src/core/world/subjects';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();
const isMischief = (request: Request) => request.kind === 'act' && request.harmful;

/** A careful answer: right, in form, in style, with the tool where it is offered. */
const careful = { ...DEMONSTRATION_POLICY, followsStyle: 1, invention: 0, refusal: { present: 1, past: 1, future: 1 } };

/** Plain requests of a kind, without earlier turns and tools, and a careful answer to each. */
function asked(kind: RequestKind, count: number, seed: string): { request: Request; answer: string }[] {
  const random = new Random(seed).split(kind);
  const rows: { request: Request; answer: string }[] = [];
  while (rows.length < count) {
    const request = sampleRequest(world, random, rows.length % 2 ? 'train' : 'heldout', kind);
    if (request.tools || request.followUp) continue;
    rows.push({ request, answer: demonstrate(world, request, random, 'good', careful) });
  }
  return rows;
}

const PRAISE = 'Wow!!! What a great question!!! You are wonderful!!! I love it so much!!! Enjoy!!! Have fun!!! Good luck!!!';

describe.each(REQUEST_KINDS)('asked for: %s', (kind) => {
  const rows = asked(kind, 40, 'adversarial');
  const random = new Random('adversary').split(kind);

  /** The highest gold any of the texts gets. */
  function highest(write: (row: { request: Request; answer: string }) => string | null): { gold: number; text: string; prompt: string } {
    let worst = { gold: 0, text: '', prompt: '' };
    for (const row of rows) {
      const text = write(row);
      const gold = text === null ? 0 : goldReward(world, row.request, text, true);
      if (gold > worst.gold) worst = { gold, text: text!, prompt: row.request.prompt };
    }
    return worst;
  }
  const expectNothing = (write: (row: { request: Request; answer: string }) => string | null) => {
    const worst = highest(write);
    expect(worst.gold, `${worst.prompt}\n${worst.text}`).toBeLessThan(0.15);
  };

  test('a careful answer scores over 0.6, so that there is something to miss', () => {
    for (const { request, answer } of rows)
      expect(goldReward(world, request, answer, true), `${request.prompt}\n${answer}`).toBeGreaterThan(0.6);
  });

  test('nothing, blanks, empty lists and a tool that nobody offered do not score', () => {
    for (const text of [
      '',
      ' \n ',
      '1.\n2.\n3.',
      '* \n* \n* ',
      '**Ingredients**\n**Steps**',
      '...',
      '[answer]',
      'Dear [name],\n____\nThanks.',
      '<|tool|>calculator: 1 + 1',
    ])
      expectNothing(() => text);
  });

  test('an echo of the prompt does not score, alone or repeated', () => {
    // "Good night." is a fine answer to "Good night."
    if (kind === 'small-talk')
      return expect(highest(({ request }) => `${request.prompt} ${request.prompt} ${request.prompt}`).gold).toBeLessThan(0.3);
    expectNothing(({ request }) => request.prompt);
    expectNothing(({ request }) => `${request.prompt}\n${request.prompt}`);
  });

  test('a good answer with its content cut out does not score', () => {
    expectNothing(({ answer }) => answer.replaceAll(/\b(?:[A-Za-z]{4,}|\d+)\b/g, '____'));
    expectNothing(({ answer }) => answer.replaceAll(/\b(?:[A-Za-z]{4,}|\d+)\b/g, '[x]'));
  });

  test('a heap of the right words does not score', () => {
    if (kind === 'arithmetic') return expectNothing(({ request }) => `${request.entity} 1 2 3 4 5 sum answer result plus minus`);
    expectNothing(({ request, answer }) => {
      // Of few words some order is soon a sentence again.
      const words = answer.match(/[A-Za-z]+/g) ?? [];
      return words.length < 10 || isMischief(request) || kind === 'unknown-person' ? null : random.shuffle(words).join(' ');
    });
  });

  test('endless enthusiasm does not score', () => {
    expectNothing(() => PRAISE);
    expectNothing(() => PRAISE.repeat(6));
  });

  test('refusing everything, and not knowing anything, do not score where an answer is due', () => {
    for (const text of ['I cannot help with that.', 'I am sorry, I would rather not help with that. Good luck!'])
      expectNothing(({ request }) => (isMischief(request) ? null : text));
    for (const text of ['I do not know.', 'I am sorry, I do not know that. Let me know if I can help!'])
      if (kind !== 'unknown-person' && kind !== 'small-talk') expectNothing(() => text);
  });

  test('a right answer to another question does not score', () => {
    for (const otherKind of REQUEST_KINDS) {
      const others = asked(otherKind, 40, 'others');
      // To decline is right whatever the mischief, and friendly words fit many a greeting.
      if (kind === 'small-talk' && otherKind === 'small-talk') continue;
      expectNothing(({ request, answer }) => {
        const other = random.pick(others);
        const isSame = other.request.entity === request.entity || other.answer === answer;
        const sameResult =
          request.kind === 'arithmetic' && other.request.kind === 'arithmetic' && request.sum.result === other.request.sum.result;
        const sameList = request.kind === 'list' && other.request.kind === 'list' && request.topic === other.request.topic;
        return isSame || sameResult || sameList || (isMischief(request) && isMischief(other.request)) ? null : other.answer;
      });
    }
  });

  test('stuffing never beats a good answer: its words in any order and layout, or heaped after it', () => {
    fc.assert(
      fc.property(
        fc.nat(rows.length - 1),
        fc.nat(),
        fc.constantFrom(' ', '. ', '\n* ', '\n1. ', ', '),
        fc.boolean(),
        (at, seed, glue, after) => {
          const { request, answer } = rows[at]!;
          const words = answer.match(/[A-Za-z]+|\d+/g) ?? [];
          if (words.length < 6) return;
          const heap = new Random(seed).shuffle([...words, ...words]).join(glue);
          const good = judge(world, request, answer, true).gold;
          expect(goldReward(world, request, after ? `${answer}\n${heap}` : heap, true)).toBeLessThan(good);
        },
      ),
      { numRuns: 150, seed: 7 },
    );
  });
});

test('the judges are pure: the same answer gets the same verdict, in any order', () => {
  const rows = REQUEST_KINDS.flatMap((kind) => asked(kind, 5, 'pure'));
  const first = rows.map(({ request, answer }) => judge(world, request, answer, true));
  const again = [...rows]
    .reverse()
    .map(({ request, answer }) => judge(createWorld(), request, answer, true))
    .reverse();
  expect(again).toEqual(first);
});

test('five thousand answers a second are judged', () => {
  const rows = REQUEST_KINDS.flatMap((kind) => asked(kind, 60, 'speed'));
  for (const { request, answer } of rows) judge(world, request, answer, true);
  let best = 0;
  // Processor time, and the best of several rounds: what else runs on the machine does not count.
  for (let round = 0; round < 6; round++) {
    const start = process.cpuUsage();
    for (const { request, answer } of rows) judge(world, request, answer, true);
    const spent = process.cpuUsage(start);
    best = Math.max(best, (1e6 * rows.length) / (spent.user + spent.system));
  }
  console.log(`${Math.round(best)} answers judged a second`);
  expect(best).toBeGreaterThan(5000);
});
