/** @file Whether the device asks for dark colours now: canvases are drawn anew when it changes. */
import { MediaQuery } from 'svelte/reactivity';

const query = new MediaQuery('(prefers-color-scheme: dark)');

/** True in the dark; reactive. */
export const darkDevice = (): boolean => query.current;
