import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileEntry } from '../../../src/envelope/index.ts';
import { hasChromium, openBrowser, type Visit, visit } from '../../support/browser.ts';
import { libraryText } from '../../support/library-text.ts';
import { needing } from '../../support/live.ts';
import { openPage, type TestPage } from '../../support/page.ts';
import { alice } from '../../support/service.ts';
import { deployOf, sealed, trustLine } from '../../support/signed.ts';

const it = suite('the page in a browser');
const inBrowser = needing(it, 'chromium', hasChromium);

let browser: Browser;
let page: TestPage;
const visits: Visit[] = [];

const evil = '<img src=x onerror="alert(1)"><script>alert(2)</script>\u202e';
const plant = `exports.setup = function () {
  this.input('setpoint'); this.output('warm');
  var clock = this.instantiate('clock', 'test/TestSpontaneous'), room = this.instantiate('room', 'Room');
  clock.setParameter('interval', 50);
  this.connect(clock, 'output', room, 'tick'); this.connect(room, 'warm', 'warm'); this.connect('setpoint', room, 'setpoint');
};
exports.initialize = function () { console.log('plant begins'); console.error(${JSON.stringify(evil)}); };`;
const room = `exports.setup = function () {
  this.input('tick'); this.input('setpoint'); this.output('warm');
  var gain = this.instantiate('gain', 'test/TestGain');
  this.connect('tick', gain, 'input'); this.connect(gain, 'scaled', 'warm');
};`;
const hostile = `exports.setup = function () {
  this.output(${JSON.stringify(evil)}); this.output('value');
  var inner = this.instantiate('inner<img src=x onerror=alert(3)>', 'test/TestSpontaneous');
  inner.setParameter('interval', 50);
  this.connect(inner, 'output', 'value');
};
exports.initialize = function () {
  var self = this;
  setInterval(function () { self.send(${JSON.stringify(evil)}, { '</script><b>': ${JSON.stringify(evil)} }); }, 50);
};`;
const many = `exports.setup = function () {
  var list = [];
  for (var i = 0; i < 500; i++) {
    var one = this.instantiate('a' + i, i < 10 ? 'test/TestSpontaneous' : 'test/TestGain');
    if (i < 10) one.setParameter('interval', 100);
    else this.connect(list[i - 10], i < 20 ? 'output' : 'scaled', one, 'input');
    list.push(one);
  }
};`;

function deploy(swarmlet: string, sequence: number, files: Readonly<Record<string, string>>, more: object = {}): Promise<unknown> {
  const names = ['test/TestSpontaneous', 'test/TestGain'].map((name): [string, string] => [`${name}.js`, libraryText(name)]);
  const all = { ...Object.fromEntries(names), ...files };
  const entries = Object.fromEntries(Object.entries(all).map(([name, text]) => [name, fileEntry(text)]));
  return page.box.service.submit(sealed({ ...deployOf(swarmlet, sequence, '', more), files: entries }, alice));
}

if (hasChromium) {
  it.before(async () => {
    browser = await openBrowser();
    page = await openPage({ tier: undefined, pool: 1, name: 'lab', labels: { room: '545' } });
    await deploy('plant', 1, { 'Main.js': plant.replace('begins', 'began'), 'Room.js': room });
    await deploy('plant', 2, { 'Main.js': plant, 'Room.js': room }, { parameters: {} });
    await deploy('hostile', 1, { 'Main.js': hostile });
    await deploy('many', 1, { 'Main.js': many }, { limits: { setupMs: 5000 } });
    await deploy('idle', 1, { 'Main.js': 'exports.setup = function () {};' });
  });
  it.after.each(async () => {
    for (const one of visits.splice(0)) await one.close();
  });
  it.after(async () => {
    await browser.close();
    await page.close();
  });
}

async function open(path: string, options: Parameters<typeof visit>[2] = {}): Promise<Visit> {
  const made = await visit(browser, `${page.admin.url}/${path}`, options);
  visits.push(made);
  return made;
}

