"""aiosmtpd: one door with STARTTLS, one inside TLS. What comes is written to standard output, one JSON object a line."""

import base64
import json
import logging
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

options = json.loads(sys.argv[1])

# It tells of every handshake that a client breaks off.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address not in options["addresses"]:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        content = base64.b64encode(envelope.content).decode("ascii")
        print(json.dumps({"to": envelope.rcpt_tos, "content": content}), flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    if not isinstance(data, LoginPassword):
        return AuthResult(success=False, handled=False)
    right = data.login.decode() == options["username"] and data.password.decode() == options["password"]
    return AuthResult(success=right, handled=False)


def start(port, inside, context):
    tls = {"ssl_context": context} if inside else {"tls_context": context}
    common = {
        "authenticator": authenticate,
        "enable_SMTPUTF8": True,
        "data_size_limit": options["limit"],
        # Inside TLS from the first byte it does not see that there is TLS.
        "auth_require_tls": not inside,
        "auth_required": inside,
        "ident": "aiosmtpd",
    }
    controller = Controller(Handler(), hostname="127.0.0.1", port=port, server_hostname="mail.example.com", **tls, **common)
    controller.start()
    return controller


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(options["cert"], options["key"])
controllers = [start(options["plain"], False, context), start(options["smtps"], True, context)]
sys.stdin.read()
for controller in controllers:
    controller.stop()
