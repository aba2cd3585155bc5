// The answers, made once: what is measured is the client.

const head = { id: 'chatcmpl-0123456789abcdef01234567', created: 1_795_000_000, model: 'bench-1' };
const usage = { prompt_tokens: 96, completion_tokens: 128, total_tokens: 224 };

const text = 'The sky is blue because air scatters short waves of light more than long ones. '.repeat(8).trim();

export const unaryAnswer = Buffer.from(
  JSON.stringify({
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, logprobs: null, finish_reason: 'stop' }],
    usage,
  }),
);

const chunk = (choices, more = {}) =>
  `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`;

const delta = (content) => chunk([{ index: 0, delta: { content }, logprobs: null, finish_reason: null }]);

export const oneEvent = Buffer.from(delta(' scatter'));

const last = Buffer.from(
  `${chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }])}${chunk([], { usage })}data: [DONE]\n\n`,
);

const packs = new Map();

/** The writes of a whole stream. */
export function writesOf(events, pack) {
  const key = `${events}/${pack}`;
  const made = packs.get(key) ?? makeWrites(events, pack);
  packs.set(key, made);
  return made;
}

function makeWrites(events, pack) {
  const writes = [];
  for (let done = 0; done < events; done += pack) {
    writes.push(Buffer.concat(Array(Math.min(pack, events - done)).fill(oneEvent)));
  }
  return [...writes, last];
}

export const errorBody = (message, code) => Buffer.from(JSON.stringify({ error: { message, type: code, code } }));
