/** The value of `promise`, or `late` when it takes longer than `maxWaitMs`. The wait keeps the process alive. */
export function within<T, Late>(promise: Promise<T>, maxWaitMs: number, late: Late): Promise<T | Late> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(late), maxWaitMs);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
