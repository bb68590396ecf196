import { formatToml } from "../../base/toml.ts";
import type { PlannedEntry } from "../plan.ts";
import type { Machine } from "./machine.ts";
import { textFile } from "./part.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";

/** Kernel arguments: as files for bootc, and in one list as a unified kernel image has them. */
export interface KernelArguments {
  readonly entries: readonly PlannedEntry[];
  readonly list: readonly string[];
}

/** @throws Failure definition-invalid-value, definition-conflict (usage). */
export function kernelArguments(definition: Definition, machine: Machine): KernelArguments {
  const { blueprint, place } = definition;
  const own = [...appended(definition), ...blueprint.bootc.kargs];
  const files = blueprint.bootc.kargs_d;
  const double = files.findIndex(
    ({ name }, at) => name === ownName || files.findIndex((each) => each.name === name) < at,
  );
  if (double !== -1) {
    throw problem(place, ["bootc", "kargs_d", String(double), "name"], {
      code: "definition-conflict",
      message: `there are two files ${files[double]?.name}.toml in /usr/lib/bootc/kargs.d`,
      hint: `Give it a name of its own; ${ownName} has what bootc.kargs and customizations.kernel.append say.`,
    });
  }
  return {
    entries: [
      ...(own.length === 0 ? [] : [kargsFile(ownName, { kargs: own }, "bootc.kargs")]),
      ...files.map(({ name, ...content }) => kargsFile(name, content, "bootc.kargs_d")),
    ],
    list: [
      ...own,
      ...files.flatMap(({ kargs, "match-architectures": only }) =>
        only === undefined || only.some((each) => each === machine.bootc) ? kargs : [],
      ),
    ],
  };
}

const ownName = "10-image";

function kargsFile(name: string, content: Readonly<Record<string, unknown>>, from: string): PlannedEntry {
  return textFile(`/usr/lib/bootc/kargs.d/${name}.toml`, formatToml(content), from);
}

/** White space in double quotes does not separate arguments (Linux, kernel-parameters). */
function appended({ blueprint, place }: Definition): readonly string[] {
  const { append } = blueprint.customizations.kernel;
  if ((append.match(/"/g)?.length ?? 0) % 2 === 0) return append.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  throw problem(place, ["customizations", "kernel", "append"], {
    code: "definition-invalid-value",
    message: "customizations.kernel.append has a quote that is not closed",
    hint: "White space in an argument stands in double quotes.",
  });
}
