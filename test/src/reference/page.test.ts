import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { libraryReference, referencePage } from '../../../src/reference/index.ts';
import { folderWith } from '../../support/folder.ts';
import { needing } from '../../support/live.ts';

const it = suite('reference page');
const executablePath = spawnSync('sh', ['-c', 'command -v chromium']).stdout.toString().trim();
const withBrowser = needing(it, 'chromium', executablePath);
const args = [
  'no-sandbox',
  'disable-gpu',
  'disable-quic',
  'no-first-run',
  'disable-background-networking',
  'disable-component-update',
  'disable-sync',
];
const library = libraryReference();
const folder = folderWith({ 'index.html': referencePage(library, 'Accessors & <more>') });
const url = pathToFileURL(join(folder.path, 'index.html')).href;
let browser: Browser | undefined;

it.before(async () => {
  if (executablePath) browser = await chromium.launch({ executablePath, args: args.map((arg) => `--${arg}`) });
});
it.after(async () => {
  await browser?.close();
  folder.remove();
});

async function open(hash = ''): Promise<{ page: Page; problems: string[] }> {
  const page = await (browser as Browser).newPage({ offline: true });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('request', (request) => request.url().split('#', 1)[0] !== url && problems.push(request.url()));
  await page.goto(url + hash);
  return { page, problems };
}

const shown = (page: Page): Promise<string[]> =>
  page
    .locator('article:visible')
    .evaluateAll((articles) => articles.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top).map(({ id }) => id));

withBrowser('shows every accessor with a diagram of its ports, from a file, without a network', async () => {
  const { page, problems } = await open();
  assert.equal(
    await shown(page),
    library.map((reference) => reference.class),
  );
  assert.is(await page.title(), 'Accessors & <more>');
  const diagram = page.locator('[id="net/REST"] svg.diagram');
  assert.equal(await diagram.locator('.name').allTextContents(), [
    ...['options', 'command', 'arguments', 'trigger', 'body'],
    ...['response', 'status', 'headers'],
  ]);
  const spilling = await page.locator('svg.diagram').evaluateAll(
    (diagrams) =>
      diagrams.filter((svg) => {
        const { left, right } = svg.getBoundingClientRect();
        return [...svg.querySelectorAll('text')].some((text) => {
          const box = text.getBoundingClientRect();
          return box.left < left - 1 || box.right > right + 1;
        });
      }).length,
  );
  assert.is(spilling, 0);
  assert.equal(problems, []);
  await page.close();
});

withBrowser('searches class, ports and text, those first whose class has the words', async () => {
  const { page, problems } = await open();
  await page.keyboard.press('/');
  await page.keyboard.type('throttle');
  assert.is((await shown(page))[0], 'utilities/Throttle');
  await page.fill('#search', 'fftoutput');
  assert.equal(await shown(page), ['signals/FFT']);
  assert.is(await page.locator('#count').textContent(), `1 of ${library.length} accessors`);
  await page.fill('#search', 'perpetuum');
  assert.equal(await shown(page), []);
  await page.click('#clear');
  assert.is((await shown(page)).length, library.length);
  assert.equal(problems, []);
  await page.close();
});

for (const width of [360, 1280]) {
  withBrowser(`at ${width} pixels, tables fit and names are broken between words only`, async () => {
    const { page } = await open();
    await page.setViewportSize({ width, height: 800 });
    const wider = await page
      .locator('.scroll:has(table)')
      .evaluateAll((tables) => tables.filter((table) => table.scrollWidth > table.clientWidth).length);
    const torn = await page.evaluate(`
      [...document.querySelectorAll('aside h2, aside li a, article h2 a, td:first-child code')]
        .flatMap((name) => [...name.childNodes])
        .filter((piece) => {
          const range = document.createRange();
          range.selectNodeContents(piece);
          return piece.nodeType === Node.TEXT_NODE && range.getClientRects().length > 1;
        })
        .map((piece) => piece.textContent)`);
    assert.equal([wider, torn], [0, []]);
    await page.close();
  });
}

withBrowser('is searched by keyboard alone', async () => {
  const { page } = await open();
  await page.keyboard.press('/');
  await page.keyboard.type('deterministic aperiodic');
  const [first] = await shown(page);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.is(new URL(page.url()).hash, `#${first}`);
  await page.keyboard.press('/');
  await page.keyboard.press('Escape');
  assert.is((await shown(page)).length, library.length);
  await page.close();
});

withBrowser('has an address for each accessor', async () => {
  const { page } = await open('#utilities/Clock');
  const top = await page.locator('[id="utilities/Clock"]').evaluate((article) => article.getBoundingClientRect().top);
  assert.ok(Math.abs(top) < 100);
  assert.is(await page.locator('nav a.here').textContent(), 'Clock');
  await page.close();
});

it.run();
