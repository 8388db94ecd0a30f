/**
 * @file Everything in the lab that gives answers points, as one kind of thing: the sliders and the fit at once, a network after a
 * while. Report cards and best of n ask all of them the same questions.
 */
import { linearReward } from '../core/reward/linear';
import type { RewardWeights } from '../core/reward/features';
import { m } from '../messages/messages';
import type { Completion } from '../protocol/generate';
import { fittedScore } from './fitted';
import { fitOf } from './fitted-kept';
import type { RewardLab } from './reward-lab.svelte';
import type { Answer, Scorer } from './scorer';

function byFeatures(kind: Scorer['kind'], label: string, scoreNow: (completion: Completion) => number): Scorer {
  return { kind, label, scoreNow, score: (answers) => Promise.resolve(answers.map(({ completion }) => scoreNow(completion))) };
}

/** The reward of the sliders, the fit that is looked at, and the neural model that is open; those of them that there are. */
export function scorersOf({ rewards, fit }: Pick<RewardLab, 'rewards' | 'fit'>, weights: RewardWeights): readonly Scorer[] {
  const { fitted, neural } = rewards;
  const shownFit = fitted.open ? fitOf(fitted.open.body) : fit;
  const { open } = neural;
  return [
    byFeatures('hand', rewards.hand.open?.name ?? m.rewardlab_hand_label(), ({ features }) => linearReward(weights, features)),
    ...(shownFit.numPairs > 0 ? [byFeatures('fitted', fitted.open?.name ?? m.rewardlab_fitted_label(), fittedScore(shownFit))] : []),
    ...(open
      ? [
          {
            kind: 'neural' as const,
            label: open.name,
            scoreNow: null,
            score: async (answers: readonly Answer[], hear?: (numDone: number) => boolean) => {
              const texts = answers.map(({ prompt, completion }) => ({
                prompt,
                completion: completion.text,
                finished: completion.finished,
              }));
              const scored = await neural.score(open.id, texts, hear ? { hear } : {});
              // As trained, before they were brought to one spread: only these say how sure it is.
              return 'type' in scored ? scored : scored.map(({ score }) => open.body.sd * score);
            },
          },
        ]
      : []),
  ];
}
