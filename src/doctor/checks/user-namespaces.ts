import { rootFix } from "../commands.ts";
import type { Facts } from "../facts.ts";
import { ok } from "../finding.ts";
import type { Check } from "./check.ts";

/** What keeps ordinary users from making user namespaces: Ubuntu's AppArmor limit (since 23.10) and two sysctls. */
export const userNamespaces: Check = (facts) => {
  if (facts.account.uid === 0) return null;
  const settings = obstacles(facts);
  if (settings.length === 0) return ok("Ordinary users may make user namespaces");
  return {
    status: "error",
    message: `Ordinary users may not make user namespaces (${settings.map(({ key }) => key).join(", ")})`,
    why: "Rootless containers live in user namespaces; podman fails with a permission error.",
    fix: rootFix(facts, [
      ...settings.map(({ key, value }) => `sysctl -w ${key}=${value}`),
      { path: "/etc/sysctl.d/60-debkiln.conf", lines: settings.map(({ key, value }) => `${key} = ${value}`) },
    ]),
  };
};

function obstacles({ sysctl }: Facts): readonly { readonly key: string; readonly value: number }[] {
  return [
    ...(sysctl.appArmorRestrictsUserns && !sysctl.podmanProfile
      ? [{ key: "kernel.apparmor_restrict_unprivileged_userns", value: 0 }]
      : []),
    ...(sysctl.unprivilegedUsernsClone ? [] : [{ key: "kernel.unprivileged_userns_clone", value: 1 }]),
    ...(sysctl.maxUserNamespaces === null || sysctl.maxUserNamespaces > 0
      ? []
      : [{ key: "user.max_user_namespaces", value: 28_633 }]),
  ];
}
