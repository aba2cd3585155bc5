import type { Exchange } from '../exchange.js';
import type { Reply } from '../http/reply.js';
import { reset, stall, truncate } from './broken.js';
import type { Fault, FaultEffect, FaultKind } from './fault.js';
import { comments, cr, crlf, lf, multiLineData, splitUtf8 } from './framing.js';
import { empty, html, hugeError, hugeEvent, slow } from './gateway.js';
import { hold } from './hold.js';
import { status } from './status.js';
import { errorInStream } from './stream-error.js';
import { missingUsage, servedModel, twoFinish, usageAfterFinish } from './usage.js';

/** THE TABLE: what every kind of fault does to a reply. */
const effects: { readonly [K in FaultKind]: FaultEffect<K> } = {
  status,
  reset,
  stall,
  hold,
  truncate,
  errorInStream,
  missingUsage,
  usageAfterFinish,
  twoFinish,
  servedModel,
  slow,
  empty,
  html,
  hugeError,
  hugeEvent,
  crlf,
  lf,
  cr,
  comments,
  multiLineData,
  splitUtf8,
};

/** The reply with some faults in it, in their order. */
export function applyFaults(reply: Reply, faults: readonly Fault[], exchange: Exchange): Reply {
  return faults.reduce((faulty, fault) => {
    const effect = effects[fault.kind] as FaultEffect<FaultKind>;
    return effect(faulty, fault as never, exchange);
  }, reply);
}
