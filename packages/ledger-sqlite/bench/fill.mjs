import { createRequire } from 'node:module';
import { budgets, holdRequest, nextCallId, settlement } from './calls.mjs';
import { openLedger } from './open.mjs';

const Database = createRequire(import.meta.url)('better-sqlite3');
const dayMs = 86_400_000;

/** A ledger of `calls` settled calls with one attempt each over the last `days` days, written by plain SQL and then rebuilt by the ledger. */
export async function filledLedger(path, calls, days) {
  const first = openLedger(path);
  const callId = nextCallId();
  await first.hold(holdRequest(callId, budgets(1)));
  await first.settle(callId, settlement(callId));
  await first.close();
  const db = new Database(path);
  db.pragma('synchronous = OFF');
  const { charges } = db.prepare("SELECT charges FROM event WHERE kind = 'hold'").get();
  const models = ['qwen-plus', 'qwen-flash', 'qwen-max', 'gemini-3-flash', 'gemini-3-pro', 'qwen-vl-plus'];
  const addTarget = db.prepare(
    "INSERT OR IGNORE INTO target (provider, profile, endpoint, region, model) VALUES ('qwen', 'default', 'sg', 'sg', ?)",
  );
  for (const model of models) addTarget.run(model);
  const fromMs = Date.now() - days * dayMs;
  const number = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${calls})`;
  const at = `CAST(${fromMs} + i * ${(days * dayMs) / calls} AS INTEGER)`;
  const target = `1 + i % ${models.length}`;
  const tags = `printf('{"user":"user-%02d","team":"team-%d"}', i % 50, i % 4)`;
  db.exec(`BEGIN;
    ${number} INSERT INTO event (ts, kind, call_id, n, amount_nano, charges, strict, trace_id, target_id, tags_json, usage_json)
      SELECT ${at}, 'hold', printf('0-%09d', i), 0, 10000000, '${charges}', 1, 'trace', ${target}, ${tags}, '{"input_token":1200,"output_token":800}' FROM n;
    ${number} INSERT INTO event (ts, kind, call_id, n, amount_nano, freed_nano, note)
      SELECT ${at}, 'settle', printf('0-%09d', i), 0, 3500000, 10000000, 'ok' FROM n;
    ${number} INSERT INTO attempt (call_id, attempt, trace_id, ts, status, provider, profile, endpoint, region, model, usage_json, usage_unknown, lines_json,
        usage_source, cost_est_nano, cost_actual_nano, price_ids, ttft_ms, total_ms, wait_ms, retry_ms, finish_reason, tags_json, target_id, charged_nano, last)
      SELECT printf('0-%09d', i), 1, 'trace', ${at}, 'ok', 'qwen', 'default', 'sg', 'sg',
        (SELECT model FROM target WHERE target_id = ${target}), '{"input_token":1187,"output_token":412}', 0,
        '[["input_token",1187,1400000,"qwen-plus/input"],["output_token",412,2100000,"qwen-plus/output"]]', 'provider', 5200000, 3500000,
        'qwen-plus/input', 200 + i % 400, 1000 + i % 5000, 0, 0, 'stop', ${tags}, ${target}, 3500000, 1 FROM n;
    COMMIT;`);
  db.close();
  const rebuilt = openLedger(path);
  await rebuilt.admin.rebuild();
  // Its end takes what was rebuilt out of the write-ahead log.
  await rebuilt.close();
  return openLedger(path);
}
