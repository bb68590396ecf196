import { posix } from "node:path";
import type { PlannedEntry } from "../plan.ts";
import type { Inputs } from "./inputs.ts";
import { type Part, lines, sorted, textFile } from "./part.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";

/**
 * Files and directories of the definition. Directories below /var are made on hosts, by tmpfiles.d(5).
 * @throws Failure file-under-var, definition-invalid-value, definition-conflict (usage).
 */
export function filePart(definition: Definition, inputs: Inputs): Part {
  const { files, directories } = definition.blueprint.customizations;
  for (const [index, { path }] of files.entries()) checkFilePath(definition, index, path);
  for (const [index, { path }] of directories.entries())
    checkPlace(definition, ["customizations", "directories", String(index)], path);
  const kept = directories.filter(({ path }) => !isBelow("/var", path));
  const made = directories.filter(({ path }) => isBelow("/var", path));
  const from = "customizations.directories";
  return {
    entries: [
      ...kept.map(({ path, mode, user, group }): PlannedEntry => ({
        type: "directory",
        path,
        mode: octal(mode),
        user,
        group,
        from,
      })),
      ...(made.length === 0
        ? []
        : [
            textFile(
              "/usr/lib/tmpfiles.d/50-image-directories.conf",
              lines(
                ...sorted(
                  made.map(
                    ({ path, mode, user, group }) =>
                      `d ${quoted(path)} ${mode.padStart(4, "0")} ${user} ${group} -`,
                  ),
                ),
              ),
              from,
            ),
          ]),
      ...files.map((file): PlannedEntry => {
        const { path, user, group } = file;
        const mode = octal(file.mode);
        if (file.uri === undefined)
          return textFile(path, file.data ?? "", "customizations.files", { mode, user, group });
        const { path: local, sizeBytes, digest } = inputs.file(file.uri);
        return {
          type: "file",
          path,
          mode,
          user,
          group,
          from: "customizations.files",
          sizeBytes,
          digest,
          content: { from: "file", file: local, offset: 0 },
        };
      }),
    ],
  };
}

function octal(mode: string): number {
  return Number.parseInt(mode, 8);
}

function quoted(path: string): string {
  return `"${path.replaceAll("%", "%%").replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

function isBelow(directory: string, path: string): boolean {
  return path.startsWith(`${directory}/`);
}

/** Where hosts have something of their own, and what to do instead. */
const elsewhere: readonly (readonly [directory: string, why: string, hint: string])[] = [
  [
    "/home",
    "/home is in /var, which is each host's own",
    "Let customizations.user have a home, and put what every home is to have into /etc/skel.",
  ],
  [
    "/root",
    "/root is in /var, which is each host's own",
    "Put configuration into /etc, and SSH keys into customizations.sshkey.",
  ],
  ["/srv", "/srv is in /var, which is each host's own", "Put it below /usr/share, or seed it as for /var."],
  ["/mnt", "/mnt is each host's own", "Choose a place in /usr or /etc."],
  ["/media", "/media is each host's own", "Choose a place in /usr or /etc."],
  [
    "/boot",
    "the image's /boot is empty: bootc fills each host's own",
    "Kernel arguments are bootc.kargs; the boot loader's settings are bootc.install.",
  ],
  ["/run", "/run is made anew at each boot", "Make it by a file in /usr/lib/tmpfiles.d."],
  ["/tmp", "/tmp is made anew at each boot", "Choose a place in /usr."],
  ["/dev", "/dev is the kernel's", "Make it by a file in /usr/lib/tmpfiles.d."],
  ["/proc", "/proc is the kernel's", "Settings go into /usr/lib/sysctl.d."],
  ["/sys", "/sys is the kernel's", "Make it by a file in /usr/lib/tmpfiles.d."],
  ["/sysroot", "/sysroot is bootc's", "Choose a place in /usr or /etc."],
  ["/ostree", "/ostree is bootc's", "Choose a place in /usr or /etc."],
  ["/usr/etc", "/usr/etc is where bootc keeps what an image had in /etc", "Write it below /etc."],
  ["/usr/lib/sysimage", "/usr/lib/sysimage has the package database", "Choose another place in /usr."],
];

const links: Readonly<Record<string, string>> = {
  "/bin": "/usr/bin",
  "/sbin": "/usr/sbin",
  "/lib": "/usr/lib",
  "/lib64": "/usr/lib64",
};

function checkFilePath(definition: Definition, index: number, path: string): void {
  const at = ["customizations", "files", String(index), "path"];
  if (isBelow("/var", path)) {
    throw problem(definition.place, at, {
      code: "file-under-var",
      message: `${path} is below /var, of which hosts get what the image has only when they are installed, and never again`,
      hint: `Write it to /usr/share/factory${path}, and the line "C ${path}" to a file in /usr/lib/tmpfiles.d: hosts that lack it get a copy (tmpfiles.d(5)).`,
    });
  }
  checkPlace(definition, at, path);
}

function checkPlace({ blueprint, place }: Definition, at: readonly string[], path: string): void {
  const foreign = elsewhere.find(([directory]) => path === directory || isBelow(directory, path));
  if (foreign !== undefined) {
    throw problem(place, at, {
      code: "definition-invalid-value",
      message: `${path} cannot be the image's: ${foreign[1]}`,
      hint: foreign[2],
    });
  }
  const [top = ""] = /^\/[^/]+/.exec(path) ?? [];
  const merged = links[top];
  if (merged !== undefined) {
    throw problem(place, at, {
      code: "definition-invalid-value",
      message: `${top} is a link to ${merged}`,
      hint: `Write ${posix.join(merged, path.slice(top.length))}.`,
    });
  }
  const state = ["/opt", "/usr/local"].find((directory) => path === directory || isBelow(directory, path));
  if (state === undefined || blueprint.bootc.local === "image") return;
  throw problem(place, at, {
    code: "definition-invalid-value",
    message: `${state} is a link into /var, which is each host's own`,
    hint: 'Choose another place in /usr, or set local = "image" under [bootc].',
  });
}
