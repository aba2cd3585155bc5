import { expect, it } from 'vitest';
import type { Browsing } from './browsing.js';
import { chooseModel, gauge, gaugeIs, lastAnswer, receiptOf, send } from './chat-page.js';

export function chatTests({ open, openPage }: Browsing): void {
  it('streams an answer and says below it who gave it, how fast, what it cost and why they were chosen', async () => {
    const { chat, page } = await open();
    chat.simulator('cn').script({ fault: { kind: 'hold', afterDeltas: 3 } });
    await chooseModel(page, 'qwen-plus');
    await send(page, 'tokens: 100');
    const answer = lastAnswer(page);
    // The rest is kept back: what is seen now has come piece by piece.
    await answer.locator('.body p').waitFor();
    expect(await answer.getAttribute('aria-busy')).toBe('true');
    chat.simulator('cn').release();
    expect(await receiptOf(answer)).toMatch(
      /^qwen-plus @ qwen\/cn · first token \d+\.\d+ s · \d+ in, 100 out · \$0\.0000\d+ · 1 attempt$/,
    );
    expect(await answer.getAttribute('aria-busy')).toBeNull();
    await page
      .getByRole('status')
      .filter({ hasText: `Answer: ${await receiptOf(answer)}` })
      .waitFor();
    await answer.getByText('Why this route').click();
    const candidates = answer.getByRole('table', { name: 'Candidates, best first' });
    expect(await candidates.getByRole('row').nth(1).textContent()).toContain('qwen-plus @ qwen/cn');
    expect(await answer.getByRole('table', { name: 'Attempts' }).textContent()).toContain('ok');
  });

  it('holds money on the gauge while a call runs; Stop settles what it cost, and the row is cancelled', async () => {
    const { chat, page } = await open({ dayLimitUsd: 0.01 });
    chat.simulator('cn').script({ fault: { kind: 'hold', afterDeltas: 2 } });
    await chooseModel(page, 'qwen-plus');
    await send(page, 'tokens: 500');
    await gaugeIs(page, 'Today', 'holding');
    const during = await gauge(page, 'Today');
    expect(during).toMatchObject({ spent: 0, limit: 10_000_000 });
    expect(during.held).toBeGreaterThan(0);
    expect((await gauge(page, 'This conversation')).held).toBe(during.held);
    await lastAnswer(page).locator('.body p').waitFor();
    // Writing on, and Enter, do not stop it.
    await page.getByLabel('Message', { exact: true }).fill('The next question');
    await page.keyboard.press('Enter');
    expect(await lastAnswer(page).getAttribute('aria-busy')).toBe('true');
    expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('The next question');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    expect(await receiptOf(lastAnswer(page))).toMatch(/^Stopped, \$0\.\d+ charged · qwen-plus @ qwen\/cn/);
    await gaugeIs(page, 'Today', 'settled');
    const after = await gauge(page, 'Today');
    expect(after.spent).toBeGreaterThan(0);
    expect(after.spent).toBeLessThan(during.held);
    const report = (await (await page.request.get(`${chat.url}/api/report?range=today`)).json()) as { totals: object };
    expect(report.totals).toMatchObject({ calls: 1, cancelled: 1, costNanoUsd: after.spent });
  });

  it('never spends more than the limit from two tabs side by side', async () => {
    const { chat, page: left } = await open({ dayLimitUsd: 0.001 });
    const right = await openPage(chat);
    chat.simulator('cn').script({ fault: { kind: 'hold' } });
    for (const page of [left, right]) await chooseModel(page, 'qwen-plus');
    await Promise.all([left, right].map((page) => send(page, 'tokens: 2000')));
    // One of them holds more than half of the day: the other one is blocked, and sees the money of the first.
    const cards = [left, right].map((page) => page.locator('.card.blocked'));
    await Promise.any(cards.map((card) => card.waitFor()));
    expect((await Promise.all(cards.map((card) => card.count()))).sort()).toEqual([0, 1]);
    for (const page of [left, right]) {
      await gaugeIs(page, 'Today', 'holding');
      const { spent, held, limit } = await gauge(page, 'Today');
      expect(spent + held).toBeLessThanOrEqual(limit);
      expect(held).toBeGreaterThan(limit / 2);
    }
    await chat.simulator('cn').waitFor(({ streams }) => streams.running === 1);
    chat.simulator('cn').release();
    await Promise.all([left, right].map((page) => gaugeIs(page, 'Today', 'settled')));
    const { spent, limit } = await gauge(right, 'Today');
    expect(spent).toBeLessThanOrEqual(limit);
    expect(chat.simulator('cn').stats().attempts.total).toBe(1);
  });

  it('shows what a model writes as text, never as a part of the page', async () => {
    const { page } = await open();
    const attack =
      '<img src=x onerror="document.title=1"><script>document.title=2</script> [link](javascript:document.title=3) ' +
      '![pixel](https://evil.example/p.png) <b>bold</b> **strong** `<i>`';
    await send(page, `echo: ${attack}`);
    const answer = lastAnswer(page);
    await receiptOf(answer);
    const body = answer.locator('.body');
    expect(await body.textContent()).toContain('<script>document.title=2</script>');
    expect(await body.locator('img, script, b, i, iframe').count()).toBe(0);
    expect(await body.locator('strong').textContent()).toBe('strong');
    expect(
      await body.locator('a').evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).protocol)),
    ).toEqual(['https:']);
    expect(await page.title()).toBe('Chat · Vibe');
    // Deeper than any stack: the page goes on.
    await send(page, `echo: ${'>'.repeat(5_000)}`);
    expect(await receiptOf(lastAnswer(page))).toContain('1 attempt');
    await send(page, 'echo: and goes on');
    expect(await receiptOf(lastAnswer(page))).toContain('1 attempt');
  });

  it('fits into 360 px, light and dark, without scrolling sideways', async () => {
    const { page } = await open();
    await page.setViewportSize({ width: 360, height: 740 });
    await send(page, `echo: ${'averylongword'.repeat(20)}\n\n| a | b |\n|---|---|\n| ${'x'.repeat(80)} | y |`);
    await receiptOf(lastAnswer(page));
    // The end of the talk stays in sight, above the field.
    await page.waitForFunction(() => {
      const receipt = [...document.querySelectorAll('.receipt')].at(-1)?.getBoundingClientRect();
      return receipt !== undefined && receipt.top > 0 && receipt.bottom < innerHeight;
    });
    await lastAnswer(page).getByText('Why this route').click();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    }
    const dark = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await page.getByRole('button', { name: 'Light or dark' }).click();
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).not.toBe(dark);
  });
}
