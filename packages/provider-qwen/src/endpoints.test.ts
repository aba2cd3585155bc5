import { afterEach, describe, expect, it, vi } from 'vitest';
import { qwenEndpoints } from './endpoints.js';
import { type QwenOptions, qwenOptions } from './options.js';

afterEach(() => vi.unstubAllEnvs());

function endpoints(options: QwenOptions = {}) {
  return qwenEndpoints(qwenOptions.parse(options));
}

function present(options: QwenOptions = {}): string[] {
  return endpoints(options).flatMap(({ endpoint }) => (endpoint.keyPresent() ? [endpoint.id] : []));
}

const places = (options: QwenOptions) =>
  endpoints(options).map(({ endpoint }) => [endpoint.id, endpoint.region, endpoint.baseUrl]);

describe('the endpoints', () => {
  it('are the four public regions, the configured one first', () => {
    expect(places({})).toEqual([
      ['cn', 'cn', 'https://dashscope.aliyuncs.com/compatible-mode/v1'],
      ['sg', 'sg', 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1'],
      ['us', 'us', 'https://dashscope-us.aliyuncs.com/compatible-mode/v1'],
      ['hk', 'hk', 'https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1'],
    ]);
    expect(places({ region: 'us' }).map(([id]) => id)).toEqual(['us', 'cn', 'sg', 'hk']);
  });

  it.each([
    { baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1' },
    { region: 'hk', nativeBaseUrl: 'https://dashscope-intl.aliyuncs.com/api/v1' },
    { endpoints: [{ id: 'x', region: 'us', baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1' }] },
  ] as const)('do not take a public service for one of another region: %j', (options) => {
    expect(() => endpoints(options as QwenOptions)).toThrow(
      /is the service of the region sg, but its region is (cn|hk|us)\./,
    );
  });

  it('take it for what it is, and other hosts for what they are said to be', () => {
    const baseUrl = 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1';
    expect(places({ region: 'sg', baseUrl })).toEqual([['sg', 'sg', baseUrl]]);
    expect(places({ endpoints: [{ id: 'x', region: 'mine', baseUrl }] })).toEqual([['x', 'mine', baseUrl]]);
    expect(places({ baseUrl: 'https://proxy.example/v1' })).toEqual([['cn', 'cn', 'https://proxy.example/v1']]);
  });

  it('use the key only in the region it belongs to', () => {
    vi.stubEnv('DASHSCOPE_API_KEY', 'sk-main');
    expect(present()).toEqual(['cn']);
    expect(present({ region: 'sg' })).toEqual(['sg']);
    vi.stubEnv('DASHSCOPE_API_KEY_SG', 'sk-sg');
    vi.stubEnv('DASHSCOPE_API_KEY_CN', 'sk-cn');
    expect(present()).toEqual(['cn', 'sg']);
    expect(present({ region: 'us' })).toEqual(['us', 'cn', 'sg']);
    expect(endpoints()[0]?.key.read('qwen')).toBe('sk-main');
    expect(endpoints({ apiKey: 'sk-code' })[0]?.key.read('qwen')).toBe('sk-code');
    expect(endpoints({ apiKey: 'sk-code' })[1]?.key.read('qwen')).toBe('sk-sg');
  });

  it('name the variable of their key', () => {
    expect(endpoints({ region: 'sg' }).map(({ endpoint }) => endpoint.keyName)).toEqual([
      'DASHSCOPE_API_KEY',
      'DASHSCOPE_API_KEY_CN',
      'DASHSCOPE_API_KEY_US',
      'DASHSCOPE_API_KEY_HK',
    ]);
  });

  it('have keys of their own with `keyEnv`, for a second profile', () => {
    vi.stubEnv('DASHSCOPE_API_KEY', 'sk-main');
    vi.stubEnv('DASHSCOPE_API_KEY_SG', 'sk-sg');
    const work = { profile: 'work', keyEnv: 'WORK_KEY' };
    expect(present(work)).toEqual([]);
    vi.stubEnv('WORK_KEY', 'sk-work');
    vi.stubEnv('WORK_KEY_SG', 'sk-work-sg');
    expect(endpoints(work).map(({ endpoint }) => endpoint.keyName)).toEqual([
      'WORK_KEY',
      'WORK_KEY_SG',
      'WORK_KEY_US',
      'WORK_KEY_HK',
    ]);
    expect(present(work)).toEqual(['cn', 'sg']);
    expect(endpoints(work)[1]?.key.read('qwen')).toBe('sk-work-sg');
  });

  it('take keys that the host keeps', () => {
    const host = { now: () => 0, random: () => 0, warn: () => {}, secret: (name: string) => `kept ${name}` };
    const kept = qwenEndpoints(qwenOptions.parse({ region: 'sg' }), host);
    expect(kept.map(({ endpoint }) => endpoint.keyPresent())).toEqual([true, true, true, true]);
  });

  it('say where their native API is', () => {
    const natives = (options: QwenOptions) => endpoints(options).map(({ endpoint }) => endpoint.alsoUses?.[0]?.baseUrl);
    expect(natives({})[3]).toBe('https://cn-hongkong.dashscope.aliyuncs.com/api/v1');
    expect(natives({ baseUrl: 'http://127.0.0.1:1/compatible-mode/v1' })).toEqual(['http://127.0.0.1:1/api/v1']);
    const [odd] = endpoints({ baseUrl: 'http://127.0.0.1:1/chat' });
    expect(odd?.nativeBaseUrl).toBeUndefined();
    expect(natives({ baseUrl: 'http://127.0.0.1:1/chat', nativeBaseUrl: 'http://127.0.0.1:2/n/' })).toEqual([
      'http://127.0.0.1:2/n',
    ]);
  });

  it('name the storage of their region, where results lie, and what the options add', () => {
    const storage = (options: QwenOptions) =>
      Object.fromEntries(
        endpoints(options).map(({ endpoint }) => [
          endpoint.id,
          endpoint.alsoUses?.slice(1).map(({ baseUrl }) => baseUrl),
        ]),
      );
    expect(storage({})).toMatchObject({
      cn: expect.arrayContaining(['https://oss-cn-beijing.aliyuncs.com', 'https://oss-cn-shanghai.aliyuncs.com']),
      sg: ['https://oss-ap-southeast-1.aliyuncs.com', 'https://oss-cn-singapore.aliyuncs.com'],
      us: ['https://oss-us-east-1.aliyuncs.com'],
      hk: ['https://oss-cn-hongkong.aliyuncs.com'],
    });
    expect(storage({ mediaHosts: ['https://files.example/'] })['us']).toEqual([
      'https://oss-us-east-1.aliyuncs.com',
      'https://files.example',
    ]);
    const own = { id: 'x', region: 'mars', baseUrl: 'https://x.example/v1', mediaHosts: ['https://m.example'] };
    const [endpoint] = endpoints({ endpoints: [own], mediaHosts: ['https://other.example'] });
    expect(endpoint?.endpoint.alsoUses).toEqual([{ region: 'mars', baseUrl: 'https://m.example' }]);
  });

  it('are only the configured region when it has a base URL of its own', () => {
    expect(places({ region: 'sg', baseUrl: 'http://127.0.0.1:1/v1/' })).toEqual([
      ['sg', 'sg', 'http://127.0.0.1:1/v1'],
    ]);
  });

  it('can be listed, each with its own key or that of its region', () => {
    vi.stubEnv('DASHSCOPE_API_KEY', 'sk-main');
    vi.stubEnv('DASHSCOPE_API_KEY_EU', 'sk-eu');
    vi.stubEnv('MY_KEY', 'sk-mine');
    const [workspace, frankfurt, special] = endpoints({
      endpoints: [
        { id: 'ws', region: 'cn', baseUrl: 'https://ws1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1' },
        { id: 'fra', region: 'eu', baseUrl: 'https://ws1.eu-central-1.maas.aliyuncs.com/compatible-mode/v1' },
        { id: 'x', region: 'cn', baseUrl: 'https://x.example/v1', keyEnv: 'MY_KEY' },
      ],
    });
    expect(workspace?.key.read('qwen')).toBe('sk-main');
    expect(frankfurt?.key.read('qwen')).toBe('sk-eu');
    expect(special?.key.read('qwen')).toBe('sk-mine');
    expect(special?.endpoint.keyName).toBe('MY_KEY');
    expect(endpoints({ endpoints: [{ id: 'x', region: 'cn', baseUrl: 'https://x.example/v1' }] })).toHaveLength(1);
  });

  it('never contain a key', () => {
    expect(JSON.stringify(endpoints({ apiKey: 'sk-secret' }))).not.toContain('sk-secret');
  });
});
