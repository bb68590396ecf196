import { architecture, debianArchitectureOf, debianArchitectureOfMachine } from "../debian/architecture.ts";

/** Debian's name of the architecture that an engine writes in either of its ways (engines.md 14); its own when unknown. */
export function debianNameOf(name: string, variant?: string | null): string {
  return debianArchitectureOf(name, variant ?? undefined) ?? debianArchitectureOfMachine(name) ?? name;
}

/** The engine API's `platform` of a Debian architecture, such as `linux/arm/v7`. @throws Failure unknown-architecture. */
export function platformOf(debian: string): string {
  const { oci } = architecture(debian);
  return ["linux", oci.architecture, ...(oci.variant === undefined ? [] : [oci.variant])].join("/");
}
