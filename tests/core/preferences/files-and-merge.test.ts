/** @file Files of labels, whole and hostile, and several people's labels together. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { swapSides, type Comparison } from '../../../src/core/preferences/comparison';
import { annotatorAgreement, cohensKappa, fleissKappa, newestOfEach, settleByMajority } from '../../../src/core/preferences/merge';
import { readCsv, readJsonl, writeCsv, writeJsonl } from '../../../src/core/preferences/preference-files';

const DEFAULTS = { annotator: 'Bo', source: 'import:f', time: '2026-01-01T00:00:00Z' };
let count = 0;
const newId = () => `new ${count++}`;

const label = (id: string, rest: Partial<Comparison> = {}): Comparison => ({
  id,
  prompt: 'p',
  a: 'x',
  b: 'y',
  verdict: 'a',
  strength: null,
  annotator: 'me',
  note: '',
  time: '2026-01-01T00:00:00Z',
  durationMs: 5,
  source: 'import:me',
  cost: 1,
  ...rest,
});

const LABELS = [
  label('1', { strength: 2, note: 'a "quoted", note\nof two lines', modelA: 'sft', modelB: 'rlhf' }),
  label('2', { verdict: 'b', strength: 7, modelA: 'sft' }),
  label('3', { verdict: 'tie', isRepeatOf: '1' }),
  label('4', { verdict: 'both-bad', durationMs: null, a: '=1+1', b: 'ünïcode 🌶' }),
];
/** Written, a winner comes first. */
const AS_READ = LABELS.map((one) => (one.verdict === 'b' ? swapSides(one) : one));

describe('a file', () => {
  it('brings back everything that was written', async () => {
    const jsonl = writeJsonl(LABELS);
    expect(await readJsonl([jsonl.slice(0, 37), jsonl.slice(37)], DEFAULTS, newId)).toMatchObject({ comparisons: AS_READ, numProblems: 0 });
    expect(readCsv(writeCsv(LABELS), DEFAULTS, newId)).toMatchObject({ comparisons: AS_READ, numProblems: 0 });
    expect(JSON.parse(jsonl.split('\n')[1]!)).toMatchObject({ prompt: 'p', chosen: 'y', rejected: 'x', margin: 1 });
  });

  it('in TRL’s plain columns is read with what is known otherwise', async () => {
    const { comparisons } = await readJsonl(['{"prompt":"p","chosen":"good","rejected":"bad","margin":0.6667}'], DEFAULTS, newId);
    expect(comparisons[0]).toMatchObject({ a: 'good', b: 'bad', verdict: 'a', strength: 2, annotator: 'Bo', source: 'import:f', cost: 1 });
    expect(readCsv('prompt,chosen,rejected\np,good,"b,ad"\n', DEFAULTS, newId).comparisons[0]).toMatchObject({ a: 'good', b: 'b,ad' });
  });

  it('of chat messages is read, with the prompt said or not', async () => {
    const chat = (content: string) => [
      { role: 'user', content: 'Hello?' },
      { role: 'assistant', content },
    ];
    const record = { chosen: chat('good'), rejected: chat('bad') };
    const { comparisons } = await readJsonl([JSON.stringify(record)], DEFAULTS, newId);
    expect(comparisons[0]).toMatchObject({ prompt: 'Hello?', a: 'good', b: 'bad' });
    const said = await readJsonl([JSON.stringify({ ...record, prompt: [{ role: 'user', content: 'Hi' }] })], DEFAULTS, newId);
    expect(said.comparisons[0]!.prompt).toBe('Hi');
    const csv = readCsv(`chosen,rejected\n"${JSON.stringify(record.chosen).replaceAll('"', '""')}",bad\n`, DEFAULTS, newId);
    expect(csv.comparisons[0]).toMatchObject({ prompt: 'Hello?', a: 'good', b: 'bad' });
  });

  it('keeps the good lines and says the numbers of the others', async () => {
    const lines = [
      '{"prompt":"p","chosen":"a","rejected":"b"}',
      '',
      'no json',
      '{"prompt":"p","chosen":"a"}',
      '{"chosen":1,"rejected":"b"}',
      '7',
    ];
    const { comparisons, problems, numProblems } = await readJsonl([lines.join('\r\n')], DEFAULTS, newId);
    expect(comparisons).toHaveLength(1);
    expect(problems.map(({ number }) => number)).toEqual([3, 4, 5, 6]);
    expect(problems[0]!.why).toBe('this is not JSON');
    expect(problems[1]!.why).toBe('rejected is missing');
    expect(numProblems).toBe(4);
  });

  it('never throws, and never yields what is not a comparison, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.string(), fc.json(), fc.constant(writeJsonl(LABELS)))), fc.string(), async (lines, csv) => {
        const { comparisons, problems } = await readJsonl(
          lines.map((line) => line + '\n'),
          DEFAULTS,
          newId,
        );
        const fromCsv = readCsv(csv, DEFAULTS, newId);
        for (const one of [...comparisons, ...fromCsv.comparisons])
          expect(typeof one.a === 'string' && typeof one.verdict === 'string').toBe(true);
        for (const { why } of [...problems, ...fromCsv.problems]) expect(why.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });
});

