/**
 * How a model thinks, by its id, so that models which no manifest names are treated well too. Facts: commercial models up
 * to qwen3 think only when asked; open-weight hybrids unless told not to; `-thinking`, qwq and qvq always; qwen3.8-max
 * always too, with efforts instead of a switch. From qwen3.5 on thinking is on by default (Qwen Cloud's and Tencent's
 * guides to qwen3.5-plus and -flash, 2026).
 */
export type ThinkingStyle = 'never' | 'on_request' | 'by_default' | 'always' | 'effort';

const styles: readonly (readonly [RegExp, ThinkingStyle])[] = [
  [/^qwen3\.8-max/, 'effort'],
  [/-thinking|^qwq|^qvq/, 'always'],
  [/coder|-instruct|^qwen-(max|long|vl|mt|math|omni)/, 'never'],
  [/^qwen3-\d|^qwen3\.\d+-|^qwen[4-9]/, 'by_default'],
  [/^qwen-(plus|flash|turbo)|^qwen3-/, 'on_request'],
];

export function thinkingStyle(modelId: string): ThinkingStyle {
  return styles.find(([pattern]) => pattern.test(modelId))?.[1] ?? 'never';
}