/** What each view shows once it has come. */
const views: readonly [path: string, ready: string][] = [
  ['#/', 'a.name:text("plant")'],
  ['#/swarmlet/plant/graph', '.outline button:has-text("gain")'],
  ['#/swarmlet/plant/logs', '.line:has-text("plant begins")'],
  ['#/swarmlet/plant/history', '.history li >> nth=1'],
  ['#/swarmlet/plant/details', '.plot canvas >> nth=2'],
  ['#/swarmlet/nobody/graph', 'text=There is no nobody'],
  ['#/audit', '.audit td:has-text("running")'],
  ['#/box', '.peers td:has-text("lab-546")'],
];

inBrowser('is small, comes from the box alone, and nothing in it moves', async () => {
  const { page: shown, problems, moved, ...visited } = await open('#/');
  await shown.waitForSelector('a.name:text("plant")');
  const loaded = await visited.loaded();
  const bytes = loaded.reduce((sum, one) => sum + one.bytes, 0);
  assert.ok(bytes > 0 && bytes < 200_000, `${bytes} bytes`);
  assert.ok(loaded.every(({ url }) => url.startsWith(page.admin.url)));
  const paint = (await shown.evaluate(`performance.getEntriesByName('first-contentful-paint')[0].startTime`)) as number;
  console.log(`first load: ${bytes} bytes, first contentful paint after ${Math.round(paint)} ms`);
  await until(shown, `document.querySelectorAll('.spark polyline').length > 3`);
  assert.ok((await moved()) < 0.01, `${await moved()}`);
  assert.equal(problems, []);
});

for (const colorScheme of ['light', 'dark'] as const) {
  inBrowser(`has no serious barrier in any view, in ${colorScheme}`, async () => {
    const visited = await open('#/', { colorScheme });
    for (const [path, ready] of views) {
      await visited.page.goto(`${page.admin.url}/${path}`);
      await visited.page.waitForSelector(ready);
      assert.equal(await visited.barriers(), [], path);
    }
    await visited.page.goto(`${page.admin.url}/#/swarmlet/plant/history`);
    await visited.page.click('text=Compare with');
    await visited.page.waitForSelector('.diff-added');
    assert.equal(await visited.barriers(), [], 'a difference');
    await visited.page.click('text=Roll back…');
    await visited.page.waitForSelector('dialog');
    assert.equal(await visited.barriers(), [], 'a dialog');
    await visited.page.click('text=Sign with a key…');
    await visited.page.waitForSelector('dialog textarea');
    assert.equal(await visited.barriers(), [], 'the key');
    assert.equal(visited.problems, []);
  });
}

inBrowser('fits a phone in every view', async () => {
  const { page: shown } = await open('#/', { viewport: { width: 360, height: 740 }, hasTouch: true });
  for (const [path, ready] of views) {
    await shown.goto(`${page.admin.url}/${path}`);
    await shown.waitForSelector(ready);
    const wide = (await shown.evaluate('document.documentElement.scrollWidth')) as number;
    assert.ok(wide <= 360, `${path} is ${wide} wide`);
  }
});

inBrowser('shows names, values, lines and records of a hostile swarmlet as text (D05)', async () => {
  const { page: shown, problems } = await open('#/swarmlet/hostile/graph');
  const inner = shown.locator('.outline button:has-text("inner<img src=x")');
  await inner.click();
  await shown.locator('.outline button').first().click();
  await shown.waitForSelector('.ports code:has-text("<script>alert(2)")');
  await shown.goto(`${page.admin.url}/#/swarmlet/plant/logs`);
  assert.match(await shown.locator('.line.error').first().innerText(), '<img src=x onerror="alert(1)"><script>alert(2)</script>\\u202e');
  for (const path of ['#/swarmlet/hostile/history', '#/audit']) {
    await shown.goto(`${page.admin.url}/${path}`);
    await shown.waitForSelector('.history li, .audit td');
  }
  assert.is(await shown.locator('img, main script, iframe, object').count(), 0);
  assert.equal(problems, []);
});

