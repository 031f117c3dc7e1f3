"""What the fuzzer cannot read in openapi.yaml."""

import schemathesis
from hypothesis import strategies as st

MAX_PASSWORD_BYTES = 72

ANYTHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
# Text that has a visible character somewhere.
schemathesis.openapi.format("visible-text", st.tuples(ANYTHING, st.sampled_from("a7é字🌊"), ANYTHING).map("".join))


@schemathesis.hook
def filter_case(context, case):
    """A schema limits characters, bcrypt bytes."""
    body = case.body
    password = body.get("password") if isinstance(body, dict) else None
    if case.operation.path != "/api/auth/register" or not isinstance(password, str):
        return True
    return len(password.encode("utf-8", "surrogatepass")) <= MAX_PASSWORD_BYTES


@schemathesis.hook
def before_call(context, case, kwargs):
    """After a 101 the connection is no longer HTTP; what is left to fuzz there is everything but the upgrade."""
    if case.operation.path == "/api/chat/ws":
        case.headers.pop("Upgrade", None)
