/** The oldest Node that works: the same as `engines.node` in package.json. Old syntax on purpose, see run.mjs. */
export const neededNode = [20, 19, 0];

/** A sentence for somebody whose Node is older than `neededNode`, or null. `version` is like `20.19.0`. */
export function tooOld(version) {
  const parts = version.split('.').map(Number);
  for (let index = 0; index < neededNode.length; index += 1) {
    if (parts[index] > neededNode[index]) return null;
    if (parts[index] < neededNode[index]) {
      return (
        'Vibe needs Node ' +
        neededNode.join('.') +
        ' or newer and this is Node ' +
        version +
        ': install a newer Node (https://nodejs.org), then run the command again.'
      );
    }
  }
  return null;
}