inBrowser('shows a graph as it lives: values, rates, opening and closing, by keyboard too', async () => {
  const { page: shown, problems } = await open('#/swarmlet/plant/graph');
  await shown.locator('.outline button:has-text("gain")').press('Enter');
  const value = shown.locator('.ports tr:has-text("scaled") code');
  await until(shown, `/^\\d+$/.test(document.querySelector('.ports tr:nth-child(2) code')?.textContent)`);
  const before = Number(await value.textContent());
  await until(shown, `Number(document.querySelector('.ports tr:nth-child(2) code').textContent) > ${before}`);
  await until(shown, `Number(document.querySelector('.ports tr:nth-child(2) td.number').textContent) > 5`);
  await shown.locator('.outline button:has-text("room")').press('Enter');
  await shown.waitForSelector('.inspector button:text("Close")');
  await shown.locator('canvas.over').focus();
  await shown.keyboard.press('Enter');
  await shown.waitForSelector('.inspector button:text("Open")');
  for (const key of ['ArrowLeft', '+', '-', '0', 'Escape']) await shown.keyboard.press(key);
  await shown.waitForSelector('text=Select an accessor');
  assert.equal(problems, []);
});

inBrowser('tells that a swarmlet does not run, and that there is none', async () => {
  const { page: alive } = await open('#/swarmlet/idle/graph');
  await alive.waitForSelector('.outline input[placeholder="Find among 1 accessor"]');
  await page.box.service.command({ action: 'undeploy', swarmlet: 'idle' });
  const { page: shown } = await open('#/swarmlet/idle/graph');
  await shown.waitForSelector('.stage-note:has-text("It is stopped")');
});

/** Frames in which activity was painted, from now on. */
const countFrames = `globalThis.frames30 = 0;
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...all) { globalThis.frames30++; return clear.apply(this, all); };`;

inBrowser('draws 500 accessors, each lighting up ten times a second', async () => {
  const { page: shown, problems } = await open('#/swarmlet/many/graph', { reducedMotion: 'no-preference' });
  await shown.waitForSelector('.outline input[placeholder*="501"]');
  await shown.click('text=Fit');
  await until(shown, `document.querySelector('.stage-note').textContent === ''`);
  await shown.evaluate(countFrames);
  const rate = (await shown.evaluate(`new Promise((resolve) => {
    const from = performance.now();
    const look = () => frames30 >= 90 ? resolve(frames30 * 1000 / (performance.now() - from)) : requestAnimationFrame(look);
    look();
  })`)) as number;
  console.log(`501 accessors: ${rate.toFixed(1)} frames a second`);
  await page.box.service.command({ action: 'undeploy', swarmlet: 'many' }); // the others need the processor
  assert.equal(problems, []);
});

/** Resolves when an expression is true in the page: its policy keeps texts from being run there by any other way. */
async function until(shown: Page, expression: string): Promise<void> {
  await shown.evaluate(`new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(${JSON.stringify(expression)})), 15000);
    const look = () => { if (${expression}) { clearTimeout(timer); resolve(); } else requestAnimationFrame(look); };
    look();
  })`);
}

async function makeKey(shown: Page): Promise<string> {
  await shown.click('text=Make a new key for this page');
  const line = await shown.locator('dialog .command code:has-text("ssh-ed25519")').innerText();
  await shown.locator('dialog [aria-label=Close]').last().click();
  return /ssh-ed25519 \S+/.exec(line)?.[0] ?? '';
}

inBrowser('deploys what is chosen, stops it and rolls another back, signed with a key that is made in the page', async () => {
  const { page: shown, problems } = await open('#/');
  await shown.setInputFiles('input[type=file]', {
    name: 'Lamp.js',
    mimeType: 'text/javascript',
    buffer: Buffer.from(`exports.setup = function () { this.instantiate('clock', 'test/TestSpontaneous'); };`),
  });
  await shown.click('dialog button:text("Next")');
  await shown.waitForSelector('dialog .command code:has-text("accessors push Lamp.js --name lamp --version 1.0.0")');
  await shown.click('text=Sign with a key…');
  const line = await makeKey(shown);
  await shown.click('text=Sign and deploy');
  assert.match(
    await shown.locator('dialog .bad').innerText(),
    /not trusted by this box now; its operator adds it with "accessors trust add"/,
  );
  page.box.trust(`${trustLine('alice@lab', alice)}visitor@lab namespaces="swarmlet" ${line}\n`);
  page.box.service.trust.reload();
  await shown.click('text=Sign and deploy');
  await shown.waitForSelector('.said:has-text("lamp 1.0.0 runs")');
  await shown.click('a.name:text("lamp")');
  await shown.waitForSelector('.outline button:has-text("clock")');
  assert.is(page.box.service.status('lamp').principal, 'visitor@lab');
  await shown.click('text=Stop…');
  await shown.click('text=Sign and stop');
  await shown.waitForSelector('.bar .state-stopped');
  await shown.evaluate(`location.hash = '#/swarmlet/plant/history'`);
  await shown.click('text=Roll back…');
  await shown.click('text=Sign and roll back');
  await shown.waitForSelector('.said:has-text("plant is 1.0.1 again")');
  assert.is(page.box.service.status('plant').version, '1.0.1');
  assert.is(await shown.evaluate(`localStorage.getItem('accessors.key')`), null, 'the key is not kept unless asked for');
  assert.equal(
    problems.filter((problem) => !problem.includes('422')), // the browser tells of the refusal itself
    [],
  );
});

