"""Signing up and logging in, as tests of accounts do it."""

PASSWORD = "a long pass phrase"
ADA = {"email": "Ada@example.com", "name": "Ada Lovelace", "password": PASSWORD, "birth_year": 1992, "birth_month": 8}
WRONG_LOGIN = {"detail": "Wrong e-mail address, username or password"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
