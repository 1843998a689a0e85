// The pages in a real browser, over the flights demo. Prints one line of JSON a case: {"name", "error"}; error is null when all holds.
// node pages.mjs URL KEY CHROMIUM [CASE]
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [url, key, executablePath, only] = process.argv.slice(2);
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });

const api = async (path, { method = 'GET', body, type = 'application/json' } = {}) => {
  const response = await fetch(new URL(path, url), { method, headers: { 'x-api-key': key, ...(body ? { 'content-type': type } : {}) }, body });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : null;
};

/** A page of a new visitor; what the browser complains of, and requests that go elsewhere, are noted. */
async function visit(path, { withKey = true, expected = [], ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, locale: 'en-US', timezoneId: 'UTC', colorScheme: 'light', reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(30_000);
  if (withKey) await context.addInitScript(value => sessionStorage.setItem('dataplatform-key', value), key);
  const page = await context.newPage();
  page.complaints = [];
  page.on('pageerror', error => page.complaints.push(String(error)));
  page.on('console', message => ['error', 'warning'].includes(message.type()) && !expected.some(part => message.text().includes(part)) && page.complaints.push(message.text()));
  page.on('request', request => request.url().startsWith(url) || /^(blob|data):/.test(request.url()) || page.complaints.push(`asked elsewhere: ${request.url()}`));
  await page.goto(new URL(path, url).href);
  return page;
}

const ready = page => page.waitForSelector('main[aria-busy="false"]');
const tile = (page, name) => page.locator(`[data-tile="${name}"]`);
const number = async (page, name) => (await tile(page, name).locator('.value').textContent()).replaceAll(',', '').trim();
const data = (name, query = '') => api(`/api/v1/dashboards/flights/tiles/${name}/data${query}`);
const settle = page => page.waitForFunction(() => !document.querySelector('.tile[aria-busy="true"]'));

async function judge(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(violations.map(found => `${what}: ${found.id}: ${found.nodes.map(node => node.target.join(' ')).slice(0, 3).join(', ')}`), []);
}

/** How many colours a tile's canvas has, of a sample. */
const colours = (page, name) => tile(page, name).locator('canvas').first().evaluate(canvas => {
  const { data: pixels } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] > 0) seen.add((pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2]);
  return seen.size;
});

