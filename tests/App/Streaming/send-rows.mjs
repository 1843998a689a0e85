// The official producer sends rows in batches. usage: EVENT_HUBS=… node send-rows.mjs DATASET FROM COUNT
import { EventHubProducerClient } from '@azure/event-hubs';

const [dataset, from, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const producer = new EventHubProducerClient(process.env.EVENT_HUBS, 'events');
for (let next = from; next < from + count; next += 50) {
  const some = Array.from({ length: Math.min(50, from + count - next) }, (_, i) => ({ body: { id: next + i, name: 'js' }, properties: { dataset } }));
  await producer.sendBatch(some, { partitionKey: `k${next}` });
}
await producer.close();
