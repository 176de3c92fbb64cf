"""Codes of logins at the stand-in."""

import httpx

from fitness.providers.google.client import Google
from tests import loopback

BACK = "https://log.example.com/v1/auth/google/callback"
VERIFIER = "v" * 43
CHALLENGE = "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM"


def make_google(stand_in, **changes):
    named = {name.removeprefix("google_"): value for name, value in stand_in.settings.items()}
    return Google(**{"calendar_id": "primary", **named, **changes})


def code_of(address):
    """Go to Google, which answers at once for the person; return the code that comes back."""
    return httpx.URL(loopback.get(address).headers["Location"]).params["code"]
