/** Some tokens that travel in one delta. */
export interface Group {
  readonly text: string;
  readonly tokens: number;
}

/** Tokens in groups of at most `size`, in order; none for an empty answer. */
export function groupTokens(tokens: readonly string[], size: number): Group[] {
  const groups: Group[] = [];
  for (let start = 0; start < tokens.length; start += size) {
    const slice = tokens.slice(start, start + size);
    groups.push({ text: slice.join(''), tokens: slice.length });
  }
  return groups;
}
