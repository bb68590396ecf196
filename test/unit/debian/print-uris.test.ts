import { describe, expect, test } from "vitest";
import { parseArchiveName, parsePrintUris, parsePrintedFiles } from "../../../src/debian/print-uris.ts";

const sha256 = "2e6e2f1a0007dc43bc91c273fd36e91e40a4f1c2765a03eca68b70a42103878a";

describe("parsePrintUris", () => {
  test("gives what apt would fetch and passes over what else it says", () => {
    const output = `Reading package lists...
'http://mirror.example/debian/pool/main/a/acl/libacl1_2%253a2.3-1%2bb1_amd64.deb' libacl1_2%3a2.3-1+b1_amd64.deb 53080 SHA256:${sha256}
'file:///srv/x/./sl_5.02~rc1_all.deb' sl_5.02~rc1_all.deb 7 SHA256:${sha256}
`;

    const uris = parsePrintUris(output);

    expect(uris).toEqual([
      {
        uri: "http://mirror.example/debian/pool/main/a/acl/libacl1_2%253a2.3-1%2bb1_amd64.deb",
        fileName: "libacl1_2%3a2.3-1+b1_amd64.deb",
        size: 53080,
        sha256,
        name: "libacl1",
        version: "2:2.3-1+b1",
        architecture: "amd64",
      },
      expect.objectContaining({ name: "sl", version: "5.02~rc1", architecture: "all" }),
    ]);
  });

  test.each(["MD5Sum:fd3fc60786cc3e7e4b8b8a988815149e", "", "SHA256:abc"])(
    "refuses a file with the hash %j",
    (hash) => {
      expect(() => parsePrintUris(`'http://mirror.example/a_1_all.deb' a_1_all.deb 5 ${hash}`)).toThrow(
        expect.objectContaining({ code: "no-sha256", fault: "dependency" }),
      );
    },
  );

  test("refuses a line of another form and a file name that is a path", () => {
    expect(() => parsePrintUris("'http://mirror.example/a' a_1_all.deb")).toThrow(
      expect.objectContaining({ code: "bad-print-uris" }),
    );
    expect(() => parsePrintedFiles(`'http://mirror.example/a' ..%2fa.deb 5 SHA256:${sha256}`)).toThrow(
      expect.objectContaining({ code: "unsafe-file-name" }),
    );
  });
});

test("parsePrintedFiles takes the files of a source package too", () => {
  const line = `'http://mirror.example/sl_5.02.orig.tar.gz' sl_5.02.orig.tar.gz 9 SHA256:${sha256}`;

  expect(parsePrintedFiles(line)).toEqual([
    { uri: "http://mirror.example/sl_5.02.orig.tar.gz", fileName: "sl_5.02.orig.tar.gz", size: 9, sha256 },
  ]);
});

test.each([
  "sl.deb",
  "sl_1.deb",
  "sl_1_amd64.rpm",
  "sl_1_amd64_x.deb",
  "-x_1_all.deb",
  "sl_a_all.deb",
  "sl_%zz_all.deb",
])("%s is not the name of a .deb", (fileName) => {
  expect(() => parseArchiveName(fileName)).toThrow(expect.objectContaining({ code: "bad-archive-name" }));
});
