import { describe, expect, it } from 'vitest';
import { runnableBlocks, toJavaScript } from './blocks.mjs';

const fence = '```';

describe('runnable blocks', () => {
  it('takes only blocks behind the comment, with their line', () => {
    const text = [
      '# Title',
      `${fence}ts`,
      'skipped();',
      fence,
      '<!-- run -->',
      '',
      `${fence}ts`,
      'taken();',
      fence,
    ].join('\n');
    expect(runnableBlocks(text)).toEqual([{ line: 7, language: 'ts', code: 'taken();', prints: null }]);
  });

  it('reads what the block must print', () => {
    const text = ['<!-- run: prints "sky: blue" -->', `${fence}js`, 'a();', 'b();', fence].join('\n');
    expect(runnableBlocks(text)).toEqual([{ line: 2, language: 'js', code: 'a();\nb();', prints: 'sky: blue' }]);
  });

  it('refuses a comment before anything else, so that no example is silently skipped', () => {
    expect(() => runnableBlocks(`<!-- run -->\n${fence}sh\nls\n${fence}`)).toThrow('line 1');
    expect(() => runnableBlocks(`<!-- run -->\n${fence}ts\nnever closed`)).toThrow('line 1');
    expect(() => runnableBlocks('<!-- run -->\ntext')).toThrow('line 1');
  });

  it('strips types and keeps the rest', () => {
    const code = "import type { A } from 'a';\nconst n: number = 1 as number;\nawait using x = y();\nconsole.log(n);";
    const js = toJavaScript(code);
    expect(js).not.toContain('number');
    expect(js).not.toContain("'a'");
    expect(js).toContain('console.log(n);');
  });
});
