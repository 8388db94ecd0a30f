/**
 * @file The measured parts of the model card, `public/models/README.md`: recipe, loss curves, evals and the sweep's table.
 *
 * The card's words are written by hand; what is measured stands between marks such as `<!-- evals:s -->` and
 * `<!-- /evals:s -->` and is put there by the build and by the sweep, so that it cannot be wrong.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { meaningOf, type Evals } from '../../src/core/eval/evals';
import type { Figure } from '../../src/core/eval/intervals';
import { parameterLayout } from '../../src/core/model/parameters';
import { readSweep, sweepTable } from '../sweep';
import type { LossCurve } from './language-stages';
import type { Recipe } from './recipe';
import type { ModelId } from './stages';
import type { Store } from './store';
import { checkTargets } from './targets';

/** Points of a loss curve in the card. */
const NUM_POINTS = 10;

function recipeTable({ model, pretrain, sft, preferences, rewardModel, rlhf, secondRound, dpo, seed }: Recipe): string {
  const rows: [string, string][] = [
    [
      'Shape',
      `Llama: ${model.numLayers} layers of width ${model.width}, ${model.numHeads} heads of ${model.headSize} (${model.numKeyValueHeads} for keys and values), ` +
        `feed-forward ${model.feedForwardSize}, ${model.vocabularySize} tokens, tied embeddings; ${(parameterLayout(model).numParameters / 1e6).toFixed(2)} M parameters`,
    ],
    ['Seed', String(seed)],
    [
      'Pretraining',
      `${pretrain.numSteps} steps of ${pretrain.batch} × ${pretrain.length} tokens (${((pretrain.numSteps * pretrain.batch * pretrain.length) / 1e6).toFixed(0)} M), ` +
        `learning rate ${pretrain.learningRate}, cosine to a tenth`,
    ],
    [
      'SFT',
      `${sft.numUpdates} updates of ${sft.demonstrationsPerUpdate} dialogues and ${sft.numDocuments} pages (${100 * sft.documentWeight} % of the loss), learning rate ${sft.learningRate}`,
    ],
    ['Comparisons', `${preferences.numPrompts} prompts, ${preferences.numAnswers} answers each, at temperature ${preferences.temperature}`],
    ['Reward model', `${rewardModel.numEpochs} epochs, ${rewardModel.numPairs} pairs a step, learning rate ${rewardModel.learningRate}`],
    [
      'RLHF',
      `GRPO, ${rlhf.numUpdates} updates of ${rlhf.promptsPerUpdate} prompts × ${rlhf.groupSize} answers, learning rate ${rlhf.learningRate}, KL weight ${rlhf.klCoef}`,
    ],
    ...(secondRound
      ? [
          [
            'Second round',
            `comparisons of RLHF's answers to ${secondRound.numPrompts} fresh prompts and as many of the first, learning rate ${secondRound.rewardModelRate}; ` +
              `then ${secondRound.numUpdates} updates of GRPO more`,
          ] satisfies [string, string],
        ]
      : []),
    ['DPO', `${dpo.numUpdates} updates of ${dpo.pairsPerUpdate} of the comparisons, learning rate ${dpo.learningRate}, β ${dpo.beta}`],
  ];
  return ['| Stage | Setting |', '| --- | --- |', ...rows.map(([stage, setting]) => `| ${stage} | ${setting} |`)].join('\n');
}

/** @param before the card as it is: the curve of a stage that was not run here stays */
function curveTable(store: Store, before: string): string {
  const curves = (['pretrain', 'sft'] as const).flatMap((stage) => {
    const curve = store.readJson<LossCurve>(`${stage}-loss.json`) ?? [];
    if (curve.length === 0) return before.split('\n').filter((line) => line.startsWith(`| ${stage} |`));
    const points = Array.from({ length: NUM_POINTS }, (_, i) => curve[Math.ceil(((i + 1) * curve.length) / NUM_POINTS) - 1]!);
    return [`| ${stage} | ${points.map(([step, loss]) => `${loss.toFixed(2)} at ${step}`).join(' | ')} |`];
  });
  return [`| Loss, nats a token |${' |'.repeat(NUM_POINTS)}`, `| --- |${' --: |'.repeat(NUM_POINTS)}`, ...curves].join('\n');
}

/** One row a figure, one column a model. */
function evalsTable(evals: ReadonlyMap<ModelId, Evals>): string {
  const models = [...evals.keys()];
  const names = [...new Set([...evals.values()].flatMap(({ figures }) => Object.keys(figures)))];
  const shown = (name: string, figure: Figure | undefined) => {
    if (!figure) return '';
    const inHundredths = ['share', 'points'].includes(meaningOf(name).unit);
    const [value, low, high] = [figure.value, figure.low, figure.high].map((number) =>
      inHundredths ? (100 * number).toFixed(1) : number.toFixed(3),
    );
    return `${value} (${low}–${high})`;
  };
  const unitOf = (name: string) =>
    ({ share: ', %', score: '', points: ', points' })[meaningOf(name).unit as string] ?? `, ${meaningOf(name).unit}`;
  return [
    `| | ${models.join(' | ')} |`,
    `| --- |${' --: |'.repeat(models.length)}`,
    ...names.map((name) => `| \`${name}\`${unitOf(name)} | ${models.map((id) => shown(name, evals.get(id)!.figures[name])).join(' | ')} |`),
  ].join('\n');
}

function targetList(family: string, evals: ReadonlyMap<ModelId, Evals>): string {
  return checkTargets(family, evals)
    .map(({ words, value, holds }) => `- ${holds ? '✓' : '✗'} ${words}: ${Number(value.toFixed(3))}`)
    .join('\n');
}

const marksOf = (part: string) => [`<!-- ${part} -->`, `<!-- /${part} -->`] as const;

/** What stands between a part's marks; nothing where there are no such marks. */
function partOf(text: string, part: string): string {
  const [begin, end] = marksOf(part);
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  return from < 0 || to < from ? '' : text.slice(from + begin.length, to);
}

/** The text with what stands between a part's marks replaced; unchanged where there are no such marks. */
export function withPart(text: string, part: string, content: string): string {
  const [begin, end] = marksOf(part);
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) return text;
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

function updateCard(folder: string, partsOf: (card: string) => Readonly<Record<string, string>>): void {
  const path = join(folder, 'README.md');
  if (!existsSync(path)) return;
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    Object.entries(partsOf(text)).reduce((card, [part, content]) => withPart(card, part, content), text),
  );
}

/** Puts what a build measured into the card in this folder, if there is one. */
export function updateBuildCard(
  folder: string,
  recipe: Recipe,
  store: Store,
  evals: ReadonlyMap<ModelId, Evals>,
  bytesPerToken: number,
): void {
  const { family } = recipe;
  updateCard(folder, (card) => ({
    [`recipe:${family}`]: recipeTable(recipe),
    [`tokenizer:${family}`]: `${recipe.model.vocabularySize} tokens, ${bytesPerToken} bytes per token on pages and answers it was not trained on.`,
    [`curves:${family}`]: curveTable(store, partOf(card, `curves:${family}`)),
    [`targets:${family}`]: targetList(family, evals),
    [`evals:${family}`]: evalsTable(evals),
  }));
}

/** Puts the table of a sweep into the card beside it, if there is one. */
export function updateSweepCard(folder: string, family: string): void {
  const cells = readSweep(join(folder, 'sweep.json')).filter((cell) => cell.family === family);
  updateCard(folder, () => ({ [`sweep:${family}`]: sweepTable(cells) }));
}
