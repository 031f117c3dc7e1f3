"""What the fuzzer cannot read in openapi.yaml."""

import schemathesis
from hypothesis import strategies as st

MAX_PASSWORD_BYTES = 72

ANYTHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
# Text that has a visible character somewhere.
schemathesis.openapi.format("visible-text", st.tuples(ANYTHING, st.sampled_from("a7é字🌊"), ANYTHING).map("".join))


def aims_at_visible_text(case):
    """A draw that ignores the format `visible-text` may be visible by chance, which the fuzzer cannot tell."""
    phase = getattr(case.meta, "phase", None)
    mutations = getattr(getattr(phase, "data", None), "mutations", ())
    return any("format" in each.keywords and list(each.path)[-1:] == ["text"] for each in mutations)


@schemathesis.hook
def filter_case(context, case):
    """A schema limits characters, bcrypt bytes."""
    if aims_at_visible_text(case):
        return False
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
