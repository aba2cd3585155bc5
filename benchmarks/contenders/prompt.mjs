// The same request for everybody.

export const system = 'You answer in one paragraph, without lists, for readers who know no physics.';

export const prompt = (call) =>
  `This is call ${call}. Why is the sky blue, and why is it red in the evening? Explain it in simple words, then give one ` +
  'example from everyday life where the same thing can be seen, and say where the explanation leaves something out.';

export const model = 'bench-1';
export const maxOutputTokens = 1024;
export const temperature = 0.2;

/** As it goes over the wire. */
export const chatBody = (call, stream) => ({
  model,
  messages: [
    { role: 'system', content: system },
    { role: 'user', content: prompt(call) },
  ],
  max_tokens: maxOutputTokens,
  temperature,
  ...(stream && { stream: true, stream_options: { include_usage: true } }),
});
