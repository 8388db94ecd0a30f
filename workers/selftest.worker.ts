/** @file The self-test's worker thread: its own, so that a device it loses or blocks is lost to nobody else. */
import { expose } from 'comlink';
import { createWebEngine } from '../src/engine/ort-web';
import { SelfTest } from './selftest';

expose(new SelfTest({ createEngine: createWebEngine }));
