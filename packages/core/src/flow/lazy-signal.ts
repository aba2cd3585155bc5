import type { AbortSource } from '../spec/abort-source.js';
import type { Cancellation } from './cancellation.js';

const cancelledBy = Symbol('cancelledBy');
/** The object itself: what is made of it (a copy, a derived object, a proxy) may have another signal. */
const itself = Symbol('itself');

interface Cancellable {
  readonly signal: AbortSignal;
  readonly [cancelledBy]: Cancellation;
  readonly [itself]: object;
}

/**
 * One getter for all: with one of its own each object would get a hidden class of its own, which outlives the call and keeps
 * alive whatever the getter sees.
 */
const lazySignal: PropertyDescriptor & ThisType<Cancellable> = {
  enumerable: true,
  get() {
    return this[cancelledBy].signal;
  },
};

/** Gives the object a `signal`: a field for whoever spreads it, but made when somebody reads it. */
export function withLazySignal<T extends object>(object: T, cancellation: Cancellation) {
  Object.defineProperty(Object.assign(object, { [cancelledBy]: cancellation, [itself]: object }), 'signal', lazySignal);
  return object as T & { readonly signal: AbortSignal };
}

/**
 * What a call's `signal` tells, for those who need no AbortSignal: the client makes one only when somebody reads it, and one costs
 * some microseconds and a kilobyte. Of what a plugin has made of the call (a copy, a proxy) it is the signal that this has.
 */
export function abortSourceOf(call: { readonly signal: AbortSignal }): AbortSource {
  const ours = call as Partial<Cancellable>;
  return ours[itself] === call && ours[cancelledBy] !== undefined ? ours[cancelledBy] : call.signal;
}
