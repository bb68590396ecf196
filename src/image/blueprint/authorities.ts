import { X509Certificate } from "node:crypto";
import { type Part, lines, textFile, wanted } from "./part.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";

const directory = "image";

/**
 * Certificate authorities that hosts trust, where update-ca-certificates(8) looks for those of packages: /usr/local may be
 * each host's own. @throws Failure definition-invalid-value (usage) for what is no certificate.
 */
export function authorityPart({ blueprint, place }: Definition): Part {
  const { pem_certs: certificates } = blueprint.customizations.cacerts;
  if (certificates.length === 0) return {};
  const from = "customizations.cacerts";
  const wrong = certificates.findIndex((text) => !isCertificate(text));
  if (wrong !== -1) {
    throw problem(place, ["customizations", "cacerts", "pem_certs", String(wrong)], {
      code: "definition-invalid-value",
      message: "this is no certificate",
      hint: "Copy it whole, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.",
    });
  }
  const names = certificates.map((_, index) => `${directory}/authority-${index + 1}.crt`);
  return {
    packages: wanted(from, "ca-certificates"),
    entries: certificates.map((text, index) =>
      textFile(`/usr/share/ca-certificates/${names[index]}`, lines(text.trim()), from),
    ),
    commands: [
      {
        title: "trust the certificate authorities",
        argv: [
          "sh",
          "-c",
          'printf "%s\\n" "$@" >> /etc/ca-certificates.conf && update-ca-certificates',
          "sh",
          ...names,
        ],
        input: null,
        from,
      },
    ],
  };
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text.trim()).subject !== undefined;
  } catch {
    return false;
  }
}
