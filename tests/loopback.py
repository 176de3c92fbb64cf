"""Requests to servers on this machine. They need no certificates: reading those takes longer than most requests."""

import ssl
from functools import partial

import httpx

request = partial(httpx.request, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
get = partial(request, "GET")
post = partial(request, "POST")
