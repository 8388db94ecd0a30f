/** @file How often the judges say what a careful person says, on answers labelled by hand (`labelled-samples.txt`). */
import { describe, expect, test } from 'vitest';
import { JUDGES, judge } from '../../../src/core/world/judges';
import type { JudgeName } from '../../../src/core/world/judges';
import { REQUEST_KINDS } from '../../../src/core/world/subjects';
import { createWorld } from '../../../src/core/world/world';
import { labelledSamples } from './labelled-samples';

/** From which value on a judge is content; the labels answer the same yes-or-no question. */
const CONTENT_FROM: Readonly<Record<JudgeName | 'gold', number>> = {
  format: 0.6,
  relevance: 0.5,
  correctness: 0.75,
  invented: 0.75,
  abstention: 0.5,
  refusal: 0.5,
  tone: 0.75,
  politeness: 0.5,
  spelling: 0.95,
  repetition: 0.8,
  length: 0.75,
  style: 0.5,
  toolUse: 0.75,
  arithmetic: 0.75,
  gold: 0.5,
};

const world = createWorld();
const samples = labelledSamples(world);
const names = [...(Object.keys(JUDGES) as JudgeName[]), 'gold' as const];

/** The labelled answers of a judge: what the person and the judge say. */
function verdictsOf(name: JudgeName | 'gold') {
  return samples
    .filter(({ labels }) => labels.has(name))
    .map(({ request, answer, finished, labels }) => {
      const judgement = judge(world, request, answer, finished);
      const value = name === 'gold' ? judgement.gold : judgement.parts[name];
      // A judge with nothing to say has nothing against the answer.
      return { label: labels.get(name)!, verdict: value === null || value >= CONTENT_FROM[name], value, request, answer };
    });
}

test('at least 200 answers are labelled, of every kind, with content and discontent labels for every judge', () => {
  expect(samples.length).toBeGreaterThanOrEqual(200);
  for (const kind of REQUEST_KINDS) expect(samples.filter(({ request }) => request.kind === kind).length, kind).toBeGreaterThanOrEqual(9);
  for (const { labels } of samples) for (const name of labels.keys()) expect(names).toContain(name);
  for (const name of names) {
    const labels = verdictsOf(name).map(({ label }) => label);
    expect(labels.filter((label) => label).length, name).toBeGreaterThanOrEqual(5);
    expect(labels.filter((label) => !label).length, name).toBeGreaterThanOrEqual(name === 'length' || name === 'repetition' ? 1 : 3);
  }
});

describe('judges agree with the labels in 95 of 100 answers', () => {
  test.each(names)('%s', (name) => {
    const verdicts = verdictsOf(name);
    const wrong = verdicts.filter(({ label, verdict }) => label !== verdict);
    const agreement = 1 - wrong.length / verdicts.length;
    console.log(`${name}: agreement ${(100 * agreement).toFixed(1)} % of ${verdicts.length}`);
    const report = wrong.map(
      ({ label, value, request, answer }) =>
        `${label ? 'good' : 'bad'} by hand, judged ${value?.toFixed(2) ?? 'null'}: ${request.prompt}\n${answer}`,
    );
    expect(agreement, report.join('\n\n')).toBeGreaterThanOrEqual(0.95);
  });
});
