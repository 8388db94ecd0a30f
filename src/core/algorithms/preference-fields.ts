/**
 * @file Settings that the algorithms of preference pairs share: DPO on labelled pairs and DPO on answers of its own.
 */

const DPO = 'TRL DPOConfig; DPO, arXiv 2305.18290';

/** β: how dear it is to leave the reference. */
export const BETA = {
  key: 'beta',
  trl: 'beta',
  label: 'β',
  unit: '',
  min: 0.01,
  max: 1,
  step: 0.01,
  scale: 'linear',
  default: 0.1,
  hint: 'How strongly the policy is held near where it started.',
  citation: DPO,
  live: true,
} as const;

/** Which loss. */
export const PREFERENCE_LOSS = {
  kind: 'choice',
  key: 'lossType',
  trl: 'loss_type',
  label: 'Loss',
  choices: [
    { value: 'sigmoid', label: 'DPO (with smoothing: cDPO)' },
    { value: 'robust', label: 'robust DPO' },
    { value: 'ipo', label: 'IPO' },
    { value: 'hinge', label: 'hinge (SLiC)' },
  ],
  default: 'sigmoid',
  hint: 'What a pair in the right order by a little, or a lot, is worth.',
  citation: 'arXiv 2305.18290, 2403.00409, 2310.12036, 2305.10425',
  live: false,
} as const;

/** ε of cDPO and robust DPO. */
export const LABEL_SMOOTHING = {
  key: 'labelSmoothing',
  trl: 'label_smoothing',
  label: 'Labels thought wrong',
  unit: 'share',
  min: 0,
  max: 0.45,
  step: 0.05,
  scale: 'linear',
  default: 0,
  hint: 'The share of pairs believed to be labelled the wrong way round.',
  citation: 'cDPO, ericmitchell.ai/cdpo.pdf; arXiv 2403.00409',
  live: true,
} as const;
