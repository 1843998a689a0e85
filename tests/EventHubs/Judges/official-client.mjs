// The official client against an endpoint: node official-client.mjs SCENARIO, with EVENT_HUBS (and STORAGE) in the environment.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { EventHubConsumerClient, EventHubProducerClient, earliestEventPosition, latestEventPosition } from "@azure/event-hubs";
import { BlobCheckpointStore } from "@azure/eventhubs-checkpointstore-blob";
import { ContainerClient } from "@azure/storage-blob";

const connection = process.env.EVENT_HUBS;
const once = { retryOptions: { maxRetries: 0, timeoutInMs: 15000 } };
const clients = [];
const producer = (hub = "flights", text = connection) => keep(new EventHubProducerClient(text, hub, once));
const consumer = (group = "$Default", hub = "flights", ...more) => keep(new EventHubConsumerClient(group, connection, hub, ...more));
const keep = (client) => (clients.push(client), client);

async function until(condition, what, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; ; await sleep(20)) {
    if (condition()) return;
    assert.ok(Date.now() < end, `waited ${seconds} s for ${what}`);
  }
}

/** Events and errors of a subscription, in the order in which they came. */
function subscribe(client, partition, options) {
  const seen = { events: [], errors: [] };
  const handlers = {
    processEvents: async (events, context) => { for (const event of events) seen.events.push({ ...event, partition: context.partitionId, last: context.lastEnqueuedEventProperties }); },
    processError: async (error) => { seen.errors.push(error); },
  };
  seen.subscription = partition === null ? client.subscribe(handlers, options) : client.subscribe(partition, handlers, options);
  return seen;
}

async function received(partition, startPosition, count, hub = "single") {
  const seen = subscribe(consumer("$Default", hub), partition, { startPosition });
  await until(() => seen.events.length >= count || seen.errors.length, `${count} events`);
  assert.deepEqual(seen.errors, []);
  await seen.subscription.close();
  return seen.events;
}

const failure = async (action) => {
  try { await action(); } catch (error) { return error; }
  assert.fail("it did not fail");
};

