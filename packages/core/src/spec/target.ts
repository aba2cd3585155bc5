/** Where an endpoint runs. Open: a provider may name others. */
export type Region = 'global' | 'cn' | 'sg' | 'us' | 'hk' | 'eu' | 'jp' | (string & {});

/** What a model can be asked to do. Open: a plugin may add its own. */
export type Operation = 'chat' | 'transcribe' | 'speak' | 'paint' | (string & {});

/** How capable a model is, from cheap to best. */
export type Tier = 'economy' | 'standard' | 'premium';

/** Exactly who would serve a call: one model at one endpoint with one set of credentials. */
export interface Target {
  readonly provider: string;
  /** Which configured instance of the provider (a key, an account). `default` unless named. */
  readonly profile: string;
  readonly endpoint: string;
  readonly region: Region;
  readonly model: string;
}
