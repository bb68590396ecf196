import type { Machine } from "./machine.ts";
import { isFor } from "./packages.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";

/**
 * The package of the one kernel that an image has: what customizations.kernel.name says, else the kernel among the
 * packages, else Debian's for any machine. @throws Failure two-kernels, definition-invalid-value (usage).
 */
export function kernelPackage(definition: Definition, machine: Machine): string {
  const { blueprint, place } = definition;
  const listed = [...blueprint.packages, ...blueprint.modules]
    .filter(isFor(machine))
    .map(({ name }) => name)
    .filter(isKernel);
  const { name } = blueprint.customizations.kernel;
  const chosen =
    name === undefined
      ? (listed[0] ?? flavour("generic", definition, machine))
      : flavour(name, definition, machine);
  const other = listed.find((each) => each !== chosen);
  if (other === undefined) return chosen;
  const at = ["packages", "modules"].flatMap((list) =>
    blueprint[list === "packages" ? "packages" : "modules"].map((each, index) => ({
      each,
      path: [list, String(index)],
    })),
  );
  throw problem(place, at.find(({ each }) => each.name === other)?.path ?? ["packages"], {
    code: "two-kernels",
    message: `the image would have two kernels, ${chosen} and ${other}`,
    hint: `bootc takes exactly one: leave ${other} out, or name it in customizations.kernel.name.`,
  });
}

function flavour(name: string, { place }: Definition, { name: architecture, kernels }: Machine): string {
  if (name !== "generic" && name !== "cloud" && name !== "rt") return name;
  const found = kernels[name];
  if (found !== undefined) return found;
  throw problem(place, ["customizations", "kernel", "name"], {
    code: "definition-invalid-value",
    message: `Debian has no ${name} kernel for ${architecture}`,
    hint: `There is: ${Object.keys(kernels).join(", ")}.`,
  });
}

function isKernel(name: string): boolean {
  return name.startsWith("linux-image-") && !name.endsWith("-dbg") && !name.endsWith("-template");
}
