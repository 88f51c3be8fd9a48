"""The settings as README's table."""

from api.config import ROOT, SETTINGS


def table() -> str:
    """Write the settings as README's table, in Markdown."""
    rows = ["| variable | default | unit | allowed | what it is |", "|---|---|---|---|---|"]
    for setting in SETTINGS:
        text = str(setting.default).removeprefix(f"{ROOT}/")
        default = f"`{text}`" if text else ""
        allowed = " to ".join(map(str, setting.check.bounds or ()))
        allowed = allowed or ", ".join(f"`{word}`" for word in setting.check.words)
        cells = (f"`{setting.name}`", default, setting.check.unit, allowed, setting.sentence)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)
