import { appendFileSync } from "node:fs";
import { asFailure } from "../../base/failure.ts";
import { backlogOf } from "./backlog.ts";
import { asciiMarks, richMarks } from "./draw-task.ts";
import { jsonRenderer } from "./json.ts";
import { liveRenderer } from "./live.ts";
import { plainRenderer } from "./plain.ts";
import type { Renderer } from "./renderer.ts";
import { chooseStyle } from "./style.ts";
import { workflowRenderer } from "./workflow.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface RendererChoice {
  readonly json: boolean;
  readonly volume: "quiet" | "normal" | "verbose";
  readonly color: "auto" | "always" | "never";
}

/** The renderer that fits what was asked for and where the output goes. It tells who reports when that is read too slowly. */
export function chooseRenderer(choice: RendererChoice, environment: Environment): Renderer {
  const { report, ...rest } = fittingRenderer(choice, environment);
  const backlog = backlogOf(choice.json ? process.stdout : process.stderr);
  return { ...rest, report: Object.assign(report, { backlog }) };
}

function fittingRenderer({ json, volume, color }: RendererChoice, environment: Environment): Renderer {
  const { stdout, stderr } = process;
  if (json) return jsonRenderer(stdout);
  const style = chooseStyle(color, stderr, environment);
  if (environment["GITHUB_ACTIONS"] === "true" || environment["FORGEJO_ACTIONS"] === "true") {
    return workflowRenderer({ stdout, stderr, style, volume, summary: summaryFile(environment) });
  }
  if (stderr.isTTY && environment["TERM"] !== "dumb" && volume === "normal") {
    const marks = isUtf8(environment) ? richMarks : asciiMarks;
    return liveRenderer({ screen: stderr, stdout, style, marks, verbose: false, now: Date.now });
  }
  return plainRenderer({ stdout, stderr, style, volume });
}

/** The file that a runner shows on the page of the job (GitHub's workflow commands, "Adding a job summary"). */
function summaryFile(environment: Environment): ((markdown: string) => void) | undefined {
  const path = environment["GITHUB_STEP_SUMMARY"] ?? "";
  if (path === "") return undefined;
  return (markdown) => {
    try {
      appendFileSync(path, markdown);
    } catch (thrown) {
      // The results are there all the same.
      process.stderr.write(`warning: The job's summary cannot be written: ${asFailure(thrown).message}\n`);
    }
  };
}

/** Whether the locale's character set is UTF-8 (locale(7): LC_ALL over LC_CTYPE over LANG). */
function isUtf8(environment: Environment): boolean {
  const locale = environment["LC_ALL"] || environment["LC_CTYPE"] || environment["LANG"] || "";
  return /utf-?8/i.test(locale);
}
