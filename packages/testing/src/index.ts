export { type CallOptions, callOf, modelOf, user } from './calls.js';
export { collect, failureOf, resultOf } from './events.js';
export { type Answer, type Loopback, listen, type Received, reply, slices } from './loopback.js';
export { checkAllRead, type Recording, recordings, recordingsFolder } from './recordings.js';
