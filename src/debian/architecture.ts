import { Failure } from "../base/failure.ts";
import { nearest } from "../base/nearest.ts";

/** A Debian architecture and its names elsewhere. */
export interface Architecture {
  readonly name: string;
  /** The GNU system type, as in DEB_HOST_GNU_TYPE. */
  readonly gnu: string;
  /** The library directory's name, as in DEB_HOST_MULTIARCH. */
  readonly multiarch: string;
  /** OCI's platform (Go's GOARCH and image-spec's variants). */
  readonly oci: { readonly architecture: string; readonly variant?: string };
  /** The name under which qemu-user is registered in binfmt_misc. */
  readonly qemu: string;
  /** What `uname -m` says on it. */
  readonly machines: readonly string[];
  readonly bits: 32 | 64;
  readonly endian: "little" | "big";
  /** dpkg's tuple, tupletable(5): what wildcards are matched against. */
  readonly tuple: readonly [abi: string, libc: string, os: string, cpu: string];
}

/** The architecture of that Debian name. Raises `unknown-architecture`. */
export function architecture(name: string): Architecture {
  const found = byName.get(name);
  if (found !== undefined) return found;
  const near = nameOfMachine(name) ?? nearest(name, byName.keys());
  throw new Failure(
    "usage",
    "unknown-architecture",
    `${JSON.stringify(name)} is not an architecture debkiln knows`,
    {
      hint: near === null ? `Known are ${byName.keys().toArray().join(", ")}.` : `Did you mean ${near}?`,
      details: { name },
    },
  );
}

/** The Debian name of what the kernel, GNU or OCI call so, for hints. */
function nameOfMachine(name: string): string | null {
  const found = architectures.find(
    ({ gnu, oci, machines }) => gnu === name || oci.architecture === name || machines.includes(name),
  );
  return found?.name ?? null;
}

/** The Debian name for an OCI platform, or null when it has none. */
export function debianArchitectureOf(architecture: string, variant?: string): string | null {
  const fitting = architectures.filter(({ oci }) => oci.architecture === architecture);
  const exact = fitting.find(({ oci }) => oci.variant !== undefined && oci.variant === variant);
  if (architecture !== "arm") return fitting[0]?.name ?? null;
  return (
    exact?.name ??
    (variant === "v6"
      ? "armel"
      : variant === undefined || variant === "" || variant === "v8"
        ? "armhf"
        : null)
  );
}

/** The Debian name for what `uname -m` (and docker's info) says, or null when it has none. */
export function debianArchitectureOfMachine(machine: string): string | null {
  return architectures.find(({ machines }) => machines.includes(machine))?.name ?? null;
}

/**
 * Whether a name is what an architecture or wildcard of the control fields means: `dpkg-architecture -a NAME -i
 * WILDCARD`. Names outside the table only match themselves and `any`.
 */
export function matchesArchitecture(name: string, wildcard: string): boolean {
  if (wildcard === name || wildcard === "any") return true;
  const own = byName.get(name)?.tuple;
  const wanted = tupleOf(wildcard);
  if (own === undefined || wanted === null) return false;
  return wanted.every((part, i) => part === "any" || part === own[i]);
}

/** Whether programs of one architecture surely run on the processor of another, without qemu. */
export function runsNatively(host: string, target: string): boolean {
  return host === target || runsToo.get(host) === target;
}

/** Whether they run on some processors of that architecture: many arm64 ones have no 32-bit mode. */
export function mayRunNatively(host: string, target: string): boolean {
  return runsNatively(host, target) || (host === "arm64" && ["armhf", "armel"].includes(target));
}

const runsToo: ReadonlyMap<string, string> = new Map([
  ["amd64", "i386"],
  ["armhf", "armel"],
]);

const gnuLinux = ["base", "gnu", "linux"] as const;

const amd64: Architecture = {
  name: "amd64",
  gnu: "x86_64-linux-gnu",
  multiarch: "x86_64-linux-gnu",
  oci: { architecture: "amd64" },
  qemu: "qemu-x86_64",
  machines: ["x86_64", "amd64"],
  bits: 64,
  endian: "little",
  tuple: [...gnuLinux, "amd64"],
};

