// The work of bench/Orchestrations, as services of Restate. `calls`: each step is a call of another service, queued durably and run
// wherever that service is, like an activity. `runs`: each step is a side effect in the process of its caller, whose result is journaled.
import './node20.mjs';
import * as restate from '@restatedev/restate-sdk';

const CHAIN_LENGTH = 3;
const numbers = (count) => Array.from({ length: count }, (_, i) => i);

const steps = restate.service({
  name: 'steps',
  handlers: {
    stamp: async (ctx, number) => [number, Date.now()],
    add: async (ctx, number) => number + 1,
  },
});

const calls = restate.service({
  name: 'calls',
  handlers: {
    fanOut: (ctx, count) =>
      restate.RestatePromise.all(numbers(count).map((i) => ctx.serviceClient(steps).stamp(i))),
    chain: async (ctx, number) => {
      for (let i = 0; i < CHAIN_LENGTH; i++) number = await ctx.serviceClient(steps).add(number);
      return number;
    },
  },
});

const runs = restate.service({
  name: 'runs',
  handlers: {
    fanOut: (ctx, count) =>
      restate.RestatePromise.all(numbers(count).map((i) => ctx.run('stamp', () => [i, Date.now()]))),
    chain: async (ctx, number) => {
      for (let i = 0; i < CHAIN_LENGTH; i++) {
        const from = number;
        number = await ctx.run('add', () => from + 1);
      }
      return number;
    },
  },
});

const port = await restate.serve({ services: [steps, calls, runs], port: Number(process.argv[2]) });
console.log(`Listening on ${port}`);
