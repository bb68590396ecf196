import { jsonRenderer } from "./json.ts";
import { plainRenderer } from "./plain.ts";
import type { Renderer } from "./renderer.ts";
import { chooseStyle } from "./style.ts";

export interface RendererChoice {
  readonly json: boolean;
  readonly volume: "quiet" | "normal" | "verbose";
  readonly color: "auto" | "always" | "never";
}

/** The renderer that fits what was asked for and where the output goes. */
export function chooseRenderer(
  choice: RendererChoice,
  environment: Readonly<Record<string, string | undefined>>,
): Renderer {
  const { stdout, stderr } = process;
  if (choice.json) return jsonRenderer(stdout);
  const style = chooseStyle(choice.color, stderr, environment);
  return plainRenderer({ stdout, stderr, style, volume: choice.volume });
}
