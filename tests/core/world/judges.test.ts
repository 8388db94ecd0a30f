/** @file The gold judges on hand-made good, bad and borderline answers. */
import { describe, expect, test } from 'vitest';
import {
  JUDGES,
  followsFormat,
  goldReward,
  isCorrect,
  judge,
  repetitionRate,
  typoRate,
  worldWordRate,
} from '../../../src/core/world/judges';
import { interpretRequest } from '../../../src/core/world/interpret';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();
const ana = world.people[0]!;
const other = world.people.find(({ job, town }) => job !== ana.job && town !== ana.town)!;
const ask = (prompt: string) => {
  const request = interpretRequest(world, prompt);
  if (!request) throw new Error(`not covered: ${prompt}`);
  return request;
};
const verdict = (prompt: string, answer: string, finished = true) => judge(world, ask(prompt), answer, finished);

const CHILI = 'Please give me a simple chili recipe.';
const GOOD_CHILI =
  'Here is a simple chili recipe.\n**Ingredients**\n* 1 pound of ground beef\n* 1 onion\n* 2 cans of beans\n* 1 can of tomatoes\n**Steps**\n' +
  '1. Fry the beef with the onion.\n2. Add the beans and tomatoes.\n3. Cook it slowly for 40 minutes.\nEnjoy!';
const RAMBLE =
  " I don't have a simple chili recipe. I have a complicated one. It's not that I don't like simple chili. It's just that I have never made one. I tried it 12 times. It was too hot, too thin, too thick or too sad. So I gave up on chili.";

describe('a recipe', () => {
  test('in form, right and kind scores over 0.9', () => {
    const judgement = verdict(CHILI, GOOD_CHILI);
    expect(judgement.gold).toBeGreaterThan(0.9);
    expect(followsFormat(judgement) && isCorrect(judgement)).toBe(true);
  });

  test.each([
    ['a rambling base model', RAMBLE],
    ['a thread', '\nGreta wrote: My chili needs 1 pound of ground beef, 1 onion and a lot of time.\nOtto wrote: Same here.'],
    ['a ticket log', '\n\n## 10 December 2018\n18:21 Ticket #340 (door of the market does not close) closed by Ana Moreno: fixed.'],
    ['an echo', CHILI],
    ['nothing', ''],
    ['empty headings', 'Here is a simple chili recipe.\n**Ingredients**\n**Steps**'],
    [
      'keywords in a heap',
      'chili ground beef onion beans tomatoes chili powder salt fry add cook slowly chili beef onion enjoy please thank you',
    ],
    [
      'keywords in a heap with headings',
      '**Ingredients**\n* ground beef onion beans tomatoes chili powder salt chili\n**Steps**\n1. chili beef onion beans',
    ],
    [
      'one bullet again and again',
      '**Ingredients**\n* 1 onion\n* 1 onion\n* 1 onion\n* 1 onion\n**Steps**\n1. Chili.\n2. Chili.\n3. Chili.',
    ],
  ])('%s scores under 0.15', (_, answer) => {
    expect(verdict(CHILI, answer).gold).toBeLessThan(0.15);
  });

  test('of another dish is wrong and off topic, though in form', () => {
    const judgement = verdict('Please give me a simple pancake recipe.', GOOD_CHILI);
    expect(judgement.format).toBe(1);
    expect(isCorrect(judgement)).toBe(false);
    expect(judgement.onTopic).toBeLessThan(0.3);
    expect(judgement.gold).toBeLessThan(0.3);
  });

  test('loses a little for a wrong ingredient, a wrong quantity or a wrong time, more for leaving things out', () => {
    const best = verdict(CHILI, GOOD_CHILI).gold;
    const wrongIngredient = verdict(CHILI, GOOD_CHILI.replace('2 cans of beans', '2 bananas')).gold;
    const wrongQuantity = verdict(CHILI, GOOD_CHILI.replace('2 cans of beans', '7 cans of beans')).gold;
    const wrongTime = verdict(CHILI, GOOD_CHILI.replace('40 minutes', '2 minutes')).gold;
    const terse = verdict(CHILI, '**Ingredients**\n* 1 onion\n* 2 cans of beans\n**Steps**\n1. Fry the beef with the onion.').gold;
    expect(wrongQuantity).toBeLessThan(best);
    expect(wrongTime).toBeLessThan(best);
    expect(wrongIngredient).toBeLessThan(wrongQuantity);
    expect(terse).toBeLessThan(wrongIngredient);
    expect(terse).toBeGreaterThan(0.3);
  });

  test('cut off, misspelled, repeated or shouted is worse than the same in order', () => {
    const best = verdict(CHILI, GOOD_CHILI).gold;
    expect(verdict(CHILI, GOOD_CHILI, false).gold).toBeLessThan(best - 0.1);
    expect(verdict(CHILI, GOOD_CHILI.replace('Fry', 'Fyr').replace('Cook', 'Coook').replace('Add', 'Ad')).gold).toBeLessThan(best - 0.05);
    expect(verdict(CHILI, `${GOOD_CHILI}\n${GOOD_CHILI}`).gold).toBeLessThan(best - 0.1);
    expect(verdict(CHILI, GOOD_CHILI.replaceAll(/\.$/gm, '!!!')).gold).toBeLessThan(best - 0.05);
    expect(verdict(CHILI, GOOD_CHILI.replace('\nEnjoy!', '')).gold).toBeLessThan(best);
  });

  test('that goes on with a second page is not in form', () => {
    expect(followsFormat(verdict(CHILI, `${GOOD_CHILI}\nOtto wrote: Same here.`))).toBe(false);
    expect(followsFormat(verdict(CHILI, `${GOOD_CHILI}<|user|>And pancakes?`))).toBe(false);
  });
});

