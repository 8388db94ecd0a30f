/** @file Starts the page: its state, its components, and the first question. With `?selftest`, the self-test instead. */
import { mount } from 'svelte';
import './ui/theme.css';
import App from './ui/App.svelte';
import { AppState } from './state/app.svelte';
import { hasFlag } from './state/flags';

const target = document.getElementById('app')!;
if (hasFlag('selftest')) {
  void import('./ui/selftest/SelfTestPage.svelte').then(({ default: SelfTestPage }) => mount(SelfTestPage, { target }));
} else {
  const app = new AppState();
  app.language.install();
  mount(App, { target, props: { app } });
  void app.start(location.hash);
}
