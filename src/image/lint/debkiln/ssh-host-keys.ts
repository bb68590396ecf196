import { type Lint, complaintOf } from "../lint.ts";

/** Keys in an image are known to everybody who has it, and the same on every machine. */
export const sshHostKeys: Lint = {
  name: "ssh-host-keys",
  type: "fatal",
  origin: "debkiln",
  description: "There are no host keys in /etc/ssh.",
  hint: "Remove them when the image is made, and have each machine make its own at its first boot.",
  check: ({ view }) => {
    const keys = view.names("etc/ssh").filter((name) => /^ssh_host_.*key(?:\.pub)?$/.test(name));
    const paths = keys.map((name) => view.resolve(`etc/ssh/${name}`) ?? "");
    return complaintOf([{ header: "Found ssh host keys", items: paths.map((path) => `/${path}`) }], {
      repairs: paths.map((path) => ({ do: "remove", path }) as const),
    });
  },
};
