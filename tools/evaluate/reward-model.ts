/**
 * @file How good a reward model is: which of two answers to a held-out prompt it prefers, by kind of request, and whether
 * it is as often right as it is sure.
 */
import { RewardScorer } from '../../src/core/algorithms/reward-model';
import { calibrationError, reliabilityBins, type Prediction, type ReliabilityBin } from '../../src/core/eval/calibration';
import { bootstrap, shareOf } from '../../src/core/eval/intervals';
import type { LoadedModel } from '../../src/core/model/loaded-model';
import { Random } from '../../src/core/random';
import { comparePairs } from '../annotator';
import type { Asker, JudgedAnswer } from './asker';
import { heldOutRequests, type Figures } from './prompts';

const NUM_ANSWERS = 4;
const SCORE_BATCH = 32;
const SCORE_LENGTH = 208;

interface Verdict extends Prediction {
  readonly kind: string;
  /** The reward model prefers what gold prefers; `isRight` is about the annotator's label. */
  readonly agreesWithGold: boolean;
}

/** The reward model's verdict on a prompt's answers, every pair once. */
function verdictsOf(answers: readonly JudgedAnswer[], scores: readonly number[], random: Random): Verdict[] {
  return comparePairs(
    answers.map(({ judgement }) => judgement.gold),
    random,
  ).map(({ chosen, rejected, isBest }) => {
    const difference = scores[chosen]! - scores[rejected]!;
    const isRight = difference > 0;
    const confidence = 1 / (1 + Math.exp(-Math.abs(difference)));
    return { kind: answers[0]!.request.kind, confidence, isRight, agreesWithGold: isRight === isBest };
  });
}

/**
 * Measures a reward model on answers of a policy.
 * @param asker asks the policy, the SFT model as a rule
 */
export async function measureRewardModel(asker: Asker, model: LoadedModel): Promise<{ figures: Figures; reliability: ReliabilityBin[] }> {
  const { options, world, engine } = asker;
  const requests = heldOutRequests(world, [asker.model], { ...options, numPrompts: Math.ceil(options.numPrompts / 2) });
  // Drawn as the comparisons it learned from were: at temperature 1.
  const answers: JudgedAnswer[][] = requests.map(() => []);
  for (let i = 0; i < NUM_ANSWERS; i++)
    (await asker.answer(requests, `reward model ${i}`, { ...options, temperature: 1 })).forEach((answer, at) => answers[at]!.push(answer));
  const scorer = await RewardScorer.create(engine, model.config, SCORE_BATCH, SCORE_LENGTH);
  const theta = engine.upload({ dims: [model.theta.length], data: model.theta });
  const scores = await scorer.score(
    theta,
    answers.flat().map(({ rollout }) => rollout),
  );
  await scorer.release();
  theta.dispose();
  const random = new Random(options.seed).split('labels');
  const groups = answers.map((group, i) => verdictsOf(group, scores.slice(i * NUM_ANSWERS, (i + 1) * NUM_ANSWERS), random));
  const verdicts = groups.flat();
  // Pairs of one prompt are not independent, so prompts are what is drawn again.
  const share = (of: readonly Verdict[], holds: (verdict: Verdict) => boolean) => of.filter(holds).length / Math.max(1, of.length);
  const figures: Figures = {
    accuracy: bootstrap(groups, (of) => share(of.flat(), ({ agreesWithGold }) => agreesWithGold)),
    labels: bootstrap(groups, (of) => share(of.flat(), ({ isRight }) => isRight)),
    calibration: bootstrap(groups, (of) => calibrationError(reliabilityBins(of.flat()))),
  };
  for (const kind of new Set(verdicts.map((verdict) => verdict.kind)))
    figures[`accuracy/${kind}`] = shareOf(verdicts.filter((verdict) => verdict.kind === kind).map(({ agreesWithGold }) => agreesWithGold));
  return { figures, reliability: reliabilityBins(verdicts) };
}
