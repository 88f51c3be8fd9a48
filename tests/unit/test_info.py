"""The Info Object of the document: what the comment on the schema says of licence and contact."""

from typing import Any

import pytest

from api import __version__
from api.document.info import info


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("", {}),
        ("License: MIT", {"license": {"name": "MIT", "identifier": "MIT"}}),
        (
            "License: Apache-2.0 OR MIT",
            {"license": {"name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT"}},
        ),
        ("License: All rights reserved", {"license": {"name": "All rights reserved"}}),
        (
            "License: Our terms <https://example.org/terms>",
            {"license": {"name": "Our terms", "url": "https://example.org/terms"}},
        ),
        ("License: Terms <on paper>", {"license": {"name": "Terms <on paper>"}}),
        ("Contact: The billing office", {"contact": {"name": "The billing office"}}),
        ("Contact: bills@example.org", {"contact": {"email": "bills@example.org"}}),
        ("Contact: https://example.org/help", {"contact": {"url": "https://example.org/help"}}),
        (
            "Contact: Ada Byron <ada@example.org>\nLicense: MIT ",
            {
                "license": {"name": "MIT", "identifier": "MIT"},
                "contact": {"name": "Ada Byron", "email": "ada@example.org"},
            },
        ),
        ("Contact: call <us>", {"contact": {"name": "call <us>"}}),
    ],
)
def test_last_lines_of_the_comment_are_licence_and_contact(end: str, said: dict[str, Any]) -> None:
    made = info(f"Bills.\n\nWhat is owed.\n\n{end}")
    head = {"title": "Bills", "description": "What is owed.", "version": __version__}
    assert made == head | said


def test_first_line_is_the_title_whatever_it_says() -> None:
    assert info("License: MIT")["title"] == "License: MIT"
    assert info(None) == {"title": "API", "description": "", "version": __version__}
    assert info("A\nContact: b@c\nmore")["description"] == "Contact: b@c\nmore"
