// Prints the cases of PartitionKeysTests: where the official client thinks that a key belongs.
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);
const main = require.resolve("@azure/event-hubs");
const { mapPartitionKeyToId } = require(path.join(path.dirname(main), "impl", "partitionKeyToIdMapper.js"));
for (const key of process.argv.slice(2))
  for (const partitions of [1, 4, 7, 32])
    console.log(`    [InlineData(${JSON.stringify(key)}, ${partitions}, ${mapPartitionKeyToId(key, partitions)})]`);
