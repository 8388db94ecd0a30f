/** @file The world's worker thread: the class of `world-guide.ts` behind comlink. */
import { expose } from 'comlink';
import { WorldGuide } from './world-guide';

expose(new WorldGuide());
