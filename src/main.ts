/** @file Starts the page: its state, its components, and the first question. */
import { mount } from 'svelte';
import './ui/theme.css';
import App from './ui/App.svelte';
import { AppState } from './state/app.svelte';

const app = new AppState();
mount(App, { target: document.getElementById('app')!, props: { app } });
void app.start(location.hash);
