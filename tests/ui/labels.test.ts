/** @file Labelling: what is asked, by keys and by clicks, and which labels come of it. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../src/ui/theme.css';
import { Random } from '../../src/core/random';
import { AppState } from '../../src/state/app.svelte';
import { inSteps } from '../../src/state/next-task';
import { findLabels } from '../../src/state/label-search';
import {
  chooseAnswers,
  difference,
  distinct,
  labelsOf,
  progressOf,
  readSource,
  repeatTask,
  sourcesOf,
  type Candidate,
} from '../../src/state/label-tasks';
import { RewardLab } from '../../src/state/reward-lab.svelte';
import { Storage } from '../../src/state/storage.svelte';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import type { TrainerApi } from '../../src/protocol/trainer-api';
import LabelView from '../../src/ui/label/LabelView.svelte';
import { label } from './label-samples';
import { completion, TrainerDouble } from './trainer-double';

const candidate = (text: string, model = 'sft', score = 0): Candidate => ({ text, model, completion: completion(text, { length: score }) });
const names: string[] = [];

afterEach(() => {
  for (const name of names.splice(0)) indexedDB.deleteDatabase(name);
});

/** A trainer whose answers say model and number, all different. */
function sampler(): TrainerApi['sampleGroup'] {
  let count = 0;
  return ({ model, numSamples }) =>
    Promise.resolve({ type: 'completed', completions: Array.from({ length: numSamples }, () => completion(`${model} ${count++}`)) });
}

async function view(sampleGroup: TrainerApi['sampleGroup'] = sampler()) {
  const trainer = new TrainerDouble({ sampleGroup });
  const app = new AppState(new TrainerClient(trainer.start));
  await app.start('#label');
  names.push(`test-${crypto.randomUUID()}`);
  const lab = await RewardLab.open(app.client, { hasYours: () => false, storage: new Storage(names.at(-1)) });
  lab.session.set({ repeats: false });
  const screen = await render(LabelView, { app, lab });
  await expect.element(screen.getByTestId('label-task')).toHaveAttribute('data-status', 'asked');
  const section = screen.getByTestId('label-task').element() as HTMLElement;
  return { app, lab, screen, section };
}

const shown = () => [...document.querySelectorAll('[data-testid="label-task"] article .text')].map((text) => text.textContent);

describe('choosing what is asked', () => {
  const random = new Random(1);
  const group = [
    candidate('one two', 'sft', 0),
    candidate('one three', 'sft', 0.9),
    candidate('four five', 'rlhf', 1),
    candidate('one two six', 'rlhf', 0.5),
  ];

  it('never shows the same text twice', () => {
    expect(distinct([candidate('x'), candidate('x '), candidate('y')]).map(({ text }) => text)).toEqual(['x', 'y']);
  });

  it('takes answers that the reward model cannot tell apart', () => {
    const pair = chooseAnswers(group, 2, 'uncertain', ({ features }) => features.length, random);
    expect(pair.map(({ text }) => text).sort()).toEqual(['four five', 'one three']);
    const three = chooseAnswers(group, 3, 'uncertain', ({ features }) => features.length, random);
    expect(three.map(({ text }) => text)).not.toContain('one two');
  });

  it('takes answers of different models that share the fewest words', () => {
    for (let i = 0; i < 10; i++) {
      const pair = chooseAnswers(group, 2, 'different', null, random);
      expect(pair.map(({ model }) => model).sort()).toEqual(['rlhf', 'sft']);
      expect(pair.map(({ text }) => text)).toContain('four five');
    }
    expect(difference('a b', 'A, b!')).toBe(0);
    expect(difference('a b', 'b c')).toBeCloseTo(2 / 3, 12);
  });

  it('come from each model at one temperature or at two, and labels keep which', () => {
    expect(sourcesOf(['sft', 'rlhf'], { temperature: 1, otherTemperature: null }).map(({ name }) => name)).toEqual(['sft', 'rlhf']);
    const both = sourcesOf(['sft'], { temperature: 1, otherTemperature: 0.6 });
    expect(both.map(({ model, temperature, name }) => [model, temperature, name])).toEqual([
      ['sft', 1, 'sft@1'],
      ['sft', 0.6, 'sft@0.6'],
    ]);
    expect(readSource('sft@0.6')).toEqual({ model: 'sft', temperature: '0.6' });
    expect(readSource('sft')).toEqual({ model: 'sft', temperature: null });
  });

  it('puts each side left as often as right, whatever the strategy', () => {
    for (const strategy of ['random', 'uncertain', 'different'] as const) {
      let numLeft = 0;
      for (let i = 0; i < 400; i++) {
        const [left] = chooseAnswers(group.slice(1, 3), 2, strategy, ({ features }) => features.length, random);
        numLeft += left!.model === 'sft' ? 1 : 0;
      }
      expect(numLeft).toBeGreaterThan(150); // five standard deviations
      expect(numLeft).toBeLessThan(250);
    }
  });

  it('asks about one pair in twelve again, once, and not the latest ones', () => {
    const labels = Array.from({ length: 10 }, (_, i) => label(String(i)));
    const repeats = Array.from({ length: 2400 }, () => repeatTask(labels, 'me', random)).filter((task) => task !== null);
    expect(repeats.length).toBeGreaterThan(130);
    expect(repeats.length).toBeLessThan(270);
    expect(new Set(repeats.map((task) => task.repeatOf))).toEqual(new Set(['0', '1', '2', '3', '4']));
    const asked = [...labels, ...[0, 1, 2, 3, 4].map((i) => label(`r${i}`, { isRepeatOf: String(i) }))];
    expect(Array.from({ length: 500 }, () => repeatTask(asked, 'me', random)).filter((task) => task && Number(task.repeatOf) < 5)).toEqual(
      [],
    );
    expect(Array.from({ length: 500 }, () => repeatTask(labels, 'someone else', random)).every((task) => task === null)).toBe(true);
  });
});

