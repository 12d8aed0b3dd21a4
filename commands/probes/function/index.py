"""deckhand probe, version 1

Looks once at one endpoint, from where this function runs, and answers what it saw. It does not judge: what has to be so is decided by
whoever asks. It needs no rights in AWS, keeps nothing and writes no log. docs/probes.md describes what it is asked and what it answers.

Every address is judged when it is dialled, after each redirect too, and the connection goes to the very address that was judged: metadata
and link-local addresses never, private ones only where the ask says so. Loopback never, since behind it is the runtime of this function.
"""

import base64
import errno
import http.client
import ipaddress
import os
import socket
import ssl
import threading
import time
from urllib.parse import quote, urljoin, urlsplit

VERSION = 1
MOST_BODY = 1 << 20  # bytes of a body that are read
MOST_VALUE = 4000  # characters of a header that are answered

http.client._MAXHEADERS = 1000  # the whole head is bounded by the time that a look has

TRUST = ssl.create_default_context()  # made once: reading all authorities takes longer than many a look
TRUST.verify_flags &= ~ssl.VERIFY_X509_STRICT  # which asks for more than browsers do


def networks(*texts):
    return [ipaddress.ip_network(text) for text in texts]


# What leads to credentials, and what is no endpoint at all.
FORBIDDEN = networks(
    "169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "0.0.0.0/8", "::/128", "100.100.100.200/32", "255.255.255.255/32",
    "224.0.0.0/4", "ff00::/8",
)
LOOPBACK = networks("127.0.0.0/8", "::1/128")
PRIVATE = networks(
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "fec0::/10",
)
# IPv6 prefixes in which an IPv4 address is written, and the byte with which it begins.
DRESSES = [(ipaddress.ip_network(text), at) for text, at in (
    ("::ffff:0:0/96", 12), ("64:ff9b::/96", 12), ("64:ff9b:1::/48", 12), ("2002::/16", 2), ("::/96", 12),
)]


class Failure(Exception):
    """Why no answer, or no whole answer, came: a kind of docs/probes.md, and words where the kind does not say it all."""

    def __init__(self, kind, text=""):
        super().__init__(kind)
        self.kind, self.text = kind, text


def plain(address):
    """The address that is really meant, without its IPv6 dress."""
    if address.version == 4 or int(address) in (0, 1):
        return address
    for prefix, at in DRESSES:
        if address in prefix:
            return ipaddress.IPv4Address(address.packed[at:at + 4])
    return address


def among(address, prefixes):
    return any(address in prefix for prefix in prefixes if prefix.version == address.version)


def closed(address):
    """Whether an address is this machine's own."""
    return among(address, LOOPBACK)


def admit(text, private):
    address = plain(ipaddress.ip_address(text.split("%")[0]))
    if among(address, FORBIDDEN) or closed(address):
        raise Failure("forbidden")
    if among(address, PRIVATE) and not private:
        raise Failure("private")


