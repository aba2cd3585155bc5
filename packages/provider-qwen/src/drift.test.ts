/** The wire this provider was written for, against the simulator and, where they are, the recordings. */
import {
  type Breakage,
  breakField,
  checkDrift,
  type DriftSnapshot,
  type DriftTraffic,
  describeDrift,
  shapeOf,
} from '@vibe/contract-tests';
import { recordings } from '@vibe/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { qwenShape } from './index.js';
import { documentsOf, simulator, traffic } from './testing/drift-traffic.js';

const snapshot: DriftSnapshot = qwenShape;
afterAll(() => simulator.close());

describe('the shape of DashScope', () => {
  it('is the one of the simulator', () => {
    const report = checkDrift(snapshot, traffic);
    expect(describeDrift({ ...report, findings: report.findings.filter(({ level }) => level !== 'info') })).toBe('');
    expect(traffic.map(({ kind }) => kind)).toEqual(Object.keys(snapshot.kinds));
  });

  describe.each(traffic)('notices in $kind', ({ kind, documents }) => {
    const paths = Object.keys(snapshot.kinds[kind]?.reads ?? {});
    const cases = paths.flatMap((path) =>
      (['removed', 'renamed', 'retyped'] as const).map((breakage): [string, Breakage] => [path, breakage]),
    );
    it.each(cases)('%s %s', (path, breakage) => {
      const { ok, findings } = checkDrift(snapshot, [{ kind, documents: breakField(documents, path, breakage) }]);
      expect(ok).toBe(false);
      expect(findings.filter(({ level }) => level === 'failure').map((finding) => finding.path)).toContain(path);
    });
  });
});

const recorded = recordings('qwen');
if (recorded.length === 0) console.warn('qwen drift: recordings skipped, the folder is missing (VIBE_RECORDINGS)');

const of = (...names: readonly string[]): unknown[] =>
  recorded.filter(({ name }) => names.includes(name)).flatMap(({ body }) => documentsOf(body.toString('utf8')));
const real = (kind: string, ...names: readonly string[]): [string, DriftTraffic] => [
  kind,
  { kind, documents: of(...names) },
];

/** Recordings differ by what was used and when they were made: what a simulated answer has beside its own is in these. */
const alsoRecorded: Readonly<Record<string, readonly string[]>> = {
  nativeChat: ['native-stream-after-tool-result'],
  nativeStream: ['native-stream-after-tool-result'],
  nativeTools: ['native-stream-after-tool-result'],
  nativeVision: ['native-stream-vision', 'native-stream-mm-thinking-parallel-tools', 'native-logprobs'],
  speechStream: ['native-tts-url'],
  failedTask: ['native-image-async-3-succeeded'],
  transcriptionTask: ['native-image-async-5-partial-failure'],
};

describe.skipIf(recorded.length === 0)('the recordings', () => {
  const cases = [
    real('chat', 'compat-chat-plain'),
    real('stream', 'compat-stream-include-usage'),
    real('thinkingStream', 'compat-stream-thinking'),
    real('tools', 'compat-tool-call'),
    real('toolStream', 'compat-stream-tool-call'),
    real('error', 'compat-error-401-invalid-api-key'),
    real('nativeChat', 'native-chat-plain'),
    real('nativeStream', 'native-stream-message'),
    real('nativeTools', 'native-tool-call'),
    real('nativeVision', 'native-vision'),
    real('nativeError', 'native-error-400-invalid-parameter'),
    real('speech', 'native-tts-url'),
    real('speechStream', 'native-stream-tts-event'),
    real('recognition', 'native-asr-qwen3-asr-flash'),
    real('picture', 'native-image-sync-qwen-image'),
    real('task', 'native-image-async-1-submit-pending', 'native-image-async-2-running'),
    real('pictureTask', 'native-image-async-3-succeeded'),
    real('failedTask', 'native-image-async-4-failed'),
    real('transcriptionTask', 'native-asr-async-3-succeeded'),
  ];

  it.each(cases)('have the shape: %s', (_, each) => {
    const { findings } = checkDrift(snapshot, [each]);
    expect(findings.filter(({ level }) => level === 'failure')).toEqual([]);
  });

  it.each(cases)('know every field of the simulator: %s', (kind, { documents }) => {
    const simulated = shapeOf(traffic.find((each) => each.kind === kind)?.documents ?? []);
    const reads = Object.fromEntries([...simulated].map(([path, types]) => [path, [...types].join('|')]));
    const more = of(...(alsoRecorded[kind] ?? []));
    // of other chats only the bill is comparable: their content has other forms
    const also = kind.startsWith('native') ? more.map((each) => ({ usage: (each as { usage: unknown }).usage })) : more;
    const report = checkDrift({ provider: 'simulator', kinds: { [kind]: { reads } } }, [
      { kind, documents: [...documents, ...also] },
    ]);
    expect(describeDrift({ ...report, findings: report.findings.filter(({ level }) => level === 'failure') })).toBe('');
  });
});
