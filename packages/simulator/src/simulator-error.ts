export type SimulatorErrorCode = 'invalid_option' | 'invalid_rule' | 'port_unavailable' | 'closed';

/** What goes wrong between the simulator and the program that started it; never sent over a provider's wire. */
export class SimulatorError extends Error {
  override readonly name = 'SimulatorError';
  readonly code: SimulatorErrorCode;

  constructor(code: SimulatorErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
