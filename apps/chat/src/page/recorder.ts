const sampleRate = 16_000;
/** Longer ones are ended: speech models take a few minutes at once. */
const maxSeconds = 120;

/** How often something that was recorded arrives. */
const chunkMs = 250;

/**
 * Records from the microphone until `stop` is aborted, and resolves with a WAV file. `progress` hears how many seconds
 * there are. Rejects when the browser or the user does not allow it, and when nothing was recorded.
 */
export async function record(stop: AbortSignal, progress: (seconds: number) => void): Promise<Blob> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream);
  const chunks: Blob[] = [];
  recorder.ondataavailable = ({ data }) => {
    if (data.size === 0) return;
    chunks.push(data);
    progress((chunks.length * chunkMs) / 1000);
  };
  const ended = new Promise<void>((resolve) => recorder.addEventListener('stop', () => resolve(), { once: true }));
  const end = () => recorder.state !== 'inactive' && recorder.stop();
  const timer = setTimeout(end, maxSeconds * 1000);
  stop.addEventListener('abort', end, { once: true });
  recorder.start(chunkMs);
  if (stop.aborted) end();
  await ended;
  clearTimeout(timer);
  for (const track of stream.getTracks()) track.stop();
  return wav(new Blob(chunks, { type: recorder.mimeType }));
}

/** What browsers record is WebM, whose length nobody can see; a WAV file says how long it is, so its price is known. */
async function wav(recorded: Blob): Promise<Blob> {
  // Decoding takes over the sample rate of its context.
  const context = new OfflineAudioContext(1, 1, sampleRate);
  const samples = (await context.decodeAudioData(await recorded.arrayBuffer())).getChannelData(0);
  return new Blob([header(samples.length * 2), pcm(samples)], { type: 'audio/wav' });
}

function pcm(samples: Float32Array): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(samples.length * 2));
  for (const [at, sample] of samples.entries()) view.setInt16(at * 2, Math.max(-1, Math.min(1, sample)) * 0x7fff, true);
  return view.buffer;
}

/** Of 16-bit mono PCM. */
function header(dataBytes: number): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(44));
  const text = (at: number, words: string) =>
    [...words].forEach((word, i) => void view.setUint8(at + i, word.charCodeAt(0)));
  text(0, 'RIFF');
  view.setUint32(4, 36 + dataBytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, dataBytes, true);
  return view.buffer;
}
