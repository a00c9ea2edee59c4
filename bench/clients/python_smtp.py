"""Sends with Python: aiosmtplib or the standard smtplib, one connection, as the job (JSON, last parameter) says."""

import asyncio
import json
import resource
import smtplib
import sys
import time
from email.message import EmailMessage

JOB = json.loads(sys.argv[-1])
SENDER = "ann@example.org"
RECIPIENTS = [f"bob{index}@example.com" for index in range(JOB["recipients"])]
LINE = ("The quick brown fox jumps over the lazy dog and does so again, daily. "[:68]) + "\r\n"


def plain_text(size):
    repeated = LINE * (size // len(LINE) + 1)
    return repeated[: max(0, size - 2)] + "\r\n"


def raw_message(size):
    head = "\r\n".join(
        [
            "Date: Wed, 21 May 2025 12:00:00 +0000",
            "Message-ID: <0123456789abcdef@example.org>",
            f"From: Ann <{SENDER}>",
            "To: Bob <bob0@example.com>",
            "Subject: A message of the benchmark",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "",
            "",
        ]
    )
    return (head + plain_text(size - len(head))).encode()


RAW = raw_message(JOB["size"])
TEXT = plain_text(JOB["size"] - 300).replace("\r\n", "\n")


def compose(index):
    message = EmailMessage()
    message["From"] = f"Ann <{SENDER}>"
    message["To"] = ", ".join(RECIPIENTS)
    message["Subject"] = f"A message of the benchmark, {index}"
    message.set_content(TEXT)
    return message


def blocking_lap(send, duration):
    start = time.perf_counter()
    count = 0
    while True:
        send(count)
        count += 1
        elapsed = time.perf_counter() - start
        if elapsed * 1000 >= duration:
            return count, elapsed


def with_smtplib():
    client = smtplib.SMTP("127.0.0.1", JOB["port"], local_hostname="localhost")
    if JOB["kind"] == "raw":
        send = lambda index: client.sendmail(SENDER, RECIPIENTS, RAW)
    else:
        send = lambda index: client.send_message(compose(index))
    blocking_lap(send, JOB["warmup"])
    cpu = time.process_time()
    count, elapsed = blocking_lap(send, JOB["duration"])
    cpu = time.process_time() - cpu
    client.quit()
    return count, elapsed, cpu


async def waiting_lap(send, duration):
    start = time.perf_counter()
    count = 0
    while True:
        await send(count)
        count += 1
        elapsed = time.perf_counter() - start
        if elapsed * 1000 >= duration:
            return count, elapsed


async def with_aiosmtplib():
    import aiosmtplib

    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=JOB["port"], local_hostname="localhost", start_tls=False)
    await client.connect()
    if JOB["kind"] == "raw":
        send = lambda index: client.sendmail(SENDER, RECIPIENTS, RAW)
    else:
        send = lambda index: client.send_message(compose(index))
    await waiting_lap(send, JOB["warmup"])
    cpu = time.process_time()
    count, elapsed = await waiting_lap(send, JOB["duration"])
    cpu = time.process_time() - cpu
    await client.quit()
    return count, elapsed, cpu


count, elapsed, cpu = with_smtplib() if JOB["library"] == "smtplib" else asyncio.run(with_aiosmtplib())
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"value": count / elapsed, "cpu": cpu * 1e6 / count, "memory": memory}))
