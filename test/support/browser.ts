import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page, Response } from 'playwright-core';

const program = '/usr/bin/chromium';
/** Debian's; there is none elsewhere. */
export const hasChromium = existsSync(program);

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** Longer than anything here takes on a busy machine. */
const LIMIT_MS = 30_000;

export async function openBrowser(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  const args = ['--headless', '--no-sandbox', ...quiet, '--disable-component-update', '--disable-sync'];
  return chromium.launch({ executablePath: program, args });
}

/** A visitor with a browser profile of their own, and all that goes wrong in it. */
export interface Visit {
  readonly page: Page;
  /** Errors of scripts, and what the page's own policy refused. */
  readonly problems: string[];
  /** Addresses and sizes, before compression, of what was loaded. */
  loaded(): Promise<{ readonly url: string; readonly bytes: number }[]>;
  /** How much moved that was there already; 0: nothing (Cumulative Layout Shift). */
  moved(): Promise<number>;
  /** Rules of accessibility that are broken seriously, with the elements. */
  barriers(): Promise<string[]>;
  close(): Promise<void>;
}

export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(LIMIT_MS);
  const page = await context.newPage();
  const problems: string[] = [];
  const responses: Response[] = [];
  page.on('pageerror', (error) => problems.push(String(error.stack)));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('response', (response) => {
    if (!response.url().includes('/api/events')) responses.push(response);
  });
  await page.addInitScript(readFileSync(axe, 'utf8'));
  await page.addInitScript(`globalThis.moved = 0;
    new PerformanceObserver((list) => { for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) globalThis.moved += value; })
      .observe({ type: 'layout-shift', buffered: true });`);
  await page.goto(url);
  return {
    page,
    problems,
    loaded: () => Promise.all(responses.map(async (response) => ({ url: response.url(), bytes: (await response.body()).length }))),
    moved: () => page.evaluate('globalThis.moved') as Promise<number>,
    barriers: async () => {
      const run = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary).join(' | ')))`;
      return page.evaluate(run) as Promise<string[]>;
    },
    close: () => context.close(),
  };
}
