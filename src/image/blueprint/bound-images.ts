import { Failure } from "../../base/failure.ts";
import { type Reference, formatReference, parseReference } from "../../oci/reference.ts";
import { listedNames } from "./boot.ts";
import type { Blueprint } from "./blueprint.ts";
import { type Part, lines, symlink, textFile, wanted } from "./part.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";

type FileCustomization = Blueprint["customizations"]["files"][number];

interface Bound {
  readonly written: string;
  readonly path: readonly string[];
}

/**
 * Container images that hosts pull together with this one (bootc, "Logically bound images"): links in bound-images.d to
 * Quadlet files, which are written for images that are named by their reference.
 * @throws Failure bad-reference, definition-invalid-value, definition-conflict (usage).
 */
export function boundImagePart(definition: Definition): Part {
  const { bootc, containers, customizations } = definition.blueprint;
  const bound: Bound[] = [
    ...containers.map(({ source }, at) => ({ written: source, path: ["containers", String(at), "source"] })),
    ...bootc.bound_images.map((written, at) => ({ written, path: ["bootc", "bound_images", String(at)] })),
  ];
  if (bound.length === 0) return {};
  const from = "bootc.bound_images";
  const entries = bound.flatMap(({ written, path }) => {
    if (written.startsWith("/")) {
      checkQuadlet(
        definition,
        path,
        written,
        customizations.files.find((file) => file.path === written),
      );
      return [symlink(linkPath(written), written, from)];
    }
    const reference = fullReference(definition, path, written);
    const file = `/usr/share/containers/systemd/${unitNameOf(reference)}.image`;
    return [
      textFile(file, lines("[Image]", `Image=${formatReference(reference)}`), from),
      symlink(linkPath(file), file, from),
    ];
  });
  const links = entries.map(({ path }) => path);
  const double = links.find((path, at) => links.indexOf(path) < at);
  if (double !== undefined) {
    throw problem(definition.place, ["bootc", "bound_images"], {
      code: "definition-conflict",
      message: `two bound images would be ${double}`,
      hint: "Name Quadlet files of your own, which may have any name, for images that differ in their tag only.",
    });
  }
  return { packages: listedNames(definition).has("podman") ? [] : wanted(from, "podman"), entries };
}

function linkPath(quadlet: string): string {
  return `/usr/lib/bootc/bound-images.d/${quadlet.slice(quadlet.lastIndexOf("/") + 1)}`;
}

/** bootc follows a link to where Quadlet reads files, and takes nothing of the file but `Image=`. */
function checkQuadlet(
  { place }: Definition,
  path: readonly string[],
  quadlet: string,
  file: FileCustomization | undefined,
): void {
  const complain = (message: string, hint: string) =>
    problem(place, path, { code: "definition-invalid-value", message, hint });
  if (!/^\/(?:usr\/share|etc)\/containers\/systemd\/[^/]+\.(?:image|container)$/.test(quadlet)) {
    throw complain(
      `${quadlet} is no Quadlet file that bootc looks at`,
      "Those are .image and .container files in /usr/share/containers/systemd or /etc/containers/systemd.",
    );
  }
  if (file === undefined)
    throw complain(
      `customizations.files has no ${quadlet}`,
      "Add it there, or name the image by its reference.",
    );
  if (file.data !== undefined && !/^\s*Image\s*=\s*[^\s%]+\s*$/m.test(file.data)) {
    throw complain(
      `${quadlet} has no line Image= that bootc understands`,
      "Write the whole reference there, without specifiers (%).",
    );
  }
}

/** podman asks which registry a short name means, or fails; on a host nobody answers. */
function fullReference({ place }: Definition, path: readonly string[], written: string): Reference {
  const reference = referenceAt(place, path, written);
  const [host = "", ...rest] = written.split("/");
  if (rest.length > 0 && (/[.:]/.test(host) || host === "localhost")) return reference;
  throw problem(place, path, {
    code: "definition-invalid-value",
    message: `${written} does not say in which registry it is`,
    hint: `Write the whole reference, such as registry.example/${written}.`,
  });
}

function referenceAt(place: Definition["place"], path: readonly string[], written: string): Reference {
  try {
    return parseReference(written);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.hint === undefined) throw thrown;
    throw problem(place, path, { code: thrown.code, message: thrown.message, hint: thrown.hint });
  }
}

function unitNameOf({ repository }: Reference): string {
  return repository.slice(repository.lastIndexOf("/") + 1);
}
