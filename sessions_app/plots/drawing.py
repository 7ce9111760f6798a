"""Plots drawn on the server, without a browser."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sessions_app.plots.plot import vega_lite
from sessions_app.plots.theme import Theme

if TYPE_CHECKING:
    from sessions_app.plots.plot import Plot

__all__ = ["DRAWN", "PictureFormat", "drawn"]

_PIXELS_PER_POINT = 2
_PAPER = {Theme.LIGHT: "#ffffff", Theme.DARK: "#0c131d"}


class PictureFormat(StrEnum):
    """Formats in which a plot is drawn."""

    SVG = "svg"
    PNG = "png"


DRAWN = {PictureFormat.SVG: "image/svg+xml", PictureFormat.PNG: "image/png"}


def drawn(
    plot: Plot, kind: PictureFormat, theme: Theme = Theme.LIGHT, *, width: int = 620
) -> bytes:
    """Return a plot as a picture, on paper of its own.

    Parameters
    ----------
    plot
        What to draw.
    kind
        The picture's format.
    theme
        On which paper.
    width
        Of a plot that is as wide as its page [px].
    """
    # A process that draws nothing need not hold the 80 MB that its JavaScript takes.
    import vl_convert  # noqa: PLC0415

    spec = vega_lite(plot, theme)
    if spec.get("width") == "container":
        spec["width"] = width
    spec["background"] = _PAPER[theme]
    spec["padding"] = 12
    if kind is PictureFormat.SVG:
        return bytes(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]), "utf-8")
    picture = vl_convert.vegalite_to_png(spec, scale=_PIXELS_PER_POINT, allowed_base_urls=[])
    return bytes(picture)
