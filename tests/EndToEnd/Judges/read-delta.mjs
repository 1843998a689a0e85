// An independent reader: follows a Delta table's log and reads its Parquet files with hyparquet, which knows nothing of DataPlatform.
// usage: node read-delta.mjs TABLE_FOLDER [COLUMN_TO_SUM]; prints {"version":…,"files":…,"rows":…,"columns":[…],"sum":…}
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

const [table, column] = process.argv.slice(2);

const files = new Map();
let version = -1;
let schema;
for (;;) {
  let log;
  try {
    log = await readFile(join(table, '_delta_log', `${String(version + 1).padStart(20, '0')}.json`), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') break;
    throw error;
  }
  version++;
  for (const action of log.split('\n').filter(Boolean).map(line => JSON.parse(line))) {
    if (action.protocol && action.protocol.minReaderVersion > 1)
      throw new Error(`reader version ${action.protocol.minReaderVersion} at version ${version}`);
    if (action.metaData) schema = JSON.parse(action.metaData.schemaString);
    if (action.remove) files.delete(action.remove.path);
    if (action.add) files.set(action.add.path, action.add);
  }
}

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
  if (column) {
    await parquetRead({
      file, metadata, columns: [column], compressors,
      onChunk: chunk => { for (const value of chunk.columnData) sum += Number(value ?? 0); },
    });
  }
}

console.log(JSON.stringify({ version, files: files.size, rows, columns: schema.fields.map(field => field.name), sum }));
