"""Going to the stand-in for Google and back, as a person's browser does."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import loopback


def say_yes(address: str) -> str:
    """Go to Google, which answers at once for the person; return the path that the browser is sent back to."""
    back = urlsplit(loopback.get(address).headers["Location"])
    return f"{back.path}?{back.query}"


def connect(client: FlaskClient, headers: dict[str, str]) -> None:
    """Connect somebody's calendar."""
    answer = client.get("/v1/oauth/google/authorize-url", headers=headers)
    assert answer.status_code == 200 and answer.json is not None, answer.text
    back = client.get(say_yes(answer.json["url"]))
    assert back.headers["Location"].endswith("/dashboard?connected=google"), back.headers["Location"]


def begin_login(client: FlaskClient) -> str:
    """Begin to log in, and return the address at Google."""
    answer = client.get("/v1/auth/google/login")
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def log_in(client: FlaskClient, accept: str = "application/json") -> Any:
    """Log in with Google, and return what comes of it."""
    return client.get(say_yes(begin_login(client)), headers={"Accept": accept})


def enter(client: FlaskClient) -> str:
    """Log in with Google as a browser, and return the code that its page gets."""
    return fragment(log_in(client, accept="text/html,*/*;q=0.8"))["login_code"]


def fragment(answer: TestResponse) -> dict[str, str]:
    """Return what the fragment of the address tells that an answer redirects to."""
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).fragment))