inBrowser('says what it cannot deploy, and how', async () => {
  const { page: shown } = await open('#/');
  const rows: [name: string, says: string][] = [
    ['Lamp.ts', 'accessors push Lamp.ts'],
    ['notes.txt', 'A swarmlet is a .js file'],
  ];
  for (const [name, says] of rows) {
    await shown.setInputFiles('input[type=file]', { name, mimeType: 'text/plain', buffer: Buffer.from('x') });
    await shown.waitForSelector(`.said:has-text("${says}")`);
  }
});

inBrowser('remembers the colours that were chosen, and begins with the skip link', async () => {
  const { page: shown } = await open('#/', { colorScheme: 'light' });
  await shown.click('[aria-label="Show in dark colours"]');
  await shown.reload();
  assert.is(await shown.evaluate('document.documentElement.dataset.theme'), 'dark');
  await shown.waitForSelector('a.name');
  await shown.keyboard.press('Tab');
  assert.is(await shown.evaluate('document.activeElement.textContent'), 'Skip to what is shown');
});

inBrowser('says that a box does not answer when it keeps silent, and goes on when it speaks', async () => {
  const { page: shown } = await open('#/audit');
  await shown.route('**/api/events*', () => {}); // neither an answer nor an error
  await shown.clock.install();
  await shown.reload();
  await shown.waitForSelector('.link.connecting');
  await shown.clock.fastForward(15_000);
  await shown.waitForSelector('.banner:has-text("The box does not answer")');
  await shown.unroute('**/api/events*');
  await shown.click('.banner button');
  await shown.waitForSelector('.link.live');
});

inBrowser('tells in the details what a swarmlet uses, as it goes on', async () => {
  const { page: shown } = await open('#/swarmlet/plant/details');
  const messages = `Number(/, (\\d+)/.exec([...document.querySelectorAll('dt')].find((dt) => dt.textContent === 'Messages in, out')?.nextSibling.textContent)?.[1])`;
  await until(shown, `${messages} > 0`);
  const before = (await shown.evaluate(messages)) as number;
  await until(shown, `${messages} > ${before}`);
  await shown.waitForSelector('dt:text("Reactions") + dd');
});

/** In the page: what waits for half a second or longer waits for ever, so that only the button makes it try again. */
const endlessPauses = `(() => {
  const start = setTimeout;
  globalThis.setTimeout = (what, ms = 0, ...more) => (ms < 500 ? start(what, ms, ...more) : 0);
})()`;

inBrowser('says that the box is lost, and shows it again when it is back', async () => {
  const other = await openPage();
  const { port } = other.admin.address;
  const { page: shown } = await visit(browser, other.admin.url).then((made) => {
    visits.push(made);
    return made;
  });
  await shown.waitForSelector('text=Nothing runs on this box yet');
  await shown.evaluate(endlessPauses);
  await other.close();
  await shown.waitForSelector('.banner:has-text("What is shown may be old")');
  const again = await openPage({ name: 'back again' }, '127.0.0.1', port);
  try {
    await shown.click('.banner button');
    await shown.waitForSelector('.brand:has-text("back again")');
  } finally {
    await again.close();
  }
});

it.run();
