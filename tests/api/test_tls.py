"""TLS: trusted or told which certificates to trust, and nothing sent where neither holds."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assistants_app.api.client import Client, Timeouts, connect
from assistants_app.api.errors import ConnectFailed

from .conftest import Server


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "12")
        self.end_headers()
        self.wfile.write(b'{"id": "it"}')

    do_POST = do_GET

    def log_message(self, *arguments: object) -> None: ...


class TlsServer(ThreadingHTTPServer):
    asked: list[str]

    def handle_error(self, *arguments: object) -> None:
        """A client that hangs up in the handshake is what these tests want."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and its self-signed certificate for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*plain) + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[TlsServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with TlsServer(("127.0.0.1", 0), Handler) as running:
        running.asked = []
        running.socket = context.wrap_socket(running.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def made(server: TlsServer, verify: bool | str, host: str = "127.0.0.1") -> Client:
    url = f"https://{host}:{server.server_address[1]}/v1"
    timeouts = Timeouts(2, 2, 3)
    return connect(endpoint="openai", dialect="v2", base_url=url, key="k", verify=verify, timeouts=timeouts)


def both(client: Client) -> None:
    assert client.threads.get("t").id == "it"
    assert client.threads.create().id == "it"
    assert client.threads.runs.glance("t", "r").body == b'{"id": "it"}'


def test_it_trusts_the_certificates_it_is_given(tls_server: TlsServer, certificate: Path) -> None:
    with made(tls_server, str(certificate)) as client:
        both(client)
    assert len(tls_server.asked) == 3


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_it_trusts_anybody_when_told_so(tls_server: TlsServer) -> None:
    with made(tls_server, False) as client:
        both(client)


@pytest.mark.parametrize("call", ["glance", "get", "create"])
def test_an_unknown_certificate_ends_it_before_anything_is_sent(tls_server: TlsServer, call: str) -> None:
    calls = {
        "glance": lambda client: client.threads.runs.glance("t", "r"),
        "get": lambda client: client.threads.get("t"),
        "create": lambda client: client.threads.create(),
    }
    with made(tls_server, True) as client, pytest.raises(ConnectFailed, match="certificate") as caught:
        calls[call](client)
    assert caught.value.effect == "none"
    assert tls_server.asked == []


def test_a_certificate_for_another_name_is_refused(tls_server: TlsServer, certificate: Path) -> None:
    stranger = made(tls_server, str(certificate), "localhost")
    with stranger as client, pytest.raises(ConnectFailed, match="certificate"):
        client.threads.runs.glance("t", "r")
    assert tls_server.asked == []


def test_a_server_without_tls_is_told(server: Server) -> None:
    server.plays(lambda sock: None)
    url = server.url.replace("http:", "https:")
    plain = connect(endpoint="openai", dialect="v2", base_url=url, key="k", timeouts=Timeouts(0.3, 1, 1))
    with plain as client, pytest.raises(ConnectFailed):
        client.threads.create()
    assert server.requests == []
