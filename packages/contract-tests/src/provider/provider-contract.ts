import { AssertionError } from 'node:assert/strict';
import { partOf } from '../parts.js';
import type { TestRunner } from '../runner.js';
import { type Abilities, abilitiesOf } from './abilities.js';
import { batches } from './batches.js';
import { cancel } from './cancel.js';
import { dryRun } from './dry-run.js';
import { errors } from './errors.js';
import { manifest } from './manifest.js';
import { modalities } from './modalities.js';
import { parity } from './parity.js';
import { protocol } from './protocol.js';
import type { ProviderTest } from './provider-test.js';
import { request } from './request.js';
import { Scene } from './scene.js';
import { shape } from './shape.js';
import { type SituationName, type Situations, situationRules } from './situations.js';
import type { ProviderContractOptions } from './subject.js';
import { usage } from './usage.js';

const themes: Readonly<Record<string, readonly ProviderTest[]>> = {
  manifest,
  request,
  protocol,
  batches,
  cancel,
  errors,
  usage,
  shape,
  modalities,
  parity,
  'dry run': dryRun,
};

/**
 * Registers the tests that every provider must pass. Await it at the top level of a test file: the provider is set up
 * once to read its manifest, and what the manifest declares is what is tested. Nothing can be switched off.
 */
export async function providerContract(runner: TestRunner, options: ProviderContractOptions): Promise<void> {
  const { abilities, situations } = await lookAt(options);
  runner.describe(`provider contract: ${options.name}`, () => {
    runner.describe('situations', () => registerNeeded(runner, abilities, situations));
    for (const [name, tests] of Object.entries(themes)) {
      const applying = tests.filter((test) => test.applies(abilities) && situations[test.situation] !== undefined);
      if (applying.length === 0) continue;
      runner.describe(name, () => {
        for (const test of applying) runner.it(test.name, () => play(options, test));
      });
    }
  });
}

async function lookAt(options: ProviderContractOptions): Promise<{ abilities: Abilities; situations: Situations }> {
  const subject = await options.setup();
  try {
    const provider = partOf('provider', subject.provider);
    const abilities = abilitiesOf(provider);
    await provider.close?.();
    return { abilities, situations: subject.situations };
  } finally {
    await subject.close();
  }
}

async function play(options: ProviderContractOptions, test: ProviderTest): Promise<void> {
  const scene = await Scene.open(options, test.situation);
  try {
    await test.run(scene);
  } finally {
    await scene.close();
  }
}

/** A needed situation that is not offered is a failure of its own: it would hide others. */
function registerNeeded(runner: TestRunner, abilities: Abilities, situations: Situations): void {
  for (const name of Object.keys(situationRules) as SituationName[]) {
    const { meaning, needed } = situationRules[name];
    if (!needed(abilities)) continue;
    runner.it(`offers "${name}": the service ${meaning}`, () => {
      if (situations[name] !== undefined) return;
      throw new AssertionError({
        message: `the subject does not offer the situation "${name}", in which the service ${meaning}; the manifest of the provider asks for it`,
      });
    });
  }
}
