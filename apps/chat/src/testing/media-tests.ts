import type { Page, Request } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Browsing } from './browsing.js';
import { lastAnswer, receiptOf, send } from './chat-page.js';
import { png, wav } from './media.js';

const dollars = /at most \$(\d+\.\d+) with ([\w.-]+)/;

/** What the line below the field says a message would cost. */
async function quoted(page: Page, before = ''): Promise<{ text: string; usd: number; model: string }> {
  const line = page.locator('#quote');
  await line.filter({ hasText: dollars, hasNotText: before === '' ? 'nothing at all' : before }).waitFor();
  const text = (await line.textContent()) ?? '';
  const [, usd, model] = dollars.exec(text) ?? [];
  return { text, usd: Number(usd), model: model ?? '' };
}

export function mediaTests({ open }: Browsing): void {
  it('says what a picture will cost before it is sent, dropped, pasted or chosen, and only models that see are asked', async () => {
    const { chat, page } = await open();
    await page.getByLabel('Message', { exact: true }).fill('What is this?');
    const plain = await quoted(page);
    await page.locator('#attach').setInputFiles({ name: 'large.png', mimeType: 'image/png', buffer: png(1024, 1024) });
    const seeing = await quoted(page, plain.text);
    expect(seeing.usd).toBeGreaterThan(plain.usd);
    for (const type of ['paste', 'drop'] as const) await bring(page, type, png(64, 64), `${type}.png`);
    await page.getByText('drop.png').waitFor();
    expect(await page.locator('#pictures li').count()).toBe(3);
    await page.getByRole('button', { name: 'Remove paste.png' }).click();
    expect(await page.locator('#pictures li').count()).toBe(2);
    expect(totalAttempts(chat)).toBe(0);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    expect(await receiptOf(lastAnswer(page))).toContain('1 attempt');
    expect(await page.locator('#pictures li').count()).toBe(0);
    expect(await page.getByRole('article', { name: 'Your message' }).textContent()).toContain('large.png');
  });

  it('paints a picture and speaks an answer, each with what it cost', async () => {
    const { page } = await open();
    await send(page, '/paint a red boat');
    const picture = page.getByRole('article', { name: 'Picture: a red boat' });
    expect(await receiptOf(picture)).toMatch(/1 (image|output image)|images?|out/);
    await picture.getByRole('img').waitFor();
    expect(await picture.getByRole('img').evaluate(shown)).toBeGreaterThan(0);
    await send(page, 'echo: **Good** morning');
    await receiptOf(lastAnswer(page));
    await lastAnswer(page).getByRole('button', { name: 'Speak' }).click();
    const spoken = page.getByRole('article', { name: 'The answer, spoken' });
    expect(await receiptOf(spoken)).toMatch(/\$0\.00/);
    const sound = spoken.locator('audio');
    await sound.evaluate(loaded);
    expect(await sound.evaluate((audio) => (audio as HTMLAudioElement).duration)).toBeGreaterThan(0);
  });

  it('paints after a picture, and reads paragraphs aloud one by one', async () => {
    const { page } = await open();
    const asked = () => page.waitForRequest(isCall);
    const picture = png(64, 64);
    await page.locator('#attach').setInputFiles({ name: 'boat.png', mimeType: 'image/png', buffer: picture });
    await page.getByText('boat.png').waitFor();
    const [painted] = await Promise.all([asked(), send(page, '/paint this in red')]);
    expect(painted.postDataJSON()).toMatchObject({ kind: 'paint', images: [{ base64: picture.toString('base64') }] });
    await page.getByRole('article', { name: 'Picture: this in red' }).getByRole('img').waitFor();
    await send(page, 'echo: # Morning\n\nGood day.\n\n- one\n- two');
    await receiptOf(lastAnswer(page));
    const [spoken] = await Promise.all([asked(), lastAnswer(page).getByRole('button', { name: 'Speak' }).click()]);
    expect(spoken.postDataJSON().text.split(/\n+/)).toEqual(['Morning', 'Good day.', 'one', 'two']);
  });

  it('tells of an earlier picture that there was one: a message without a word is not sent empty', async () => {
    const { page } = await open();
    let last: { messages?: { text: string; images: object[] }[] } = {};
    page.on('request', (request) => {
      if (isCall(request)) last = request.postDataJSON();
    });
    for (const name of ['first.png', 'second.png']) {
      await page.locator('#attach').setInputFiles({ name, mimeType: 'image/png', buffer: png(64, 64) });
      await page.locator('#pictures').getByText(name).waitFor();
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      expect(await receiptOf(lastAnswer(page))).toContain('1 attempt');
      await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
    }
    expect(last.messages?.map(({ text, images }) => [text, images.length])).toEqual([
      ['(1 picture)', 0],
      [expect.any(String), 0],
      ['', 1],
    ]);
  });

  it('writes down a file and a recording, and puts the words into the field', async () => {
    const { page } = await open();
    await page.locator('#sound').setInputFiles({ name: 'note.wav', mimeType: 'audio/wav', buffer: wav(2) });
    const written = page.getByRole('article', { name: 'What note.wav says' });
    expect(await receiptOf(written)).toMatch(/2 s of sound|in/);
    const words = await page.getByLabel('Message', { exact: true }).inputValue();
    expect(words).not.toBe('');
    await page.getByRole('button', { name: 'Record' }).click();
    await page.getByRole('button', { name: /^Stop recording \(/, pressed: true }).click();
    const recorded = page.getByRole('article', { name: 'What your recording says' });
    expect(await receiptOf(recorded)).toContain('1 attempt');
    await page.getByRole('button', { name: 'Record', pressed: false }).waitFor();
  });

  it('refuses a file that is no picture and one that is too large, and sends nothing', async () => {
    const { chat, page } = await open();
    await bring(page, 'drop', Buffer.from('<html>'), 'page.html', 'text/html');
    expect(await page.locator('#quote').getByRole('alert').textContent()).toContain('page.html is neither a picture');
    await page
      .locator('#attach')
      .setInputFiles({ name: 'huge.png', mimeType: 'image/png', buffer: Buffer.alloc(5_000_001) });
    await page.getByText('huge.png is too large').waitFor();
    await page.locator('#sound').setInputFiles({ name: 'nothing.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(0) });
    await page.getByText('nothing.wav is empty').waitFor();
    expect(totalAttempts(chat)).toBe(0);
  });
}

function isCall(request: Request): boolean {
  return request.url().endsWith('/api/calls') && request.method() === 'POST';
}

function totalAttempts(chat: {
  simulator(region: 'cn' | 'sg' | 'global'): { stats(): { attempts: { total: number } } };
}): number {
  return (['cn', 'sg', 'global'] as const).reduce(
    (sum, region) => sum + chat.simulator(region).stats().attempts.total,
    0,
  );
}

/** Pastes or drops a file, as the browser does when a hand does it. */
async function bring(
  page: Page,
  type: 'paste' | 'drop',
  content: Buffer,
  name: string,
  mediaType = 'image/png',
): Promise<void> {
  const file = { type, name, mediaType, base64: content.toString('base64') };
  await page.getByLabel('Message', { exact: true }).evaluate((field, { type: what, base64, ...named }) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], named.name, { type: named.mediaType }));
    const event =
      what === 'paste'
        ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
        : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
    field.dispatchEvent(event);
  }, file);
}

/** Runs in the page: the width of a picture, once it is there. */
async function shown(element: Element): Promise<number> {
  const picture = element as HTMLImageElement;
  await picture.decode();
  return picture.naturalWidth;
}

/** Runs in the page: resolves when a sound can be played. */
async function loaded(element: Element): Promise<void> {
  const audio = element as HTMLAudioElement;
  if (audio.readyState > 0) return;
  await new Promise((resolve, reject) => {
    audio.addEventListener('loadedmetadata', resolve);
    audio.addEventListener('error', () => reject(new Error(audio.error?.message ?? 'no sound')));
  });
}
