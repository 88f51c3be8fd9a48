"""Segments of X12, of a template's lines: a line is a segment, and counts are counted here.

Source: ASC X12.5 and X12.6: no empty element or component stands at the end of what holds it.
"""

_ELEMENT, _COMPONENT, _END = "*", ":", "~"
_FIXED = "ISA*"  # its elements have fixed widths, and it names the separators


def finished(text: str) -> str:
    """Return a template's lines as segments.

    What is empty at the end of a segment is left out, and so is a segment in which nothing stands.
    The first element of SE becomes the number of segments from ST to SE.
    """
    lines: list[str] = []
    began = 0
    for line in text.splitlines():
        if line.startswith(_FIXED):
            lines.append(line)
            continue
        parts = [part.rstrip(_COMPONENT) for part in line.strip().split(_ELEMENT)]
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        if len(parts) == 1:
            continue
        if parts[0] == "ST":
            began = len(lines)
        if parts[0] == "SE":
            parts[1] = str(len(lines) - began + 1)
        lines.append(_ELEMENT.join(parts))
    return "".join(f"{line}{_END}\n" for line in lines)
