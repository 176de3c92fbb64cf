"""A browser before a real server: Debian's Chromium, `fitness serve` and its embedded database."""

import dataclasses
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    expect,
)

from fitness import demo as program_demo
from fitness.web.dashboard import BUNDLE
from tests import loopback
from tests.processes import Command, finished, serve_browsers
from tests.standins.google import GoogleStandIn
from tests.standins.hevy import HevyStandIn
from tests.standins.mail import Inbox, mail_server

# The browser without a window, where it is installed: it needs half of the processor's time.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
# Every page is driven in both sizes: a test that adds nothing to its page's layout runs in one of them.
only_wide = pytest.mark.parametrize("size", [WIDE], ids=["wide"])
only_phone = pytest.mark.parametrize("size", [PHONE], ids=["phone"])
PASSWORD = "a long pass phrase"
# How long a page may take on a busy machine; nothing waits longer than it has to.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session", autouse=True)
def _what_it_takes() -> None:
    """Skip where there is no browser or no bundle; in CI both have to be there."""
    missing = [
        name for name, there in (("Chromium", CHROMIUM), ("the bundle", (BUNDLE / "index.html").exists())) if not there
    ]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"{' and '.join(missing)} must be there in CI")
    if missing:
        pytest.skip(f"without {' and '.join(missing)}")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    # Chromium's sandbox does not work for root.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": sandbox}


@dataclasses.dataclass
class Server:
    """A running server, the settings it was started with, the Google that it knows, and the mails that it sends."""

    address: str
    settings: dict[str, str]
    google: GoogleStandIn
    inbox: Inbox


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Serve for all tests of the process; every test signs up people of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="fitness-") as name,
        HevyStandIn.of_samples() as hevy,
        GoogleStandIn() as google,
        mail_server() as inbox,
    ):
        Path(name).chmod(0o711)  # the database's user passes through
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        settings = {
            "FITNESS_DATA_DIR": f"{name}/data",
            "DATABASE_URL": "",
            "PORT": str(port),
            "WORKERS": "1",
            "RATE_LIMIT_SIGNUP": "1000 per hour",
            "RATE_LIMIT_LOGIN": "1000 per minute",
            "HEVY_API_URL": hevy.url,
            # A passkey belongs to a host name, not to an IP address.
            "PUBLIC_API_BASE_URL": f"http://localhost:{port}",
            **{name.upper(): value.partition("?")[0] for name, value in google.settings.items()},
            **{name.upper(): str(value) for name, value in inbox.settings.items()},
        }
        # A bundle of its own stays the same when the sources are built anew meanwhile.
        own_bundle = partial(serve_browsers, shutil.copytree(BUNDLE, Path(name, "bundle")))
        log = Path(name, "server.log")
        process = Command("serve", environ={**os.environ, **settings}, out=log, first=own_bundle)
        address = settings["PUBLIC_API_BASE_URL"]
        # The server takes its port first, so that this request waits until it serves.
        transport = httpx.HTTPTransport(retries=8)
        with httpx.Client(transport=transport, timeout=300) as client:
            assert client.get(f"{address}/health/db").json()["status"] == "ok", log.read_text()
        yield Server(address, settings, google, inbox)
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="session")
def address(server: Server) -> str:
    return server.address


@pytest.fixture(scope="session")
def database_url(server: Server) -> str:
    """The database of the server, as its owner reaches it."""
    return finished("db", "url", environ={**os.environ, **server.settings}).stdout.strip()


@pytest.fixture(scope="session")
def demo_account(server: Server) -> dict[str, str]:
    """Create the demo account; return what it logs in with."""
    finished("demo", environ={**os.environ, **server.settings}, seconds=300).check_returncode()
    return {"email": program_demo.EMAIL, "password": program_demo.PASSWORD}


@dataclasses.dataclass
class Watch:
    """What no page may do.

    A test says which refusals of the API it expects, where else the browser goes, and whether it cuts the network.
    """

    address: str
    expected: tuple[int, ...] = ()
    other: str | None = None
    offline: bool = False
    faults: list[str] = dataclasses.field(default_factory=list)

    def of(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"error: {error.error}"))
        context.on("request", lambda request: self._request(request.url))
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        refusal = any(f"status of {status}" in message.text for status in self.expected)
        unreached = self.offline and "ERR_INTERNET_DISCONNECTED" in message.text
        if message.type in {"error", "warning"} and not (refusal or unreached):
            self.faults.append(f"console: {message.text}")

    def _request(self, url: str) -> None:
        if not url.startswith((self.address, self.other or self.address, "data:", "blob:")):
            self.faults.append(f"another host: {urlsplit(url).netloc}")

    def _response(self, response: Response) -> None:
        if response.status >= 500 and response.status not in self.expected:
            self.faults.append(f"{response.status} of {response.url}")


