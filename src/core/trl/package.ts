/**
 * @file The texts of the zip that leaves the page: Python scripts, their settings, the reward, data sets, and a README of the
 * three commands. The models' folders are put beside them by whoever has the weights (`model/written-folder.ts`).
 */
import { HEDGES, REFUSALS, SPELLED_OUT } from '../reward/manner-features';
import { COURTESIES } from '../world/judges/phrases';
import { trlSettings, type TrlConfigs } from './settings';

/** The version of TRL that the scripts were tried with. */
const TRL_VERSION = '1.13.0';
/** The version that last was looked at for PPO, which later ones lack. */
const TRL_WITH_PPO = '1.1.0';

/** What the texts are made of. */
export interface PackageParts {
  /** Contents of the files of `python/`, by name. */
  readonly scripts: Readonly<Record<string, string>>;
  /** `world_judge.mjs`; null where it could not be had. */
  readonly judge: string | null;
  readonly configs: TrlConfigs;
  readonly seed: number;
  /** Longest text that the model reads, in tokens. */
  readonly maxTokens: number;
  readonly weights: Readonly<Record<string, number>>;
  /** Of the neural reward model, a raw point of its score; 0 for none. */
  readonly rewardModelWeight: number;
  readonly endTokenIds: readonly number[];
  /** JSON Lines by name of the data set. */
  readonly data: Readonly<Record<string, string>>;
  /** The chat format of the family's chat models. */
  readonly chatTemplate: string;
  /** What the policy is, in words. */
  readonly policy: string;
}

const json = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`;

/** What the README says of each file of `data/`. */
const DATA_WORDS: Readonly<Record<string, string>> = {
  demonstrations: 'prompt and completion, for SFT',
  preferences: 'prompt, chosen and rejected, with a margin: labels made on the page, for the reward model and DPO',
  'world-preferences': 'the same, written and labelled by the small world; used when there is no preferences.jsonl',
  prompts: 'prompts, for GRPO, RLOO and PPO',
};

function readme({ data, policy, judge }: PackageParts): string {
  const rows = Object.entries(data).map(
    ([name, text]) => `- \`data/${name}.jsonl\`: ${text.split('\n').length - 1} rows. ${DATA_WORDS[name] ?? ''}`,
  );
  return `# What you trained, and how to go on without the page

Made by Aftertrain. \`policy/\` is ${policy}.

## Three commands

\`\`\`
pip install -r requirements.txt
accelerate launch grpo.py
accelerate launch --num_machines 2 --machine_rank 0 --main_process_ip 10.0.0.1 --main_process_port 29500 grpo.py
\`\`\`

The second trains on all graphics cards of this machine; the third on two machines: run it on each, with its own \`--machine_rank\`.
In the place of \`grpo.py\`: \`sft.py\`, \`reward_model.py\`, \`dpo.py\`, \`rloo.py\`. Each takes \`--model\` (another folder, or a model of
the hub), \`--output_dir\` and \`--max_steps\`. The result is a folder like \`policy/\`, in \`trained/\`. \`ppo.py\` needs an older TRL:
\`pip install -r requirements-ppo.txt\` in an environment of its own.

## What is here

- \`policy/\`: a Hugging Face folder (safetensors, tokenizer, chat format, and \`onnx/\` for transformers.js and ONNX Runtime).
- \`reward-model/\`: a reward model of the same family (\`AutoModelForSequenceClassification\`, one label).
${rows.join('\n')}
- \`settings.json\`: the page's settings under TRL's names, by script. Batches are those of a whole update; the scripts divide them
  among processes. The learning rates suit a model of a million parameters: larger ones want smaller ones.
- \`reward.py\`, \`reward.json\`: the reward as the sliders stood. ${
    judge === null
      ? 'The world’s own judge is not here: the page could not read it. Features that need it must have weight 0.'
      : '`world_judge.mjs` is the small world’s judge; Node 20 or newer runs it for features such as correctness.'
  }

Tried with TRL ${TRL_VERSION}. Differences from the page: TRL rehearses no documents, and PPO's value model has the policy's learning rate.
`;
}

/** The texts by their path in the zip. */
export function packageTexts(parts: PackageParts): ReadonlyMap<string, string> {
  const reward = {
    weights: parts.weights,
    reward_model_weight: parts.rewardModelWeight,
    end_token_ids: parts.endTokenIds,
    phrases: { courtesies: COURTESIES, hedges: HEDGES, refusals: REFUSALS, spelled_out: SPELLED_OUT },
  };
  return new Map([
    ['README.md', readme(parts)],
    ['requirements.txt', `trl==${TRL_VERSION}\naccelerate\ndatasets\n`],
    ['requirements-ppo.txt', `trl==${TRL_WITH_PPO}\naccelerate\ndatasets\n`],
    ['settings.json', json(trlSettings(parts.configs, parts.seed, parts.maxTokens))],
    ['reward.json', json(reward)],
    ['chat_template.jinja', parts.chatTemplate],
    ...Object.entries(parts.scripts),
    ...(parts.judge === null ? [] : [['world_judge.mjs', parts.judge] as const]),
    ...Object.entries(parts.data).map(([name, text]) => [`data/${name}.jsonl`, text] as const),
  ]);
}
