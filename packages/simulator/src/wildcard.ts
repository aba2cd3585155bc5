/** Whether a text fits a pattern in which `*` stands for any text, also none. Case counts. */
export function fitsPattern(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`, 's').test(text);
}
