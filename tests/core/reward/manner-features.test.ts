/** @file Features of manner: what each counts, and what it must not. */
import { describe, expect, it } from 'vitest';
import { asksBack, hedgingOf, inventedClaimsOf, listShareOf, refusalOf, sentenceLengthOf } from '../../../src/core/reward/manner-features';
import { interpretRequest } from '../../../src/core/world/interpret';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();

describe('asking back', () => {
  it('is a question at the very end, not one in the middle', () => {
    expect(asksBack('Here you go. Shall I go on?')).toBe(1);
    expect(asksBack('Shall I go on? \n')).toBe(1);
    expect(asksBack('Why not? Because.')).toBe(0);
    expect(asksBack('')).toBe(0);
  });
});

describe('hedging', () => {
  it('counts phrases, up to three, as whole words', () => {
    expect(hedgingOf('Fry the onion.')).toBe(0);
    expect(hedgingOf('Maybe fry the onion.')).toBeCloseTo(1 / 3);
    expect(hedgingOf('I think, perhaps, it’s probably maybe so.')).toBe(1);
    expect(hedgingOf('The maypole.')).toBe(0);
  });
});

describe('refusing', () => {
  it('is declining in words, contractions too; not knowing is no refusal', () => {
    expect(refusalOf("I can't help with that.")).toBe(1);
    expect(refusalOf('I won’t open it for you.')).toBe(1);
    expect(refusalOf("I don't know who that is.")).toBe(0);
    expect(refusalOf('Help the dough to rise.')).toBe(0);
  });
});

describe('lists', () => {
  it('are the share of lines with a bullet or a number', () => {
    expect(listShareOf('Here:\n* one\n2. two\n\n- three')).toBe(0.75);
    expect(listShareOf('No list -- at all, 3.5 pounds.')).toBe(0);
    expect(listShareOf('')).toBe(0);
  });
});

describe('sentence length', () => {
  it('is words a sentence over twenty, at most 1', () => {
    expect(sentenceLengthOf('One two three four. One two three four five six.')).toBeCloseTo(5 / 20);
    expect(sentenceLengthOf('word '.repeat(50))).toBe(1);
    expect(sentenceLengthOf('')).toBe(0);
  });
});

describe('invented claims', () => {
  const person = world.people[0]!;
  const other = world.people.find(({ job, town }) => job !== person.job && town !== person.town)!;
  const asked = interpretRequest(world, `Who is ${person.name}?`);
  const unknown = interpretRequest(world, 'Who is Zebulon Quickfoot?');

  it('of the truth are none, of another’s life all', () => {
    expect(inventedClaimsOf(world, asked, `${person.name} is a ${person.job} from ${person.town}, born in ${person.born}.`)).toBe(0);
    expect(inventedClaimsOf(world, asked, `${person.name} is a ${other.job} from ${other.town}.`)).toBe(1);
    expect(inventedClaimsOf(world, asked, `A ${person.job} from ${other.town}.`)).toBe(0.5);
  });

  it('about a name nobody has are all claims, and admitting not to know is none', () => {
    expect(inventedClaimsOf(world, unknown, `Zebulon Quickfoot is a ${other.job} from ${other.town}.`)).toBe(1);
    expect(inventedClaimsOf(world, unknown, 'I do not know anybody of that name.')).toBe(0);
  });

  it('are not looked for where nobody was asked about', () => {
    const recipe = interpretRequest(world, 'Please give me a simple chili recipe.');
    expect(inventedClaimsOf(world, recipe, `A ${other.job} from ${other.town}.`)).toBe(0);
    expect(inventedClaimsOf(world, null, `A ${other.job} from ${other.town}.`)).toBe(0);
  });
});
