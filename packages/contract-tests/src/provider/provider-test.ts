import type { Abilities } from './abilities.js';
import type { Scene } from './scene.js';
import type { SituationName } from './situations.js';

/** One test of a theme. */
export interface ProviderTest {
  readonly name: string;
  readonly situation: SituationName;
  /** Whether the provider's manifest asks for it. */
  readonly applies: (abilities: Abilities) => boolean;
  run(scene: Scene<SituationName>): Promise<void>;
}

/** A test in a situation; `applies` default: to every provider that chats. */
export function test<Name extends SituationName>(
  situation: Name,
  name: string,
  run: (scene: Scene<Name>) => Promise<void>,
  applies: (abilities: Abilities) => boolean = ({ chat }) => chat !== null,
): ProviderTest {
  return { name, situation, applies, run: run as (scene: Scene<SituationName>) => Promise<void> };
}

export const streams = ({ streaming }: Abilities) => streaming !== null;
