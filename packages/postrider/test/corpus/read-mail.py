"""Reads messages with Python's standard email package: base64 of one a line in, what was found as JSON, one a line, out."""

import base64
import json
import sys
from email import policy
from email.parser import BytesParser

PARSER = BytesParser(policy=policy.default)
# The headers of a message inside are given back as they were written.
EXACT = policy.default.clone(refold_source="none", linesep="\r\n")


def people(header):
    if header is None:
        return []
    return [{"name": one.display_name, "address": one.addr_spec} for one in header.addresses]


def tree(part):
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        return f"{part.get_content_type()}[{','.join(tree(inner) for inner in part.iter_parts())}]"
    return part.get_content_type()


def leaves(part):
    if part.get_content_maintype() == "multipart":
        for inner in part.iter_parts():
            yield from leaves(inner)
    else:
        yield part


def attachment(part):
    content_id = part["Content-ID"]
    if part.get_content_type() == "message/rfc822":
        content = part.get_payload(0).as_bytes(policy=EXACT)
    else:
        content = part.get_payload(decode=True)
    return {
        "filename": part.get_filename(),
        "type": part.get_content_type(),
        "bytes": base64.b64encode(content).decode("ascii"),
        "contentId": None if content_id is None else content_id.strip().strip("<>"),
        "disposition": part.get_content_disposition(),
    }


def read(data):
    message = PARSER.parsebytes(data)
    text = message.get_body(("plain",))
    html = message.get_body(("html",))
    bodies = [id(part) for part in (text, html) if part is not None]
    return {
        "subject": message["Subject"],
        "from": people(message["From"]),
        "to": people(message["To"]),
        "cc": people(message["Cc"]),
        "text": None if text is None else text.get_content(),
        "html": None if html is None else html.get_content(),
        "attachments": [attachment(part) for part in leaves(message) if id(part) not in bodies],
        "tree": tree(message),
        "defects": [repr(defect) for part in message.walk() for defect in part.defects],
    }


# All of it first: not every runtime reads while it still writes.
for line in sys.stdin.readlines():
    print(json.dumps(read(base64.b64decode(line))))
