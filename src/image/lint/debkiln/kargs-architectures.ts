import { Failure } from "../../../base/failure.ts";
import { kargsDirectory, parseKernelArguments } from "../bootc/bootc-kargs.ts";
import { type Lint, complaintOf } from "../lint.ts";
import { readDropIns } from "../read.ts";

/** Rust's names of architectures (std::env::consts::ARCH), by Debian's. */
const names = new Map([
  ["amd64", "x86_64"],
  ["i386", "x86"],
  ["arm64", "aarch64"],
  ["armhf", "arm"],
  ["ppc64el", "powerpc64"],
  ["s390x", "s390x"],
  ["riscv64", "riscv64"],
  ["loong64", "loongarch64"],
]);

/** bootc compares with Rust's names and passes over, without a word, what is for another architecture. */
export const kargsArchitectures: Lint = {
  name: "kargs-architectures",
  type: "warning",
  origin: "debkiln",
  description: "match-architectures in /usr/lib/bootc/kargs.d has names that bootc knows, such as x86_64.",
  hint: `bootc's names are ${[...names.values()].join(", ")}.`,
  check: async ({ view }) => {
    const files = await readDropIns(view, kargsDirectory, ".toml");
    const items = files.flatMap(([file, text]) =>
      architecturesOf(file, text)
        .filter((name) => ![...names.values()].includes(name))
        .map((name) => `${file}: ${name}${names.has(name) ? ` (bootc's name is ${names.get(name)})` : ""}`),
    );
    return complaintOf([
      { header: "Found kernel arguments for architectures that bootc does not know", items },
    ]);
  },
};

/** None of a file that is broken: that is what bootc-kargs is about. */
function architecturesOf(file: string, text: string): readonly string[] {
  try {
    return parseKernelArguments(file, text)["match-architectures"] ?? [];
  } catch (thrown) {
    if (thrown instanceof Failure) return [];
    throw thrown;
  }
}
