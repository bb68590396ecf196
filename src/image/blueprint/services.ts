import type { ServicePlan } from "../plan.ts";
import { sorted } from "./part.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";

const lists = ["enabled", "disabled", "masked"] as const;

/**
 * Units by their whole names: those of the definition, and those that other parts need enabled.
 * @throws Failure definition-conflict, definition-invalid-value (usage).
 */
export function servicesOf({ blueprint, place }: Definition, needed: readonly string[]): ServicePlan {
  const { services } = blueprint.customizations;
  const seen = new Map<string, string>();
  for (const list of lists) {
    for (const [index, written] of services[list].entries()) {
      const path = ["customizations", "services", list, String(index)];
      const unit = unitName(written);
      const debians = debianNames[unit];
      if (debians !== undefined) {
        throw problem(place, path, {
          code: "definition-invalid-value",
          message: `Debian calls the unit ${unit} otherwise`,
          hint: `Write ${debians}: presets do not know other names of a unit.`,
        });
      }
      const before = seen.get(unit);
      if (before !== undefined && before !== list) {
        throw problem(place, path, {
          code: "definition-conflict",
          message: `${unit} is both ${before} and ${list}`,
          hint: "Leave it in one of the lists.",
        });
      }
      seen.set(unit, list);
    }
  }
  const of = (list: (typeof lists)[number]) => services[list].map(unitName);
  const asked = needed.filter((unit) => !seen.has(unit));
  return {
    enabled: sorted([...of("enabled"), ...asked]),
    disabled: sorted(of("disabled")),
    masked: sorted(of("masked")),
  };
}

const unitTypes = /\.(?:service|socket|target|device|mount|automount|swap|path|timer|slice|scope)$/;

/** A unit's whole name: what has no type is a service, as systemctl takes it. */
export function unitName(written: string): string {
  return unitTypes.test(written) ? written : `${written}.service`;
}

/** Fedora's units, which osbuild's blueprints name, in Debian's words. */
const debianNames: Readonly<Record<string, string>> = {
  "sshd.service": "ssh",
  "crond.service": "cron",
  "httpd.service": "apache2",
  "chronyd.service": "chrony",
};
