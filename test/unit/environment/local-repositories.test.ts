import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Repository } from "../../../src/debian/repository.ts";
import { splitRepositories, uriInside, uriOutside } from "../../../src/environment/local-repositories.ts";

function repository(...uris: string[]): Repository {
  return { types: ["deb"], uris, suites: ["x"], components: ["main"], signedBy: null, enabled: true };
}

describe("repositories on this machine", () => {
  test("are told apart from those elsewhere, address by address", () => {
    const http = repository("http://mirror.example/a");
    const both = repository("file:///srv/b", "https://mirror.example/b");

    expect(splitRepositories([http, both])).toEqual({
      remote: [http, repository("https://mirror.example/b")],
      local: [repository("file:///srv/b")],
    });
  });

  test("are called otherwise in containers, and what apt prints there is understood", () => {
    const uris = fc.uniqueArray(fc.constantFrom("file:///srv/a", "file:///srv/a/b", "file:/srv/c%20d/"), {
      minLength: 1,
    });
    const property = fc.property(uris, fc.stringMatching(/^[a-z0-9%._]+$/), (all, path) => {
      for (const uri of all) {
        const printed = `${uriInside(uri)}/pool/${path}`;
        expect(
          uriOutside(
            printed,
            all.map((each) => repository(each)),
          ),
        ).toBe(`${uri.replace(/\/$/, "")}/pool/${path}`);
      }
    });

    fc.assert(property);
  });

  test("have nothing to do with what apt prints of others", () => {
    const other = "http://mirror.example/pool/x.deb";

    expect(uriOutside(other, [repository("file:///srv/a")])).toBe(other);
  });
});