describe('agreement', () => {
  it('of two is Cohen’s: 20 and 15 agreed of 50 gives 0.4', () => {
    const cells = [...Array(20).fill('yy'), ...Array(5).fill('yn'), ...Array(10).fill('ny'), ...Array(15).fill('nn')] as string[];
    expect(
      cohensKappa(
        cells.map((cell) => cell[0]),
        cells.map((cell) => cell[1]),
      ),
    ).toBeCloseTo(0.4, 12);
    expect(cohensKappa(['a', 'a'], ['a', 'a'])).toBe(1);
    expect(cohensKappa([], [])).toBeNaN();
  });

  it('of fourteen is Fleiss’: his worked example gives 0.210', () => {
    // prettier-ignore
    const counts = [
      [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
      [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ];
    expect(fleissKappa(counts)).toBeCloseTo(0.20993, 5);
  });

  it('looks at answers, not at sides', () => {
    const labels = [1, 2, 3].flatMap((i) => {
      const one = label(`${i}`, { a: `x${i}`, b: `y${i}`, verdict: i === 2 ? 'b' : 'a', annotator: 'A' });
      return [one, { ...swapSides(one), id: `s${i}`, annotator: 'B' }, { ...one, id: `t${i}`, annotator: 'C' }];
    });
    const { annotators, cohen, fleiss, numShared } = annotatorAgreement(labels);
    expect([annotators, numShared]).toEqual([['A', 'B', 'C'], 3]);
    expect(cohen.map(({ kappa }) => kappa)).toEqual([1, 1, 1]);
    expect(fleiss).toEqual({ numShared: 3, kappa: 1 });
  });
});

describe('merging', () => {
  it('keeps the newest of each annotator on a pair, and no repeats', () => {
    const labels = [
      label('old'),
      label('new', { time: '2026-02-01T00:00:00Z' }),
      label('r', { isRepeatOf: 'old', time: '2026-03-01T00:00:00Z' }),
    ];
    expect(newestOfEach([...labels].reverse()).map(({ id }) => id)).toEqual(['new']);
  });

  it('settles a pair by the majority, and equal votes as a tie', () => {
    const vote = (annotator: string, rest: Partial<Comparison>) => label(annotator, { annotator, ...rest });
    const settled = settleByMajority([
      vote('A', {}),
      swapSides(vote('B', {})),
      vote('C', { verdict: 'b' }),
      vote('A2', { prompt: 'q' }),
      vote('B2', { prompt: 'q', verdict: 'b', strength: 6 }),
    ]);
    expect(settled.map(({ prompt, a, verdict, strength }) => [prompt, a, verdict, strength])).toEqual([
      ['p', 'x', 'a', null],
      ['q', 'x', 'tie', null],
    ]);
  });
});
