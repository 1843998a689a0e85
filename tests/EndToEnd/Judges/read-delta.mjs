// An independent reader: follows a Delta table's log, from its last checkpoint if there is one, and reads its Parquet files with hyparquet,
// which knows nothing of DataPlatform.
// usage: node read-delta.mjs TABLE_FOLDER [COLUMN_TO_SUM]; prints {"version":…,"checkpoint":…,"files":…,"rows":…,"columns":[…],"partitions":…,"txns":…,"removed":…,"sum":…,"partitionColumns":[…],"held":[…]}
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

const [table, column] = process.argv.slice(2);

const files = new Map();
const txns = {};
const removed = new Set();
let version = -1;
let checkpoint = null;
let schema;
let metaData;

function apply(action) {
  if (action.protocol && action.protocol.minReaderVersion > 1)
    throw new Error(`reader version ${action.protocol.minReaderVersion} at version ${version}`);
  if (action.metaData) {
    metaData = action.metaData;
    schema = JSON.parse(action.metaData.schemaString);
  }
  if (action.txn) txns[action.txn.appId] = Number(action.txn.version);
  if (action.remove) {
    files.delete(action.remove.path);
    removed.add(action.remove.path);
  }
  if (action.add) {
    files.set(action.add.path, action.add);
    removed.delete(action.add.path);
  }
}

try {
  const last = JSON.parse(await readFile(join(table, '_delta_log', '_last_checkpoint'), 'utf8'));
  checkpoint = version = last.version;
  const file = await asyncBufferFromFile(join(table, '_delta_log', `${String(version).padStart(20, '0')}.checkpoint.parquet`));
  if (last.sizeInBytes !== file.byteLength) throw new Error(`the checkpoint has ${file.byteLength} bytes, not ${last.sizeInBytes}`);
  const actions = await parquetReadObjects({ file, compressors });
  if (last.size !== actions.length) throw new Error(`the checkpoint has ${actions.length} actions, not ${last.size}`);
  for (const action of actions) {
    if (Object.values(action).filter(Boolean).length !== 1) throw new Error(`not one action in a row: ${Object.keys(action)}`);
    if (action.add) action.add.size = Number(action.add.size);
    apply(action);
  }
} catch (error) {
  if (error.code !== 'ENOENT') throw error;
}

for (;;) {
  let log;
  try {
    log = await readFile(join(table, '_delta_log', `${String(version + 1).padStart(20, '0')}.json`), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') break;
    throw error;
  }
  version++;
  for (const line of log.split('\n').filter(Boolean)) apply(JSON.parse(line));
}

const held = new Set();
let rows = 0;
let sum = 0;
for (const add of files.values()) {
  const file = await asyncBufferFromFile(join(table, decodeURIComponent(add.path)));
  const metadata = await parquetMetadataAsync(file);
  const count = Number(metadata.num_rows);
  const stats = JSON.parse(add.stats);
  if (stats.numRecords !== count) throw new Error(`${add.path}: stats say ${stats.numRecords} rows, the file has ${count}`);
  if (file.byteLength !== add.size) throw new Error(`${add.path}: the log says ${add.size} bytes, the file has ${file.byteLength}`);
  rows += count;
  for (const element of metadata.schema.slice(1)) held.add(element.name);
  if (column) {
    await parquetRead({
      file, metadata, columns: [column], compressors,
      onChunk: chunk => { for (const value of chunk.columnData) sum += Number(value ?? 0); },
    });
  }
}

console.log(JSON.stringify({
  version, checkpoint, files: files.size, rows, columns: schema.fields.map(field => field.name), id: metaData.id,
  partitions: [...files.values()].map(add => add.partitionValues), tags: [...files.values()].map(add => add.tags ?? null), txns, removed: removed.size, sum,
  partitionColumns: metaData.partitionColumns, held: [...held],
}));
