"""Verifies signed messages with dkimpy: takes a list of files and DNS records, prints a verdict for each as JSON.

Layer: interop. RFC 6376 section 6.
"""

import json
import sys

import dkim


def main(manifest):
    with open(manifest, encoding="utf-8") as file:
        given = json.load(file)
    records = given["records"]

    def lookup(name, timeout=5):
        text = name.decode("ascii") if isinstance(name, bytes) else name
        return records.get(text if text.endswith(".") else text + ".", "").encode("ascii")

    print(json.dumps({case["name"]: verdict(case["file"], lookup) for case in given["cases"]}))


def verdict(path, lookup):
    with open(path, "rb") as file:
        message = file.read()
    try:
        return "pass" if dkim.DKIM(message).verify(dnsfunc=lookup) else "the signature does not fit"
    except dkim.DKIMException as error:
        return str(error)


main(sys.argv[1])
