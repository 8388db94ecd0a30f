/** @file The worker that fetches a Llama of the hub: `hub-llama.ts` behind comlink. Started when it is first wanted. */
import { expose } from 'comlink';
import { HubLlama } from './hub-llama';

expose(new HubLlama());
