/** @file The views besides the playground, each fetched when it is first shown. */
import type { Component } from 'svelte';
import type { AppState } from '../state/app.svelte';
import type { RewardLab } from '../state/reward-lab.svelte';
import { m } from '../messages/messages';
import type { ViewId } from '../state/view.svelte';

/** What every such view is given. */
export interface ViewProps {
  readonly app: AppState;
  readonly lab: RewardLab;
}

type LoadView = () => Promise<{ default: Component<ViewProps> }>;

/** What the navigation calls each view. */
export const VIEW_NAMES: Readonly<Record<ViewId, () => string>> = {
  playground: m.page_view_playground,
  lessons: m.page_view_lessons,
  label: m.page_view_label,
  'reward-models': m.page_view_reward_models,
  lab: m.page_view_lab,
  runs: m.page_view_runs,
  world: m.page_view_world,
  models: m.page_view_models,
};

/** How to fetch each view. */
export const VIEW_COMPONENTS: Readonly<Record<Exclude<ViewId, 'playground'>, LoadView>> = {
  lessons: () => import('./lessons/LessonsView.svelte'),
  lab: () => import('./lab/LabView.svelte'),
  label: () => import('./label/LabelView.svelte'),
  'reward-models': () => import('./reward-lab/RewardModelsView.svelte'),
  world: () => import('./world/WorldView.svelte'),
  models: () => import('./models/ModelsView.svelte'),
  runs: () => import('./runs/RunsView.svelte'),
};
