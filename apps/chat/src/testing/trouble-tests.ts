import { expect, it } from 'vitest';
import type { Browsing } from './browsing.js';
import { chooseModel, gauge, lastAnswer, receiptOf, send } from './chat-page.js';

export function troubleTests({ open, openPage }: Browsing): void {
  it('shows which budget blocks a call, what is missing and until when, and sends it by a cheaper route on a click', async () => {
    const { chat, page } = await open({ dayLimitUsd: 0.001 });
    await chooseModel(page, 'qwen-max');
    await send(page, 'echo: cheap enough');
    const card = lastAnswer(page).getByRole('alert', { name: 'Blocked by the budget "today"' });
    const text = await card.textContent();
    expect(text).toContain('Nothing was sent, and nothing was charged.');
    expect(text).toMatch(/Limit\$0\.001/);
    expect(text).toMatch(/Missing\$0\.00\d+/);
    expect(text).toMatch(/Resetsin \d+ (h|min|s)/);
    expect(chat.simulator('cn').stats().attempts.total).toBe(0);
    await card
      .getByRole('button', { name: /^Send with .*, at most \$0\.000/ })
      .first()
      .click();
    const answer = page.getByRole('article', { name: 'Answer' }).filter({ hasText: 'cheap enough' });
    expect(await receiptOf(answer)).toContain('1 attempt');
    expect((await gauge(page, 'Today')).spent).toBeGreaterThan(0);
  });

  it('does not say that nothing was charged when the connection is lost, and asks again what the server refused once', async () => {
    const { page } = await open();
    await page.route('**/api/calls', (route) => route.abort());
    await send(page, 'echo: nobody hears it');
    const card = lastAnswer(page).getByRole('alert', { name: 'Failed: connection_lost' });
    expect(await card.textContent()).toContain('What it cost is unknown.');
    const lost = page.getByText('The server does not answer.');
    await page.clock.install();
    await page.route('**/api/live?*', (route) => route.fulfill({ status: 503, body: '{}' }), { times: 1 });
    await page.reload();
    await lost.waitFor();
    await page.clock.fastForward(60_000);
    await lost.waitFor({ state: 'hidden' });
    await page.getByRole('meter', { name: 'Today' }).waitFor();
  });

  it('shows the place in line and the seconds of a wait for a rate limit, which can be cancelled', async () => {
    const model = 'gemini-2.5-flash-lite';
    const { chat, page: left } = await open({ limits: { [model]: { concurrency: 1, rpm: 500 } } });
    chat.simulator('global').script({ fault: { kind: 'hold' } });
    const right = await openPage(chat);
    for (const page of [left, right]) await chooseModel(page, model);
    expect(await left.locator('#model option:checked').textContent()).toMatch(/ · 500 per minute$/);
    await send(left, 'tokens: 100');
    await chat.simulator('global').waitFor(({ streams }) => streams.running === 1);
    await send(right, 'tokens: 100');
    const wait = lastAnswer(right).getByRole('status');
    expect(await wait.textContent()).toMatch(
      /Waiting for the rate limit of gemini-2.5-flash-lite @ gemini\/global: place 1 in line, at most \d+ s/,
    );
    await wait.getByRole('button', { name: 'Cancel the wait' }).click();
    expect(await receiptOf(lastAnswer(right))).toMatch(/^Stopped, \$0\.00 charged/);
    expect(chat.simulator('global').stats().attempts.total).toBe(1);
    chat.simulator('global').release();
    expect(await receiptOf(lastAnswer(left))).toContain('1 attempt');
  });

  it('tells the failover when a region is down, shows the breaker open, and closed again once the region is mended', async () => {
    const { page } = await open({ cooldownMs: 1 });
    await chooseModel(page, 'qwen-plus');
    const beijing = page.getByLabel('Qwen in Beijing (cn)');
    await beijing.selectOption('outage');
    const circuit = page.locator('#circuits li', { hasText: 'qwen-plus @ qwen/cn' });
    await send(page, 'echo: from Singapore');
    expect(await receiptOf(lastAnswer(page))).toContain('qwen-plus @ qwen/sg');
    expect(await lastAnswer(page).locator('.notice.failover').textContent()).toBe(
      'qwen-plus @ qwen/cn failed (provider_unavailable): qwen-plus @ qwen/sg takes over.',
    );
    await page.getByLabel('Region').selectOption('China only');
    await send(page, 'echo: nowhere else to go');
    await lastAnswer(page)
      .getByRole('alert', { name: /^Failed/ })
      .waitFor();
    await circuit.and(page.locator('[data-state="open"]')).waitFor();
    await beijing.selectOption('');
    await page.locator('.region:not(.broken)', { has: beijing }).waitFor();
    await send(page, 'echo: back in Beijing');
    await circuit.and(page.locator('[data-state="closed"]')).waitFor();
    expect(await receiptOf(lastAnswer(page))).toContain('qwen-plus @ qwen/cn');
  });

  it('tells a retry after a 429, a downgrade, and an answer that was cut off', async () => {
    const { chat, page } = await open({ dayLimitUsd: 0.001 });
    chat.simulator('cn').script({ fault: { kind: 'status', status: 429 }, times: 1 });
    await chooseModel(page, 'qwen-plus');
    await page.getByLabel('Region').selectOption('China only');
    await send(page, 'echo: in the end');
    expect(await receiptOf(lastAnswer(page))).toContain('2 attempts');
    expect(await lastAnswer(page).locator('.notice.retry').textContent()).toMatch(/provider_rate_limited.*asked again/);
    await page.getByLabel('Qwen in Beijing (cn)').selectOption('truncated');
    await page.locator('.region.broken').waitFor();
    await send(page, 'tokens: 200');
    const card = lastAnswer(page).getByRole('alert', { name: 'Failed: stream_truncated' });
    expect(await card.textContent()).toMatch(/It cost \$0\.0000\d+ all the same/);
    expect(await lastAnswer(page).locator('.body').textContent()).not.toBe('');
    await page.getByLabel('Model').selectOption('auto');
    await page.getByLabel('Route').selectOption('quality');
    await page.getByLabel('Region').selectOption('outside China');
    await send(page, 'echo: a lesser one');
    await receiptOf(lastAnswer(page));
    expect(await lastAnswer(page).locator('.notice.downgrade').textContent()).toMatch(/^Downgraded from .* to /);
  });
}