const cases = {
  async a_page_asks_for_a_key_once_and_keeps_it_out_of_addresses() {
    const page = await visit('/dashboards/flights', { withKey: false, expected: ['401'] });
    await page.getByLabel('Key', { exact: true }).fill('not-the-key-of-this-platform');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('That key is not known').waitFor();
    await page.getByLabel('Key', { exact: true }).fill(key);
    await page.keyboard.press('Enter');
    await ready(page);
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'US domestic flights');
    await page.reload();
    await ready(page);
    assert.equal(await page.locator('dialog').count(), 0);
    assert.ok(!page.url().includes(key) && !(await page.context().cookies()).length);
    assert.equal(await page.evaluate(() => localStorage.getItem('dataplatform-key')), null);
    return page;
  },

  async charts_are_drawn_from_the_data_of_the_marts() {
    const page = await visit('/dashboards/flights');
    await ready(page);
    for (const name of ['flights', 'delay', 'late', 'miles']) {
      const { rows, trend } = await data(name);
      const shown = Number(await tile(page, name).locator('.value').evaluate(element => element.firstChild.textContent.replaceAll(',', '')));
      const wanted = name === 'late' ? rows[0][0] * 100 : rows[0][0];
      assert.ok(Math.abs(shown - wanted) <= 0.0501, `${name}: ${shown} is shown of ${wanted}`);
      assert.equal((await tile(page, name).locator('polyline').getAttribute('points')).split(' ').length, trend.rows.length);
    }
    for (const name of ['by-day', 'delay-by-part', 'late-hours', 'busiest', 'by-week']) {
      assert.ok(await colours(page, name) > 5, `${name} is not drawn`);
      const { rows } = await data(name);
      assert.match(await tile(page, name).locator('[role=img]').getAttribute('aria-label'), new RegExp(`: ${rows.length} values, from `));
    }
    const busiest = (await data('busiest')).rows;
    assert.match(await tile(page, 'busiest').locator('[role=img]').getAttribute('aria-label'), new RegExp(`to ${busiest[0][1].toLocaleString('en-US')} \\(${busiest[0][0]}\\)`));
    assert.match(await page.locator('.as-of').textContent(), /^Data as of \w+ \d+, \d+:\d+/);
    return page;
  },

  async the_choice_of_time_is_in_the_address() {
    const page = await visit('/dashboards/flights');
    await ready(page);
    const before = await number(page, 'flights');
    await page.getByRole('radio', { name: '7 days' }).check();
    await settle(page);
    const week = (await data('flights', '?last=P7D')).rows[0][0];
    assert.equal(await number(page, 'flights'), String(week));
    assert.notEqual(before, String(week));
    assert.equal(new URL(page.url()).search, '?last=P7D');
    await page.reload();
    await ready(page);
    assert.equal(await number(page, 'flights'), String(week));
    assert.ok(await page.getByRole('radio', { name: '7 days' }).isChecked());

    await page.getByRole('button', { name: 'Custom' }).click();
    await page.getByLabel('First day').fill('2001-02-03');
    await page.getByLabel('Last day').fill('2001-02-04');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await settle(page);
    assert.equal(new URL(page.url()).search, '?from=2001-02-03&to=2001-02-05');
    assert.equal(await number(page, 'flights'), String((await data('flights', '?from=2001-02-03&to=2001-02-05')).rows[0][0]));
    return page;
  },

  async filters_choose_rows_and_a_shared_address_shows_the_same() {
    const page = await visit('/dashboards/flights');
    await ready(page);
    await page.locator('.controls').getByRole('button', { name: 'State' }).click();
    await page.getByRole('searchbox').fill('ca');
    await page.getByLabel('CA', { exact: true }).check();
    await settle(page);
    assert.equal(await number(page, 'flights'), String((await data('flights', '?filter.state=CA')).rows[0][0]));
    await page.getByRole('searchbox').fill('');
    await page.getByLabel('TX', { exact: true }).check();
    await settle(page);
    assert.equal(new URL(page.url()).search, '?filter.state=CA&filter.state=TX');
    const both = String((await data('flights', '?filter.state=CA&filter.state=TX')).rows[0][0]);
    assert.equal(await number(page, 'flights'), both);
    await page.keyboard.press('Escape');
    assert.equal(await page.getByRole('dialog').count(), 0);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'StateCA, TX');

    await page.getByRole('button', { name: 'Table of Busiest airports' }).click();
    const other = await visit(page.url());
    await ready(other);
    assert.equal(await number(other, 'flights'), both);
    assert.equal(await tile(other, 'busiest').locator('tbody tr').count(), (await data('busiest', '?filter.state=CA&filter.state=TX')).rows.length);
    page.complaints.push(...other.complaints);
    await other.context().close();
    return page;
  },

  async each_chart_has_a_table_that_is_sorted_by_keyboard_too() {
    const page = await visit('/dashboards/flights');
    await ready(page);
    const { rows } = await data('busiest');
    const firsts = () => tile(page, 'busiest').locator('tbody th').allTextContents();
    for (const name of ['flights', 'by-day', 'delay-by-part', 'late-hours', 'busiest', 'by-week']) {
      await tile(page, name).getByRole('button', { name: /^Table of/ }).click();
      assert.equal(await tile(page, name).getByRole('button', { name: /^Table of/ }).getAttribute('aria-pressed'), 'true');
      assert.ok(await tile(page, name).locator('tbody tr').count() > 0, name);
    }
    assert.deepEqual(await firsts(), rows.map(row => row[0]));
    await tile(page, 'busiest').getByRole('button', { name: 'Origin' }).focus();
    await page.keyboard.press('Enter');
    assert.deepEqual(await firsts(), rows.map(row => row[0]).sort());
    assert.equal(await tile(page, 'busiest').getByRole('columnheader', { name: 'Origin' }).getAttribute('aria-sort'), 'ascending');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.column), 'origin');
    await page.keyboard.press('Space');
    assert.deepEqual(await firsts(), rows.map(row => row[0]).sort().reverse());
    assert.match(page.url(), /sort\.busiest=-origin/);
    await tile(page, 'busiest').getByRole('button', { name: /^Table of/ }).click();
    assert.ok(await colours(page, 'busiest') > 5);
    return page;
  },

  async rows_are_saved_as_csv() {
    const page = await visit('/dashboards/flights');
    await ready(page);
    const [download] = await Promise.all([page.waitForEvent('download'), tile(page, 'airports').getByRole('button', { name: /^Download/ }).click()]);
    const { columns, rows } = await data('airports');
    assert.equal(download.suggestedFilename(), 'flights-airports.csv');
    assert.equal(await readFile(await download.path(), 'utf8'), [columns.map(column => column.name), ...rows].map(row => row.map(value => value ?? '').join(',')).join('\r\n') + '\r\n');
    return page;
  },

  async a_page_is_dark_when_its_reader_wants_that() {
    const page = await visit('/dashboards/flights', { colorScheme: 'dark' });
    await ready(page);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(await ground(), 'rgb(13, 19, 29)');
    const dark = await tile(page, 'by-day').locator('canvas').first().evaluate(canvas => canvas.toDataURL());
    await page.getByRole('button', { name: 'Light or dark' }).click();
    assert.equal(await ground(), 'rgb(244, 246, 249)');
    assert.notEqual(await tile(page, 'by-day').locator('canvas').first().evaluate(canvas => canvas.toDataURL()), dark);
    await page.reload();
    await ready(page);
    assert.equal(await ground(), 'rgb(244, 246, 249)');
    return page;
  },

  async newer_data_comes_by_itself_and_the_same_is_not_sent_again() {
    await api('/api/v1/datasets/page_visits', { method: 'PUT', body: '{"fields":[{"name":"place","type":"string"}]}' });
    await api('/api/v1/marts/visits_by_place', { method: 'PUT', body: '{"source":"page_visits","dimensions":[{"name":"place"}],"measures":[{"name":"visits","type":"count"}]}' });
    await api('/api/v1/dashboards/visits', { method: 'PUT', body: '{"mart":"visits_by_place","refresh":"PT5S","tiles":[{"name":"all","type":"kpi","measures":["visits"]},{"name":"places","type":"table","groupBy":["place"],"measures":["visits"]}]}' });
    const add = async csv => {
      await api('/api/v1/ingest/page_visits/batches', { method: 'POST', body: csv, type: 'text/csv' });
      assert.equal((await api('/api/v1/marts/visits_by_place/refreshes?wait=30', { method: 'POST' })).status, 'Succeeded');
    };
    // Values never become markup.
    await add('place\n<img src=x onerror=window.broken=1>\n=1+1\n');
    const page = await visit('/dashboards/visits');
    await ready(page);
    assert.equal(await number(page, 'all'), '2');
    assert.ok((await tile(page, 'places').locator('tbody').textContent()).includes('<img src=x onerror=window.broken=1>'));
    assert.equal(await page.evaluate(() => window.broken), undefined);
    const again = await page.waitForResponse(response => response.url().includes('/tiles/all/data') && response.status() === 304);
    assert.ok(again.request().headers()['if-none-match']);
    await add('place\nhere\n');
    await page.waitForFunction(() => document.querySelector('[data-tile="all"] .value').textContent === '3');
    return page;
  },

  async what_is_empty_or_broken_says_so_and_the_rest_is_shown() {
    await api('/api/v1/datasets/page_nothing', { method: 'PUT', body: '{"fields":[{"name":"place","type":"string"}]}' });
    await api('/api/v1/marts/nothing_yet', { method: 'PUT', body: '{"source":"page_nothing","dimensions":[{"name":"place"}],"measures":[{"name":"n","type":"count"}]}' });
    await api('/api/v1/dashboards/mixed', { method: 'PUT', body: '{"mart":"daily_delays","filters":[{"dimension":"state"}],"tiles":[{"name":"good","type":"kpi","measures":["flights"]},{"name":"rows","type":"bar","groupBy":["origin"],"measures":["flights"],"top":5},{"name":"bad","type":"kpi","mart":"nothing_yet","measures":["n"]}]}' });
    const page = await visit('/dashboards/mixed?filter.state=nowhere', { expected: ['404'] });
    await ready(page);
    assert.match(await tile(page, 'bad').getByRole('alert').textContent(), /Nothing here yet.*has no data yet.*TableEmpty.*Try again/);
    assert.match(await tile(page, 'rows').textContent(), /No rows/);
    assert.equal(await number(page, 'good'), '0');
    await judge(page, 'errors');
    await page.goto(new URL('/dashboards/none-such', url).href);
    assert.match(await page.getByRole('alert').textContent(), /no dashboard 'none-such'/);
    await judge(page, 'no dashboard');
    return page;
  },

  async a_link_shows_a_dashboard_in_a_frame_of_another_site_without_a_key() {
    const page = await visit('/dashboards/flights?last=P7D');
    await ready(page);
    await page.getByRole('button', { name: 'Share' }).click();
    await judge(page, 'share');
    await page.getByLabel('Ends after').selectOption('30');
    await page.getByRole('button', { name: 'Make a link' }).click();
    const link = await page.getByRole('textbox', { name: 'Embed link' }).inputValue();
    assert.match(link, /\/embed\/flights\?last=P7D#token=/);

    const stranger = await visit('/health/live', { withKey: false, expected: ['404'] });
    await stranger.setContent(`<h1>Elsewhere</h1><iframe title="Flights" width="1200" height="900" src="${link}"></iframe>`);
    const frame = stranger.frameLocator('iframe');
    await frame.locator('main[aria-busy="false"]').waitFor();
    assert.equal((await frame.locator('[data-tile="flights"] .value').textContent()).replaceAll(',', ''), String((await data('flights', '?last=P7D')).rows[0][0]));
    assert.equal(await frame.locator('dialog').count() + await frame.getByRole('button', { name: 'Share' }).count(), 0);

    // Held to a state: there is no choice of it, and no other state's rows.
    const held = await api('/api/v1/dashboards/flights/links', { method: 'POST', body: '{"expiresIn":"P1D","filters":{"state":["CA"]}}' });
    await stranger.goto(held.url);
    await ready(stranger);
    assert.equal(await number(stranger, 'flights'), String((await data('flights', '?filter.state=CA')).rows[0][0]));
    assert.equal(await stranger.locator('.controls').getByRole('button', { name: 'State' }).count(), 0);
    await judge(stranger, 'embedded');
    page.complaints.push(...stranger.complaints);
    await stranger.context().close();

    const broken = await visit(held.url.slice(0, -3), { withKey: false, expected: ['401'] });
    await broken.getByText('This link is not one of ours').waitFor();
    await broken.context().close();
    return page;
  },

  async a_site_that_is_no_page_may_not_frame_a_dashboard() {
    const page = await visit('/health/live', { withKey: false, expected: ['frame', '404'] });
    const [refused] = await Promise.all([page.waitForEvent('requestfailed'), page.setContent(`<iframe src="${new URL('/dashboards/flights', url).href}"></iframe>`)]);
    assert.match(refused.failure().errorText, /BLOCKED_BY_RESPONSE/);
    return page;
  },

  async axe_finds_nothing_light_or_dark() {
    for (const colorScheme of ['light', 'dark']) {
      const page = await visit('/dashboards/flights?view.busiest=table&view.flights=table', { colorScheme, expected: ['404'] });
      await ready(page);
      await judge(page, `dashboard, ${colorScheme}`);
      await page.locator('.controls').getByRole('button', { name: 'State' }).click();
      await judge(page, `filter, ${colorScheme}`);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Custom' }).click();
      await judge(page, `days, ${colorScheme}`);
      for (const path of ['/', '/dashboards']) {
        await page.goto(new URL(path, url).href);
        await ready(page);
        await judge(page, `${path}, ${colorScheme}`);
      }
      assert.deepEqual(page.complaints, []);
      await page.context().close();
      const dialog = await visit('/', { colorScheme, withKey: false });
      await dialog.getByRole('dialog').waitFor();
      await judge(dialog, `key, ${colorScheme}`);
      if (colorScheme === 'dark') return dialog;
      await dialog.context().close();
    }
  },

  async a_small_screen_shows_all_without_scrolling_sideways() {
    const page = await visit('/dashboards/flights', { viewport: { width: 375, height: 800 }, expected: ['404'] });
    await ready(page);
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(await wide(), 0);
    for (const path of ['/', '/dashboards']) {
      await page.goto(new URL(path, url).href);
      await ready(page);
      assert.equal(await wide(), 0, path);
    }
    return page;
  },

  async the_home_page_tells_what_there_is() {
    const page = await visit('/', { expected: ['404'] }); // Tables without data.
    await ready(page);
    const text = async name => (await page.getByRole('region', { name, exact: true }).first().textContent()).replaceAll('\u202f', ' ');
    assert.match(await text('Datasets'), /flights.*3,000,000/);
    assert.match(await text('Marts'), /daily_delays.*39,952/);
    assert.match(await text('Pipelines'), /flights-enriched.*Succeeded/);
    assert.match(await text('Latest runs'), /departures.*Succeeded/);
    await page.getByRole('link', { name: /US domestic flights/ }).click();
    await ready(page);
    assert.equal(await page.title(), 'US domestic flights · DataPlatform');
    return page;
  },

  async the_keyboard_reaches_everything() {
    const page = await visit('/dashboards/flights');
    await ready(page);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'To the charts');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'tiles');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Table of Flights');
    await page.getByRole('radio', { name: '30 days' }).focus();
    await page.keyboard.press('ArrowRight');
    await settle(page);
    assert.match(page.url(), /last=P90D/);
    return page;
  },
};

for (const [name, run] of Object.entries(cases)) {
  if (only && only !== name) continue;
  let error = null;
  try {
    const page = await run();
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  } catch (problem) {
    error = problem.message;
  }
  console.log(JSON.stringify({ name, error }));
}
await browser.close();
