import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--allow-natives-syntax');
const haveSame = new Function('first', 'second', 'return %HaveSameMap(first, second)') as Compare;
const isFast = new Function('object', 'return %HasFastProperties(object)') as (object: object) => boolean;
setFlagsFromString('--no-allow-natives-syntax');

type Compare = (first: object, second: object) => boolean;

/** Whether V8 keeps objects that were made one after the other in one layout, and not as tables. */
export function shareHiddenClass(objects: readonly object[]): boolean {
  const [first] = objects;
  return first !== undefined && objects.every((object) => isFast(object) && haveSame(first, object));
}
