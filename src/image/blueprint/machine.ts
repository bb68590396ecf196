import { architecture, architectures, debianArchitectureOfMachine } from "../../debian/architecture.ts";
import { nearest } from "../../base/nearest.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";

/** What bootc images run on. */
export interface Machine {
  /** Debian's name. */
  readonly name: string;
  /** What bootc's `match-architectures` calls it (Rust's std::env::consts::ARCH). */
  readonly bootc: string;
  /** Debian's packages of kernels by what a definition calls them. */
  readonly kernels: Readonly<Partial<Record<"generic" | "cloud" | "rt", string>>>;
  /** Whether systemd-boot is packaged for it. */
  readonly hasSystemdBoot: boolean;
}

/** The architecture that a definition names, in Debian's words; null when it names none. @throws Failure definition-conflict, unknown-architecture (usage). */
export function architectureOf({ blueprint, place }: Definition): string | null {
  const { architecture: name, arch } = blueprint;
  if (name !== undefined && arch !== undefined && name !== arch) {
    throw problem(place, ["arch"], {
      code: "definition-conflict",
      message: `arch is ${arch}, but architecture is ${name}`,
      hint: "They mean the same: leave one out.",
    });
  }
  const written = name ?? arch;
  if (written === undefined) return null;
  const names = architectures.map((each) => each.name);
  const known = names.find((each) => each === written) ?? debianArchitectureOfMachine(written);
  if (known !== null) return known;
  const near = nearest(written, names);
  throw problem(place, [name === undefined ? "arch" : "architecture"], {
    code: "unknown-architecture",
    message: `${written} is not an architecture debkiln knows`,
    hint: near === null ? `Known are ${names.join(", ")}.` : `Did you mean ${near}?`,
  });
}

/** @throws Failure image-architecture (usage) for one that no bootc image can be made for. */
export function machineOf(name: string, definition: Definition): Machine {
  const found = machines.find((each) => each.name === architecture(name).name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    architectures.map((each) => each.name).filter((each) => machines.some((m) => m.name === each)),
  );
  throw problem(definition.place, ["architecture"], {
    code: "image-architecture",
    message: `there are no bootc images for ${name}`,
    hint:
      near === null
        ? `There are for ${machines.map((each) => each.name).join(", ")}.`
        : `Did you mean ${near}?`,
  });
}

const machines: readonly Machine[] = [
  {
    name: "amd64",
    bootc: "x86_64",
    kernels: kernels("amd64", "cloud-amd64", "rt-amd64"),
    hasSystemdBoot: true,
  },
  {
    name: "arm64",
    bootc: "aarch64",
    kernels: kernels("arm64", "cloud-arm64", "rt-arm64"),
    hasSystemdBoot: true,
  },
  { name: "riscv64", bootc: "riscv64", kernels: kernels("riscv64"), hasSystemdBoot: true },
  { name: "loong64", bootc: "loongarch64", kernels: kernels("loong64"), hasSystemdBoot: true },
  { name: "ppc64el", bootc: "powerpc64", kernels: kernels("powerpc64le"), hasSystemdBoot: false },
  { name: "s390x", bootc: "s390x", kernels: kernels("s390x"), hasSystemdBoot: false },
];

function kernels(generic: string, cloud?: string, rt?: string): Machine["kernels"] {
  return {
    generic: `linux-image-${generic}`,
    ...(cloud === undefined ? {} : { cloud: `linux-image-${cloud}` }),
    ...(rt === undefined ? {} : { rt: `linux-image-${rt}` }),
  };
}
