/** @file Lesson 1 measured: the share of answers in form, by model, and how often gold prefers RLHF to SFT, on held-out prompts. */
import { join } from 'node:path';
import { mean } from '../../src/core/rl/advantages';
import { followsFormat, judge } from '../../src/core/world/judges';
import { interpretRequest } from '../../src/core/world/interpret';
import { lesson, type CompareData } from '../../src/lessons/lesson-1';
import type { Lesson } from '../../src/lessons/lesson';
import { Asker, EVALUATION_DEFAULTS, type JudgedAnswer } from '../evaluate/asker';
import { heldOutRequests } from '../evaluate/prompts';
import { loadLanguageModelFolder } from '../model-folder';
import type { LessonMeasure } from './lesson-study';

const MODELS = ['base', 'sft', 'rlhf'] as const;
const NUM_PROMPTS = 96;
/** Prompts of the talk, asked for the recording. */
const RECORDED = ['Please give me a simple chili recipe.', 'Who is Ana Moreno?', 'How do I open my own lock?'];

/** How it is measured. */
export const measure: LessonMeasure = {
  lesson: lesson as Lesson,
  open: ({ engine, world, models }) => {
    const loaded = MODELS.map((id) => loadLanguageModelFolder(join(models, id)));
    return Promise.resolve({
      close: () => Promise.resolve(),
      run: async (seed) => {
        const options = { ...EVALUATION_DEFAULTS, numPrompts: NUM_PROMPTS, seed };
        const requests = heldOutRequests(world, loaded, options);
        const talk = RECORDED.map((prompt) => interpretRequest(world, prompt)!);
        const asked: JudgedAnswer[][] = [];
        for (const model of loaded) {
          const asker = await Asker.create(engine, world, model, options);
          asked.push(await asker.answer([...requests, ...talk], 'answers'));
          await asker.release();
        }
        const [base, sft, rlhf] = asked.map((answers) => answers.slice(0, NUM_PROMPTS)) as [JudgedAnswer[], JudgedAnswer[], JudgedAnswer[]];
        const inForm = (answers: typeof base) => mean(answers.map(({ judgement }) => (followsFormat(judgement) ? 1 : 0)));
        const wins = mean(rlhf.map(({ judgement }, i) => (Math.sign(judgement.gold - sft[i]!.judgement.gold) + 1) / 2));
        const recorded = RECORDED.map((prompt, i) => ({
          prompt,
          golds: asked.map((answers) => {
            const { request, text, rollout } = answers[NUM_PROMPTS + i]!;
            return judge(world, request, text, rollout.finished).gold;
          }),
          texts: asked.map((answers) => answers[NUM_PROMPTS + i]!.text),
        }));
        const data: CompareData = { rows: recorded.map(({ prompt, golds: [b, s, r] }) => ({ prompt, base: b!, sft: s!, rlhf: r! })) };
        return {
          values: { 'format/base': inForm(base), 'format/sft': inForm(sft), wins },
          data,
          answers: recorded.flatMap(({ prompt, golds, texts }) =>
            MODELS.map((model, i) => ({ prompt, model, text: texts[i]!, gold: Number(golds[i]!.toFixed(2)) })),
          ),
        };
      },
    });
  },
};
