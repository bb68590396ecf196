import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";

/**
 * Refuses accounts that are contradictory, or whose ids are left open: files in /var keep numbers from image to image, so
 * an id that depended on what else is installed would give them to somebody else one day.
 * @throws Failure user-without-id, definition-conflict, definition-invalid-value (usage).
 */
export function checkAccounts(definition: Definition): void {
  const { user, group } = definition.blueprint.customizations;
  refuseOpenIds(definition);
  refuseTwice(
    definition,
    "user",
    "name",
    user.map(({ name }) => name),
  );
  refuseTwice(
    definition,
    "user",
    "uid",
    user.map(({ uid }) => uid),
  );
  refuseTwice(
    definition,
    "group",
    "name",
    group.map(({ name }) => name),
  );
  refuseTwice(
    definition,
    "group",
    "gid",
    group.map(({ gid }) => gid),
  );
  refuseRoot(definition);
  refuseHomes(definition);
  refuseForeignNames(definition);
}

function refuseOpenIds({ blueprint, place }: Definition): void {
  const { user, group } = blueprint.customizations;
  const index = user.findIndex(({ name, uid }) => uid === undefined && name !== "root");
  const taken = new Set([...user.map(({ uid }) => uid), ...group.map(({ gid }) => gid)]);
  const free =
    Array.from({ length: taken.size + 1 }, (_, at) => 1000 + at).find((id) => !taken.has(id)) ?? 1000;
  if (index !== -1) {
    throw problem(place, ["customizations", "user", String(index), "name"], {
      code: "user-without-id",
      message: `the user ${user[index]?.name} has no uid`,
      hint: `Add uid = ${free}, and never change it: files in /var keep it from image to image.`,
    });
  }
  const open = group.findIndex(({ gid }) => gid === undefined);
  if (open === -1) return;
  throw problem(place, ["customizations", "group", String(open), "name"], {
    code: "user-without-id",
    message: `the group ${group[open]?.name} has no gid`,
    hint: `Add gid = ${free}, and never change it: files in /var keep it from image to image.`,
  });
}

function refuseTwice(
  { place }: Definition,
  list: "user" | "group",
  key: string,
  values: readonly (string | number | undefined)[],
): void {
  const index = values.findIndex((value, at) => value !== undefined && values.indexOf(value) < at);
  if (index === -1) return;
  throw problem(place, ["customizations", list, String(index), key], {
    code: "definition-conflict",
    message: `two entries of customizations.${list} have the ${key} ${values[index]}`,
    hint: `Each ${list} is listed once, and has an id of its own.`,
  });
}

/** root is there already, with its id and its home. */
function refuseRoot({ blueprint, place }: Definition): void {
  const { user, group } = blueprint.customizations;
  const wrong = user.findIndex(({ name, uid, gid }) =>
    name === "root" ? (uid ?? 0) !== 0 || (gid ?? 0) !== 0 : uid === 0,
  );
  if (wrong !== -1) {
    throw problem(place, ["customizations", "user", String(wrong), "uid"], {
      code: "definition-invalid-value",
      message: "root, and no other user, has the id 0",
      hint: "Leave out uid and gid of root; give administrators an id of their own and the group sudo.",
    });
  }
  const fixed = user.findIndex(
    ({ name, home, description }) => name === "root" && (home ?? description) !== undefined,
  );
  if (fixed !== -1) {
    throw problem(place, ["customizations", "user", String(fixed), "home"], {
      code: "definition-invalid-value",
      message: "root's home and name are Debian's",
      hint: "Give only password, key and groups of root.",
    });
  }
  const index = group.findIndex(({ gid }) => gid === 0);
  if (index === -1) return;
  throw problem(place, ["customizations", "group", String(index), "gid"], {
    code: "definition-invalid-value",
    message: "root, and no other group, has the id 0",
    hint: "Choose an id from 1000 on.",
  });
}

function refuseHomes({ blueprint, place }: Definition): void {
  const { user } = blueprint.customizations;
  const index = user.findIndex(
    ({ home }) => home !== undefined && !/^\/(?:home|srv|var)\/|^\/nonexistent$/.test(home),
  );
  if (index === -1) return;
  throw problem(place, ["customizations", "user", String(index), "home"], {
    code: "definition-invalid-value",
    message: `the home ${user[index]?.home} is in no place that hosts may write to`,
    hint: "Choose one below /home, /srv or /var, or /nonexistent for none.",
  });
}

/** Names of Fedora's that osbuild's blueprints have, and that mean something else here. */
function refuseForeignNames({ blueprint, place }: Definition): void {
  const { user, group } = blueprint.customizations;
  const index = user.findIndex(({ groups }) => groups.includes("wheel"));
  if (index === -1 || group.some(({ name }) => name === "wheel")) return;
  throw problem(place, ["customizations", "user", String(index), "groups"], {
    code: "definition-invalid-value",
    message: "Debian has no group wheel",
    hint: "Administrators are in the group sudo (of the package sudo).",
  });
}