const scenarios = {
  async properties() {
    const client = producer();
    const hub = await client.getEventHubProperties();
    assert.equal(hub.name, "flights");
    assert.deepEqual(hub.partitionIds, ["0", "1", "2", "3"]);
    assert.ok(Math.abs(Date.now() - hub.createdOn.getTime()) < 60000);
    assert.deepEqual(await client.getPartitionIds(), ["0", "1", "2", "3"]);
    let partition = await client.getPartitionProperties("1");
    assert.deepEqual([partition.isEmpty, partition.lastEnqueuedSequenceNumber, partition.beginningSequenceNumber], [true, -1, 0]);
    await client.sendBatch([{ body: 1 }, { body: 2 }], { partitionId: "1" });
    partition = await client.getPartitionProperties("1");
    assert.deepEqual([partition.isEmpty, partition.lastEnqueuedSequenceNumber], [false, 1]);
    assert.ok(Number(partition.lastEnqueuedOffset) > 0);
    assert.ok(Math.abs(Date.now() - partition.lastEnqueuedOnUtc.getTime()) < 60000);
  },

  async "round-trip"() {
    const client = producer("single");
    const sent = [
      { body: { text: "ü", list: [1, null, { a: true }] }, properties: { s: "x", n: 5, d: 1.5, b: true }, messageId: "m-1", correlationId: "c-1", contentType: "application/json" },
      { body: "text" },
      { body: Buffer.from([0, 1, 255]) },
      { body: null },
      { body: [] },
    ];
    await client.sendBatch(sent);
    await client.sendBatch([{ body: "alone" }], { partitionKey: "key" });
    const events = await received("0", earliestEventPosition, 6);
    assert.deepEqual(events.map((event) => event.body), [sent[0].body, "text", sent[2].body, null, [], "alone"]);
    assert.deepEqual(events[0].properties, sent[0].properties);
    assert.deepEqual([events[0].messageId, events[0].correlationId, events[0].contentType], ["m-1", "c-1", "application/json"]);
    assert.deepEqual(events.map((event) => event.sequenceNumber), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(events.map((event) => event.partitionKey), [undefined, undefined, undefined, undefined, undefined, "key"]);
    assert.ok(events.every((event) => Math.abs(Date.now() - event.enqueuedTimeUtc.getTime()) < 60000));
    // What was received can be sent on, and gets a place of its own.
    await client.sendBatch([events[5]]);
    const again = await received("0", { sequenceNumber: 5 }, 1);
    assert.deepEqual([again[0].body, again[0].sequenceNumber], ["alone", 6]);
  },

  async positions() {
    const client = producer("single");
    for (let i = 0; i < 6; i++) {
      await client.sendBatch([{ body: i }]);
      await sleep(5);
    }
    const all = await received("0", earliestEventPosition, 6);
    const bodies = async (position, count) => (await received("0", position, count)).map((event) => event.body);
    assert.deepEqual(await bodies({ sequenceNumber: 3 }, 2), [4, 5]);
    assert.deepEqual(await bodies({ sequenceNumber: 3, isInclusive: true }, 3), [3, 4, 5]);
    assert.deepEqual(await bodies({ offset: all[2].offset }, 3), [3, 4, 5]);
    assert.deepEqual(await bodies({ offset: all[2].offset, isInclusive: true }, 4), [2, 3, 4, 5]);
    assert.deepEqual(await bodies({ enqueuedOn: all[3].enqueuedTimeUtc }, 2), [4, 5]);
    assert.deepEqual(await bodies({ enqueuedOn: new Date(0) }, 6), [0, 1, 2, 3, 4, 5]);
    const latest = subscribe(consumer("$Default", "single"), "0", { startPosition: latestEventPosition });
    await sleep(1000);
    await client.sendBatch([{ body: "new" }]);
    await until(() => latest.events.length, "the new event");
    assert.deepEqual(latest.events.map((event) => event.body), ["new"]);
  },

  async "last-enqueued"() {
    const client = producer("single");
    await client.sendBatch([{ body: 1 }, { body: 2 }]);
    const seen = subscribe(consumer("$Default", "single"), "0", { startPosition: earliestEventPosition, trackLastEnqueuedEventProperties: true });
    await until(() => seen.events.length === 2, "two events");
    assert.equal(seen.events[1].last.sequenceNumber, 1);
    assert.equal(seen.events[1].last.offset, seen.events[1].offset);
    assert.ok(Math.abs(seen.events[1].last.retrievedOn.getTime() - Date.now()) < 60000);
  },

  async keys() {
    const client = producer();
    const keys = Array.from({ length: 40 }, (_, i) => `key-${i}-ü`);
    for (const key of keys) await client.sendBatch([{ body: key }], { partitionKey: key });
    const seen = subscribe(consumer(), null, { startPosition: earliestEventPosition });
    await until(() => seen.events.length === 40, "40 events");
    const first = new Map(seen.events.map((event) => [event.partitionKey, event.partition]));
    assert.equal(first.size, 40);
    assert.ok(new Set(first.values()).size > 1);
    for (const key of keys) await client.sendBatch([{ body: key }], { partitionKey: key });
    await until(() => seen.events.length === 80, "80 events");
    for (const event of seen.events) assert.equal(event.partition, first.get(event.partitionKey));
  },

  async epochs() {
    const first = subscribe(consumer(), "0", { ownerLevel: 1, startPosition: latestEventPosition });
    await sleep(1000);
    const other = subscribe(consumer("second"), "0", { ownerLevel: 1, startPosition: latestEventPosition });
    const second = subscribe(consumer(), "0", { ownerLevel: 2, startPosition: latestEventPosition });
    await until(() => first.errors.length, "the first to lose");
    assert.equal(first.errors[0].code, "ReceiverDisconnectedError");
    await producer().sendBatch([{ body: "x" }], { partitionId: "0" });
    await until(() => second.events.length && other.events.length, "the winner and the other group");
    const lower = subscribe(consumer(), "0", { ownerLevel: 1, startPosition: latestEventPosition });
    const none = subscribe(consumer(), "0", { startPosition: latestEventPosition });
    await until(() => lower.errors.length && none.errors.length, "the lower ones to be refused");
    assert.equal(lower.errors[0].code, "ReceiverDisconnectedError");
    assert.deepEqual([second.errors, other.errors], [[], []]);
  },

  async "too-many-readers"() {
    const readers = Array.from({ length: 5 }, () => subscribe(consumer(), "0", { startPosition: earliestEventPosition }));
    await producer().sendBatch([{ body: "x" }], { partitionId: "0" });
    await until(() => readers.every((reader) => reader.events.length === 1), "five readers");
    const sixth = subscribe(consumer(), "0", { startPosition: earliestEventPosition });
    await until(() => sixth.errors.length, "the sixth to be refused");
    assert.equal(sixth.errors[0].code, "QuotaExceededError");
    assert.ok(readers.every((reader) => !reader.errors.length));
  },

  async limits() {
    const client = producer("single");
    const batch = await client.createBatch();
    assert.equal(batch.maxSizeInBytes, 1048576);
    while (batch.tryAdd({ body: "x".repeat(10000) }));
    await client.sendBatch(batch);
    const large = Buffer.alloc(1000000, 7);
    await client.sendBatch([{ body: large }]);
    const error = await failure(() => client.sendBatch([{ body: Buffer.alloc(1048576) }]));
    assert.equal(error.code, "MessageTooLargeError");
    await client.sendBatch([{ body: "still here" }]);
    const events = await received("0", earliestEventPosition, batch.count + 2);
    assert.equal(events.length, batch.count + 2);
    assert.ok(large.equals(events.at(-2).body));
    assert.equal(events.at(-1).body, "still here");
  },

  async refusals() {
    const wrong = await failure(() => producer("flights", connection.replace(/SharedAccessKey=[^;]*/, "SharedAccessKey=wrong")).sendBatch([{ body: 1 }]));
    assert.equal(wrong.code, "UnauthorizedError");
    const hub = await failure(() => producer("nothing").sendBatch([{ body: 1 }]));
    assert.equal(hub.code, "MessagingEntityNotFoundError");
    assert.match(hub.message, /flights, single/);
    assert.equal((await failure(() => producer("nothing").getEventHubProperties())).code, "MessagingEntityNotFoundError");
    assert.equal((await failure(() => producer().sendBatch([{ body: 1 }], { partitionId: "4" }))).code, "ArgumentOutOfRangeError");
    const group = subscribe(consumer("nobody"), "0", { startPosition: earliestEventPosition });
    await until(() => group.errors.length, "the unknown group to be refused");
    assert.equal(group.errors[0].code, "MessagingEntityNotFoundError");
    const behind = subscribe(consumer(), "0", { startPosition: { sequenceNumber: 7 } });
    await until(() => behind.errors.length, "the position behind the end to be refused");
    assert.match(behind.errors[0].message, /last sequence number/);
  },

  async idle() {
    // Credit is given, nothing comes, and it is taken back: again and again, until something comes.
    const batches = [];
    const client = consumer("$Default", "single");
    client.subscribe("0", { processEvents: async (events) => { batches.push(events.length); }, processError: async (error) => { throw error; } },
      { startPosition: earliestEventPosition, maxBatchSize: 10, maxWaitTimeInSeconds: 0.5 });
    await until(() => batches.length >= 3, "three empty batches");
    assert.ok(batches.every((count) => count === 0));
    await producer("single").sendBatch(Array.from({ length: 25 }, (_, i) => ({ body: i })));
    await until(() => batches.reduce((sum, count) => sum + count, 0) === 25, "25 events");
    assert.ok(batches.every((count) => count <= 10));
  },

  async balance() {
    const container = new ContainerClient(process.env.STORAGE, `checkpoints-${Date.now()}`);
    await container.create();
    const options = { loadBalancingOptions: { strategy: "greedy", updateIntervalInMs: 500, partitionOwnershipExpirationIntervalInMs: 5000 } };
    const counts = new Map();
    const start = () => {
      const own = { partitions: new Set(), events: 0 };
      own.client = consumer("$Default", "flights", new BlobCheckpointStore(container), options);
      own.subscription = own.client.subscribe({
        processInitialize: async (context) => { own.partitions.add(context.partitionId); },
        processClose: async (_reason, context) => { own.partitions.delete(context.partitionId); },
        processEvents: async (events, context) => {
          for (const event of events) counts.set(event.body, (counts.get(event.body) ?? 0) + 1);
          own.events += events.length;
          if (events.length) await context.updateCheckpoint(events.at(-1));
        },
        processError: async () => {},
      }, { startPosition: earliestEventPosition });
      return own;
    };
    const client = producer();
    let sent = 0;
    const send = async (count) => { for (let i = 0; i < count; i++) await client.sendBatch([{ body: sent++ }], { partitionId: String(sent % 4) }); };
    const first = start();
    await until(() => first.partitions.size === 4, "the first to own all");
    await send(40);
    await until(() => counts.size === 40, "40 events");
    const second = start();
    await until(() => first.partitions.size === 2 && second.partitions.size === 2, "an even share", 40);
    await send(40);
    await until(() => counts.size === 80, "80 events");
    assert.ok(first.events > 0 && second.events > 0);
    await first.subscription.close();
    await until(() => second.partitions.size === 4, "the second to take over", 40);
    await send(40);
    await until(() => counts.size === 120, "120 events");
    assert.deepEqual([...counts.values()].filter((count) => count !== 1), []);
    await second.subscription.close();
    await container.delete();
  },
};

await scenarios[process.argv[2]]();
console.log(`${process.argv[2]}: ok`);
await Promise.race([Promise.all(clients.map((client) => client.close())), sleep(2000)]);
process.exit(0);
