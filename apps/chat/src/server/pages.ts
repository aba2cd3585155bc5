import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';

/** Everything the browser may load, by name: a path that is not here does not exist. */
const files: Readonly<Record<string, readonly [file: string, mediaType: string]>> = {
  '/': ['public/chat.html', 'text/html; charset=utf-8'],
  '/report': ['public/report.html', 'text/html; charset=utf-8'],
  '/base.css': ['public/base.css', 'text/css; charset=utf-8'],
  '/chat.css': ['public/chat.css', 'text/css; charset=utf-8'],
  '/report.css': ['public/report.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['public/icon.svg', 'image/svg+xml'],
  '/chat.js': ['dist/page/chat.js', 'text/javascript; charset=utf-8'],
  '/report.js': ['dist/page/report.js', 'text/javascript; charset=utf-8'],
  '/theme.js': ['dist/page/theme.js', 'text/javascript; charset=utf-8'],
};

/** `root`: the folder of the app. */
export function pages(root: URL): Hono {
  const routes = new Hono();
  for (const [path, [file, mediaType]] of Object.entries(files)) {
    routes.get(path, async (context) => {
      const content = await readFile(new URL(file, root));
      return context.body(content, 200, { 'content-type': mediaType, 'cache-control': 'no-cache' });
    });
  }
  return routes;
}
