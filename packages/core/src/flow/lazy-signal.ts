import type { AbortSource } from '../spec/abort-source.js';
import type { Cancellation } from './cancellation.js';

const cancelledBy = Symbol('cancelledBy');

interface Cancellable {
  readonly signal: AbortSignal;
  readonly [cancelledBy]: Cancellation;
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
  Object.defineProperty(Object.assign(object, { [cancelledBy]: cancellation }), 'signal', lazySignal);
  return object as T & { readonly signal: AbortSignal };
}

/**
 * What a call's `signal` tells, for those who need no AbortSignal: the client makes one only when somebody reads it, and one costs
 * some microseconds and a kilobyte. Where another signal has been put into a copy of the call, it is that one.
 */
export function abortSourceOf(call: { readonly signal: AbortSignal }): AbortSource {
  const isOurs = Object.getOwnPropertyDescriptor(call, 'signal')?.get === lazySignal.get;
  return isOurs ? (call as Cancellable)[cancelledBy] : call.signal;
}
