// The official consumer in the consumer group of another: node shared-group.mjs, with EVENT_HUBS and STORAGE in the environment. Tells each partition it
// begins with ("reads N") and each event it has seen and noted in its checkpoint ("event TEXT"); ends, giving its partitions back, with its standard input.
import { EventHubConsumerClient, earliestEventPosition } from "@azure/event-hubs";
import { BlobCheckpointStore } from "@azure/eventhubs-checkpointstore-blob";
import { ContainerClient } from "@azure/storage-blob";

const store = new BlobCheckpointStore(new ContainerClient(process.env.STORAGE, "azure-webjobs-eventhub"));
const client = new EventHubConsumerClient("$Default", process.env.EVENT_HUBS, "events", store, {
  loadBalancingOptions: { strategy: "greedy", updateIntervalInMs: 1000, partitionOwnershipExpirationIntervalInMs: 20000 },
});
const subscription = client.subscribe(
  {
    processInitialize: async (context) => console.log(`reads ${context.partitionId}`),
    processEvents: async (events, context) => {
      if (events.length === 0) return;
      await context.updateCheckpoint(events[events.length - 1]);
      for (const event of events) console.log(`event ${Buffer.from(event.body).toString()}`);
    },
    processError: async (error) => console.error(`${error.code ?? error.name}: ${error.message}`),
  },
  { startPosition: earliestEventPosition, maxBatchSize: 20, maxWaitTimeInSeconds: 1 },
);
process.stdin.resume().on("end", async () => {
  await subscription.close();
  await client.close();
  console.log("closed");
});
