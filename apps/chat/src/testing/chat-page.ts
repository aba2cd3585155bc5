import type { Locator, Page } from 'playwright-core';

/** The last answer of a page, whatever has become of it. */
export function lastAnswer(page: Page): Locator {
  return page.getByRole('article', { name: 'Answer' }).last();
}

/** Writes a message and sends it. */
export async function send(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

/** The line under an answer that has ended. */
export async function receiptOf(answer: Locator): Promise<string> {
  return (await answer.locator('.receipt:not(.pending)').first().textContent()) ?? '';
}

/** Chooses a model by its id, once the list is there. */
export async function chooseModel(page: Page, model: string): Promise<void> {
  await page.locator(`#model option[value="${model}"]`).waitFor({ state: 'attached' });
  await page.getByLabel('Model').selectOption(model);
}

/** What a gauge shows, in nano-USD. */
export async function gauge(page: Page, name: string): Promise<{ spent: number; held: number; limit: number }> {
  const element = page.locator('.gauge', { has: page.getByRole('meter', { name }) });
  const { spent, held, limit } = await element.evaluate((node) => ({ ...(node as HTMLElement).dataset }));
  return { spent: Number(spent), held: Number(held), limit: Number(limit) };
}

/** Waits until a gauge satisfies a condition; `condition` runs in the page. */
export async function gaugeIs(page: Page, name: string, what: 'holding' | 'settled'): Promise<void> {
  const meter = page.locator('.gauge', { has: page.getByRole('meter', { name }) });
  const selector = what === 'holding' ? '&:not([data-held="0"])' : '&[data-held="0"]:not([data-spent="0"])';
  await meter.and(page.locator(selector.replace('&', '.gauge'))).waitFor();
}
