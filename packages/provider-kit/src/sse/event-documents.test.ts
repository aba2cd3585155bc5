import { describe, expect, it } from 'vitest';
import { documentsOfStream, eventDocuments } from './event-documents.js';

describe('the documents of an event', () => {
  it.each<[string, readonly unknown[]]>([
    ['{"a":1}', [{ a: 1 }]],
    ['', []],
    [' ', []],
    ['[DONE]', []],
    ['[DONE] ', []],
    ['null', [null]],
    ['[{"error":{}}]', [{ error: {} }]],
    ['{"a":\n1}', [{ a: 1 }]],
    ['{"a":1}\n{"b":2}\n[DONE]', [{ a: 1 }, { b: 2 }]],
  ])('of %j are %j', (data, documents) => {
    expect(eventDocuments(data)).toEqual(documents);
  });

  it.each(['{"a"', 'ping', '{"a":1}\nping'])('are not readable in %j', (data) => {
    expect(() => eventDocuments(data)).toThrow(/an event of the stream is not valid JSON/);
  });
});

describe('the documents of a whole stream', () => {
  it.each<[string, readonly unknown[] | null]>([
    ['data: {"a":1}\n\ndata: {"b":2}', [{ a: 1 }, { b: 2 }]],
    [': hi\r\n\r\nevent: x\r\ndata: {"a":1}\r\n\r\ndata: [DONE]\r\n\r\n', [{ a: 1 }]],
    ['data: {"a"', null],
    ['data: [DONE]\n\n', null],
    ['{"a":1}', null],
    ['<html>data: {}</html>', null],
  ])('of %j are %j', (text, documents) => {
    expect(documentsOfStream(text)).toEqual(documents);
  });
});
