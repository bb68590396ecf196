import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/base/failure.ts";
import { downloadLocked, nowhere } from "../../../src/environment/locked-download.ts";
import type { Download } from "../../../src/store/download.ts";

const uri = "http://old.mirror.example/debian/pool/main/h/hello/hello_1%3a2.0_amd64.deb";

/** A network in which only these addresses answer; remembers what was asked. */
function network(there: readonly string[], code = "not-found") {
  const asked: string[] = [];
  const download: Download = (at) => {
    asked.push(at);
    if (!there.includes(at)) return Promise.reject(new Failure("infrastructure", code, `no ${at}`));
    return Promise.resolve({ status: 200, headers: {}, body: new IncomingMessage(new Socket()) });
  };
  return { asked, download };
}

describe("downloading what a lock names", () => {
  test("asks the lock's own address first", async () => {
    const { asked, download } = network([uri]);

    await downloadLocked({ download, offline: false, mirrors: ["http://mirror.example/debian/"] })(uri);

    expect(asked).toEqual([uri]);
  });

  test("asks other mirrors at the same place in the pool", async () => {
    const there = "http://mirror.example/debian/pool/main/h/hello/hello_1%3a2.0_amd64.deb";
    const { asked, download } = network([there]);

    await downloadLocked({ download, offline: false, mirrors: ["http://mirror.example/debian/"] })(uri);

    expect(asked).toEqual([uri, there]);
  });

  test("says that a package is gone when no mirror has it", async () => {
    const { download } = network([]);
    const asking = downloadLocked({ download, offline: false, mirrors: ["http://mirror.example/debian"] })(
      uri,
    );

    await expect(asking).rejects.toMatchObject({ fault: "dependency", code: "package-gone" });
  });

  test("does not call a package gone that could not be asked for", async () => {
    const { download } = network([], "mirror-unreachable");
    const asking = downloadLocked({ download, offline: false, mirrors: [] })(uri);

    await expect(asking).rejects.toMatchObject({ code: "mirror-unreachable" });
  });

  test("asks nobody when it is offline, or when there is no address", async () => {
    const { asked, download } = network([uri]);
    const offline = downloadLocked({ download, offline: true, mirrors: [] });
    const local = downloadLocked({ download, offline: false, mirrors: [] });

    await expect(offline(uri)).rejects.toMatchObject({
      code: "not-fetched",
      message: expect.stringContaining("hello_1:2.0_amd64.deb"),
    });
    await expect(local(`${nowhere}hello_1.0.dsc`)).rejects.toMatchObject({ code: "not-fetched" });
    expect(asked).toEqual([]);
  });
});
