/** @file The worker of other people's models: `other-models.ts` behind comlink. Started when it is first wanted. */
import { expose } from 'comlink';
import { OtherModels } from './other-models';

expose(new OtherModels());
