// Takes the pictures of the documentation from a platform with the flights demo: node screenshots.mjs URL KEY CHROMIUM FOLDER
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [url, key, executablePath, folder] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });

async function take(name, path, { act = async () => {}, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-US', timezoneId: 'UTC', colorScheme: 'light', reducedMotion: 'reduce', ...options });
  await context.addInitScript(value => sessionStorage.setItem('dataplatform-key', value), key);
  const page = await context.newPage();
  await page.goto(new URL(path, url).href);
  await page.waitForSelector('main[aria-busy="false"]');
  await act(page);
  await page.evaluate(() => document.fonts.ready);
  await page.evaluate(() => new Promise(resolve => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
}

await take('dashboard', '/dashboards/flights', { viewport: { width: 1280, height: 1090 } });
await take('dashboard-dark', '/dashboards/flights?last=P90D&filter.state=CA&view.busiest=table', { colorScheme: 'dark', viewport: { width: 1280, height: 1090 } });
await take('home', '/', { viewport: { width: 1280, height: 760 } });
await browser.close();
