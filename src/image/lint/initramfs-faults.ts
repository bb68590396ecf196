import { type Initramfs, readInitramfs } from "../initramfs/read.ts";
import { type FileBytes, openContent } from "../tree/tree.ts";
import type { TreeView } from "../tree/view.ts";
import { prepareRootConfig, prepareRootFiles } from "./bootc/baseimage-composefs.ts";
import type { Backend, Subject } from "./lint.ts";
import { readText } from "./read.ts";

/**
 * What keeps an initramfs from booting this kernel into the subject's backend. @throws Failure bad-initramfs (package),
 * program-missing (infrastructure).
 */
export async function initramfsFaults(
  file: FileBytes,
  version: string,
  subject: Subject,
): Promise<readonly string[]> {
  const initramfs = await readInitramfs(openContent(file), isPrepareRootFile);
  const faults = [...kernelFaults(initramfs, version), ...backendFaults(initramfs, subject.backend)];
  if (!hasPart(initramfs, "ostree")) return faults;
  return [
    ...faults,
    ...(await configFaults(initramfs, subject.view)),
    ...(await driverFaults(initramfs, version, subject.view)),
  ];
}

function isPrepareRootFile(path: string): boolean {
  return prepareRootFiles.includes(path);
}

function kernelFaults({ members }: Initramfs, version: string): readonly string[] {
  const versions = new Set(
    [...members.keys()]
      .map((path) => /^(?:usr\/)?lib\/modules\/([^/]+)\//.exec(path)?.[1])
      .filter((each) => each !== undefined),
  );
  const faults = members.has("init") ? [] : ["it has no /init"];
  if (versions.size > 0 && !versions.has(version))
    faults.push(`it is for the kernel ${[...versions].join(", ")}, not ${version}`);
  return faults;
}

/** What the dracut modules `ostree` and `51bootc` bring: a program, and a unit that runs it before the root is switched. */
const parts = {
  ostree: { program: "usr/lib/ostree/ostree-prepare-root", unit: "ostree-prepare-root.service" },
  bootc: { program: "usr/lib/bootc/initramfs-setup", unit: "bootc-root-setup.service" },
};

function backendFaults(initramfs: Initramfs, backend: Backend | null): readonly string[] {
  const fitting = backend === "ostree" ? (["ostree"] as const) : (["bootc", "ostree"] as const);
  const found = fitting.filter((part) => hasPart(initramfs, part));
  if (found.length === 0) {
    const programs = fitting.map((part) => `/${parts[part].program}`).join(" nor ");
    return [
      `it does not boot ${backend ?? "any"} backend: it has ${fitting.length > 1 ? "neither " : "no "}${programs}`,
    ];
  }
  if (found.some((part) => isEnabled(initramfs, parts[part].unit))) return [];
  return found.map(
    (part) => `nothing starts ${parts[part].unit}: its link in initrd-root-fs.target.wants is missing`,
  );
}

function hasPart(initramfs: Initramfs, part: keyof typeof parts): boolean {
  return hasMember(initramfs, parts[part].program);
}

function isEnabled({ members }: Initramfs, unit: string): boolean {
  const form = /^(?:etc|(?:usr\/)?lib)\/systemd\/system\/[^/]+\.(?:wants|requires)\/([^/]+)$/;
  return [...members.keys()].some((path) => form.exec(path)?.[1] === unit);
}

/** ostree-prepare-root reads the copy in the initramfs, and the image's file counts for nothing. */
async function configFaults({ members }: Initramfs, view: TreeView): Promise<readonly string[]> {
  for (const path of prepareRootFiles) {
    const text = await readText(view, path);
    if (text === null) continue;
    const copy = members.get(path)?.bytes?.toString();
    if (copy === undefined) return [`it has no copy of /${path}`];
    return copy === text ? [] : [`its copy of /${path} is another than the image's`];
  }
  return [];
}

/** Where composefs must be on, ostree needs these file systems, of the kernel or as modules. */
async function driverFaults(
  initramfs: Initramfs,
  version: string,
  view: TreeView,
): Promise<readonly string[]> {
  const wanted = (await prepareRootConfig(view))?.text("composefs", "enabled") ?? "no";
  if (!["yes", "true", "1", "signed", "verity"].includes(wanted)) return [];
  const builtIn = (await readText(view, `usr/lib/modules/${version}/modules.builtin`)) ?? "";
  const modules = `${builtIn}\n${[...initramfs.members.keys()].join("\n")}`;
  return ["erofs", "overlay"]
    .filter((name) => !new RegExp(`/${name}\\.ko(?:\\.\\w+)?$`, "m").test(modules))
    .map((name) => `it lacks the module ${name}, without which composefs cannot be mounted`);
}

function hasMember({ members }: Initramfs, path: string): boolean {
  return members.has(path) || (path.startsWith("usr/lib/") && members.has(path.slice("usr/".length)));
}
