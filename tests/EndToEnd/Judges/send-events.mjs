// An independent sender: the CloudEvents project's own SDK writes each event as it has it, in binary and in structured mode, and a batch of all.
// usage: node send-events.mjs URL KEY COUNT; prints {"binary":[status…],"structured":[…],"batch":status,"loaded":…,"duplicate":…,"services":[…]}
import { CloudEvent, HTTP } from 'cloudevents';

const [url, key, count] = process.argv.slice(2);
const events = Array.from({ length: Number(count) }, (_, i) => new CloudEvent({
  // The SDK does not percent-encode headers: a percent sign before two digits would be read as what these stand for.
  id: `${i} "quoted" 100% sure`, source: 'urn:device:7', type: 'com.example.reading', time: '2026-03-01T12:00:00.123Z',
  subject: 'cellar', hops: i, urgent: i % 2 === 0, data: { celsius: i / 2, note: 'Keller ☂' },
}));

const result = { binary: [], structured: [], batch: 0, loaded: 0, duplicate: 0, services: [] };
async function send(headers, body) {
  const answer = await fetch(url, { method: 'POST', headers: { ...headers, 'x-api-key': key }, body });
  const receipt = await answer.json();
  result.loaded += receipt.loaded ?? 0;
  result.duplicate += receipt.duplicate ?? 0;
  result.services.push(answer.headers.get('dataplatform-service'));
  return answer.status;
}

for (const event of events) {
  const binary = HTTP.binary(event);
  result.binary.push(await send(binary.headers, binary.body));
  const structured = HTTP.structured(event);
  result.structured.push(await send(structured.headers, structured.body));
}

result.batch = await send({ 'content-type': 'application/cloudevents-batch+json' }, JSON.stringify(events));
result.services = [...new Set(result.services)];
console.log(JSON.stringify(result));