class Look:
    """One look: it has until a moment, and notes how long each part of it takes."""

    def __init__(self, ask):
        self.ask = ask
        self.begun = time.monotonic()
        self.until = self.begun + ask["timeout_ms"] / 1000
        self.took = {}
        self.connection = None
        self.answer = {"probe": VERSION}

    def left(self):
        left = self.until - time.monotonic()
        if left <= 0:
            raise Failure("late")
        return left

    def timed(self, part, do, *args):
        begun = time.monotonic()
        try:
            return do(*args)
        finally:
            self.took[part] = self.took.get(part, 0) + (time.monotonic() - begun) * 1000

    def run(self):
        # A peer that sends a byte from time to time keeps every read alive: the connection is cut when the time is over.
        watchdog = threading.Timer(self.left(), self.cut)
        watchdog.daemon = True
        watchdog.start()
        try:
            self.look()
        except Failure as failure:
            self.fail(failure)
        except Exception as error:  # what an endpoint brings about says something of the endpoint
            self.fail(explain(error))
        finally:
            watchdog.cancel()
            self.cut()
        self.answer["latency_ms"] = (time.monotonic() - self.begun) * 1000
        self.answer["took_ms"] = self.took
        return self.answer

    def fail(self, failure):
        kind = "late" if time.monotonic() >= self.until - 0.001 and failure.kind not in ("forbidden", "private") else failure.kind
        self.answer["failure"] = {"kind": kind, "text": failure.text[:200]}

    def cut(self):
        connection = self.connection
        if connection is not None:
            try:
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            except OSError:
                pass

    def look(self):
        url = urlsplit(self.ask["url"])
        if url.scheme in ("http", "https"):
            self.follow(self.ask["url"])
            return
        sock = self.dial(url.hostname, url.port or 443)
        with sock:
            if url.scheme == "tls":
                self.secure(sock, url.hostname)

    def resolve(self, host, port):
        """Addresses of a host, IPv4 first: most functions have no way out for IPv6."""
        found = []

        def ask():
            try:
                found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError) as error:
                found.append(error)

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(self.left())
        if not found:
            raise Failure("late")
        if isinstance(found[0], Exception):
            raise found[0]
        return sorted(found[0], key=lambda one: one[0] != socket.AF_INET)

    def dial(self, host, port):
        if metadata_name(host):
            raise Failure("forbidden")
        addresses = self.timed("dns", self.resolve, host, port)
        return self.timed("connect", self.connect, addresses)

    def connect(self, addresses):
        first = None
        for n, (family, kind, protocol, _, address) in enumerate(addresses):
            sock = None
            try:
                admit(address[0], self.ask.get("private", False))
                sock = socket.socket(family, kind, protocol)
                sock.settimeout(max(self.left() / (len(addresses) - n), min(2, self.left())))
                sock.connect(address)
                self.connection = sock
                return sock
            except (Failure, OSError) as error:
                first = first or error
                if sock is not None:
                    sock.close()
        raise first or Failure("name")

    def secure(self, sock, host):
        sock.settimeout(self.left())
        sock = self.timed("tls", lambda: TRUST.wrap_socket(sock, server_hostname=host))
        self.connection = sock
        certificate = sock.getpeercert()
        self.answer["expires"] = int(ssl.cert_time_to_seconds(certificate["notAfter"]))
        self.answer["names"] = [name for kind, name in certificate.get("subjectAltName", ()) if kind in ("DNS", "IP Address")][:20]
        return sock

    def follow(self, address):
        method, body = self.ask.get("method") or "GET", self.ask.get("body") or ""
        headers = dict(self.ask.get("headers") or {})
        most = self.ask.get("redirects", 0)  # below 0: a redirect is an answer
        first = urlsplit(address)
        for hop in range(max(most, 0) + 1):
            response, sock = self.send(address, method, headers, body)
            with sock:
                location = response.headers.get("Location")
                if most < 0 or response.status not in (301, 302, 303, 307, 308) or not location:
                    self.read(response)
                    return
            if hop == max(most, 0):
                raise Failure("redirects")
            address = urljoin(address, location)
            url = urlsplit(address)
            if url.scheme not in ("http", "https"):
                raise Failure("scheme", url.scheme)
            if response.status in (301, 302, 303) and method not in ("GET", "HEAD"):
                method, body = "GET", ""
            if not same(url, first) or first.scheme == "https" and url.scheme != "https":
                headers, body = {}, ""  # there may be a secret in them

    def send(self, address, method, headers, body):
        url = urlsplit(address)
        secure = url.scheme == "https"
        host, port = url.hostname or "", url.port or (443 if secure else 80)
        sock = self.dial(host, port)
        try:
            if secure:
                sock = self.secure(sock, host)
            sock.settimeout(self.left())
            connection = http.client.HTTPConnection(host, port)
            connection.default_port = 443 if secure else 80
            connection.sock = sock
            names = {name.lower() for name in headers}
            target = quote(url.path or "/", safe="/%:@!$&'()*+,;=~-._") + ("?" + quote(url.query, safe="/?%:@!$&'()*+,;=~-._[]") if url.query else "")
            connection.putrequest(method, target, skip_host="host" in names, skip_accept_encoding=True)
            if "user-agent" not in names:
                connection.putheader("User-Agent", "deckhand (" + os.environ.get("AWS_REGION", "probe") + ")")
            for name, value in headers.items():
                connection.putheader(name, value.encode("utf-8"))
            data = body.encode("utf-8")
            if data or method in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(data)))
            connection.putheader("Connection", "close")
            connection.endheaders(data or None)
            return self.timed("first_byte", connection.getresponse), sock
        except BaseException:
            sock.close()
            raise

    def read(self, response):
        ask, answer = self.ask, self.answer
        answer["status"] = response.status
        answer["headers"] = {
            name: [value[:MOST_VALUE] for value in response.headers.get_all(name)]
            for name in list(ask.get("want_headers") or []) + ["Content-Encoding"] if name in response.headers
        }
        body = self.timed("body", self.drain, response)
        answer["read"], answer["whole"] = len(body), len(body) <= MOST_BODY
        body = bytes(body[:MOST_BODY])
        if ask.get("find"):
            answer["found"] = ask["find"].encode("utf-8") in body
        if ask.get("want_body"):
            answer["body"] = base64.b64encode(body).decode("ascii")

    def drain(self, response):
        body = bytearray()
        while len(body) <= MOST_BODY:
            self.left()
            part = response.read1(min(64 << 10, MOST_BODY + 1 - len(body)))
            if not part:
                if response.length:
                    raise Failure("closed")
                break
            body += part
        return body


