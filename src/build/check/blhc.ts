import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { type Check, type Ending, checkDirectory } from "./check.ts";
import { fileTar } from "./content.ts";
import type { Verdict } from "./outcome.ts";

const environment = { tool: "blhc", architecture: "engine" } as const;

/** blhc(1): whether the build's log shows each compiler called with the hardening flags. */
export const blhc: Check = {
  name: "blhc",
  environment,
  plan: async ({ name, log, architecture }) => {
    const { size } = await stat(log);
    const file = `${name}.build`;
    // What is written meanwhile does not belong to it.
    const content = () => createReadStream(log, { end: Math.max(0, size - 1) });
    return [
      {
        title: "blhc",
        environment,
        content: [fileTar([{ name: file, sizeBytes: size, content }])],
        argv: ["blhc", "--debian", "--line-numbers", "--arch", architecture, `${checkDirectory}/${file}`],
        user: "builder",
        judge: judgeBlhc,
      },
    ];
  },
};

/** blhc's exit code is a set of bits, blhc(1), EXIT STATUS. */
export function judgeBlhc({ exitCode, output }: Ending): Verdict {
  const has = (bit: number) => (exitCode & bit) !== 0;
  if (exitCode > 63 || has(2))
    return { status: "error", summary: `blhc itself failed with exit code ${exitCode}` };
  const missing = output.match(/^(?:\d+:)?[A-Z]+ (?:FLAGS )?(?:MISSING|missing) /gm)?.length ?? 0;
  if (has(8) || has(16))
    return {
      status: "fail",
      summary: `hardening flags are missing${missing > 1 ? ` in ${missing} places` : ""}`,
    };
  if (has(32)) return { status: "fail", summary: "cmake overrides the hardening flags" };
  if (has(4)) return { status: "warn", summary: "the build does not show its compiler commands" };
  if (has(1)) return { status: "none", summary: "the build called no compiler" };
  return { status: "pass", summary: "no hardening flag is missing" };
}