describe('what labels come of it', () => {
  const judgement = { verdict: null, strength: null, note: '', annotator: 'me', time: '2026-01-01T00:00:00Z', durationMs: 6000 };

  it('a ranking of four gives six, ties among them', () => {
    const answers = ['w', 'x', 'y', 'z'].map((text) => candidate(text));
    const labels = labelsOf({ id: 't', prompt: 'p', answers, repeatOf: null }, { ...judgement, places: [1, 3, 2, 2] });
    expect(labels.map(({ a, b, verdict }) => `${a}${b} ${verdict}`)).toEqual(['wx a', 'wy a', 'wz a', 'xy b', 'xz b', 'yz tie']);
    expect(labels.reduce((sum, { durationMs }) => sum + durationMs!, 0)).toBe(6000);
    expect(new Set(labels.map(({ id }) => id)).size).toBe(6);
  });

  it('self-agreement looks at the answers, not the sides', () => {
    const first = label('1', { a: 'x', b: 'y', verdict: 'a' });
    const agreed = label('2', { a: 'y', b: 'x', verdict: 'b', isRepeatOf: '1' });
    const other = label('3', { a: 'x', b: 'y', verdict: 'a', durationMs: 9000 });
    const changed = label('4', { a: 'x', b: 'y', verdict: 'tie', isRepeatOf: '3' });
    expect(progressOf([first, agreed, other, changed, label('5', { annotator: 'Bo' })], 'me')).toEqual({
      numLabels: 4,
      medianMs: 1000,
      numRepeats: 2,
      numAgreed: 1,
    });
  });
});

