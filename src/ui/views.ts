/** @file The views besides the playground, each fetched when it is first shown. */
import type { Component } from 'svelte';
import type { AppState } from '../state/app.svelte';
import type { RewardLab } from '../state/reward-lab.svelte';
import type { ViewId } from '../state/view.svelte';

/** What every such view is given. */
export interface ViewProps {
  readonly app: AppState;
  readonly lab: RewardLab;
}

type LoadView = () => Promise<{ default: Component<ViewProps> }>;

/** How to fetch each view. */
export const VIEW_COMPONENTS: Readonly<Record<Exclude<ViewId, 'playground'>, LoadView>> = {
  lab: () => import('./lab/LabView.svelte'),
  label: () => import('./label/LabelView.svelte'),
  'reward-models': () => import('./reward-lab/RewardModelsView.svelte'),
  world: () => import('./world/WorldView.svelte'),
  models: () => import('./models/ModelsView.svelte'),
  runs: () => import('./runs/RunsView.svelte'),
};
