import { type Repository, formatSources } from "../../debian/repository.ts";
import { suite } from "../../debian/suite.ts";
import type { Blueprint } from "./blueprint.ts";
import { type Part, textFile } from "./part.ts";
import type { Definition } from "./read.ts";

type RepositoryCustomization = Blueprint["customizations"]["repositories"][number];

/**
 * What apt knows on hosts and in derived images: the repositories of the definition, and the archive when the definition
 * itself names its mirror. Otherwise, the mirror that the image is built from is this machine's and none of theirs.
 */
export function repositoryPart({ blueprint }: Definition, suiteName: string): Part {
  const archive = archiveOfHosts(blueprint, suiteName);
  return {
    entries: [
      ...(archive.length === 0 ? [] : [sourcesFile("debian", formatSources(archive), "debian.mirror")]),
      ...blueprint.customizations.repositories.map((each) =>
        sourcesFile(
          (each.filename ?? each.id).replace(/\.(?:repo|sources)$/, ""),
          `${each.name === undefined ? "" : `# ${each.name}\n`}${formatSources([repositoryOf(each)])}`,
          "customizations.repositories",
        ),
      ),
    ],
  };
}

function archiveOfHosts({ debian }: Blueprint, suiteName: string): Repository[] {
  const { base, extra } = suite(suiteName, { custom: true });
  const names = (security: boolean) =>
    extra.filter(({ pocket }) => (pocket === "security") === security).map(({ name }) => name);
  const at = (mirror: string | undefined, suites: readonly string[]): Repository[] =>
    mirror === undefined || suites.length === 0
      ? []
      : [
          {
            types: ["deb"],
            uris: [mirror],
            suites: [...suites],
            components: debian.components ?? ["main"],
            signedBy: debian.keyring === undefined ? archiveKeyring : null,
            enabled: true,
          },
        ];
  const further = debian.suites.map(({ name }) => name);
  return [
    ...at(debian.mirror, [base, ...names(false), ...further]),
    ...at(debian.mirror === undefined ? undefined : debian.security_mirror, names(true)),
  ];
}

/** Where Debian's package debian-archive-keyring has it. */
const archiveKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** A repository in apt's terms. */
export function repositoryOf(each: RepositoryCustomization): Repository {
  return {
    types: ["deb"],
    uris: each.baseurls,
    suites: each.suites,
    components: each.components,
    signedBy: each.gpgkeys[0]?.trim() ?? null,
    enabled: each.enabled,
  };
}

function sourcesFile(name: string, text: string, from: string) {
  return textFile(`/etc/apt/sources.list.d/${name}.sources`, text, from);
}
