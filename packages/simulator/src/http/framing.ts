import type { EventStep, Framing, Step } from './reply.js';

/** Turns the steps of one reply into the text that goes over the wire. */
export interface Framer {
  /** The text of a step; empty for steps without any. */
  write(step: Step): string;
  /** What closes the body. */
  end(): string;
}

/** What gateways send to keep a quiet connection alive (facts: OpenRouter sends a comment like this one). */
const KEEP_ALIVE_COMMENT = ': KEEP-ALIVE';

export function makeFramer(framing: Framing): Framer {
  if (framing.kind === 'sse') return sseFramer(framing);
  if (framing.kind === 'array') return arrayFramer();
  return {
    write: (step) => (step.do === 'body' ? document(step.data, framing) : rawText(step)),
    end: () => '',
  };
}

function document(data: unknown, framing: Framing): string {
  return framing.indented ? `${JSON.stringify(data, null, 2)}\n` : JSON.stringify(data);
}

function rawText(step: Step): string {
  return step.do === 'raw' ? step.text : '';
}

function sseFramer(framing: Framing): Framer {
  const comment = framing.comments ? KEEP_ALIVE_COMMENT + framing.newline.repeat(2) : '';
  let count = 0;
  return {
    write(step) {
      if (step.do !== 'event') return rawText(step);
      const text =
        typeof step.data === 'string' ? step.data : JSON.stringify(step.data, null, framing.indented ? 1 : 0);
      count += 1;
      const [head, colon] = framing.numbered === true ? [numberedHead(step, count, framing.newline), ':'] : ['', ': '];
      const lines = text.split('\n').map((line) => `data${colon}${line}${framing.newline}`);
      return comment + head + lines.join('') + framing.newline;
    },
    end: () => '',
  };
}

/** Facts: `id:1`, `event:result` or `event:error`, `:HTTP_STATUS/200`, each on its own line, without spaces. */
function numberedHead({ role, status = 200 }: EventStep, count: number, newline: string): string {
  const name = role === 'error' ? 'error' : 'result';
  return [`id:${count}`, `event:${name}`, `:HTTP_STATUS/${status}`, ''].join(newline);
}

/** Facts: Gemini without `alt=sse` sends one JSON array, item by item, as `[{…}\n,\n{…}\n]`. */
function arrayFramer(): Framer {
  let items = 0;
  return {
    write(step) {
      if (step.do !== 'event') return rawText(step);
      items += 1;
      return `${items === 1 ? '[' : ',\n'}${JSON.stringify(step.data, null, 2)}\n`;
    },
    end: () => (items === 0 ? '[]' : ']'),
  };
}
