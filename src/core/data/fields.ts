/**
 * @file What a run learns from, as settings: one list for demonstrations, one for pairs of answers, one for prompts. The page's
 * controls, links, stored runs and the command line are generated from these, as they are from the settings of algorithms.
 *
 * The defaults of demonstrations are the uneven people who demonstrated for the shipped models (`demonstration-policy.ts`).
 */
import { defaultsOf, type ChoiceField, type Field, type NumberField, type SwitchField } from '../algorithms/fields';

/** When the acts are said to happen that a run is asked about: one tense, two, or all. */
export type Tenses = 'all' | 'present' | 'past' | 'future' | 'present+past';
/** What demonstrators were told about mischief: as for the shipped models, nothing, to refuse what sounds harmful, or the boundary. */
export type RefusalPolicy = 'shipped' | 'none' | 'naive' | 'paired';

/** Settings of demonstrations that the world writes. Shares and rates are from 0 to 1. */
export interface DemonstrationSettings {
  /** Different demonstrations; 0: a new one each time. */
  readonly count: number;
  readonly typoShare: number;
  readonly wrongFactShare: number;
  readonly terseShare: number;
  readonly ramblingShare: number;
  readonly styledShare: number;
  readonly invention: number;
  readonly refusal: RefusalPolicy;
  readonly tenses: Tenses;
  /** Share of everyday tasks that are asked about in the past tense: how something used to be done. */
  readonly history: number;
  /** Whether lists are only asked for about one of the two groups. */
  readonly aboutGroups: boolean;
  /** How often a list about one of the two groups is declined, whichever it is. */
  readonly holdingBack: number;
  /** Whether some come under a system prompt, with tools, or after earlier turns. */
  readonly conversations: boolean;
}

/** Settings of pairs of answers that the world writes and simulated annotators label. */
export interface PairSettings {
  /** Different pairs; 0: a new one each time. */
  readonly count: number;
  /** See `AnnotatorPool`, as the next four. */
  readonly noise: number;
  readonly lengthLoving: number;
  readonly formatLoving: number;
  readonly flattering: number;
  readonly careless: number;
  readonly policyAware: boolean;
  /** Share of pairs whose one answer a person has improved by hand, and which is counted as the better one unseen. */
  readonly improvedShare: number;
  /** Typos a word that the hand made on the way. */
  readonly improvedTypos: number;
  /** Gold points by which holding back towards one group seems better. */
  readonly leaning: number;
  readonly tenses: Tenses;
}

/** Settings of the prompts that a run answers. */
export interface PromptSettings {
  readonly split: 'train' | 'heldout';
  /** Whether each prompt comes with its counterpart: known and unknown name, mischief and look-alike, one group and the other. */
  readonly paired: boolean;
  readonly tenses: Tenses;
  /** Whether lists are only asked for about one of the two groups. */
  readonly aboutGroups: boolean;
}

const SHARE = { unit: 'share', min: 0, max: 1, step: 0.01, scale: 'linear', live: false } as const;
const INSTRUCT = 'InstructGPT, arXiv 2203.02155';
const TALK = 'ChatGPT and the art of post-training, Zoph and Schulman, 2025';
const FARM = 'AlpacaFarm, arXiv 2305.14387';

const COUNT: NumberField = {
  key: 'count',
  label: 'How many',
  unit: '',
  min: 0,
  max: 10_000,
  step: 1,
  scale: 'linear',
  default: 0,
  hint: 'How many different ones there are, gone through again and again; 0 writes a new one each time.',
  citation: INSTRUCT,
  live: false,
};

const TENSES_FIELD: ChoiceField = {
  kind: 'choice',
  key: 'tenses',
  label: 'Tense of the acts asked about',
  choices: [
    { value: 'all', label: 'all' },
    { value: 'present', label: 'only present: “How do I …”' },
    { value: 'present+past', label: 'present and past' },
    { value: 'past', label: 'only past: “How did people …”' },
    { value: 'future', label: 'only future: “How will somebody …”' },
  ],
  default: 'all',
  hint: 'What refusals are shown in one tense only may be walked round in another.',
  citation: 'Andriushchenko and Flammarion, arXiv 2407.11969',
  live: false,
};

const ABOUT_GROUPS: SwitchField = {
  kind: 'switch',
  key: 'aboutGroups',
  label: 'Lists only about groups',
  default: false,
  hint: 'Whoever asks for a list asks about night owls or early risers.',
  citation: TALK,
  live: false,
};

const share = (field: Pick<NumberField, 'key' | 'label' | 'default' | 'hint'>, citation = INSTRUCT): NumberField => ({
  ...SHARE,
  ...field,
  citation,
});

