import type { Context, MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { pageHeader } from '../wire.js';

/** No inline script or style, nothing from elsewhere, and no string ever becomes HTML (trusted types). */
export const pageHeaders: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'blob:'],
    mediaSrc: ["'self'", 'blob:'],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
    trustedTypes: ["'none'"],
  },
  crossOriginResourcePolicy: 'same-origin',
  crossOriginOpenerPolicy: 'same-origin',
  referrerPolicy: 'no-referrer',
  permissionsPolicy: { microphone: ['self'], camera: [], geolocation: [] },
  strictTransportSecurity: false,
  xFrameOptions: 'DENY',
});

/**
 * Answers only browsers that show our own page. A foreign site that a user visits can send requests to 127.0.0.1 too,
 * under a name of its own (DNS rebinding) or across origins (CSRF): neither gets here.
 */
export const onlyOurPage: MiddlewareHandler = async (context, next) => {
  const host = context.req.header('host') ?? '';
  if (!isLoopback(host)) return refuse(context, 421, 'This server answers on 127.0.0.1 and localhost only.');
  const path = new URL(context.req.url).pathname;
  if (path.startsWith('/api/')) {
    const site = context.req.header('sec-fetch-site');
    if (site !== undefined && site !== 'same-origin' && site !== 'none')
      return refuse(context, 403, 'Only the page of this server may ask.');
    context.header('cache-control', 'no-store');
  }
  const { method } = context.req;
  if (method !== 'GET' && method !== 'HEAD') {
    if (context.req.header('origin') !== `http://${host}`)
      return refuse(context, 403, 'The Origin header does not name this server.');
    if (context.req.header(pageHeader) === undefined)
      return refuse(context, 403, `The header ${pageHeader} is missing.`);
  }
  return next();
};

/** A name that resolves to this machine only because somebody made it so is not one of these. */
function isLoopback(host: string): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/.test(host);
}

function refuse(context: Context, status: 403 | 421, message: string): Response {
  return context.json({ failure: { code: 'forbidden', message } }, status);
}