describe('labelling', () => {
  it('needs two keys a comparison, and no mouse', async () => {
    const { lab, screen, section } = await view();
    section.focus();
    const [first] = shown();
    await userEvent.keyboard('{ArrowLeft}{Enter}');
    await vi.waitFor(() => expect(lab.labels.list).toHaveLength(1));
    expect(lab.labels.list[0]).toMatchObject({ a: first, verdict: 'a', strength: null, annotator: 'me', source: 'me' });
    await vi.waitFor(() => expect(shown()[0]).not.toBe(first));
    expect(document.activeElement).toBe(section);
    await userEvent.keyboard('6{Enter}');
    await vi.waitFor(() => expect(lab.labels.list[1]).toMatchObject({ verdict: 'b', strength: 6 }));
    await vi.waitFor(() => expect(section.dataset.status).toBe('asked'));
    await userEvent.keyboard('{ArrowDown}{Enter}');
    await vi.waitFor(() => expect(lab.labels.list[2]).toMatchObject({ verdict: 'tie' }));
    await expect.element(screen.getByTestId('label-progress')).toHaveTextContent('3 labels');
  });

  it('saves nothing before something was said', async () => {
    const { lab, section, screen } = await view();
    section.focus();
    await userEvent.keyboard('{Enter}');
    await expect.element(screen.getByTestId('save-label')).toBeDisabled();
    expect(lab.labels.list).toHaveLength(0);
  });

  it('forgets a strength that says otherwise than the verdict', async () => {
    const { lab, section } = await view();
    section.focus();
    await userEvent.keyboard('2{ArrowRight}{Enter}');
    await vi.waitFor(() => expect(lab.labels.list[0]).toMatchObject({ verdict: 'b', strength: null }));
  });

  it('takes the last label back and asks it again', async () => {
    const { lab, section } = await view();
    section.focus();
    const first = shown();
    await userEvent.keyboard('{ArrowUp}{Enter}');
    await vi.waitFor(() => expect(lab.labels.list[0]?.verdict).toBe('both-bad'));
    await vi.waitFor(() => expect(shown()).not.toEqual(first));
    const second = shown();
    await userEvent.keyboard('u');
    await vi.waitFor(() => expect(shown()).toEqual(first));
    expect(lab.labels.list).toHaveLength(0);
    await userEvent.keyboard('{ArrowRight}{Enter}');
    await vi.waitFor(() => expect(shown()).toEqual(second));
  });

  it('writes a note without its letters being keys', async () => {
    const { lab, section } = await view();
    section.focus();
    await userEvent.keyboard('{ArrowLeft}nuns say so 1{Enter}');
    await vi.waitFor(() => expect(lab.labels.list[0]).toMatchObject({ note: 'uns say so 1', verdict: 'a', strength: null }));
  });

  it('ranks four by letters, best first', async () => {
    const { lab, section } = await view();
    lab.session.set({ numAnswers: 4 });
    await vi.waitFor(() => expect(shown()).toHaveLength(4));
    const answers = shown();
    section.focus();
    await userEvent.keyboard('c{Backspace}badc{Enter}');
    await vi.waitFor(() => expect(lab.labels.list).toHaveLength(6));
    const won = (text: string | null | undefined) =>
      lab.labels.list.filter(({ a, b, verdict }) => (verdict === 'a' ? a : b) === text).length;
    expect([1, 0, 3, 2].map((index) => won(answers[index]))).toEqual([3, 2, 1, 0]);
  });

  it('ranks by the arrow keys on a handle, tells where each answer stands, and lets equal places be ties', async () => {
    const { lab, screen, section } = await view();
    lab.session.set({ numAnswers: 4 });
    await vi.waitFor(() => expect(shown()).toHaveLength(4));
    const answers = shown();
    (screen.getByRole('button', { name: 'Move answer A' }).element() as HTMLElement).focus();
    await userEvent.keyboard(' ');
    await userEvent.keyboard('{ArrowRight}');
    await userEvent.keyboard('{ArrowRight}');
    await userEvent.keyboard(' ');
    await expect.element(screen.getByTestId('ranking-order')).toHaveTextContent('Best first: B, C, A, D.');
    expect(document.getElementById('dnd-action-aria-alert')?.textContent).toMatch(/Answer A/);
    await vi.waitFor(() => expect(shown()).toEqual([1, 2, 0, 3].map((index) => answers[index])));
    await screen.getByRole('group', { name: 'Place of answer D' }).getByRole('button', { name: 'Place 3' }).click();
    section.focus();
    await userEvent.keyboard('{Enter}');
    await vi.waitFor(() => expect(lab.labels.list).toHaveLength(6));
    const said = lab.labels.list.map(({ a, b, verdict }) => [answers.indexOf(a), answers.indexOf(b), verdict].join(' '));
    expect(said).toEqual(['0 1 b', '0 2 b', '0 3 tie', '1 2 a', '1 3 a', '2 3 a']);
  });

  it('hides whose answer is whose until it is judged', async () => {
    const { section } = await view((request) =>
      Promise.resolve({ type: 'completed', completions: [1, 2, 3, 4].map((i) => completion(`${request.seed}-${i}`)) }),
    );
    expect(section.innerHTML).not.toMatch(/sft|rlhf/i);
    section.focus();
    await userEvent.keyboard('1{Enter}');
    await vi.waitFor(() => expect(document.querySelector('[data-testid="label-row"]')?.textContent).toMatch(/SFT|RLHF/));
  });

  it('says so when the models answer all alike, and tries again when told to', async () => {
    let alike = false;
    const fresh = sampler();
    const { lab, screen } = await view((request) =>
      alike ? Promise.resolve({ type: 'completed', completions: [completion('same'), completion('same')] }) : fresh(request),
    );
    alike = true;
    lab.session.set({ temperature: 0.1 });
    await expect.element(screen.getByText(/were alike/)).toBeVisible();
    alike = false;
    await screen.getByRole('button', { name: 'Try another prompt' }).click();
    await expect.element(screen.getByTestId('label-task')).toHaveAttribute('data-status', 'asked');
  });
});

