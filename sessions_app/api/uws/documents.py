"""What UWS and VOSI answer: XML, in the names of their schemas.

UWS 1.1 (https://www.ivoa.net/documents/UWS/20161024/) keeps the namespace of its version 1.0, and
says which it is by an attribute; VOSI 1.1 likewise.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from django.http import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessions_app.api.uws.jobs import Job

__all__ = [
    "availability_document",
    "capabilities_document",
    "job_document",
    "job_list_document",
    "parameters_document",
    "results_document",
]

_UWS = "http://www.ivoa.net/xml/UWS/v1.0"
_XLINK = "http://www.w3.org/1999/xlink"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_AVAILABILITY = "http://www.ivoa.net/xml/VOSIAvailability/v1.0"
_CAPABILITIES = "http://www.ivoa.net/xml/VOSICapabilities/v1.0"
_DATA_SERVICE = "http://www.ivoa.net/xml/VODataService/v1.1"
_PREFIXES = {
    "uws": _UWS,
    "xlink": _XLINK,
    "xsi": _XSI,
    "avl": _AVAILABILITY,
    "vosi": _CAPABILITIES,
}
for _prefix, _uri in _PREFIXES.items():
    ET.register_namespace(_prefix, _uri)
_VERSION = {"version": "1.1"}
_ENDPOINTS = {
    "ivo://ivoa.net/std/VOSI#availability": "availability",
    "ivo://ivoa.net/std/VOSI#capabilities": "capabilities",
}


def job_list_document(jobs: Iterable[Job]) -> HttpResponse:
    """Answer with a list of jobs."""
    root = ET.Element(_uws("jobs"), _VERSION)
    for job in jobs:
        entry = ET.SubElement(
            root,
            _uws("jobref"),
            {"id": job.id, f"{{{_XLINK}}}type": "simple", f"{{{_XLINK}}}href": job.url},
        )
        _add(entry, "phase", job.phase)
        _add(entry, "ownerId", job.owner)
        _add(entry, "creationTime", job.created)
    return _answer(root)


def job_document(job: Job) -> HttpResponse:
    """Answer with all that is to be known of a job, in the order of the schema."""
    root = ET.Element(_uws("job"), _VERSION)
    _add(root, "jobId", job.id)
    _add(root, "ownerId", job.owner)
    _add(root, "phase", job.phase)
    _add(root, "quote", job.quote)
    _add(root, "creationTime", job.created)
    _add(root, "startTime", job.started)
    _add(root, "endTime", job.ended)
    _add(root, "executionDuration", str(job.execution_duration))
    _add(root, "destruction", job.destruction)
    _add_parameters(root, job.parameters)
    _add_results(root, job.results)
    if job.error:
        summary = ET.SubElement(root, _uws("errorSummary"), {"type": "fatal", "hasDetail": "false"})
        _add(summary, "message", job.error)
    return _answer(root)


def parameters_document(job: Job) -> HttpResponse:
    """Answer with what a job was asked."""
    return _answer(_add_parameters(None, job.parameters))


def results_document(job: Job) -> HttpResponse:
    """Answer with where the results of a job are."""
    return _answer(_add_results(None, job.results))


def availability_document(problems: Sequence[str], notes: Sequence[str]) -> HttpResponse:
    """Answer with whether sessions are accepted and run, and why not."""
    root = ET.Element(f"{{{_AVAILABILITY}}}availability")
    available = ET.SubElement(root, f"{{{_AVAILABILITY}}}available")
    available.text = "false" if problems else "true"
    for sentence in (*problems, *notes):
        ET.SubElement(root, f"{{{_AVAILABILITY}}}note").text = sentence
    return _answer(root)


def capabilities_document(base: str) -> HttpResponse:
    """Answer with what there is below an address."""
    # The prefix stands in attributes' values, where no library looks for it.
    root = ET.Element(f"{{{_CAPABILITIES}}}capabilities", {"xmlns:vs": _DATA_SERVICE})
    for standard, name in _ENDPOINTS.items():
        capability = ET.SubElement(root, "capability", {"standardID": standard})
        _add_interface(capability, f"{base}{name}")
    jobs = ET.SubElement(root, "capability")
    ET.SubElement(jobs, "description").text = "The caller's sessions as jobs of UWS 1.1."
    _add_interface(jobs, base)
    return _answer(root)


def _add_interface(capability: ET.Element, url: str) -> None:
    interface = ET.SubElement(capability, "interface", {f"{{{_XSI}}}type": "vs:ParamHTTP"})
    ET.SubElement(interface, "accessURL", {"use": "full"}).text = url


def _uws(name: str) -> str:
    return f"{{{_UWS}}}{name}"


def _add(parent: ET.Element, name: str, text: str | None) -> None:
    """Add an element; what is not known is nil, as the schema has it."""
    if text is None:
        ET.SubElement(parent, _uws(name), {f"{{{_XSI}}}nil": "true"})
    else:
        ET.SubElement(parent, _uws(name)).text = _printable(text)


def _add_parameters(parent: ET.Element | None, parameters: Mapping[str, str]) -> ET.Element:
    element = _child(parent, "parameters")
    for name, value in parameters.items():
        ET.SubElement(element, _uws("parameter"), {"id": name}).text = _printable(value)
    return element


def _add_results(parent: ET.Element | None, results: Mapping[str, str]) -> ET.Element:
    element = _child(parent, "results")
    for name, url in results.items():
        link = {f"{{{_XLINK}}}type": "simple", f"{{{_XLINK}}}href": url}
        ET.SubElement(element, _uws("result"), {"id": name, **link})
    return element


def _child(parent: ET.Element | None, name: str) -> ET.Element:
    return ET.Element(_uws(name)) if parent is None else ET.SubElement(parent, _uws(name))


def _printable(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return "".join(char if char.isprintable() or char in "\t\n" else " " for char in text)


def _answer(root: ET.Element) -> HttpResponse:
    content = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return HttpResponse(content, content_type="text/xml; charset=utf-8")
