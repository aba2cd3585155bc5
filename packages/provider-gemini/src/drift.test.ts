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
import * as z from 'zod';
import { imagenAnswer } from './imagen.js';
import { geminiShape } from './index.js';
import { closeSimulators, documentsOf, traffic } from './testing/drift-traffic.js';
import { fileAnswer, geminiAnswer, uploadAnswer } from './wire.js';

const snapshot: DriftSnapshot = geminiShape;
afterAll(closeSimulators);

describe('the shape of Gemini', () => {
  it('is the one of the simulator', () => {
    const report = checkDrift(snapshot, traffic);
    expect(describeDrift({ ...report, findings: report.findings.filter(({ level }) => level !== 'info') })).toBe('');
    expect(traffic.map(({ kind }) => kind)).toEqual(Object.keys(snapshot.kinds));
  });

  it('has every field that the schemas of the wire name', () => {
    const named = new Set(
      Object.values(snapshot.kinds).flatMap(({ reads, optional = {} }) => Object.keys({ ...reads, ...optional })),
    );
    const schemas = [geminiAnswer, uploadAnswer, fileAnswer, imagenAnswer].map((schema) => z.toJSONSchema(schema));
    expect(schemas.flatMap((schema) => pathsOf(schema)).filter((path) => !named.has(path))).toEqual([]);
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

/** The paths of a JSON Schema, as a snapshot writes them. */
function pathsOf(schema: unknown, path = ''): string[] {
  const { properties, items, anyOf } = schema as {
    properties?: Record<string, unknown>;
    items?: unknown;
    anyOf?: unknown[];
  };
  const here = path === '' || path.endsWith('[]') ? [] : [path];
  const inner = Object.entries(properties ?? {}).flatMap(([key, each]) =>
    pathsOf(each, path === '' ? key : `${path}.${key}`),
  );
  const listed = items === undefined ? [] : pathsOf(items, `${path}[]`);
  return [...new Set([...here, ...inner, ...listed, ...(anyOf ?? []).flatMap((each) => pathsOf(each, path))])];
}

const recorded = recordings('gemini');
if (recorded.length === 0) console.warn('gemini drift: recordings skipped, the folder is missing (VIBE_RECORDINGS)');

describe.skipIf(recorded.length === 0)('the recordings', () => {
  const of = (...names: readonly string[]): unknown[] =>
    recorded.filter(({ name }) => names.includes(name)).flatMap(({ body }) => documentsOf(body.toString('utf8')));

  const real: readonly DriftTraffic[] = [
    { kind: 'chat', documents: of('text-basic', 'stream-text-long') },
    { kind: 'plain', documents: of('thinking-budget-zero') },
    { kind: 'thoughts', documents: of('thinking-stream', 'thinking-nonstream') },
    { kind: 'cached', documents: of('cache-2-use') },
    { kind: 'tools', documents: of('tool-call-1-request', 'thinking-gemini3-tool-stream') },
    { kind: 'blocked', documents: of('paste-blocked-prompt-prohibited-content') },
    {
      kind: 'picture',
      documents: of('image-gen-2-5-flash-image', 'image-gen-flash-lite-image', 'image-gen-3-pro-image'),
    },
    { kind: 'speech', documents: of('tts-single-speaker') },
    { kind: 'imagen', documents: of('imagen-predict', 'imagen-predict-all-blocked') },
    { kind: 'upload', documents: of('file-upload-2-finalize') },
    { kind: 'error', documents: of('error-429-retryinfo-tpm-paid') },
    { kind: 'notFound', documents: of('error-404-model') },
    { kind: 'refusal', documents: of('error-400-invalid-key') },
  ];

  it.each(real)('have the shape: $kind', (each) => {
    const { findings } = checkDrift(snapshot, [each]);
    expect(findings.filter(({ level }) => level === 'failure')).toEqual([]);
  });

  it.each(real)('know every field of the simulator: $kind', ({ kind, documents }) => {
    const simulated = shapeOf(
      traffic.find((each) => each.kind === kind)?.documents ?? [],
      snapshot.kinds[kind]?.opaque,
    );
    const reads = Object.fromEntries([...simulated].map(([path, types]) => [path, [...types].join('|')]));
    const invented = checkDrift({ provider: 'simulator', kinds: { [kind]: { reads } } }, [
      { kind, documents: [...documents, ...of('text-basic')] },
    ]);
    expect(invented.findings.filter(({ level, path }) => level === 'failure' && path !== '')).toEqual([]);
  });
});
