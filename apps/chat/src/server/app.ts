import type { Limits, Vibe } from '@vibe/core';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { faultNames } from '../wire.js';
import type { Calls } from './calls.js';
import { failureOf } from './failure.js';
import type { Faults } from './faults.js';
import type { LiveBoard } from './live.js';
import { pages } from './pages.js';
import { modelsOf, quoteOf } from './quote.js';
import { maxBodyBytes, readCall } from './read-input.js';
import { readReportQuery, spendReport } from './report.js';
import { onlyOurPage, pageHeaders } from './security.js';

export interface AppParts {
  readonly vibe: Vibe;
  readonly calls: Calls;
  readonly live: LiveBoard;
  readonly faults: Faults;
  readonly simulated: boolean;
  /** Rate limits by model. */
  readonly limits: Readonly<Record<string, Limits>>;
  /** The folder of the app, with `public` and `dist`. */
  readonly root: URL;
}

/** More pages than a person has open. */
const maxLivePages = 30;

const conversationId = z.uuid();
const faultChange = z.object({ region: z.string().max(20), fault: z.enum(faultNames).nullable() });

/** Every path the server answers. */
export function chatApp({ vibe, calls, live, faults, simulated, limits, root }: AppParts): Hono {
  const app = new Hono();
  let livePages = 0;
  app.use(pageHeaders, onlyOurPage);
  app.use('/api/*', bodyLimit({ maxSize: maxBodyBytes, onError: (context) => context.json(tooLarge, 413) }));

  app.post('/api/calls', async (context) => {
    const input = readCall(await context.req.json());
    return streamSSE(context, async (stream) => {
      // Whoever closes the tab wants no answer any more.
      stream.onAbort(() => void calls.cancel(input.id));
      await calls.run(vibe, input, (event) => stream.writeSSE({ data: JSON.stringify(event) }));
    });
  });
  app.delete('/api/calls/:id', (context) => context.json({ cancelled: calls.cancel(context.req.param('id')) }));
  app.post('/api/quote', async (context) => context.json(await quoteOf(vibe, readCall(await context.req.json()))));
  app.get('/api/models', async (context) => context.json(await modelsOf(vibe, simulated, limits)));
  app.get('/api/report', async (context) =>
    context.json(await spendReport(vibe, readReportQuery(context.req.query()), Date.now())),
  );

  app.get('/api/live', (context) => {
    const conversation = conversationId.parse(context.req.query('conversation'));
    if (livePages >= maxLivePages) return context.json(tooManyPages, 503);
    return streamSSE(context, async (stream) => {
      livePages++;
      const left = new AbortController();
      stream.onAbort(() => left.abort());
      try {
        while (!left.signal.aborted && !live.closed) {
          const { version } = live;
          await stream.writeSSE({ data: JSON.stringify(await live.state(conversation)) });
          await live.after(version, left.signal);
        }
      } finally {
        livePages--;
      }
    });
  });

  app.post('/api/faults', async (context) => {
    const { region, fault } = faultChange.parse(await context.req.json());
    const done = faults.set(region, fault);
    live.changed();
    return done ? context.json({ regions: faults.states() }) : context.json(nothingToBreak, 404);
  });

  app.route('/', pages(root));
  app.notFound((context) => context.json({ failure: { code: 'not_found', message: 'There is nothing here.' } }, 404));
  app.onError((error, context) => {
    if (error instanceof z.ZodError || error instanceof SyntaxError) return context.json(unreadable, 400);
    const failure = failureOf(error);
    return context.json({ failure }, failure.code === 'internal' ? 500 : 400);
  });
  return app;
}

const refusal = (code: string, message: string) => ({ failure: { code, message } });
const tooLarge = refusal('invalid_request', `A request has at most ${maxBodyBytes / 1e6} MB: send a smaller file.`);
const tooManyPages = refusal('invalid_request', `${maxLivePages} pages are open already: close one.`);
const nothingToBreak = refusal('invalid_request', 'Only simulated regions can be broken.');
const unreadable = refusal('invalid_request', 'The request cannot be read. Reload the page.');
