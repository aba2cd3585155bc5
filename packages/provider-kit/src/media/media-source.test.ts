import { describe, expect, it } from 'vitest';
import { mediaSource, mediaUrl } from './media-source.js';

const image = (data: Uint8Array | URL | string) => ({ type: 'image', mediaType: 'image/png', data }) as const;
const base64 = { kind: 'base64', mediaType: 'image/png', base64: 'AQID' };

describe('mediaSource', () => {
  it('takes bytes, also of a view into a larger buffer', () => {
    expect(mediaSource(image(new Uint8Array([1, 2, 3])))).toEqual(base64);
    expect(mediaSource(image(new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 4)))).toEqual(base64);
  });

  it('takes base64 and data URLs, whose own media type wins', () => {
    expect(mediaSource(image('AQID'))).toEqual(base64);
    expect(mediaSource(image('data:;base64,AQID'))).toEqual(base64);
    expect(mediaSource(image('data:image/jpeg;charset=x;base64,AQID'))).toMatchObject({
      mediaType: 'image/jpeg',
      base64: 'AQID',
    });
    expect(mediaSource(image(new URL('data:image/png;base64,AQID')))).toEqual(base64);
  });

  it('takes addresses that a provider can fetch', () => {
    expect(mediaSource(image(new URL('https://a.example/b.png')))).toEqual({
      kind: 'url',
      url: 'https://a.example/b.png',
    });
    expect(mediaSource(image('http://a.example/b.png'))).toEqual({ kind: 'url', url: 'http://a.example/b.png' });
  });

  it('refuses addresses that a provider cannot fetch', () => {
    expect(() => mediaSource(image(new URL('file:///etc/passwd')))).toThrow(/cannot fetch a file: address/);
    expect(() => mediaSource(image('blob:https://a.example/1'))).toThrow(/cannot fetch a blob: address/);
    expect(() => mediaSource(image('data:text/plain,hello'))).toThrow(/cannot fetch a data: address/);
  });
});

describe('mediaUrl', () => {
  it('makes a data URL of bytes and leaves an address as it is', () => {
    expect(mediaUrl(mediaSource(image('AQID')))).toBe('data:image/png;base64,AQID');
    expect(mediaUrl(mediaSource(image('https://a.example/b.png')))).toBe('https://a.example/b.png');
  });
});
