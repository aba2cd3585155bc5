import { lexer, type MarkedToken, type Token, type Tokens } from 'marked';
import { type Child, h } from './dom.js';

/**
 * Markdown as elements. The parser only gives tokens; every element is made here, so what a model writes can become
 * nothing but what this file knows: HTML stays text, pictures become links, and a link leads to http, https or mailto.
 */
export function markdown(text: string): readonly Child[] {
  try {
    return blocks(lexer(text, { gfm: true }));
  } catch {
    // Nested deeper than the stack allows: nobody writes so to be read.
    return [h('pre', { tabindex: 0 }, text)];
  }
}

function blocks(tokens: readonly Token[]): Child[] {
  return tokens.map((token) => block(token as MarkedToken));
}

function block(token: MarkedToken): Child {
  switch (token.type) {
    case 'space':
    case 'def':
      return null;
    case 'heading':
      // The page has headings of its own: those of an answer come below them.
      return h(`h${Math.min(6, token.depth + 2)}` as 'h3', {}, ...inline(token.tokens));
    case 'paragraph':
      return h('p', {}, ...inline(token.tokens));
    case 'blockquote':
      return h('blockquote', {}, ...blocks(token.tokens));
    case 'code':
      return h('pre', { tabindex: 0 }, h('code', {}, token.text));
    case 'hr':
      return h('hr');
    case 'list':
      return list(token);
    case 'table':
      return table(token);
    case 'text':
      return token.tokens === undefined ? token.text : h('p', {}, ...inline(token.tokens));
    default:
      return 'raw' in token ? token.raw : null;
  }
}

function list({ ordered, start, items }: Tokens.List): Child {
  const lines = items.map(({ tokens, task, checked, loose }) => {
    const box = task ? h('input', { type: 'checkbox', disabled: true, checked: checked === true }) : null;
    return h('li', {}, box, ...tokens.flatMap((token) => listItem(token as MarkedToken, loose)));
  });
  return ordered ? h('ol', { start: start === '' || start === 1 ? null : start }, ...lines) : h('ul', {}, ...lines);
}

/** Items of a tight list have no paragraphs. */
function listItem(token: MarkedToken, loose: boolean): Child[] {
  if (token.type === 'checkbox') return [];
  return token.type === 'text' && !loose ? inline(token.tokens ?? []) : [block(token)];
}

function table({ header, rows }: Tokens.Table): Child {
  const row = (cells: readonly Tokens.TableCell[], tag: 'th' | 'td') =>
    h('tr', {}, ...cells.map(({ tokens }) => h(tag, {}, ...inline(tokens))));
  const body = rows.map((cells) => row(cells, 'td'));
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table' },
    h('table', {}, h('thead', {}, row(header, 'th')), h('tbody', {}, ...body)),
  );
}

function inline(tokens: readonly Token[]): Child[] {
  return tokens.map((token) => span(token as MarkedToken));
}

function span(token: MarkedToken): Child {
  switch (token.type) {
    case 'strong':
      return h('strong', {}, ...inline(token.tokens));
    case 'em':
      return h('em', {}, ...inline(token.tokens));
    case 'del':
      return h('del', {}, ...inline(token.tokens));
    case 'codespan':
      return h('code', {}, token.text);
    case 'br':
      return h('br');
    case 'link':
      return link(token.href, inline(token.tokens));
    case 'image':
      return link(token.href, [token.text === '' ? token.href : token.text]);
    case 'escape':
    case 'text':
      return 'tokens' in token && token.tokens !== undefined ? h('span', {}, ...inline(token.tokens)) : token.text;
    default:
      return 'raw' in token ? token.raw : null;
  }
}

function link(address: string, content: readonly Child[]): Child {
  if (!/^(https?:\/\/|mailto:)/i.test(address)) return h('span', {}, ...content);
  return h('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, ...content);
}
