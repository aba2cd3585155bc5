/** The page about a code, in the repository. A test holds every code to have one. */
export function docsPage(code: string): string {
  return `docs/errors/${code}.md`;
}
