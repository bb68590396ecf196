import { z } from "zod";
import { parseToml } from "../../../base/toml.ts";
import { asFailure } from "../../../base/failure.ts";
import { malformed } from "../../host-files/malformed.ts";
import type { Lint } from "../lint.ts";
import { readDropIns } from "../read.ts";

export const kargsDirectory = "usr/lib/bootc/kargs.d";

/** A file of kernel arguments (bootc's book, "Kernel arguments"). Unknown keys are errors there, too. */
export const KernelArguments = z.strictObject({
  kargs: z.array(z.string()),
  "match-architectures": z.array(z.string()).optional(),
});

/** A file of kernel arguments that bootc cannot read stops its installation and updates. */
export const bootcKargs: Lint = {
  name: "bootc-kargs",
  type: "fatal",
  origin: "bootc",
  description:
    "Every file *.toml in /usr/lib/bootc/kargs.d has a list kargs, maybe match-architectures, and no other key.",
  hint: 'Write kargs = ["one", "another"]; in a definition, [bootc] kargs does it.',
  check: async ({ view }) => {
    for (const [name, text] of await readDropIns(view, kargsDirectory, ".toml"))
      parseKernelArguments(name, text);
    return null;
  },
};

/** @throws Failure bad-host-file (package), with bootc's words and the reason as its hint. */
export function parseKernelArguments(name: string, text: string): z.infer<typeof KernelArguments> {
  const parsed = KernelArguments.safeParse(tomlOf(name, text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw malformed(
    `Parsing ${name}`,
    `Mend /${kargsDirectory}/${name}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`,
  );
}

function tomlOf(name: string, text: string): unknown {
  try {
    return parseToml(text, name).values;
  } catch (thrown) {
    throw malformed(`Parsing ${name}`, `Mend /${kargsDirectory}/${name}: ${asFailure(thrown).message}`);
  }
}
