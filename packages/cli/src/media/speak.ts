import { extname } from 'node:path';
import type { AudioPart, SpeakInput } from '@vibe/core';
import { type CallFlags, callOf } from '../generate/flags.js';
import { readPrompt } from '../generate/prompt.js';
import type { Session } from '../session.js';
import { mediaCall } from './call.js';
import { bytesOf, noResult } from './media-bytes.js';
import { assertPlace, writeResult } from './output-file.js';

export interface SpeakFlags extends CallFlags {
  readonly output?: string;
  readonly voice?: string;
  readonly format?: NonNullable<SpeakInput['format']>;
}

/** `llm speak TEXT -o FILE`: a text as sound. */
export async function speak(session: Session, words: readonly string[], flags: SpeakFlags): Promise<number> {
  const { output, voice, dryRun } = flags;
  if (dryRun !== true) await assertPlace(session, output, 'llm speak "Good morning" -o morning.wav');
  const text = await readPrompt(words, session, ['llm speak "Good morning" -o morning.wav']);
  const format = flags.format ?? formatOf(output);
  const request: SpeakInput = {
    ...callOf(flags),
    text,
    ...(voice !== undefined && { voice }),
    ...(format !== null && { format }),
    signal: session.world.signal,
  };
  return mediaCall(session, flags, {
    doing: 'speaking',
    schema: 'vibe.speak/1',
    call: ({ vibe }) => vibe.speak(request),
    take: async ({ content }) => {
      const audio = content.find((part): part is AudioPart => part.type === 'audio');
      if (audio === undefined) throw noResult('sound');
      const bytes = bytesOf(audio);
      if (bytes === null) await session.out.write(`${String(audio.data)}\n`);
      return { file: bytes === null ? null : await writeResult(session, output, bytes) };
    },
  });
}

/** The name of the file says what should be in it. */
function formatOf(file: string | undefined): NonNullable<SpeakFlags['format']> | null {
  const extension = extname(file ?? '')
    .slice(1)
    .toLowerCase();
  return extension === 'wav' || extension === 'mp3' || extension === 'pcm' ? extension : null;
}
