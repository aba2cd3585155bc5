/**
 * How far estimates are from the truth: `npm run bench:estimate [-- --docs]`. Texts with counted tokens, and recorded calls
 * (VIBE_RECORDINGS, or the folder `../shared/wire` beside the repository). Sends nothing.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { estimatorOf } from './estimate/estimator.mjs';
import { accuracyOf, decisionsOf, markdownTable, percent } from './estimate/measure.mjs';
import { recordedCalls } from './estimate/recordings.mjs';
import { writeDocs } from './lib/docs.mjs';
import { describeMachine } from './lib/machine.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const corpus = JSON.parse(
  gunzipSync(readFileSync(`${root}/packages/core/test/corpus/corpus.json.gz`)).toString('utf8'),
);
const models = { qwen: 'qwen-plus', gemini: 'gemini-2.5-flash', openai: 'gpt', cl100k: 'gpt-4' };
const recordings = process.env.VIBE_RECORDINGS ?? `${root}/../shared/wire`;

const estimator = await estimatorOf();
const before = await textRows(estimator.bound);
const after = await textRows(estimator.counted);
const calls = existsSync(recordings) ? recordedCalls(recordings, readdirSync, readFileSync) : [];
const lines = [
  describeMachine({ pinned: false, quick: false, peers: [] }).text,
  '',
  'Input tokens of the corpus, estimate over true count: the mean, and the share of texts that were underestimated.',
  '',
  ...markdownTable(
    ['vocabulary', 'text', 'bound', 'below', 'with tokenizer', 'below'],
    before.map((row, index) => [
      row.family,
      row.kind,
      percent(row.over),
      percent(row.below),
      after[index].counted ? percent(after[index].over) : '–',
      after[index].counted ? percent(after[index].below) : '–',
    ]),
  ),
  '',
  `Recorded chats (${calls.length}): worst case held against the bill, and what a budget with so much headroom over the bill decides.`,
  'A false refusal would have fitted; a false admission went over what was held.',
  '',
  ...markdownTable(
    [
      'provider',
      'estimate',
      'cap',
      'calls',
      'held / bill',
      'input est. / true',
      'refused at 5 %',
      'at 20 %',
      'at 50 %',
      'over the hold',
    ],
    await recordedRows(calls),
  ),
];
const text = lines.join('\n');
process.stdout.write(`${text}\n`);
if (process.argv.includes('--docs')) writeDocs(text, 'bench:estimate');
await estimator.close();

async function textRows(estimate) {
  const rows = [];
  for (const family of Object.keys(models)) {
    const kinds = [...new Set(corpus.map(({ kind }) => kind)), 'all'];
    for (const kind of kinds) {
      const texts = corpus.filter((entry) => kind === 'all' || entry.kind === kind);
      const pairs = [];
      for (const entry of texts) {
        const tokens = await estimate(family, models[family], entry.text);
        if (tokens !== null) pairs.push({ estimate: tokens, truth: entry.tokens[family] });
      }
      rows.push({ family, kind, counted: pairs.length > 0, ...accuracyOf(pairs) });
    }
  }
  return rows;
}

async function recordedRows(all) {
  const rows = [];
  for (const provider of ['qwen', 'gemini']) {
    const own = all.filter((call) => call.provider === provider);
    for (const withTokenizer of provider === 'qwen' ? [false, true] : [false]) {
      for (const capped of [true, false]) {
        const measured = [];
        for (const call of own) {
          const estimate = await estimator.worstCase(call, { withTokenizer, capped });
          if (estimate !== null) measured.push(estimate);
        }
        const decisions = decisionsOf(measured, [0.05, 0.2, 0.5]);
        rows.push([
          provider,
          withTokenizer ? 'tokenizer' : 'bound',
          capped ? 'maxOutputTokens = the answer' : 'none given',
          measured.length,
          ...decisions,
        ]);
      }
    }
  }
  return rows;
}
