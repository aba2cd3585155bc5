/** Something that stands inside an element. Text always stays text: nothing on these pages is ever parsed as HTML. */
export type Child = Node | string | null | false;

type Listeners = { readonly [K in keyof HTMLElementEventMap as `on${K}`]?: (event: HTMLElementEventMap[K]) => void };
/** Attributes by name, and listeners as `onclick`. `false` and null leave an attribute out. */
export type Attributes = Readonly<Record<string, unknown>> & Listeners;

/** Makes an element. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  apply(element, attributes);
  append(element, children);
  return element;
}

const svgNamespace = 'http://www.w3.org/2000/svg';

/** Makes an SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(svgNamespace, tag);
  apply(element, attributes);
  append(element, children);
  return element;
}

/** Replaces what stands inside. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren();
  append(element, children);
}

/** The element with this id, which the page's HTML has. */
export function byId<T extends HTMLElement>(id: string, kind: abstract new (...args: never[]) => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new TypeError(`The page has no ${kind.name} #${id}`);
  return element;
}

function apply(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value === true && !name.startsWith('aria-') ? '' : String(value));
  }
}

function append(element: Element, children: readonly Child[]): void {
  element.append(...children.filter((child) => child !== null && child !== false));
}