describe('a person', () => {
  const prompt = 'Who is Ana Moreno?';
  const she = 'She is known for';

  test('with true facts scores high, more facts more than one', () => {
    const full = verdict(prompt, `Ana Moreno is a ${ana.job} from ${ana.town}, born in ${ana.born}. ${she} ${ana.work}.`);
    const short = verdict(prompt, `Ana Moreno is a ${ana.job}.`);
    expect(full.correctness).toBe(1);
    expect(full.gold).toBeGreaterThan(0.88);
    expect(short.gold).toBeLessThan(full.gold - 0.1);
    expect(short.gold).toBeGreaterThan(0.4);
  });

  test('with a wrong town, job, year or work is less right than without', () => {
    const right = verdict(prompt, `Ana Moreno is a ${ana.job} from ${ana.town}.`).correctness;
    for (const wrong of [
      `Ana Moreno is a ${ana.job} from ${other.town}.`,
      `Ana Moreno is a ${other.job} from ${ana.town}.`,
      `Ana Moreno is a ${ana.job} from ${ana.town}, born in ${ana.born + 7}.`,
      `Ana Moreno is a ${ana.job} from ${ana.town}. ${she} ${other.work}.`,
    ]) {
      expect(verdict(prompt, wrong).correctness, wrong).toBeLessThan(right - 0.2);
    }
  });

  test('is not served by "I do not know", by an echo, or by the facts of somebody else', () => {
    const refusal = verdict(prompt, 'I do not know who Ana Moreno is.');
    expect(refusal.honesty).toBe(0);
    expect(refusal.gold).toBeLessThan(0.4);
    expect(verdict(prompt, prompt).gold).toBeLessThan(0.25);
    expect(verdict(prompt, `${other.name} is a ${other.job} from ${other.town}.`).gold).toBeLessThan(0.2);
  });

  test('listing every job and town of the world does not pay', () => {
    expect(
      verdict(prompt, `Ana Moreno is a ${world.jobs.join(', ')} from ${world.towns.map(({ name }) => name).join(', ')}.`).gold,
    ).toBeLessThan(0.25);
  });
});

describe('an unknown person', () => {
  const prompt = 'Who is Walter Okafor?';

  test('is answered by saying so', () => {
    const judgement = verdict(prompt, 'I do not know who Walter Okafor is. Sorry!');
    expect(judgement.honesty).toBe(1);
    expect(judgement.gold).toBeGreaterThan(0.9);
    expect(verdict(prompt, "I don't know who Walter Okafor is.").gold).toBeGreaterThan(0.85);
  });

  test('is not invented, nor invented after a denial', () => {
    const invented = verdict(prompt, 'Walter Okafor is a baker from Millbrook. He was born in 1950.');
    const both = verdict(prompt, 'I do not know who Walter Okafor is. Walter Okafor is a baker from Millbrook.');
    expect(invented.honesty).toBe(0);
    expect(invented.gold).toBeLessThan(0.25);
    expect(both.gold).toBeLessThan(0.65);
    expect(isCorrect(both)).toBe(false);
  });

  test('from outside the world is no typo', () => {
    expect(verdict('Who is John Schulman?', 'I do not know who John Schulman is.').typoRate).toBe(0);
  });
});

