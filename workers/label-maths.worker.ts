/** @file The thread that does the sums over labels: the class of `label-maths.ts` behind comlink. */
import { expose } from 'comlink';
import { LabelMaths } from './label-maths';

expose(new LabelMaths());
