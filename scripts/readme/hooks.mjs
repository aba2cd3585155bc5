// Import hooks for the examples: `@vibe/*` is found wherever the example lies, and the providers lead to the simulator.
import { pathToFileURL } from 'node:url';
import { inRoot } from '../setup/root.mjs';

const simulated = '?simulated';
const providers = {
  '@vibe/provider-qwen': { factory: 'qwen', path: '/compatible-mode/v1' },
  '@vibe/provider-gemini': { factory: 'gemini', path: '/v1beta' },
};
let simulatorUrl;

export function initialize(data) {
  simulatorUrl = data.simulatorUrl;
}

export async function resolve(specifier, context, nextResolve) {
  if (!specifier.startsWith('@vibe/')) return nextResolve(specifier, context);
  // A package may import itself by its name: resolve from inside of it.
  const inside = pathToFileURL(inRoot('packages', specifier.split('/')[1], 'package.json')).href;
  const resolved = await nextResolve(specifier, { ...context, parentURL: inside });
  if (!Object.hasOwn(providers, specifier)) return resolved;
  return { url: `${resolved.url}${simulated}=${encodeURIComponent(specifier)}`, format: 'module', shortCircuit: true };
}

export async function load(url, context, nextLoad) {
  const [real, specifier] = url.split(`${simulated}=`);
  if (specifier === undefined) return nextLoad(url, context);
  const { factory, path } = providers[decodeURIComponent(specifier)];
  const source = `
    import * as real from '${real}';
    export * from '${real}';
    const baseUrl = '${simulatorUrl}${path}';
    export const ${factory} = new Proxy(real.${factory}, {
      apply: (plugin, self, [options]) => plugin({ baseUrl, ...options }),
    });
    export default ${factory};
  `;
  return { format: 'module', source, shortCircuit: true };
}