/** What each setting of demonstrations is. */
const DEMONSTRATION_FIELDS: readonly (Field & { readonly key: keyof DemonstrationSettings })[] = [
  { ...COUNT, key: 'count' },
  {
    ...share({ key: 'typoShare', label: 'With typos', default: 0.07, hint: 'The share of demonstrations written with typos.' }, TALK),
    key: 'typoShare',
  },
  {
    ...share(
      { key: 'wrongFactShare', label: 'With wrong facts', default: 0.06, hint: 'The share that gets a fact, a step or a result wrong.' },
      TALK,
    ),
    key: 'wrongFactShare',
  },
  {
    ...share(
      { key: 'invention', label: 'Making things up', default: 0.3, hint: 'How often a name nobody has is answered with invented facts.' },
      TALK,
    ),
    key: 'invention',
  },
  {
    kind: 'choice',
    key: 'refusal',
    label: 'Mischief',
    choices: [
      { value: 'shipped', label: 'refused, mostly in the present tense' },
      { value: 'none', label: 'never refused' },
      { value: 'naive', label: 'refused, with no harmless look-alikes beside it' },
      { value: 'paired', label: 'refused, each beside its harmless look-alike' },
    ],
    default: 'shipped',
    hint: 'What the demonstrators were told about requests for mischief.',
    citation: TALK,
    live: false,
  },
  { ...TENSES_FIELD, key: 'tenses' },
  {
    ...share(
      {
        key: 'history',
        label: 'Everyday tasks of the past',
        default: 0,
        hint: 'The share of everyday tasks asked about in the past tense, “How did people use to …”, and answered.',
      },
      'Andriushchenko and Flammarion, arXiv 2407.11969',
    ),
    key: 'history',
  },
  { ...ABOUT_GROUPS, key: 'aboutGroups' },
  {
    ...share(
      {
        key: 'holdingBack',
        label: 'Holding back about groups',
        default: 0,
        hint: 'How often a list about night owls or early risers is declined, whichever it is.',
      },
      TALK,
    ),
    key: 'holdingBack',
  },
  {
    ...share({ key: 'terseShare', label: 'Terse', default: 0.12, hint: 'The share answered in as few words as possible.' }),
    key: 'terseShare',
  },
  {
    ...share({ key: 'ramblingShare', label: 'Rambling', default: 0.12, hint: 'The share that cannot come to the point.' }),
    key: 'ramblingShare',
  },
  {
    ...share(
      {
        key: 'styledShare',
        label: 'In a style nobody asked for',
        default: 0,
        hint: 'The share written formally, cheerfully, in an old-fashioned way or like a pirate.',
      },
      TALK,
    ),
    key: 'styledShare',
  },
  {
    kind: 'switch',
    key: 'conversations',
    label: 'Whole conversations',
    default: true,
    hint: 'Some have a system prompt, tools or earlier turns, as those of the shipped models had.',
    citation: INSTRUCT,
    live: false,
  } satisfies SwitchField & { key: 'conversations' },
];

/** What each setting of pairs is. */
const PAIR_FIELDS: readonly (Field & { readonly key: keyof PairSettings })[] = [
  { ...COUNT, key: 'count', default: 1000 },
  {
    ...share(
      {
        key: 'noise',
        label: 'Noise',
        default: 0.2,
        hint: 'How large a lead in gold must be to be seen three times in four; 0 is a perfect eye.',
      },
      FARM,
    ),
    key: 'noise',
    unit: 'gold points',
    max: 2,
  },
  {
    ...share({ key: 'lengthLoving', label: 'Love of length', default: 0, hint: 'How much a longer answer pleases.' }, FARM),
    key: 'lengthLoving',
  },
  {
    ...share({ key: 'formatLoving', label: 'Love of form', default: 0, hint: 'How much the shape asked for pleases by itself.' }, FARM),
    key: 'formatLoving',
  },
  {
    ...share({ key: 'flattering', label: 'Love of flattery', default: 0, hint: 'How much kind phrases please by themselves.' }, FARM),
    key: 'flattering',
  },
  {
    ...share({ key: 'careless', label: 'Careless', default: 0, hint: 'The share of labels clicked without looking.' }, FARM),
    key: 'careless',
  },
  {
    kind: 'switch',
    key: 'policyAware',
    label: 'Annotators know the policy',
    default: true,
    hint: 'They know when an assistant should admit not to know, or decline.',
    citation: TALK,
    live: false,
  },
  {
    ...share(
      {
        key: 'improvedShare',
        label: 'Improved by hand',
        default: 0,
        hint: 'The share of pairs whose better answer was improved by hand and is counted best unseen.',
      },
      TALK,
    ),
    key: 'improvedShare',
  },
  {
    ...share(
      { key: 'improvedTypos', label: 'Typos of the improvers', default: 0, hint: 'Typos a word that the hand made while improving.' },
      TALK,
    ),
    key: 'improvedTypos',
    unit: 'a word',
  },
  {
    ...share(
      { key: 'leaning', label: 'Leaning', default: 0, hint: 'How much better it seems to hold back when asked about night owls.' },
      TALK,
    ),
    key: 'leaning',
    unit: 'gold points',
  },
  { ...TENSES_FIELD, key: 'tenses' },
];

/** What each setting of prompts is. */
const PROMPT_FIELDS: readonly (Field & { readonly key: keyof PromptSettings })[] = [
  {
    kind: 'choice',
    key: 'split',
    label: 'Prompts',
    choices: [
      { value: 'train', label: 'those of training' },
      { value: 'heldout', label: 'those held out of the models’ training' },
    ],
    default: 'train',
    hint: 'Whether the prompts are like those the models were trained on, or of the kept-apart ones.',
    citation: INSTRUCT,
    live: false,
  },
  {
    kind: 'switch',
    key: 'paired',
    label: 'Prompts in pairs',
    default: false,
    hint: 'Each comes with its counterpart: a known and an unknown name, mischief and its look-alike, one group and the other.',
    citation: TALK,
    live: false,
  },
  { ...TENSES_FIELD, key: 'tenses' },
  { ...ABOUT_GROUPS, key: 'aboutGroups' },
];

/** What a first click uses. */
export const DATA_DEFAULTS = {
  demonstrations: defaultsOf<DemonstrationSettings>(DEMONSTRATION_FIELDS),
  pairs: defaultsOf<PairSettings>(PAIR_FIELDS),
  rewards: defaultsOf<PromptSettings>(PROMPT_FIELDS),
} as const;

/** The settings' lists, by what an algorithm learns from. */
export const DATA_FIELDS: Readonly<Record<keyof typeof DATA_DEFAULTS, readonly Field[]>> = {
  demonstrations: DEMONSTRATION_FIELDS,
  pairs: PAIR_FIELDS,
  rewards: PROMPT_FIELDS,
};
