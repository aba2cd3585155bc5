// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A text that cannot steer the terminal it is shown on: without control characters but tab and line break. */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(controls, '');
}
