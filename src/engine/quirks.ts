import { Failure } from "../base/failure.ts";
import { architecture as architectureOf } from "../debian/architecture.ts";
import type { ImageAnswer } from "./answers.ts";
import type { About } from "./engine.ts";

/*
 * Where podman and docker differ, by the numbers that comments elsewhere name ("engines.md N"). Seen with podman 4.3.1 and
 * 5.4.2 and docker 20.10.24.
 *
 *  1 getArchive: podman zeroes owners and drops xattrs. -> the port promises neither; tar over run() keeps them.
 *  2 putArchive into a missing directory: podman answers 200. -> stat first (docker-container.ts). copyUIDGID: inverted
 *    in podman until 2025 (containers/podman#27332, #27379). -> never sent.
 *  3 wait: early or hanging answers (containers/podman#18912, #28537, apocas/dockerode#807). -> never used.
 *  4 An exec cannot be aborted. -> its container is killed.
 *  5 OOM in an exec is just 137. -> the cgroup's counter (oom-counter.ts).
 *  6 A command that is not there: podman 127, docker 126 or 127, its text on either stream. -> both codes allowed.
 *  7 importImage ignores `tag` on podman 4.3. -> moot since 21.
 *  8 commit: the body's configuration is ignored by podman 4.3, which yet fails on an empty body. -> `changes`, and a
 *    body that changes nothing (commitQuery).
 *  9 build: errors are messages in a stream of status 200; a failed one leaves a container on podman unless `forcerm`;
 *    no Containerfile by default. -> followProgress, `forcerm`, `dockerfile`.
 * 10 platform on create: podman 4.3 ignores it. -> the image's architecture is compared here.
 * 11 load: docker reads no OCI archives before 25. -> archives carry docker's manifest.json as well.
 * 12 pull: errors in the stream or as status. -> both become the same failure.
 * 13 HostConfig Init, Ulimits: see container-request.ts.
 * 14 Names: amd64 and x86_64, 304 for a second stop. -> answers are mapped.
 * 15 import with `platform`: docker before 23 records its own architecture. -> relabelled by loading a new configuration
 *    over the layer it has (relabelledArchive). podman drops the variant.
 * 16 import's `changes`: podman wants one instruction per parameter and one label per instruction, docker takes all forms.
 *    podman does not undo backslashes in a quoted value. -> one each; labelChange refuses what cannot pass.
 * 17 commit takes over the container's labels and environment on both, and podman its volumes and HOSTNAME as well. -> what
 *    must not reach an image is given to run(), not to create().
 * 18 `ENTRYPOINT []` in a commit: docker goes back to the container's own. An empty entrypoint on create is `[""]` for docker,
 *    which podman would run. -> commandRequest.
 * 19 Two labels in a filter of images: podman 4.3 finds nothing. -> one asked for, all compared here (labelFilter, carries).
 * 20 A container's name that is taken: 409 from docker, 500 from podman. -> told by the text.
 * 21 import: podman 4.3's docker-like call leaves the whole tar in /var/tmp (api_load.tar*). -> libpod's own (libpodImportQuery).
 * 22 A runtime on create: podman takes anything, in both of its APIs, and uses its own (containers/podman#28429, seen with
 *    4.3.1). -> another service, started with it (runtimes.ts).
 */

/** A `LABEL` instruction that both engines read alike (16). @throws Failure bad-label (internal) for a value that cannot be. */
export function labelChange(name: string, value: string): string {
  if (!/^[A-Za-z0-9._/-]+$/.test(name) || /["\\$\p{Cc}]/u.test(value)) {
    throw new Failure(
      "internal",
      "bad-label",
      `The label ${JSON.stringify(name)}=${JSON.stringify(value)} cannot be written`,
      {
        hint: "Label values hold no quotes, backslashes, dollars or control characters; encode them (base64url).",
      },
    );
  }
  return `LABEL ${name}="${value}"`;
}

/** The commit call's options (8). It does not pause the container: a build may go on in it. */
export function commitQuery(container: string, reference: string, changes: readonly string[]): object {
  const [repo, tag] = splitReference(reference);
  const query = { container, repo, tag, changes: [...asFound, ...changes].join("\n"), pause: false };
  return { _query: query, _body: { Labels: {} } };
}

/** The create call's command (18). */
export function commandRequest(
  kind: About["kind"],
  argv: readonly string[],
): { Entrypoint: string[]; Cmd: string[] } {
  return kind === "docker" ? { Entrypoint: [""], Cmd: [...argv] } : { Entrypoint: [...argv], Cmd: [] };
}

/** What undoes commandRequest in a commit. */
const asFound = ["ENTRYPOINT []", 'CMD ["/bin/sh"]'];

/** The options of docker's import call (16). */
export function importQuery(reference: string, changes: readonly string[], platform: string): object {
  return { repo: reference, platform, changes: [...changes] };
}

/** The options of podman's own import call (16, 21), which has an architecture where docker's has a platform. */
export function libpodImportQuery(
  reference: string,
  changes: readonly string[],
  architecture: string,
): object {
  const { oci } = architectureOf(architecture);
  const variant = oci.variant === undefined ? {} : { Variant: oci.variant };
  return { reference, changes: [...changes], OS: "linux", Architecture: oci.architecture, ...variant };
}

/** The filter for one of the labels (19). An empty value means any. */
export function labelFilter(labels: Labels): { label: string[] } {
  return {
    label: Object.entries(labels)
      .slice(0, 1)
      .map(([name, value]) => (value === "" ? name : `${name}=${value}`)),
  };
}

/** Whether something has all the labels wanted (19). */
export function carries(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(
    ([name, value]) => name in labels && (value === "" || labels[name] === value),
  );
}

type Labels = Readonly<Record<string, string>>;

/** `name:tag` in its parts. A port's colon is no tag's: `registry.example:5000/name`. */
export function splitReference(reference: string): [name: string, tag: string] {
  const colon = reference.lastIndexOf(":");
  if (colon <= reference.lastIndexOf("/")) return [reference, "latest"];
  return [reference.slice(0, colon), reference.slice(colon + 1)];
}

/**
 * The files of a docker archive without layers that gives an image the engine has already another architecture (15):
 * docker takes a layer that it knows by its digest without reading it.
 */
export function relabelledArchive(
  image: ImageAnswer,
  reference: string,
  architecture: string,
): Record<string, string> {
  const configuration = {
    ...architectureOf(architecture).oci,
    os: "linux",
    created: image.Created,
    config: image.Config ?? {},
    rootfs: { type: "layers", diff_ids: image.RootFS.Layers ?? [] },
  };
  const manifest = [
    {
      Config: "config.json",
      RepoTags: [reference],
      Layers: (image.RootFS.Layers ?? []).map((_, index) => `${index}/layer.tar`),
    },
  ];
  return { "config.json": JSON.stringify(configuration), "manifest.json": JSON.stringify(manifest) };
}