@pytest.fixture
def watch(address: str) -> Iterator[Watch]:
    watch = Watch(address)
    yield watch
    assert watch.faults == []


@dataclasses.dataclass
class Someone:
    """Somebody at a browser, and their account."""

    page: Page
    address: str
    email: str
    access_token: str

    def api(self, method: str, path: str, **kwargs: Any) -> Any:
        """Call the API as this person, beside the browser."""
        headers = {"Authorization": f"Bearer {self.access_token}"}
        answer = loopback.request(method, f"{self.address}/v1{path}", headers=headers, timeout=60, **kwargs)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def size(request: pytest.FixtureRequest) -> ViewportSize:
    return request.param


@pytest.fixture
def device(size: ViewportSize) -> dict[str, Any]:
    """What the browser's context is made with."""
    return {"viewport": size, "has_touch": size == PHONE, "reduced_motion": "reduce"}


@pytest.fixture
def service_worker() -> bool:
    """Whether pages may install it. Each new one costs as much as showing a page, and few tests go offline."""
    return False


def settled(page: Page) -> None:
    """Wait until the browser's history has an entry for each dialog that is open, and none of one that is closed.

    The page goes back by itself to drop the entry of a closed dialog, a moment later: a way to another page that begins
    before that is broken off.
    """
    page.wait_for_function("() => (history.state?.dialogs ?? 0) === document.querySelectorAll('.modal').length")


def settle_first(page: Page) -> None:
    """Have the page settle before each step through its history: no person is as fast as a test."""

    def after_settling(step: Callable[..., Any]) -> Callable[..., Any]:
        def take(*args: Any, **kwargs: Any) -> Any:
            settled(page)
            return step(*args, **kwargs)

        return take

    for step in ("goto", "reload", "go_back"):
        setattr(page, step, after_settling(getattr(page, step)))


@pytest.fixture
def open_browser(
    browser: Browser, watch: Watch, address: str, device: dict[str, Any], *, service_worker: bool
) -> Iterator[Callable[[], BrowserContext]]:
    """Open browsers that share nothing, not even a session."""
    with ExitStack() as opened:

        def open_one() -> BrowserContext:
            context = browser.new_context(base_url=address, **device)
            opened.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            if not service_worker:
                context.add_init_script("delete Navigator.prototype.serviceWorker")
            watch.of(context)
            context.on("page", settle_first)
            return context

        yield open_one


@pytest.fixture
def context(open_browser: Callable[[], BrowserContext]) -> BrowserContext:
    return open_browser()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def calls_of(page: Page) -> list[str]:
    """Return a list that grows with the page's requests that are no GET: the method and address of each."""
    calls: list[str] = []

    def note(request: Request) -> None:
        if request.method != "GET":
            calls.append(f"{request.method} {request.url}")

    page.on("request", note)
    return calls


def logged_in(page: Page, address: str, answer: APIResponse, email: str) -> Someone:
    """Return somebody on the page Today; the answer of a sign-up or login holds their session in its cookie."""
    # The page looks for a session where a browser has had one before. Any answer of the server opens its storage.
    page.goto("/health")
    page.evaluate("localStorage.setItem('fitness.session', 'yes')")
    page.goto("/dashboard/")
    page.get_by_role("heading", name="Today").wait_for()
    return Someone(page, address, email, answer.json()["access_token"])


@pytest.fixture
def someone(page: Page, address: str) -> Someone:
    """Somebody who has an account and is logged in, on the page Today."""
    email = f"{uuid4()}@example.com"
    account = {"email": email, "password": PASSWORD, "name": "Ada", "time_zone": "Europe/Berlin"}
    answer = page.request.post("/v1/auth/signup?cookie=true", data=account, timeout=PATIENCE_MS)
    someone = logged_in(page, address, answer, email)
    page.get_by_role("heading", name="Three ways to begin").wait_for()
    return someone


@pytest.fixture
def email_at_google(server: Server, watch: Watch) -> str:
    """The e-mail address of somebody whom Google knows."""
    watch.other = server.google.url
    email = f"{uuid4()}@example.com"
    server.google.person |= {"email": email, "sub": str(uuid4())}
    return email


@pytest.fixture
def demo(page: Page, address: str, demo_account: dict[str, str]) -> Someone:
    """The demo's runner, logged in, on the page Today."""
    return log_in(page, address, demo_account)


def log_in(page: Page, address: str, account: dict[str, str]) -> Someone:
    """Return somebody who has this account already, on the page Today."""
    answer = page.request.post("/v1/auth/login?cookie=true", data=account, timeout=PATIENCE_MS)
    return logged_in(page, address, answer, account["email"])
