import type { TranscribeInput } from '@vibe/core';
import { readAudio } from '../generate/attachments.js';
import { type CallFlags, callOf } from '../generate/flags.js';
import { writeAnswer } from '../generate/run.js';
import type { Session } from '../session.js';
import { mediaCall } from './call.js';
import { sizeText } from './output-file.js';

export interface TranscribeFlags extends CallFlags {
  readonly language?: string;
}

/** `llm transcribe FILE`: the words of a recording on stdout. */
export async function transcribe(session: Session, file: string, flags: TranscribeFlags): Promise<number> {
  const audio = await readAudio(session, file);
  const { language } = flags;
  const request: TranscribeInput = {
    ...callOf(flags),
    audio,
    ...(language !== undefined && { language }),
    signal: session.world.signal,
  };
  const size = audio.type === 'audio' && audio.data instanceof Uint8Array ? ` (${sizeText(audio.data.length)})` : '';
  return mediaCall(session, flags, {
    doing: `sending ${file}${size} and listening`,
    schema: 'vibe.transcribe/1',
    call: ({ vibe }) => vibe.transcribe(request),
    take: async ({ text }) => {
      if (session.flags.json !== true) await writeAnswer(session, text);
      return {};
    },
  });
}