const arm64: Architecture = {
  name: "arm64",
  gnu: "aarch64-linux-gnu",
  multiarch: "aarch64-linux-gnu",
  oci: { architecture: "arm64" },
  qemu: "qemu-aarch64",
  machines: ["aarch64", "arm64"],
  bits: 64,
  endian: "little",
  tuple: [...gnuLinux, "arm64"],
};

const armhf: Architecture = {
  name: "armhf",
  gnu: "arm-linux-gnueabihf",
  multiarch: "arm-linux-gnueabihf",
  oci: { architecture: "arm", variant: "v7" },
  qemu: "qemu-arm",
  machines: ["armv7l", "armv8l"],
  bits: 32,
  endian: "little",
  tuple: ["eabihf", "gnu", "linux", "arm"],
};

const armel: Architecture = {
  name: "armel",
  gnu: "arm-linux-gnueabi",
  multiarch: "arm-linux-gnueabi",
  oci: { architecture: "arm", variant: "v5" },
  qemu: "qemu-arm",
  machines: ["armv5tel", "armv5tejl", "armv6l"],
  bits: 32,
  endian: "little",
  tuple: ["eabi", "gnu", "linux", "arm"],
};

const i386: Architecture = {
  name: "i386",
  gnu: "i686-linux-gnu",
  multiarch: "i386-linux-gnu",
  oci: { architecture: "386" },
  qemu: "qemu-i386",
  machines: ["i686", "i586", "i486", "i386"],
  bits: 32,
  endian: "little",
  tuple: [...gnuLinux, "i386"],
};

const riscv64: Architecture = {
  name: "riscv64",
  gnu: "riscv64-linux-gnu",
  multiarch: "riscv64-linux-gnu",
  oci: { architecture: "riscv64" },
  qemu: "qemu-riscv64",
  machines: ["riscv64"],
  bits: 64,
  endian: "little",
  tuple: [...gnuLinux, "riscv64"],
};

const ppc64el: Architecture = {
  name: "ppc64el",
  gnu: "powerpc64le-linux-gnu",
  multiarch: "powerpc64le-linux-gnu",
  oci: { architecture: "ppc64le" },
  qemu: "qemu-ppc64le",
  machines: ["ppc64le"],
  bits: 64,
  endian: "little",
  tuple: [...gnuLinux, "ppc64el"],
};

const s390x: Architecture = {
  name: "s390x",
  gnu: "s390x-linux-gnu",
  multiarch: "s390x-linux-gnu",
  oci: { architecture: "s390x" },
  qemu: "qemu-s390x",
  machines: ["s390x"],
  bits: 64,
  endian: "big",
  tuple: [...gnuLinux, "s390x"],
};

const loong64: Architecture = {
  name: "loong64",
  gnu: "loongarch64-linux-gnu",
  multiarch: "loongarch64-linux-gnu",
  oci: { architecture: "loong64" },
  qemu: "qemu-loongarch64",
  machines: ["loongarch64"],
  bits: 64,
  endian: "little",
  tuple: [...gnuLinux, "loong64"],
};

const mips64el: Architecture = {
  name: "mips64el",
  gnu: "mips64el-linux-gnuabi64",
  multiarch: "mips64el-linux-gnuabi64",
  oci: { architecture: "mips64le" },
  qemu: "qemu-mips64el",
  machines: ["mips64"],
  bits: 64,
  endian: "little",
  tuple: ["abi64", "gnu", "linux", "mips64el"],
};

/** Debian's and its ports' architectures that debkiln builds for. */
export const architectures: readonly Architecture[] = [
  amd64,
  arm64,
  armhf,
  armel,
  i386,
  riscv64,
  ppc64el,
  s390x,
  loong64,
  mips64el,
];

const byName: ReadonlyMap<string, Architecture> = new Map(architectures.map((each) => [each.name, each]));

/** dpkg reads `linux-any` from the right: missing parts at the left are `any`. */
function tupleOf(wildcard: string): readonly string[] | null {
  const parts = wildcard.split("-");
  if (!parts.includes("any")) return byName.get(wildcard.replace(/^linux-/, ""))?.tuple ?? null;
  if (parts.length > 4) return null;
  return [...Array.from({ length: 4 - parts.length }, () => "any"), ...parts];
}