def metadata_name(host):
    host = host.lower().rstrip(".")
    return host in ("metadata", "instance-data", "metadata.google.internal") or host.startswith("instance-data.") and host.endswith(".internal")


def same(one, other):
    """Whether two addresses are of one host and port, however the port is said."""
    return one.netloc.lower() == other.netloc.lower()


# How OpenSSL numbers what is wrong with a certificate (X509_V_ERR_...).
CERTIFICATES = {9: "not-yet", 10: "expired", 62: "host", 64: "host", 18: "authority", 19: "authority", 20: "authority", 21: "authority"}


def explain(error):
    if isinstance(error, ssl.SSLCertVerificationError):
        return Failure(CERTIFICATES.get(error.verify_code, "certificate"), error.verify_message)
    if isinstance(error, ssl.SSLError):
        if error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNEXPECTED_MESSAGE", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"):
            return Failure("no-tls")
        return Failure("closed" if isinstance(error, ssl.SSLEOFError) else "tls", error.reason or "")
    if isinstance(error, socket.gaierror):
        known = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        return Failure("name" if known else "resolver")
    if isinstance(error, UnicodeError):
        return Failure("name")
    if isinstance(error, TimeoutError):
        return Failure("late")
    if isinstance(error, (http.client.RemoteDisconnected, http.client.IncompleteRead)):
        return Failure("closed")
    if isinstance(error, http.client.LineTooLong):
        return Failure("headers")
    if isinstance(error, ConnectionRefusedError):
        return Failure("refused")
    if isinstance(error, (ConnectionResetError, BrokenPipeError)):
        return Failure("reset")
    if isinstance(error, OSError):
        unreachable = error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL)
        return Failure("unreachable" if unreachable else "other", "" if unreachable else str(error))
    if isinstance(error, http.client.HTTPException):
        return Failure("http", str(error))
    return Failure("other", type(error).__name__ + ": " + str(error))


def lambda_handler(event, context):
    if event.get("probe") != VERSION:
        return {"probe": VERSION, "failure": {"kind": "version", "text": ""}}
    return Look(event).run()
