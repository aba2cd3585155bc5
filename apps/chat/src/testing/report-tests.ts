import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { simulatedServices } from '../services.js';
import type { Browsing } from './browsing.js';
import { chooseModel, lastAnswer, receiptOf, send } from './chat-page.js';
import { spendInThePast } from './past.js';

export function reportTests({ open, openPage }: Browsing): void {
  it('shows the spend of some days, and keeps its filters in the address', async () => {
    const services = await simulatedServices();
    const { chat } = await open({ services });
    await spendInThePast(chat.ledgerPath, services, ['qwen-plus', 'qwen-flash', 'qwen-max']);
    const page = await openPage(chat, '/report');
    await tile(page, 'Calls', '1');
    await page.getByRole('combobox', { name: 'Time' }).selectOption('7 days');
    await tile(page, 'Calls', '3');
    expect(page.url()).toMatch(/\/report\?range=7d$/);
    const chart = page.getByRole('img', { name: /^Spend per day by model/ });
    expect(await chart.locator('rect').count()).toBe(3);
    await page.getByRole('list', { name: 'Show only' }).getByRole('button', { name: 'qwen-max' }).click();
    await page.getByRole('button', { name: 'qwen-max', pressed: true }).waitFor();
    expect(await chart.locator('rect').count()).toBe(1);
    await page.getByRole('combobox', { name: 'Show' }).selectOption('calls');
    await page.getByRole('img', { name: /^Calls per day/ }).waitFor();
    expect(page.url()).toMatch(/\?range=7d&show=calls&only=qwen-max$/);
    // The same address shows the same, and "back" is the view before.
    await page.reload();
    await page.getByRole('button', { name: 'qwen-max', pressed: true }).waitFor();
    expect(
      await page
        .getByRole('img', { name: /^Calls per day/ })
        .locator('rect')
        .count(),
    ).toBe(1);
    await page.goBack();
    await page.getByRole('img', { name: /^Spend per day/ }).waitFor();
    // Behind the chart there is a table with the same numbers, reached by keyboard.
    await page.getByText('Show as a table').focus();
    await page.keyboard.press('Enter');
    expect(await page.getByRole('table', { name: 'Spend per day' }).getByRole('row').count()).toBe(2);
  });

  it('counts what was blocked, cancelled, failed and is held, live, by model, endpoint and unit', async () => {
    const { chat, page } = await open({ dayLimitUsd: 0.002 });
    const report = await openPage(chat, '/report');
    await report.getByText('Nothing was asked in this time').waitFor();
    chat.simulator('cn').script({ fault: { kind: 'truncate' }, times: 1 });
    await chooseModel(page, 'qwen-plus');
    await send(page, 'tokens: 100');
    await lastAnswer(page).getByRole('alert').waitFor();
    chat.simulator('cn').script({ fault: { kind: 'hold' }, times: 1 });
    await send(page, 'tokens: 100');
    await lastAnswer(page).locator('.body p').waitFor();
    await report.locator('.tile', { hasText: 'Held now' }).filter({ hasNotText: '$0.00by' }).waitFor();
    await report.locator('.chart rect.held').waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await receiptOf(lastAnswer(page));
    await page.getByLabel('Model').selectOption('qwen3-max');
    await send(page, 'tokens: 100');
    await lastAnswer(page)
      .getByRole('alert', { name: /^Blocked/ })
      .waitFor();
    for (const [name, value] of [
      ['Blocked', '1'],
      ['Cancelled', '1'],
      ['Calls', '3'],
    ] as const)
      await tile(report, name, value);
    expect(await rowOf(report, 'Endpoints', 'qwen/cn')).toContain('50 %');
    expect(await rowOf(report, 'Spend by model', 'qwen-plus')).toMatch(/\$0\.0000\d+/);
    expect(await rowOf(report, 'Spend by unit', 'output token')).toMatch(/\$0\.0000\d+/);
    expect(await rowOf(report, 'How calls', 'cancelled')).toContain('stopped');
  });

  it('fits into 360 px, light and dark, and every control has a name', async () => {
    const services = await simulatedServices();
    const { chat, page: first } = await open({ services });
    await spendInThePast(chat.ledgerPath, services, ['qwen-plus', 'gemini-2.5-flash']);
    await first.close();
    const page = await openPage(chat, '/report?range=30d');
    await page.setViewportSize({ width: 360, height: 740 });
    await tile(page, 'Calls', '2');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    }
    for (const path of ['/report', '/']) {
      await page.goto(chat.url + path);
      for (const role of ['button', 'combobox', 'textbox', 'link', 'meter', 'table', 'img'] as const)
        expect(await page.getByRole(role, { name: /^$/ }).count(), `${path}: ${role} without a name`).toBe(0);
    }
  });
}

/** Waits until a key figure has a value. */
async function tile(page: Page, name: string, value: string): Promise<void> {
  const figure = page.locator('.tile', { has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) });
  await figure
    .locator('dd', { hasText: new RegExp(`^${value}$`) })
    .first()
    .waitFor();
}

async function rowOf(page: Page, table: string, row: string): Promise<string> {
  return (await page.getByRole('table', { name: table }).getByRole('row', { name: row }).first().textContent()) ?? '';
}
