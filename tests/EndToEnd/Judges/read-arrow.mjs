// An independent reader of Arrow IPC streams.
// usage: node read-arrow.mjs < STREAM; prints {"types":{…},"batches":…,"rows":…,"sums":{column:…},"nulls":{column:…},"first":{…},"last":{…}}
import { tableFromIPC } from 'apache-arrow';

const chunks = [];
for await (const chunk of process.stdin)
  chunks.push(chunk);
const table = tableFromIPC(Buffer.concat(chunks));

const text = value => value === null || value === undefined ? null : typeof value === 'bigint' ? value.toString()
  : value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value instanceof Date ? value.toISOString() : value?.toString?.() ?? value;
const row = index => index < 0 ? null : Object.fromEntries(table.schema.fields.map((field, at) => [field.name, text(table.getChildAt(at).get(index))]));

const sums = {};
const nulls = {};
for (const [at, field] of table.schema.fields.entries()) {
  const column = table.getChildAt(at);
  nulls[field.name] = column.nullCount;
  if (/^Int/.test(`${field.type}`)) {
    let sum = 0n;
    for (const value of column)
      sum += BigInt(value ?? 0);
    sums[field.name] = sum.toString();
  }
}

console.log(JSON.stringify({
  types: Object.fromEntries(table.schema.fields.map(field => [field.name, `${field.type}`])),
  batches: table.batches.length, rows: table.numRows, sums, nulls, first: row(0), last: row(table.numRows - 1),
}));