describe('a session', () => {
  it('asks again when the answers drawn ahead were stopped by something else', async () => {
    const fresh = sampler();
    let stops = 0;
    const { screen, section } = await view((request) => (stops-- > 0 ? Promise.resolve({ type: 'stopped' }) : fresh(request)));
    stops = 1;
    section.focus();
    await userEvent.keyboard('s'); // this one was drawn already; the next is stopped
    await userEvent.keyboard('s');
    await expect.element(screen.getByTestId('label-task')).toHaveAttribute('data-status', 'asked');
    stops = 1000;
    await userEvent.keyboard('sss');
    await expect.element(screen.getByRole('button', { name: 'Try another prompt' })).toBeVisible();
  });

  it('takes back the last label in the set that it went to, and offers it only there', async () => {
    const { lab, section } = await view();
    section.focus();
    await userEvent.keyboard('{ArrowLeft}{Enter}');
    await vi.waitFor(() => expect(lab.labels.list).toHaveLength(1));
    const [first] = lab.labels.shelf.items;
    await lab.labels.create('Second', [label('2')]);
    expect(lab.session.canUndo).toBe(false);
    await lab.session.undo();
    expect(lab.labels.list.map(({ id }) => id)).toEqual(['2']);
    await lab.labels.select(first!.id);
    expect(lab.session.canUndo).toBe(true);
    await lab.session.undo();
    expect(lab.labels.list).toEqual([]);
  });
});

describe('files', () => {
  const line = (fields: object) => JSON.stringify({ prompt: 'p', chosen: 'x', rejected: 'y', ...fields });
  const file = (name: string, lines: readonly string[]) => new File([lines.join('\n')], name);

  it('whose labels share an id are shown, added and searched like others', async () => {
    const { lab, screen } = await view();
    const names = ['ab', 'a', 'bc', 'abc'].map((annotator, i) => line({ id: `${i}`, annotator }));
    await lab.files.read([file('same.jsonl', [line({ id: '7' }), line({ id: '7', rejected: 'z' }), line({ id: '7' }), ...names])]);
    await expect.element(screen.getByTestId('import-preview')).toHaveTextContent('6 labels');
    await expect.element(screen.getByTestId('import-preview')).toHaveTextContent('1 is there twice');
    await screen.getByRole('button', { name: 'Add to this set' }).click();
    await vi.waitFor(() => expect(lab.labels.list).toHaveLength(6));
    await expect.element(screen.getByTestId('annotator-agreement')).toHaveTextContent('Kappa');
    expect(screen.getByTestId('label-row').elements()).toHaveLength(6);
  });

  it('of several students are read together, and ids that only look alike do not make labels give way', async () => {
    const { lab } = await view();
    await lab.files.read([file('Ann.jsonl', [line({ id: '1' })]), file('Bo.jsonl', [line({ id: '1' }), 'oops'])]);
    expect(lab.files.preview).toMatchObject({ fileName: 'Ann.jsonl and 1 more', numChanged: 0, numProblems: 1 });
    expect(lab.files.preview!.problems[0]).toMatchObject({ file: 'Bo.jsonl', number: 2 });
    await lab.files.accept(false);
    expect(lab.labels.list.map(({ annotator }) => annotator)).toEqual(['Ann', 'Bo']);
    await lab.files.read([file('Cy.jsonl', [line({ id: '1', verdict: 'tie' })])]);
    await lab.files.accept(false);
    expect(lab.labels.list.map(({ annotator, verdict }) => [annotator, verdict])).toEqual([
      ['Ann', 'a'],
      ['Bo', 'a'],
      ['Cy', 'tie'],
    ]);
    await lab.files.read([file('Ann.jsonl', [line({ id: '1', verdict: 'tie' })])]);
    expect(lab.files.preview).toMatchObject({ numChanged: 1, numSame: 0 });
  });

  it('chosen one after the other: the last one is shown, however long the first takes', async () => {
    const { lab } = await view();
    const slow = file(
      'slow.jsonl',
      Array.from({ length: 20_000 }, (_, i) => line({ id: `${i}` })),
    );
    const first = lab.files.read([slow]);
    const second = lab.files.read([file('fast.jsonl', [line({ id: 'f' })])]);
    await second;
    expect([lab.files.preview?.fileName, lab.files.reading]).toEqual(['fast.jsonl', false]);
    await first;
    expect([lab.files.preview?.fileName, lab.files.reading]).toEqual(['fast.jsonl', false]);
  });
});

