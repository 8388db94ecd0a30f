/** @file The experiments that lessons are made of, each fetched when a step asks for it. */
import type { Component } from 'svelte';
import type { PanelId } from '../../lessons/lesson';
import type { AppState } from '../../state/app.svelte';
import type { LessonSession } from '../../state/lessons.svelte';

/** What a panel is given. */
export interface PanelProps {
  readonly app: AppState;
  readonly session: LessonSession;
}

/** All of them, and how to fetch each. */
export const PANELS: Readonly<Record<PanelId, () => Promise<{ default: Component<PanelProps> }>>> = {
  compare: () => import('./panels/ComparePart.svelte'),
  reward: () => import('./panels/RewardPart.svelte'),
  train: () => import('./panels/TrainPart.svelte'),
  labels: () => import('./panels/LabelsPart.svelte'),
  pipeline: () => import('./panels/PipelinePart.svelte'),
  demonstrations: () => import('./panels/DemonstrationsPart.svelte'),
  names: () => import('./panels/NamesPart.svelte'),
  cloud: () => import('./panels/CloudPart.svelte'),
  gao: () => import('./panels/GaoPart.svelte'),
  refusals: () => import('./panels/RefusalsPart.svelte'),
  leaning: () => import('./panels/LeaningPart.svelte'),
};
