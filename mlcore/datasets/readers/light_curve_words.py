"""How people call what a light curve has: times, brightness and what stands beside them.

A heading is compared by its letters and digits in lower case, without what stands in brackets; see
`plain`.
"""

from __future__ import annotations

import re

__all__ = [
    "BANDS",
    "BRIEF",
    "CAMERAS",
    "CENTROID_COLUMNS",
    "CENTROID_ROWS",
    "ERROR_WORDS",
    "FLUXES",
    "MAGNITUDES",
    "MOTION_COLUMNS",
    "MOTION_ROWS",
    "NO_FLUXES",
    "PERIODS",
    "QUALITIES",
    "SEGMENTS",
    "STARS",
    "TIMES",
    "TIME_COMPANIONS",
    "plain",
]

TIMES = (
    *("time", "times", "bjd", "btjd", "bkjd", "tbjd", "hjd", "jd", "mjd", "timestamp"),
    *("barytime", "bjdtdb", "timebjd", "timebtjd", "timebkjd", "tmid", "tmidbjd", "bjdtime"),
    *("mjdtime", "bmjd", "rjd", "datebartt", "datehel", "datetime", "obsdate", "dateobs"),
    *("date", "t"),
)
"""The first of these that a file has is its time."""
TIME_COMPANIONS = ("cadence", "cadenceno", "timecorr")
"""What stands beside the times of a light curve, and is none."""
FLUXES = (
    # The missions' own, from the one that most was corrected of to the one that nothing was: of
    # Kepler and of SPOC, of QLP up to sector 55 and after it.
    *("pdcsapflux", "pdcflux", "kspsapflux", "detflux"),
    *("corrflux", "fluxcorr", "fcor", "normflux", "fluxnorm", "normalizedflux", "normalisedflux"),
    *("correctedflux", "fluxcorrected", "tamflux2", "relfluxt1"),
    *("relativeflux", "relflux", "flux", "fluxes", "detrendedflux", "flatflux", "aperflux"),
    # What others made of the missions' full frames: TGLC, PATHOS, GSFC-ELEANOR-LITE; and CoRoT's.
    *("calaperflux", "calpsfflux", "psffluxcor", "ap4fluxcor", "pcaflux", "whiteflux"),
    *("sapflux", "rawflux", "fluxraw", "apertureflux", "psfflux", "brightness", "intensity"),
)
"""The first of these that a file has is its flux: SuperWASP's and AstroImageJ's are among them."""
NO_FLUXES = ("err", "unc", "sigma", "std", "bkg", "back", "sky", "flag", "snr", "comp")
"""What is part of a heading beside the word flux where it is not the star's flux itself."""
MAGNITUDES = (
    *("mag", "mags", "magnitude", "magnitudes", "relmag", "dmag", "deltamag", "diffmag"),
    *("vmag", "gmag", "rmag", "imag", "tmag", "bmag", "tfa1", "pca1", "irm1"),
)
BRIEF = ("f", *MAGNITUDES, "counts")
"""What brightness is called where a file has little beside it: a catalogue has magnitudes, too."""
ERROR_WORDS = ("err", "error", "errors", "sigma", "unc", "uncertainty", "e", "std", "sig")
"""What stands alone above the errors of the flux, or with its name before or behind it."""
QUALITIES = (
    *("quality", "sapquality", "flag", "flags", "qualityflag", "qualityflags", "qflag"),
    *("catflags", "tglcflags", "tessflags"),
)
SEGMENTS = {
    **dict.fromkeys(("quarter", "quarters"), "quarter"),
    **dict.fromkeys(("sector", "sectors"), "sector"),
    **dict.fromkeys(("campaign", "campaigns"), "campaign"),
    **dict.fromkeys(("segment", "segments"), "segment"),
}
"""Columns that tell the stretches of a light curve apart, and what each is called."""
BANDS = {
    **dict.fromkeys(("filter", "filters", "filt", "filtername", "filtercode", "fid"), "filter"),
    **dict.fromkeys(("band", "passband", "bandpass"), "filter"),
    **dict.fromkeys(("camera", "cam", "telescope", "instrument", "site"), "camera"),
}
"""Columns that tell measurements of different levels apart, and what each is called."""
CAMERAS = tuple(word for word, kind in BANDS.items() if kind == "camera")
CENTROID_COLUMNS = (
    *("momcentr1", "centroidcol", "centroidcolumn", "centroidx", "xcentroid", "sapx", "psfcentr1"),
)
CENTROID_ROWS = ("momcentr2", "centroidrow", "centroidy", "ycentroid", "sapy", "psfcentr2")
MOTION_COLUMNS, MOTION_ROWS = ("poscorr1",), ("poscorr2",)
"""How far all the stars near by have moved together."""
STARS = {
    **dict.fromkeys(("kepid", "kic", "kicid", "keplerid"), "KIC"),
    **dict.fromkeys(("tic", "ticid", "tid"), "TIC"),
    **dict.fromkeys(("epic", "epicid"), "EPIC"),
    **dict.fromkeys(("star", "starname", "target", "targetname", "object", "hostname"), ""),
}
"""Columns that say which star a row is of, and from which catalogue its number is."""
PERIODS = ("period", "orbper", "porb")
"""What is part of a heading in every table of objects."""


def plain(heading: str) -> str:
    """Return a heading's letters and digits in lower case, without what is in brackets.

    Examples
    --------
    >>> plain("Time (BJD)"), plain("PDCSAP_FLUX [e-/s]")
    ('time', 'pdcsapflux')
    """
    return re.sub(r"[\W_]+", "", re.sub(r"[\[({].*", "", heading).lower())
