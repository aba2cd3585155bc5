import ts from 'typescript';

/**
 * Runnable examples of a Markdown text.
 *
 * The convention: an HTML comment on its own line directly before a fenced `ts` or `js` block makes it runnable.
 *
 *     <!-- run -->                       the block must exit with code 0
 *     <!-- run: prints "some text" -->   and its standard output must contain the text
 *
 * Blocks without the comment are not run. The comment before anything but a `ts` or `js` block is an error.
 *
 * @returns {{ line: number, language: string, code: string, prints: string | null }[]} `line`: of the fence, from 1.
 */
export function runnableBlocks(markdown) {
  const lines = markdown.split(/\r?\n/);
  const blocks = [];
  for (const [index, line] of lines.entries()) {
    const marker = /^<!--\s*run(?::\s*prints\s+"(.*)")?\s*-->$/.exec(line.trim());
    if (!marker) continue;
    let at = index + 1;
    while (lines[at]?.trim() === '') at += 1;
    const fence = /^```(ts|js)\b/.exec(lines[at] ?? '');
    const end = lines.findIndex((candidate, after) => after > at && candidate.startsWith('```'));
    if (!fence || end < 0) throw new Error(`line ${index + 1}: <!-- run --> must stand before a closed ts or js block`);
    blocks.push({
      line: at + 1,
      language: fence[1],
      code: lines.slice(at + 1, end).join('\n'),
      prints: marker[1] ?? null,
    });
  }
  return blocks;
}

/** JavaScript that Node runs: the types are stripped, nothing else changes. */
export function toJavaScript(code) {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  return ts.transpileModule(code, { compilerOptions }).outputText;
}
