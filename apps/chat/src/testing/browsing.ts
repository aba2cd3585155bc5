import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ChatOptions } from '../server/start.js';
import { findChromium, launchChromium } from './chromium.js';
import { type RunningChat, runChat } from './running-chat.js';

/** Generous: two slow cores may do everything at once. Nothing waits for time, only for the page. */
const patienceMs = 60_000;

/** What a browser test works with. */
export interface Browsing {
  /** The app with simulators, and a page that shows it. Closed after the test. */
  open(options?: Partial<ChatOptions>): Promise<{ readonly chat: RunningChat; readonly page: Page }>;
  /** One more page of a running app. */
  openPage(chat: RunningChat, path?: string): Promise<Page>;
}

/** Tests in a real Chromium, one process for all of them; without a Chromium they are skipped and say so. */
export function describeInChromium(name: string, tests: (browsing: Browsing) => void): void {
  const executable = findChromium();
  if (executable === null) {
    const reason = 'no Chromium was found: install it (apt-get install chromium) or set CHROMIUM_PATH';
    process.stderr.write(`SKIPPED: ${name}: ${reason}\n`);
    describe(name, () => it.skip(`is skipped, because ${reason}`, () => undefined));
    return;
  }
  describe(name, () => inChromium(executable, tests));
}

function inChromium(executable: string, tests: (browsing: Browsing) => void): void {
  vi.setConfig({ testTimeout: 3 * patienceMs, hookTimeout: 3 * patienceMs });
  let browser: Browser;
  const windows: BrowserContext[] = [];
  const chats: RunningChat[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium(executable);
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await Promise.all(windows.splice(0).map((context) => context.close()));
    await Promise.all(chats.splice(0).map((chat) => chat.close()));
    // Errors of a script, and everything that the content security policy refused.
    expect(complaints.splice(0)).toEqual([]);
  });

  async function openPage(chat: RunningChat, path = '/'): Promise<Page> {
    // A window of its own: browsers let tabs behind others doze.
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ['microphone'] });
    windows.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    page.on('pageerror', (error) => void complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy|TrustedTypes/i.test(message.text()))
        complaints.push(message.text());
    });
    await page.goto(chat.url + path);
    return page;
  }

  tests({
    async open(options) {
      const chat = await runChat(options);
      chats.push(chat);
      return { chat, page: await openPage(chat) };
    },
    openPage,
  });
}