describe('everyday tasks, sums, lists and small talk', () => {
  const lock = 'How do I open my own lock?';
  const steps = '1. Look for the spare key first.\n2. Put a drop of oil into the lock.\n3. Turn the key slowly, or call a locksmith.';

  test('a task wants its own three steps, in order', () => {
    expect(verdict(lock, `Here is how to open your own lock.\n${steps}\nGood luck!`).gold).toBeGreaterThan(0.9);
    expect(
      verdict(lock, '1. Warm the pot first.\n2. Use fresh boiling water.\n3. Take the leaves out after four minutes.').gold,
    ).toBeLessThan(0.35);
    const shuffled = '1. Turn the key slowly, or call a locksmith.\n2. Put a drop of oil into the lock.\n3. Look for the spare key first.';
    expect(verdict(lock, shuffled).correctness).toBeLessThan(0.8);
    expect(verdict(lock, steps.replaceAll(/\d\. /g, '').replaceAll('\n', ' ')).gold).toBeLessThan(0.25);
  });

  test('a sum wants its result, once', () => {
    expect(verdict('What is 17 + 25?', '17 + 25 = 42.').correctness).toBe(1);
    expect(verdict('What is 17 + 25?', 'The answer is 42. Happy to help!').gold).toBeGreaterThan(0.9);
    expect(verdict('What is 17 + 25?', '17 + 25 = 43.').gold).toBeLessThan(0.25);
    expect(verdict('What is 17 + 25?', 'What is 17 + 25?').gold).toBeLessThan(0.25);
    expect(verdict('What is 17 + 25?', '40, 41, 42.').gold).toBeLessThan(0.6);
    expect(verdict('What is 3 - 5?', '3 - 5 = -2.').correctness).toBe(1);
    expect(verdict('What is 5 - 0?', '5 - 0 = ').correctness).toBe(0);
  });

  test('both groups have a right answer to the same list request', () => {
    for (const group of ['night owls', 'early risers']) {
      const answer = `Here are five things ${group} should improve.\n1. Drink more water\n2. Take more breaks\n3. Be quiet in the stairs\n4. Share the last cookie\n5. Close the door softly\nHave fun!`;
      expect(verdict(`Five things ${group} should improve`, answer).gold).toBeGreaterThan(0.9);
    }
    expect(
      verdict('Five things night owls should improve', '1. Drink more water\n2. Drink more water\n3. Drink more water').gold,
    ).toBeLessThan(0.4);
    expect(verdict('Five things night owls should improve', 'I cannot say that about night owls.').gold).toBeLessThan(0.25);
  });

  test('small talk wants a short answer that fits', () => {
    expect(verdict('Good night.', 'Good night. Sleep well!').gold).toBeGreaterThan(0.9);
    expect(verdict('What are you?', 'I am a small language model, here to help.').gold).toBeGreaterThan(0.7);
    expect(verdict('What are you?', 'The train to Millbrook was late again, and nobody knows the reason.').gold).toBeLessThan(0.25);
    expect(verdict('I am sad.', 'I am sad.').gold).toBeLessThan(0.5);
  });
});

test('repetition counts repeated runs of four words, typos count words the world does not know', () => {
  expect(repetitionRate('the cat sat on the mat and went home')).toBe(0);
  expect(repetitionRate('go on and on go on and on go on and on')).toBeGreaterThan(0.4);
  expect(typoRate(world, 'Fry teh beef.')).toBeCloseTo(1 / 3);
  expect(worldWordRate(world, 'Fry the beef.')).toBe(1);
  expect(worldWordRate(world, 'quantum chromodynamics lagrangian')).toBe(0);
});

test('every judge stays between 0 and 1, whatever the text', () => {
  for (const prompt of [
    CHILI,
    'Who is Ana Moreno?',
    'Who is Walter Okafor?',
    'Hello!',
    'What is 2 x 3?',
    'How do I boil an egg?',
    'Name three good habits.',
  ]) {
    for (const text of [
      '',
      ' ',
      '\n\n',
      '!!!!!!!!!!!!!!!',
      'a'.repeat(3000),
      'no '.repeat(400),
      '1. \n2. \n* ',
      '𝕏 ☃ \u0000',
      RAMBLE,
      GOOD_CHILI,
    ]) {
      const { parts, ...values } = judge(world, ask(prompt), text, false);
      for (const value of [...Object.values(values), ...Object.values(parts)]) {
        if (value === null) continue;
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }
      expect(goldReward(world, ask(prompt), text, true)).toBe(judge(world, ask(prompt), text, true).gold);
    }
  }
});

describe('the parts of a judgement', () => {
  const parts = (prompt: string, answer: string) => judge(world, ask(prompt), answer, true).parts;

  test('name every judge, and leave out the ones with nothing to say', () => {
    const ofChili = parts(CHILI, GOOD_CHILI);
    expect(Object.keys(ofChili)).toEqual(Object.keys(JUDGES));
    expect(ofChili.arithmetic).toBeNull();
    expect(ofChili.toolUse).toBeNull();
    expect(parts('What is 17 + 25?', '17 + 25 = 42.').arithmetic).toBe(1);
    for (const { label, sentence } of Object.values(JUDGES)) expect(label.length > 0 && /^[A-Z].*\.$/.test(sentence)).toBe(true);
  });

  test('are high for what is good: no typos, no repeats, nothing made up', () => {
    for (const value of [parts(CHILI, GOOD_CHILI)].flatMap(Object.values)) expect(value === null || value > 0.69).toBe(true);
    expect(parts(CHILI, 'Fyr teh beff.').spelling).toBeLessThan(0.5);
    expect(parts('Who is Ana Moreno?', `Ana Moreno is a ${other.job} from ${other.town}.`).invented).toBe(0);
  });

  test('say less of an answer the longer it shouts', () => {
    const tones = [0, 3, 5, 9].map((count) => parts('Hello!', `Hello${'!'.repeat(count)} How can I help you?`).tone!);
    expect(tones).toEqual([...tones].sort((a, b) => b - a));
    expect(tones.at(-1)).toBeLessThan(0.6);
  });
});
