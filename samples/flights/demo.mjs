// The demo: pushes 3,000,000 flights and 3,376 airports through a running platform over REST, and checks every figure.
// Called by `./dev demo` with DATAPLATFORM_URL and DATAPLATFORM_KEY.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const data = join(here, '../../node_modules/vega-datasets/data');
const url = process.env.DATAPLATFORM_URL;
const key = process.env.DATAPLATFORM_KEY;
const keep = process.env.DEMO_KEEP === '1';
const began = Number(process.env.DEMO_BEGAN ?? Date.now());

const expected = {
  received: 3003376, loaded: 3003376, quarantined: 0, factRows: 3000000, martFlights: 3000000, martDelaySum: 20003603,
  tileFlights: 3000000,
};
const seconds = {};
const say = text => console.log(text);
const number = value => value.toLocaleString('en-US');
const sum = (rows, column) => rows.reduce((total, row) => total + row[column], 0);

async function call(method, path, { body, headers = {}, ...rest } = {}) {
  const response = await fetch(new URL(path, url), {
    method, body, headers: { 'x-api-key': key, ...headers }, ...rest,
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') && text ? JSON.parse(text) : undefined;
  if (!response.ok) {
    const error = json?.error;
    throw new Error(`${method} ${path}: ${response.status} ${error ? `${error.code}: ${error.message}` : text}`);
  }
  return { json, headers: response.headers };
}

async function timed(part, work) {
  const start = performance.now();
  const result = await work();
  seconds[part] = Math.round(performance.now() - start) / 1000;
  return result;
}

async function apply(kind, name) {
  const body = await readFile(join(here, kind, `${name}.json`));
  await call('PUT', `/api/v1/${kind}/${name}`, { body, headers: { 'content-type': 'application/json' } });
}

// The key is made from the file's content: a second demo on the same storage gets the first one's receipt, and no row twice.
async function ingest(dataset, file, contentType) {
  const path = join(data, file);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  const { json } = await call('POST', `/api/v1/ingest/${dataset}/batches`, {
    body: Readable.toWeb(createReadStream(path, { highWaterMark: 1 << 20 })),
    duplex: 'half',
    headers: { 'content-type': contentType, 'idempotency-key': `demo-${hash.digest('hex').slice(0, 32)}` },
  });
  say(`  ${dataset.padEnd(10)} ${number(json.received).padStart(10)} received, ${number(json.loaded)} loaded, `
    + `${number(json.quarantined)} quarantined   receipt ${json.id}`);
  return json;
}

async function run(path) {
  const started = await call('POST', path);
  const location = started.headers.get('operation-location');
  for (;;) {
    const { json } = await call('GET', location);
    if (json.status === 'Succeeded') return { ...json, location };
    if (json.status === 'Failed' || json.status === 'Canceled')
      throw new Error(`${path}: ${json.status}: ${json.error?.code}: ${json.error?.message}`);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

async function readAll(path) {
  const rows = [];
  for (let next = path; next;) {
    const { json } = await call('GET', next);
    for (const row of json.value) rows.push(row);
    next = json.nextLink;
  }
  return rows;
}

async function main() {
  seconds.setup = Math.round(Date.now() - began) / 1000;
  say(`Platform at ${url}, ready after ${seconds.setup} s\n\nDefinitions`);
  for (const [kind, name] of [
    ['datasets', 'flights'], ['datasets', 'airports'], ['pipelines', 'flights-enriched'], ['marts', 'daily_delays'],
    ['marts', 'departures'], ['dashboards', 'flights'],
  ]) {
    await apply(kind, name);
    say(`  ${kind}/${name}`);
  }

  say('\nIngestion');
  const receipts = await timed('ingest', async () => [
    await ingest('airports', 'airports.csv', 'text/csv'),
    await ingest('flights', 'flights-3m.parquet', 'application/vnd.apache.parquet'),
  ]);

  say('\nPipeline flights-enriched: flights joined with airports into fact_flights');
  const pipeline = await timed('pipeline', () => run('/api/v1/pipelines/flights-enriched/runs'));
  for (const step of pipeline.steps ?? [])
    say(`  ${step.name}: ${step.status}, ${number(step.rowsIn ?? 0)} rows in, ${number(step.rowsOut ?? 0)} out`);

  say('\nMart daily_delays: flights and delays by day, origin and state');
  await timed('mart', () => run('/api/v1/marts/daily_delays/refreshes'));
  say('Mart departures: flights and late ones by day, hour, weekday and state');
  await timed('departures', () => run('/api/v1/marts/departures/refreshes'));

  const sample = encodeURI('/api/v1/marts/daily_delays/rows?select=day,origin,flights,avg_delay'
    + "&filter=state eq 'CA' and flights ge 100&orderby=avg_delay desc&top=5");
  const worst = await timed('query', async () => (await call('GET', sample)).json.value);
  for (const row of worst)
    say(`  ${row.day}  ${row.origin}  ${String(row.flights).padStart(4)} flights  ${row.avg_delay.toFixed(1)} min late on average`);

  say('\nDashboard flights, over both marts');
  const tile = await timed('tile', async () => (await call('GET', '/api/v1/dashboards/flights/tiles/flights/data?last=all')).json);
  say(`  ${number(tile.rows[0][0])} flights in the tile '${tile.tile}', of ${tile.trend.rows.length} days`);

  const mart = await readAll('/api/v1/marts/daily_delays/rows?select=flights,delay_sum&top=100000');
  const fact = await call('GET', '/api/v1/warehouse/tables/fact_flights/rows?count=true&top=1');
  const result = {
    received: sum(receipts, 'received'), loaded: sum(receipts, 'loaded'), quarantined: sum(receipts, 'quarantined'),
    factRows: fact.json.count, martRows: mart.length, martFlights: sum(mart, 'flights'), martDelaySum: sum(mart, 'delay_sum'),
    tileFlights: tile.rows[0][0], seconds,
  };
  const wrong = Object.entries(expected).filter(([name, value]) => result[name] !== value);

  say(`\n${number(result.received)} rows received, ${number(result.loaded)} loaded, ${number(result.quarantined)} quarantined; `
    + `${number(result.factRows)} facts; ${number(result.martRows)} mart rows over ${number(result.martFlights)} flights`);
  say(Object.entries(seconds).map(([part, value]) => `${part} ${value.toFixed(1)} s`).join(', '));
  if (keep) {
    say(`\nOpen ${new URL('/dashboards/flights', url)} and give the key ${key}`);
    say('\nTry, with the header x-api-key:');
    for (const path of [sample, '/api/v1/ledger/flights', `/api/v1/receipts/${receipts[1].id}`, pipeline.location])
      say(`  ${new URL(path, url)}`);
    say('\nServing until Ctrl-C.');
  }
  for (const [name, value] of wrong) console.error(`${name} is ${result[name]}, but should be ${value}`);
  say(JSON.stringify(result));
  process.exitCode = wrong.length ? 1 : 0;
}

try {
  await main();
} catch (error) {
  console.error(`demo: ${error.message}${error.cause ? ` (${error.cause.message})` : ''}`);
  process.exitCode = 1;
}
