"""Makes the bytes of a message from its fields with Python's standard email package, again and again; sends nothing."""

import json
import os
import resource
import sys
import time
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid

JOB = json.loads(sys.argv[-1])
SENTENCE = "Grüße aus Zürich: die Übergabe erfolgt am Dienstag, wie besprochen, mit allen Unterlagen. "
TEXT = f"Guten Tag\n\n{SENTENCE * 8}\n\nMit freundlichen Grüßen\nJürgen Müller\n"
HTML = (
    f'<!doctype html><html lang="de"><body><h1>Guten Tag</h1><p>{SENTENCE * 8}</p>'
    "<p>Mit freundlichen Grüßen<br>Jürgen Müller</p></body></html>\n"
)
CONTENT = os.urandom(1024 * 1024) if JOB["hasAttachment"] else None


def compose():
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Jürgen Müller", "juergen", "example.org")
    message["To"] = [Address("Zoë Øster", "zoe", "example.com"), Address("Bob", "bob", "example.com")]
    message["Subject"] = "Übergabe der Unterlagen – Terminbestätigung für Dienstag"
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain="example.org")
    message.set_content(TEXT)
    message.add_alternative(HTML, subtype="html")
    if CONTENT is not None:
        message.add_attachment(CONTENT, maintype="application", subtype="octet-stream", filename="unterlagen.bin")
    return message.as_bytes()


def lap(duration):
    start = time.perf_counter()
    count = 0
    while True:
        compose()
        count += 1
        elapsed = time.perf_counter() - start
        if elapsed * 1000 >= duration:
            return count, elapsed


lap(JOB["warmup"])
cpu = time.process_time()
count, elapsed = lap(JOB["duration"])
cpu = time.process_time() - cpu
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"value": count / elapsed, "cpu": cpu * 1e6 / count, "memory": memory}))
