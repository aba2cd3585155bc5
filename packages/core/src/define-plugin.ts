import { VibeError } from './errors/vibe-error.js';
import type { DeferredPart, PluginDefinition } from './spec/plugin.js';
import type { StandardIssue } from './spec/standard-schema.js';

/** Calling it configures the plugin: `acme({ apiKey })`. `createVibe` creates it. */
export interface Plugin<Input> {
  (
    ...args: undefined extends Input
      ? [options?: Input]
      : Partial<Input> extends Input
        ? [options?: Input]
        : [options: Input]
  ): DeferredPart;
  readonly pluginName: string;
  readonly specVersion: string;
}

/**
 * Makes a plugin from its definition. Options are validated when the plugin is configured, so a bad one fails on the
 * line that wrote it: `config`, with the plugin's name and the path of the option.
 */
export function definePlugin<Options = unknown, Input = Options>(
  definition: PluginDefinition<Options, Input>,
): Plugin<Input> {
  const configure = (...args: readonly unknown[]): DeferredPart => {
    const options = validated(definition, args[0] ?? {});
    return {
      kind: 'plugin',
      name: definition.name,
      specVersion: definition.specVersion,
      create: (host) => definition.create(options, host),
    };
  };
  return Object.assign(configure, {
    pluginName: definition.name,
    specVersion: definition.specVersion,
  }) as Plugin<Input>;
}

function validated<Options, Input>(definition: PluginDefinition<Options, Input>, input: unknown): Options {
  if (definition.options === undefined) return input as Options;
  const result = definition.options['~standard'].validate(input);
  if (result instanceof Promise) {
    throw new VibeError(
      'config',
      `${definition.name}: the options schema validates asynchronously. Use a synchronous schema.`,
    );
  }
  if (result.issues === undefined) return result.value;
  const problems = result.issues.map((issue) => `${pathOf(issue)}: ${issue.message}`);
  throw new VibeError('config', `${definition.name}: invalid options. ${problems.join('; ')}`, {
    details: { plugin: definition.name, paths: result.issues.map(pathOf) },
    next: [`Correct ${result.issues.map(pathOf).join(', ')} where ${definition.name} is configured.`],
  });
}

function pathOf(issue: StandardIssue): string {
  const keys = (issue.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  return ['options', ...keys].join('.');
}
