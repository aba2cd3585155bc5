/** What simulated answers are made of. Some sentences hold characters of two, three and four bytes on purpose. */
export const answerSentences: readonly string[] = [
  'Short answer: it depends on the light, and a little on the coffee.',
  'Think of it as a river that splits around a stone and meets itself again downstream.',
  'Most of what happens here is small, regular and surprisingly patient.',
  'If you look closely, the pattern repeats at every scale — first in the large, then in the detail.',
  'There are three parts to this: what goes in, what comes out, and what is kept on the way.',
  'The first part is easy to measure; the second one only looks easy.',
  'A useful test is to change one thing at a time and to write down what moved.',
  'Nothing in this paragraph was looked up, so please do not quote it in a thesis.',
  'In a quiet café in Zürich somebody once explained this with two spoons and a saucer.',
  'The old word for it, 天空, simply means the open sky.',
  'When the numbers agree twice in a row, it is usually safe to go on.',
  'Shorter waves scatter more than longer ones, which is why the edges look the way they do.',
  'Engineers like this answer because it fits on the back of an envelope.',
  'A good rule of thumb: keep the promise small and the proof smaller.',
  'You can try it at home with a glass of water, a torch and a drop of milk.',
  'The rest follows from there, step by step, without any further magic. ✨',
  'On a clear day the effect is strongest straight overhead.',
  'What looks like an exception is often the rule seen from the other side.',
  'Half of the work is naming things well; the other half is leaving them alone.',
  'The cost of being wrong is low here, so guess first and check afterwards.',
  'Everything else — the colours, the edges, the small delays — is decoration.',
  'It has been tried in winter and in summer, with the same result at 20 °C and at −5 °C.',
];

/** What simulated reasoning is made of. */
export const reasoningSentences: readonly string[] = [
  'The user wants a clear answer, so let me start with what is being asked.',
  'First I should separate the question from its example.',
  'There are two readings; the simpler one fits better.',
  'Let me check the obvious case before the general one.',
  'That holds, so the general case needs only one more step.',
  'A short explanation is better than a complete one here.',
  'I will keep the order: cause, effect, example.',
  'One detail could mislead, so I will say it plainly.',
  'Now I can write the answer.',
];
