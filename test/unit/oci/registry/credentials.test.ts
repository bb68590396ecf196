import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AuthFile, credentialFinder } from "../../../../src/oci/registry/auth-files.ts";

const login = (user: string) => ({ auth: Buffer.from(`${user}:p:w`).toString("base64") });
const isUser = (user: string) => ({ kind: "password", user, password: "p:w" });

describe("credentials", () => {
  let home: string;
  let environment: Record<string, string>;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "debkiln-auth-"));
    environment = { HOME: home, XDG_RUNTIME_DIR: join(home, "run"), PATH: `${home}:${process.env["PATH"]}` };
  });
  afterEach(() => rm(home, { recursive: true }));

  const put = async (name: string, content: AuthFile | string) => {
    const path = join(home, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };
  const find = (registry: string, repository = "a/b", file?: string) =>
    credentialFinder({ environment, ...(file === undefined ? {} : { file }) })(registry, repository);
  const helper = async (name: string, script: string) => {
    await chmod(await put(`docker-credential-${name}`, `#!/bin/sh\nread registry\n${script}\n`), 0o755);
  };

  test("are looked for in podman's files and then docker's", async () => {
    await put(".docker/config.json", {
      auths: { one: login("docker"), two: login("docker"), three: login("docker") },
    });
    await put(".config/containers/auth.json", { auths: { one: login("config"), two: login("config") } });
    await put("run/containers/auth.json", { auths: { one: login("run") } });

    const found = await Promise.all(["one", "two", "three", "four"].map((each) => find(each)));

    expect(found).toEqual([isUser("run"), isUser("config"), isUser("docker"), null]);
  });

  test("are taken from REGISTRY_AUTH_FILE or a named file alone", async () => {
    await put("run/containers/auth.json", { auths: { one: login("run") } });
    const named = await put("named.json", { auths: { two: login("named") } });
    environment["REGISTRY_AUTH_FILE"] = await put("variable.json", { auths: { two: login("variable") } });

    expect([await find("one"), await find("two"), await find("two", "x", named)]).toEqual([
      null,
      isUser("variable"),
      isUser("named"),
    ]);
  });

  test("for a repository come before those for its registry", async () => {
    await put("run/containers/auth.json", {
      auths: { "host:5000": login("all"), "host:5000/a": login("a"), "host:5000/a/b": login("ab") },
    });

    const found = [
      await find("host:5000", "a/b"),
      await find("host:5000", "a/c"),
      await find("host:5000", "d"),
    ];

    expect(found).toEqual([isUser("ab"), isUser("a"), isUser("all")]);
  });

  test("for Docker Hub and older registries are found by docker's addresses", async () => {
    await put(".docker/config.json", {
      auths: { "https://index.docker.io/v1/": login("hub"), "https://old.example/v2/": login("old") },
    });

    expect([await find("docker.io"), await find("old.example"), await find("index.docker.io")]).toEqual([
      isUser("hub"),
      isUser("old"),
      isUser("hub"),
    ]);
  });

  test("may be an identity token", async () => {
    await put(".docker/config.json", { auths: { one: { ...login("x"), identitytoken: "token" } } });

    expect(await find("one")).toEqual({ kind: "identity-token", token: "token" });
  });

  test("are asked of the registry's helper, and of the general one when a file has none", async () => {
    await helper(
      "mine",
      'echo "{\\"ServerURL\\":\\"x\\",\\"Username\\":\\"$registry\\",\\"Secret\\":\\"p:w\\"}"',
    );
    await helper("token", 'echo \'{"Username":"<token>","Secret":"identity"}\'');
    await helper("empty", "echo credentials not found in native keychain; exit 1");
    await put("run/containers/auth.json", { credHelpers: { one: "mine", two: "empty", three: "token" } });
    await put(".docker/config.json", { auths: { two: {} }, credsStore: "mine" });

    expect([await find("one"), await find("two"), await find("three"), await find("docker.io")]).toEqual([
      isUser("one"),
      isUser("two"),
      { kind: "identity-token", token: "identity" },
      isUser("https://index.docker.io/v1/"),
    ]);
  });

  test.each([
    ["fails", "echo broken >&2; exit 3", "broken"],
    ["prints nonsense", "echo nonsense", "form"],
  ])("of a helper that %s are a failure", async (_, script, says) => {
    await helper("bad", script);
    await put("run/containers/auth.json", { credHelpers: { one: "bad" } });

    await expect(find("one")).rejects.toMatchObject({
      code: "credential-helper-failed",
      message: expect.stringContaining(says),
    });
  });

  test.each(["missing", "../../bin/sh"])("of the helper %s are a failure", async (name) => {
    await put("run/containers/auth.json", { credHelpers: { one: name } });

    await expect(find("one")).rejects.toMatchObject({ code: "credential-helper-failed" });
  });

  test.each([
    ["that is no JSON", "{"],
    ["in another form", '{"auths": []}'],
    ["with a broken login", '{"auths": {"one": {"auth": "####"}}}'],
  ])("in a file %s are the user's fault", async (_, content) => {
    await put("run/containers/auth.json", content);

    await expect(find("one")).rejects.toMatchObject({ fault: "usage", code: "auth-file-unreadable" });
  });

  test("in a named file that is not there are the user's fault, and elsewhere nothing", async () => {
    await put("run/containers/auth.json", "");

    await expect(find("one", "a", "/nonexistent/auth.json")).rejects.toMatchObject({
      code: "auth-file-unreadable",
    });
    expect(await find("one")).toBeNull();
  });
});