describe('the focus', () => {
  it('stays with the set after it is renamed, and after naming is given up', async () => {
    const { screen } = await view();
    const bar = screen.getByRole('group', { name: 'Label set' });
    for (const key of ['{Enter}', '{Escape}']) {
      await bar.getByRole('button', { name: 'rename' }).click();
      await expect.element(bar.getByRole('textbox')).toHaveFocus();
      await userEvent.keyboard(`Mine${key}`);
      await expect.element(bar.getByRole('button', { name: 'rename' })).toHaveFocus();
    }
    await bar.getByRole('button', { name: 'delete' }).click();
    await expect.element(bar.getByRole('combobox')).toHaveFocus();
  });

  it('goes to the next label when one is deleted, and to the search after the last', async () => {
    const { lab, screen } = await view();
    await lab.labels.add([label('1', { prompt: 'first' }), label('2', { prompt: 'second' })]);
    await screen.getByRole('button', { name: 'delete the label on “second”' }).click();
    await expect.element(screen.getByRole('button', { name: 'delete the label on “first”' })).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await vi.waitFor(() => expect(lab.labels.list).toEqual([]));
    await expect.element(screen.getByRole('heading', { name: 'The labels so far' })).toHaveFocus();
  });
});

describe('the list of labels', () => {
  it('finds words anywhere, newest first', () => {
    const labels = [label('1', { note: 'Too long' }), label('2', { prompt: 'long ago', verdict: 'tie' }), label('3')];
    const ids = (words: string, verdict: 'tie' | null = null) => {
      let found: readonly string[] = [];
      void inSteps(findLabels(labels, { words, verdict, source: null }), (some) => (found = some.map(({ id }) => id)));
      return found;
    };
    expect(ids('')).toEqual(['3', '2', '1']);
    expect(ids('LONG')).toEqual(['2', '1']);
    expect(ids('long too')).toEqual(['1']);
    expect(ids('long', 'tie')).toEqual(['2']);
  });

  it('changes a label, deletes one, and takes it back', async () => {
    const { lab, screen } = await view();
    await lab.labels.add([label('1', { prompt: 'first' }), label('2', { prompt: 'second' })]);
    const row = () => screen.getByTestId('label-row').filter({ hasText: 'first' });
    await row().getByRole('button', { name: 'change' }).click();
    await row().getByLabelText('How much').selectOptions('7: B is much better');
    await vi.waitFor(() => expect(lab.labels.list.find(({ id }) => id === '1')).toMatchObject({ verdict: 'b', strength: 7 }));
    await screen.getByRole('button', { name: 'delete the label on “first”' }).click();
    expect(lab.labels.list.map(({ id }) => id)).toEqual(['2']);
    await screen.getByTestId('undo-line').getByRole('button', { name: 'Undo' }).click();
    await vi.waitFor(() => expect(lab.labels.list).toHaveLength(2));
  });
});
