import { type GenerationResponse, type Part, VibeError } from '@vibe/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { cases, type ParityCase } from './testing/parity-cases.js';
import { attemptRows, lastingRow, type Row } from './testing/rows.js';
import { wires } from './testing/wires.js';
import { type Client, useWorld } from './testing/world.js';

// `generate(x)` and `stream(x).final()` are two ways to the same end: the same answer, bill, error and row in the ledger.

const world = useWorld({ cachedShare: 0.25 }, 'file');
const patient = { mode: 'best_effort', breaker: { failures: 1_000_000, failRate: 1, windowMs: 1 } } as const;

describe.each(wires)('$name', (wire) => {
  let vibe: Client;
  beforeAll(() => {
    vibe = world.client(wire.provider(world.simulator), patient);
  });

  it.each(cases)('$name', async (each) => {
    const whole = await run(each, wire.model, (request) => vibe.generate(request));
    const streamed = await run(each, wire.model, (request) => vibe.stream(request).final());
    expect(streamed.lasting).toEqual(whole.lasting);
    expect(streamed.requests).toBe(whole.requests);
    expect(whole.code ?? 'ok').toBe(each.ends);
    await vibe.flush();
    const [rows, wholeRows] = [attemptRows(vibe.ledgerPath, streamed.id), attemptRows(vibe.ledgerPath, whole.id)];
    expect(rows.length).toBe(Math.max(1, whole.lasting.attempts.length));
    if (each.wireDiffers === undefined) {
      expect(streamed.usage).toEqual(whole.usage);
      expect(rows.map(lastingRow)).toEqual(wholeRows.map(lastingRow));
      return;
    }
    // The wire itself tells more of a stream than of a body that never came whole: only the metering may differ.
    const notMetered = (rows: readonly Row[]) => rows.map(({ status, error_code }) => ({ status, error_code }));
    expect(notMetered(rows)).toEqual(notMetered(wholeRows));
    expect({ streamed: sourceOf(streamed), whole: sourceOf(whole) }).toEqual(each.wireDiffers);
  });
});

type Ran = Awaited<ReturnType<typeof run>>;

async function run(
  { fault, request }: ParityCase,
  model: string,
  call: (request: Parameters<Client['generate']>[0]) => Promise<GenerationResponse>,
) {
  await world.simulator.waitFor(({ attempts }) => attempts.running === 0);
  world.simulator.reset();
  for (const rule of Array.isArray(fault) ? fault : fault === undefined ? [] : [fault])
    world.simulator.script({ times: 1, ...rule });
  const ended = await call({ model, prompt: 'Why is the sky blue?', ...request }).catch((thrown: unknown) => thrown);
  if (VibeError.is(ended)) {
    const { code, callId, attempts, retryable } = ended;
    const lasting = { code, retryable, attempts: attempts.map(outcomeOf) };
    return { id: callId, requests: requests(), code, lasting, usage: { usage: ended.usage, cost: ended.cost } };
  }
  const response = ended as GenerationResponse;
  const { status, content, text, object, finishReason, rawFinishReason, usage, cost, warnings, attempts } = response;
  const { requestId: _, ...meta } = response.providerMeta;
  const answer = { status, content: merged(content), text, object, finishReason, rawFinishReason, warnings, meta };
  return {
    id: response.id,
    requests: requests(),
    code: null,
    lasting: { ...answer, attempts: attempts.map(outcomeOf) },
    usage: { usage, cost },
  };
}

/** Into how many pieces a text is cut, and which of them carries opaque data, is for the service to say. */
function merged(content: readonly Part[]): readonly Part[] {
  const parts: Part[] = [];
  for (const { providerData: _, ...part } of content) {
    const last = parts.at(-1);
    const isText = part.type === 'text' || part.type === 'reasoning';
    if (isText && part.text === '') continue;
    if (isText && last?.type === part.type) parts[parts.length - 1] = { ...part, text: last.text + part.text };
    else parts.push(part.type === 'tool_call' ? { ...part, id: '' } : part);
  }
  return parts;
}

function requests(): number {
  return world.simulator.stats().attempts.total;
}

function outcomeOf({ status, errorCode, finishReason }: GenerationResponse['attempts'][number]) {
  return { status, errorCode, finishReason };
}

function sourceOf({ usage }: Ran): string | null {
  return usage.usage?.source ?? null;
}
